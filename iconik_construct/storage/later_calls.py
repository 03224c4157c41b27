"""What is asked of a new bucket later, by `storage.bucket`: heard as if it had been among its props.

On the bucket's object and not in a subclass of `s3.Bucket`: jsii would call an override for what is in the props too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

from aws_cdk import aws_s3 as s3
from constructs import Construct

from .in_place import inventory_id
from .lifecycle import cfn_name_of, expires_objects, housekeeping_in, purposes_of
from .prop_warnings import EXPIRES, TWO_CORS_WRITERS, add_warnings

__all__ = ["hear_later_calls"]

_RULES: Final = "LifecycleConfiguration.Rules"


def hear_later_calls(
    storage: Construct, bucket: s3.Bucket, props: Mapping[str, Any], *, stays: bool, cors_by_iconik: bool
) -> None:
    """Hear the rules and inventories that the bucket is given after it was made.

    Args:
        storage: the construct in whose place it stands, which gets the warnings.
        bucket: the bucket.
        props: what it was made of.
        stays: whether it stays as it was in the place of an `s3.Bucket`.
        cors_by_iconik: whether iconik may write the CORS rules.
    """
    if stays:
        _hear_inventories(bucket, storage.node.id, len(props.get("inventories") or ()))
    else:
        _hear_lifecycle_rules(storage, bucket, props.get("lifecycle_rules") or ())
    if cors_by_iconik:
        _hear_cors_rules(storage, bucket)


def _hear_inventories(bucket: s3.Bucket, place: str, held: int) -> None:
    add, indices = bucket.add_inventory, count(held)

    def add_inventory(**inventory: Any) -> None:
        name = inventory_id(place, next(indices))
        add(**{**inventory, "inventory_id": inventory.get("inventory_id") or name})

    vars(bucket)["add_inventory"] = add_inventory


def _hear_lifecycle_rules(storage: Construct, bucket: s3.Bucket, rules: Sequence[Any]) -> None:
    add, warned = bucket.add_lifecycle_rule, expires_objects(rules)
    index, left = housekeeping_in(rules) or (0, set())

    def add_lifecycle_rule(**rule: Any) -> None:
        nonlocal warned
        given = s3.LifecycleRule(**rule)
        add(**rule)
        _take_from_housekeeping(bucket, index, left, purposes_of(given))
        if expires_objects([given]) and not warned:
            warned = True
            add_warnings(storage, [EXPIRES])

    vars(bucket)["add_lifecycle_rule"] = add_lifecycle_rule


def _take_from_housekeeping(bucket: s3.Bucket, index: int, left: set[str], done: set[str]) -> None:
    """Leave to a later rule what it does: of two rules S3 follows the one that deletes sooner."""
    housekeeping = f"{_RULES}.{index}"
    template = bucket.node.default_child
    if not left & done or not isinstance(template, s3.CfnBucket):
        return
    if left <= done:
        # A rule that does nothing is refused, and one that is gone would move the rules behind it.
        template.add_property_override(f"{housekeeping}.Status", "Disabled")
        left.clear()
    for purpose in sorted(left & done):
        template.add_property_deletion_override(f"{housekeeping}.{cfn_name_of(purpose)}")
        left.discard(purpose)


def _hear_cors_rules(storage: Construct, bucket: s3.Bucket) -> None:
    add, warned = bucket.add_cors_rule, False

    def add_cors_rule(**rule: Any) -> None:
        nonlocal warned
        add(**rule)
        if not warned:
            warned = True
            add_warnings(storage, [TWO_CORS_WRITERS])

    vars(bucket)["add_cors_rule"] = add_cors_rule
