"""How objects of a new bucket grow old: its housekeeping by default, and what a caller's rules take from that.

What expires data or archives it is never a default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from ..errors import IconikTypeError, IconikValueError

__all__ = ["HOUSEKEEPING_ID", "archive_after", "expires_objects", "housekeeping_rule", "with_housekeeping"]

HOUSEKEEPING_ID: Final = "IconikHousekeeping"
_PURPOSES: Final[Mapping[str, tuple[str, ...]]] = {
    "abort_incomplete_multipart_upload_after": ("abort_incomplete_multipart_upload_after",),
    "expired_object_delete_marker": ("expired_object_delete_marker",),
    "noncurrent_version_expiration": ("noncurrent_version_expiration", "noncurrent_versions_to_retain"),
}
"""What the housekeeping does, and by which of its parts a rule of the caller's does the same."""
_ARCHIVES: Final[Mapping[str, int]] = {"GLACIER_INSTANT_RETRIEVAL": 90, "GLACIER": 90, "DEEP_ARCHIVE": 180}
"""Storage classes, and the days that AWS charges for at least. Source: Amazon S3 User Guide, "Storage classes"."""


@cache
def _values() -> dict[str, Any]:
    # Each duration is a call into the jsii kernel, and its value never changes.
    return {
        "abort_incomplete_multipart_upload_after": cdk.Duration.days(7),
        "expired_object_delete_marker": True,
        "noncurrent_version_expiration": cdk.Duration.days(30),
    }


@cache
def housekeeping_rule() -> s3.LifecycleRule:
    """Return the rule that a new bucket has by default.

    Noncurrent versions are kept for 30 days: what is purged or overwritten by mistake can be had back for so long, and
    what is purged on purpose ends to cost. Only a bucket that is new gets it, which has no older versions; one that
    exists, or that takes the place of an `s3.Bucket`, never does. Masters of which a mistake may be noticed later
    deserve longer: a rule of the caller's with a noncurrent expiration takes the place of this part, a rule with the id
    `IconikHousekeeping` that of the whole.
    """
    return s3.LifecycleRule(id=HOUSEKEEPING_ID, **_values())


def with_housekeeping(rules: Sequence[Any]) -> list[Any]:
    """Return the caller's rules, and the housekeeping for what none of them does; no rules at all stay none."""
    if not rules or any(_part(rule, "id") == HOUSEKEEPING_ID for rule in rules):
        return list(rules)
    left = {
        purpose: _values()[purpose]
        for purpose, parts in _PURPOSES.items()
        if not any(_part(rule, part) for rule in rules for part in parts)
    }
    return [*rules, s3.LifecycleRule(id=HOUSEKEEPING_ID, **left)] if left else list(rules)


def expires_objects(rules: Sequence[Any]) -> bool:
    """Tell whether a rule deletes current objects."""
    return any(
        _part(rule, "enabled") is not False and (_part(rule, "expiration") or _part(rule, "expiration_date"))
        for rule in rules
    )


def archive_after(days: int, storage_class: str = "DEEP_ARCHIVE", *, prefix: str | None = None) -> s3.LifecycleRule:
    """Return a lifecycle rule that archives current objects, for `bucket_props={"lifecycle_rules": [...]}`.

    iconik restores from `GLACIER` and `DEEP_ARCHIVE` with `s3:RestoreObject`, which Read storage holds. Its setting
    `glacier_restore_timeout`, in days, is left to you in `storage.settings()`: iconik does not publish whether it is
    how long iconik waits or how long the restored copy stays. `GLACIER_INSTANT_RETRIEVAL` needs no restore. AWS charges
    for 90 days in the Glacier classes and for 180 in `DEEP_ARCHIVE`, however soon an object goes.

    Args:
        days: after how many days an object moves, from 1.
        storage_class: the name of the `s3.StorageClass`. Default: DEEP_ARCHIVE.
        prefix: the objects that move. Default: all.

    Raises:
        IconikTypeError: days that are no whole number.
        IconikValueError: fewer than 1, or another storage class.
    """
    if not isinstance(days, int) or isinstance(days, bool):
        raise IconikTypeError("days", "must be a whole number of days", got=days, way_out="Write a number such as 90.")
    if days < 1:
        raise IconikValueError("days", "must be at least 1", got=days, way_out="Write a number such as 90.")
    if storage_class not in _ARCHIVES:
        way_out = f"Use one of {', '.join(_ARCHIVES)}."
        raise IconikValueError("storage_class", "must be an archive class", got=storage_class, way_out=way_out)
    transition = s3.Transition(
        storage_class=getattr(s3.StorageClass, storage_class), transition_after=cdk.Duration.days(days)
    )
    return s3.LifecycleRule(id="IconikArchive", prefix=prefix, transitions=[transition])


def _part(rule: Any, name: str) -> Any:
    return rule.get(name) if isinstance(rule, Mapping) else getattr(rule, name, None)
