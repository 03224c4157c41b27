"""Helps to test users' own stacks: stable snapshots, and assertions about iconik's access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import assert_iconik_access
from .guardrail import assert_guardrail
from .template import normalized_template

if TYPE_CHECKING:
    from .snapshot import TemplateSnapshotExtension

__all__ = ["TemplateSnapshotExtension", "assert_guardrail", "assert_iconik_access", "normalized_template"]


if not TYPE_CHECKING:  # a type checker would accept any name of this module

    def __getattr__(name: str) -> object:
        if name != "TemplateSnapshotExtension":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # On first use, because syrupy is an extra. The rest of the package needs only the CDK.
        from .snapshot import TemplateSnapshotExtension  # noqa: PLC0415

        return TemplateSnapshotExtension
