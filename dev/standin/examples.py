"""Two customers of iconik's that exist nowhere: ours, and another whose token is the wrong one."""

from __future__ import annotations

from .server import Account

OURS = Account(
    app_id="app-0d9f4c2e5b",
    auth_token="token-5e884898da280471",  # noqa: S106 of no iconik
    system_domain_id="2b8a3a38-5f6e-4d0c-9d6a-7a5c1f3b9e01",
)
THEIRS = Account(
    app_id="app-77b1a3d0f2",
    auth_token="token-151d0e56f8dc6292",  # noqa: S106 of no iconik
    system_domain_id="9f0d5c1e-8b7a-4f3d-a2c4-0e6b1d2f3a45",
)
