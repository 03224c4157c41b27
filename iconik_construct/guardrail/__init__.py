"""Refuses the synthesis of an app that lets iconik in without the tag, whoever wrote the policy.

Apart from the construct because it must judge what it did not write. Only `plugin` knows the CDK: everything else reads
templates as plain JSON, so that it is tested in milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plugin import IconikGuardrail

__all__ = ["IconikGuardrail"]


def __getattr__(name: str) -> object:
    if name != "IconikGuardrail":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # On demand, because it starts Node and the other rooms here do not need it.
    from .plugin import IconikGuardrail  # noqa: PLC0415

    return IconikGuardrail
