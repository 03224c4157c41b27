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
from .dict_props import part_of

__all__ = [
    "HOUSEKEEPING_ID",
    "archive_after",
    "cfn_name_of",
    "early_departure",
    "expires_objects",
    "housekeeping_in",
    "housekeeping_rule",
    "purposes_of",
    "with_housekeeping",
]

HOUSEKEEPING_ID: Final = "IconikHousekeeping"
_CFN_NAMES: Final[Mapping[str, str]] = {
    "abort_incomplete_multipart_upload_after": "AbortIncompleteMultipartUpload",
    "expired_object_delete_marker": "ExpiredObjectDeleteMarker",
    "noncurrent_version_expiration": "NoncurrentVersionExpiration",
}
_EXPIRY: Final = "noncurrent_version_expiration"
_PURPOSES: Final[Mapping[str, tuple[str, ...]]] = {
    "abort_incomplete_multipart_upload_after": ("abort_incomplete_multipart_upload_after",),
    "expired_object_delete_marker": ("expired_object_delete_marker",),
    "noncurrent_version_expiration": ("noncurrent_version_expiration", "noncurrent_versions_to_retain"),
}
"""What the housekeeping does, and by which of its parts a rule of the caller's does the same."""
_ARCHIVES: Final[Mapping[str, str]] = {
    "GLACIER_INSTANT_RETRIEVAL": "GLACIER_INSTANT_RETRIEVAL",
    "GLACIER": "GLACIER",
    "DEEP_ARCHIVE": "",
}
"""Storage classes, and what the id of a rule says of them: of the default nothing."""
_CHARGED_DAYS: Final[Mapping[str, int]] = {
    "STANDARD_IA": 30,
    "ONEZONE_IA": 30,
    "GLACIER_IR": 90,
    "GLACIER": 90,
    "DEEP_ARCHIVE": 180,
}
"""The days that AWS charges for, however soon an object goes. Source: Amazon S3 User Guide, "Storage classes"."""
_LONGEST_ID: Final = 255


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

    It deletes noncurrent versions after 30 days: until then a purged or overwritten object can be restored, and after
    that deleted media stops costing money. Only a new bucket without lifecycle rules of the caller's gets this part,
    because such a bucket has no older versions. A bucket that exists, one with rules of the caller's, and one in the
    place of an `s3.Bucket` never get it.
    """
    return s3.LifecycleRule(id=HOUSEKEEPING_ID, **_values())


def with_housekeeping(rules: Sequence[Any]) -> list[Any]:
    """Return the caller's rules, and the housekeeping for what none of them does; no rules at all stay none.

    To a caller's rules no expiry is added: the bucket may be there, with versions that nobody expects to be deleted.
    """
    if not rules or any(part_of(rule, "id") == HOUSEKEEPING_ID for rule in rules):
        return list(rules)
    done = {_EXPIRY, *(purpose for rule in rules for purpose in purposes_of(rule))}
    left = {purpose: value for purpose, value in _values().items() if purpose not in done}
    return [*rules, s3.LifecycleRule(id=HOUSEKEEPING_ID, **left)] if left else list(rules)


def housekeeping_in(rules: Sequence[Any]) -> tuple[int, set[str]] | None:
    """Return where the housekeeping stands among the rules and what it does; None where a caller's took its place."""
    for index, rule in enumerate(rules):
        parts = {purpose for purpose, value in _values().items() if part_of(rule, purpose) is value}
        # By its durations, which are objects of their own: True is a caller's too.
        if part_of(rule, "id") == HOUSEKEEPING_ID and any(_values()[part] is not True for part in parts):
            return index, parts
    return None


def cfn_name_of(purpose: str) -> str:
    """Return how CloudFormation calls a part of the housekeeping."""
    return _CFN_NAMES[purpose]


def purposes_of(rule: Any) -> set[str]:
    """Return what of the housekeeping a rule of the caller's does."""
    return {purpose for purpose, parts in _PURPOSES.items() if any(part_of(rule, part) for part in parts)}


