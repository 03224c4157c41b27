"""Bind statements to the custom resource that wants them.

Each custom resource has a claim: eight characters made of its stack's id and its logical id. The claim is the end of
the Sid of each of its statements. So a Delete removes its own statements, and not those of a newer custom resource for
the same policy and the same storage, nor a copy that the owner of the policy made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .writer.merge import Statements

__all__ = ["PLACE", "claim_of", "in_policy", "with_claim"]

PLACE: Final = "Claim"
"""The end of a Sid in the template. Stacks deployed with earlier code have Sids without it, which stay as they are."""

_LENGTH: Final = 8


def claim_of(stack_id: str, logical_id: str) -> str:
    """Return the claim of a custom resource, the same for each event of it."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which synthesis does not need

    return hashlib.sha256(f"{stack_id}\n{logical_id}".encode()).hexdigest()[:_LENGTH].upper()


def with_claim(statements: Statements, claim: str) -> dict[str, dict[str, Any]]:
    """Return the statements of a template by the Sids that they have in the policy."""
    return {sid: {**statement, "Sid": sid} for sid, statement in in_policy(statements, claim).items()}


def in_policy(by_sid: Mapping[str, Any], claim: str) -> dict[str, Any]:
    """Return a map of a template by the Sids of the policy."""
    return {_sid(sid, claim): value for sid, value in by_sid.items()}


def _sid(sid: str, claim: str) -> str:
    return f"{sid.removesuffix(PLACE)}{claim}" if sid.endswith(PLACE) else sid
