"""Finds settings of a finished bucket that are weaker than this library's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .intrinsics import Scope
from .resolving import plain
from .template import properties_of

__all__ = ["is_kept", "openings_of"]

_KEPT: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_BLOCKS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def openings_of(
    resource: Mapping[str, Any], scope: Scope, policy: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each weaker setting of a bucket: a short name, and the effect in words.

    Args:
        resource: the bucket.
        scope: the scope of its values.
        policy: its bucket policy, if that is in the same template.
    """
    properties = properties_of(resource)
    block = plain(properties.get("PublicAccessBlockConfiguration"), scope)
    if not isinstance(block, Mapping) or not all(str(block.get(name)).lower() == "true" for name in _BLOCKS):
        yield "PublicAccess", "not every public access block is on, so a policy or an ACL can make media public"
    if not is_kept(resource):
        yield "Removal", "the bucket is deleted with its stack, so the media can be deleted"
    elif policy is not None and not is_kept(policy):
        yield "PolicyRemoval", "the bucket outlives its stack and its policy does not: nothing then denies plain HTTP"
    ownership = plain(properties.get("OwnershipControls"), scope)
    listed = ownership.get("Rules") if isinstance(ownership, Mapping) else None
    controls = [rule.get("ObjectOwnership") for rule in listed or () if isinstance(rule, Mapping)]
    if controls != ["BucketOwnerEnforced"] or "AccessControl" in properties:
        yield "Ownership", "ACLs are on, so the policy alone does not decide who can read an object"
    versioning = plain(properties.get("VersioningConfiguration"), scope)
    if not isinstance(versioning, Mapping) or versioning.get("Status") != "Enabled":
        yield "Versioning", "the bucket keeps no versions, so an overwritten or deleted object is lost"
    lifecycle = plain(properties.get("LifecycleConfiguration"), scope)
    rules = lifecycle.get("Rules") if isinstance(lifecycle, Mapping) else None
    for rule in rules or ():
        if isinstance(rule, Mapping) and rule.get("Status") == "Enabled" and _expires(rule):
            yield "Expiry", "a lifecycle rule deletes objects, and iconik is not informed"
            return


def is_kept(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource is kept when its stack is deleted."""
    return resource.get("DeletionPolicy") in _KEPT


def _expires(rule: Mapping[str, Any]) -> bool:
    return any(name in rule for name in ("ExpirationInDays", "ExpirationDate", "Expiration"))
