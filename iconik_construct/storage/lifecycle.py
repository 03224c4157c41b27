"""Defines the lifecycle of a new bucket: its housekeeping by default, and the effect of the caller's rules on it.

No default deletes or archives current objects.

Rules may be dicts in place of the CDK's structs. The CDK converts a dict that is a prop, with names such as
`noncurrent_version_expiration`. It does not convert a dict in a list: there it reads only TypeScript's names, and
ignores others without an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from ..access.prefixes import parse_prefixes
from ..errors import IconikTypeError, IconikValueError, counted

__all__ = [
    "HOUSEKEEPING_ID",
    "archive_after",
    "cfn_name_of",
    "early_departure",
    "expires_objects",
    "housekeeping_in",
    "housekeeping_rule",
    "part_of",
    "purposes_of",
    "with_housekeeping",
    "with_names_of_cdk",
]

_NAMES_ARE_DATA: Final = ("tag_filters", "tagFilters")
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
"""The parts of the housekeeping, and the parts of a caller's rule with the same purpose."""
_ARCHIVES: Final[Mapping[str, str]] = {
    "GLACIER_INSTANT_RETRIEVAL": "GLACIER_INSTANT_RETRIEVAL",
    "GLACIER": "GLACIER",
    "DEEP_ARCHIVE": "",
}
"""Storage classes, with the word for them in the id of a rule. The default has no word."""
_CHARGED_DAYS: Final[Mapping[str, int]] = {
    "STANDARD_IA": 30,
    "ONEZONE_IA": 30,
    "GLACIER_IR": 90,
    "GLACIER": 90,
    "DEEP_ARCHIVE": 180,
}
"""The minimum days that AWS charges for. Source: Amazon S3 User Guide, "Storage classes"."""
_LONGEST_ID: Final = 255


@cache
def _values() -> dict[str, Any]:
    # Each duration is a call to jsii, and its value never changes.
    return {
        "abort_incomplete_multipart_upload_after": cdk.Duration.days(7),
        "expired_object_delete_marker": True,
        "noncurrent_version_expiration": cdk.Duration.days(30),
    }


@cache
def housekeeping_rule() -> s3.LifecycleRule:
    """Return the default rule of a new bucket.

    It deletes noncurrent versions after 30 days. Until then, a purged or overwritten object can be restored. After
    that, deleted media stops costing money. Only a new bucket without rules of the caller gets this part, because
    such a bucket has no older versions. An existing bucket, a bucket with the caller's rules, and a bucket that
    replaces an `s3.Bucket` never get it.
    """
    return s3.LifecycleRule(id=HOUSEKEEPING_ID, **_values())


def with_housekeeping(rules: Sequence[Any]) -> list[Any]:
    """Return the caller's rules, and the housekeeping for purposes that they do not have; no rules stay no rules.

    With the caller's rules no expiry is added: the bucket can already exist, with versions that must be kept.
    """
    if not rules or any(part_of(rule, "id") == HOUSEKEEPING_ID for rule in rules):
        return list(rules)
    done = {_EXPIRY, *(purpose for rule in rules for purpose in purposes_of(rule))}
    left = {purpose: value for purpose, value in _values().items() if purpose not in done}
    return [*rules, s3.LifecycleRule(id=HOUSEKEEPING_ID, **left)] if left else list(rules)


def housekeeping_in(rules: Sequence[Any]) -> tuple[int, set[str]] | None:
    """Return the place of the housekeeping among the rules and its purposes; None if the caller's rules replace it."""
    for index, rule in enumerate(rules):
        parts = {purpose for purpose, value in _values().items() if part_of(rule, purpose) is value}
        # Compared by its durations, which are separate objects; a caller's rule can have True too.
        if part_of(rule, "id") == HOUSEKEEPING_ID and any(_values()[part] is not True for part in parts):
            return index, parts
    return None


def cfn_name_of(purpose: str) -> str:
    """Return CloudFormation's name for a part of the housekeeping."""
    return _CFN_NAMES[purpose]


