"""Finds the buckets that templates make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .intrinsics import Scope, intrinsic, possible_values
from .settings import may_have_public_acl
from .template import App, Template, properties_of

__all__ = ["MadeBucket", "has_public_acl", "made_buckets"]

_BUCKET: Final = "AWS::S3::Bucket"


@dataclass(frozen=True)
class MadeBucket:
    """A bucket that a template makes. `decided` has the answer to its own condition."""

    template: Template
    logical_id: str
    properties: Mapping[str, Any]
    decided: Mapping[str, bool]


def made_buckets(app: App) -> Iterator[MadeBucket]:
    """Yield every bucket that the templates of an app make."""
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            if resource.get("Type") == _BUCKET:
                condition = resource.get("Condition")
                decided = {condition: True} if isinstance(condition, str) else {}
                properties = properties_of(resource)
                if resource.get("Properties", properties) != properties or intrinsic(properties) is not None:
                    # Nothing of them can be read, as if a macro wrote them.
                    properties = {"Fn::Transform": resource["Properties"]}
                yield MadeBucket(template, logical_id, properties, decided)


def has_public_acl(app: App, bucket: MadeBucket) -> bool:
    """Return whether the ACL of a bucket allows others, or may."""
    node = bucket.properties.get("AccessControl")
    return node is not None and may_have_public_acl(possible_values(node, Scope(app, bucket.template, bucket.decided)))
