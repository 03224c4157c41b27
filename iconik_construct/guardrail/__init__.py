"""Fails the synthesis of an app if a policy allows iconik's role without the tag.

It checks policies of all authors. Only `plugin` imports the CDK. Everything else reads templates as plain JSON, so that
its tests take milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plugin import IconikGuardrail

__all__ = ["IconikGuardrail"]


def __getattr__(name: str) -> object:
    if name != "IconikGuardrail":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # On demand, because it starts Node and the other packages here do not need Node.
    from .plugin import IconikGuardrail  # noqa: PLC0415

    return IconikGuardrail