def purposes_of(rule: Any) -> set[str]:
    """Return the purposes of the housekeeping that a caller's rule has."""
    return {purpose for purpose, parts in _PURPOSES.items() if any(part_of(rule, part) for part in parts)}


def expires_objects(rules: Sequence[Any]) -> bool:
    """Return whether a rule deletes current objects."""
    return any(
        part_of(rule, "enabled") is not False and (part_of(rule, "expiration") or part_of(rule, "expiration_date"))
        for rule in rules
    )


def archive_after(
    days: int, storage_class: str | s3.StorageClass = "DEEP_ARCHIVE", *, prefix: str | None = None
) -> s3.LifecycleRule:
    """Return a lifecycle rule that archives current objects, for `bucket_props={"lifecycle_rules": [...]}`.

    iconik restores from `GLACIER` and `DEEP_ARCHIVE` with `s3:RestoreObject`, which Read storage includes. Set
    `glacier_restore_timeout`, in days, in `storage.settings()` yourself: iconik does not publish whether it is how
    long iconik waits or how long the restored copy stays. `GLACIER_INSTANT_RETRIEVAL` needs no restore. AWS charges
    at least 90 days in the Glacier classes and 180 in `DEEP_ARCHIVE`.

    Args:
        days: the age in days at which an object moves, from 1.
        storage_class: an `s3.StorageClass`, or its name. Default: DEEP_ARCHIVE.
        prefix: the prefix of the objects that move, by the rules for prefixes of permissions. Default: all objects.

    Raises:
        IconikTypeError: days that are not a whole number, or a prefix that is not a string.
        IconikValueError: fewer than 1 day, another storage class, or a prefix that `IconikPermissions` refuses too.
    """
    if not isinstance(days, int) or isinstance(days, bool):
        raise IconikTypeError("days", "must be a whole number of days", got=days, fix="Write a number such as 90.")
    if days < 1:
        raise IconikValueError("days", "must be at least 1", got=days, fix="Write a number such as 90.")
    if prefix is not None:
        parse_prefixes((prefix,), "prefix")
    archive = _archive_name(storage_class)
    transition = s3.Transition(
        storage_class=getattr(s3.StorageClass, archive), transition_after=cdk.Duration.days(days)
    )
    # Two rules of a bucket cannot have the same id.
    name = "-".join(part for part in ("IconikArchive", _ARCHIVES[archive], prefix) if part)
    return s3.LifecycleRule(id=name if len(name) <= _LONGEST_ID else None, prefix=prefix, transitions=[transition])


def _archive_name(storage_class: object) -> str:
    """Return the name of an archive class, which is given by name or as an `s3.StorageClass`."""
    # jsii makes a new object each time, so the values are compared.
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
    """Return how objects leave a storage class before AWS's minimum days are over; None if none does."""
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
            return f"leaves {storage_class} after {counted(stays, 'day')}, and AWS charges for {charged}"
    return None


def _may_meet(rule: Any, other: Any) -> bool:
    first, second = (part_of(either, "prefix") or "" for either in (rule, other))
    return bool(first.startswith(second) or second.startswith(first))


def _days(duration: cdk.Duration | None) -> int | None:
    # A duration that is known only at deployment cannot be compared.
    if duration is None or duration.is_unresolved():
        return None
    return int(duration.to_days())


def _in_camel_case(name: str) -> str:
    """Return a Python name in TypeScript's spelling."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def part_of(struct: Any, name: str) -> Any:
    """Return a part of a struct, or of a dict in place of a struct; None if it has no such part.

    Args:
        struct: the struct or the dict.
        name: the part's Python name.
    """
    return struct.get(_in_camel_case(name)) if isinstance(struct, Mapping) else getattr(struct, name, None)


def with_names_of_cdk(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the props with TypeScript's names in dicts inside lists."""
    return {name: _named(value) if _is_list(value) else value for name, value in props.items()}


def _named(value: Any) -> Any:
    if _is_list(value):
        return [_named(item) for item in value]
    if isinstance(value, Mapping):
        return {
            _in_camel_case(str(name)): item if name in _NAMES_ARE_DATA else _named(item) for name, item in value.items()
        }
    return value


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
