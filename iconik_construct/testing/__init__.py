"""What the tests of a user's own stacks need: snapshots that last, and assertions on what iconik may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import assert_iconik_access
from .guardrail import assert_guardrail
from .template import normalized_template

if TYPE_CHECKING:
    from .snapshot import TemplateSnapshotExtension

__all__ = ["TemplateSnapshotExtension", "assert_guardrail", "assert_iconik_access", "normalized_template"]


if not TYPE_CHECKING:  # a type checker would take any name for one of this module's

    def __getattr__(name: str) -> object:
        if name != "TemplateSnapshotExtension":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # On first use, because syrupy is an extra: the rest of the kit needs nothing but the CDK.
        from .snapshot import TemplateSnapshotExtension  # noqa: PLC0415

        return TemplateSnapshotExtension
