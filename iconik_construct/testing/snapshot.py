"""The syrupy extension. It needs the extra `iconik-construct[testing]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

try:
    from syrupy.extensions.json import JSONSnapshotExtension
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "TemplateSnapshotExtension needs syrupy: pip install 'iconik-construct[testing]'", name=error.name
    ) from error

from .template import normalized_template

__all__ = ["TemplateSnapshotExtension"]


class TemplateSnapshotExtension(JSONSnapshotExtension):
    """Snapshots of stacks and templates as JSON, normalized by `normalized_template`.

    Use: `assert stack == snapshot(extension_class=TemplateSnapshotExtension)`.
    """

    def serialize(self, data: Any, **options: Any) -> str:
        """Return the snapshot's text."""
        if isinstance(data, (cdk.Stack, Template, Mapping)):
            data = normalized_template(data)
        return str(super().serialize(data, **options))