def expires_objects(rules: Sequence[Any]) -> bool:
    """Tell whether a rule deletes current objects."""
    return any(
        part_of(rule, "enabled") is not False and (part_of(rule, "expiration") or part_of(rule, "expiration_date"))
        for rule in rules
    )


def archive_after(
    days: int, storage_class: str | s3.StorageClass = "DEEP_ARCHIVE", *, prefix: str | None = None
) -> s3.LifecycleRule:
    """Return a lifecycle rule that archives current objects, for `bucket_props={"lifecycle_rules": [...]}`.

    iconik restores from `GLACIER` and `DEEP_ARCHIVE` with `s3:RestoreObject`, which Read storage holds. Its setting
    `glacier_restore_timeout`, in days, is left to you in `storage.settings()`: iconik does not publish whether it is
    how long iconik waits or how long the restored copy stays. `GLACIER_INSTANT_RETRIEVAL` needs no restore. AWS charges
    for 90 days in the Glacier classes and for 180 in `DEEP_ARCHIVE`, however soon an object goes.

    Args:
        days: after how many days an object moves, from 1.
        storage_class: an `s3.StorageClass`, or its name. Default: DEEP_ARCHIVE.
        prefix: the objects that move. Default: all.

    Raises:
        IconikTypeError: days that are no whole number.
        IconikValueError: fewer than 1, or another storage class.
    """
    if not isinstance(days, int) or isinstance(days, bool):
        raise IconikTypeError("days", "must be a whole number of days", got=days, fix="Write a number such as 90.")
    if days < 1:
        raise IconikValueError("days", "must be at least 1", got=days, fix="Write a number such as 90.")
    archive = _archive_name(storage_class)
    transition = s3.Transition(
        storage_class=getattr(s3.StorageClass, archive), transition_after=cdk.Duration.days(days)
    )
    # No two rules of a bucket may have the same id.
    name = "-".join(part for part in ("IconikArchive", _ARCHIVES[archive], prefix) if part)
    return s3.LifecycleRule(id=name if len(name) <= _LONGEST_ID else None, prefix=prefix, transitions=[transition])


def _archive_name(storage_class: object) -> str:
    """Return the name of an archive class, given by its name or as an `s3.StorageClass`."""
    # jsii makes a new object each time, so the value is compared.
    value = storage_class.value if isinstance(storage_class, s3.StorageClass) else None
    for name in _ARCHIVES:
        if storage_class == name or (value is not None and value == getattr(s3.StorageClass, name).value):
            return name
    raise IconikValueError(
        "storage_class",
        "must be an archive class",
        got=storage_class if value is None else value,
        fix=f"Use one of {', '.join(_ARCHIVES)}, or s3.StorageClass.DEEP_ARCHIVE.",
    )


def early_departure(rules: Sequence[Any]) -> str | None:
    """Return how objects leave a storage class before the days are over that AWS charges for; None if none does."""
    active = [rule for rule in rules if part_of(rule, "enabled") is not False]
    moves = [
        (rule, move, days)
        for rule in active
        for move in part_of(rule, "transitions") or ()
        if (days := _days(part_of(move, "transition_after"))) is not None
    ]
    ends = [(rule, days) for rule in active if (days := _days(part_of(rule, "expiration"))) is not None]
    leaves = [*((rule, days) for rule, _, days in moves), *ends]
    for rule, move, days in moves:
        storage_class = part_of(move, "storage_class").value
        charged = _CHARGED_DAYS.get(storage_class, 0)
        stays = min((left - days for other, left in leaves if left > days and _may_meet(rule, other)), default=charged)
        if stays < charged:
            return f"leaves {storage_class} after {stays} days, and AWS charges for {charged}"
    return None


def _may_meet(rule: Any, other: Any) -> bool:
    one, another = (part_of(either, "prefix") or "" for either in (rule, other))
    return bool(one.startswith(another) or another.startswith(one))


def _days(duration: cdk.Duration | None) -> int | None:
    # What only the deployment knows is nothing to count with.
    if duration is None or duration.is_unresolved():
        return None
    return int(duration.to_days())
