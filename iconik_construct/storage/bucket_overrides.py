"""Overrides methods of a bucket, and prepares the props of an `s3.Bucket` that a storage replaces.

Rules added later by `storage.bucket` count like rules in the props. The methods are replaced on the object, and not in
a subclass of `s3.Bucket`, because jsii would call an override for the props too.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..access.cors import Cors
from .bucket_props import parse_bucket_props, refuse_given_twice
from .lifecycle import cfn_name_of, expires_objects, housekeeping_in, purposes_of
from .prop_warnings import EXPIRES, TWO_CORS_WRITERS, add_warnings

__all__ = ["ExistingBucketProps", "existing_bucket_props", "keep_description_of_key", "override_methods"]

_RULES: Final = "LifecycleConfiguration.Rules"


_LONGEST_INVENTORY_ID: Final = 64


class ExistingBucketProps(dict[str, Any]):
    """Props of `s3.Bucket` that are used without defaults."""


def existing_bucket_props(
    id: str,  # noqa: A002 - the name CDK gives it
    bucket_props: Mapping[str, Any] | None,
    props: Mapping[str, Any],
    cors: object,
) -> ExistingBucketProps:
    """Return the props, given as a mapping or as keyword arguments.

    Args:
        id: the construct id of the replaced bucket.
        bucket_props: the props as a mapping.
        props: the props as keyword arguments.
        cors: the bucket's CORS rules, or their writer. No rules are added.

    Raises:
        IconikTypeError: not a mapping, or a value of the wrong type.
        IconikValueError: not a prop of `s3.Bucket`, or a prop that is given both ways.
    """
    given = parse_bucket_props(bucket_props)
    named = parse_bucket_props(props if isinstance(cors, Cors) else {**props, "cors": cors}, named=True)
    refuse_given_twice(named, given)
    complete = ExistingBucketProps({**given, **named})
    if complete.get("inventories"):
        complete["inventories"] = [
            _with_former_id(inventory, id, index) for index, inventory in enumerate(complete["inventories"])
        ]
    return complete


def keep_description_of_key(place: Construct, bucket: s3.IBucket) -> None:
    """Keep the description that the CDK gave to the bucket's key in its former place."""
    key = bucket.encryption_key
    made = key.node.default_child if key is not None and key.node.scope == bucket else None
    if isinstance(made, kms.CfnKey) and made.description == f"Created by {bucket.node.path}":
        made.description = f"Created by {place.node.path}"


def inventory_id(place: str, index: int) -> str:
    """Return the CDK's id for an inventory without an id. With another id, S3 would make another inventory.

    Args:
        place: the construct id of the bucket.
        index: the place of the inventory among the bucket's inventories.
    """
    return re.sub(r"[^A-Za-z0-9_.-]", "", f"{place}Inventory{index}")[-_LONGEST_INVENTORY_ID:]


def _with_former_id(inventory: Any, place: str, index: int) -> Any:
    name = inventory_id(place, index)
    if isinstance(inventory, Mapping):
        return {"inventoryId": name, **inventory}
    parts = {part: getattr(inventory, part) for part in _inventory_parts()}
    return s3.Inventory(**{**parts, "inventory_id": parts["inventory_id"] or name})


@cache
def _inventory_parts() -> tuple[str, ...]:
    return tuple(inspect.signature(s3.Inventory.__init__).parameters)[1:]


def override_methods(
    storage: Construct, bucket: s3.Bucket, props: Mapping[str, Any], *, keeps_settings: bool, cors_by_iconik: bool
) -> None:
    """Override the methods that add rules and inventories to the finished bucket, or keep it.

    Args:
        storage: the construct that contains the bucket. It gets the warnings.
        bucket: the bucket.
        props: the props of the bucket.
        keeps_settings: whether the storage replaces an `s3.Bucket` and keeps its settings.
        cors_by_iconik: whether iconik may write the CORS rules.
    """
    if keeps_settings:
        _override_inventories(bucket, storage.node.id, len(props.get("inventories") or ()))
    else:
        _override_lifecycle_rules(storage, bucket, props.get("lifecycle_rules") or ())
        _override_removal_policy(bucket)
    if cors_by_iconik:
        _override_cors_rules(storage, bucket)


def _override_inventories(bucket: s3.Bucket, place: str, existing: int) -> None:
    add, indices = bucket.add_inventory, count(existing)

    def add_inventory(**inventory: Any) -> None:
        name = inventory_id(place, next(indices))
        add(**{**inventory, "inventory_id": inventory.get("inventory_id") or name})

    vars(bucket)["add_inventory"] = add_inventory


def _override_lifecycle_rules(storage: Construct, bucket: s3.Bucket, rules: Sequence[Any]) -> None:
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
    """Remove from the housekeeping what a later rule does. Of two rules, S3 follows the one that deletes sooner."""
    housekeeping = f"{_RULES}.{index}"
    template = bucket.node.default_child
    if not left & done or not isinstance(template, s3.CfnBucket):
        return
    if left <= done:
        # S3 refuses a rule without actions. Removing the rule would change the places of later rules.
        template.add_property_override(f"{housekeeping}.Status", "Disabled")
        left.clear()
    for purpose in sorted(left & done):
        template.add_property_deletion_override(f"{housekeeping}.{cfn_name_of(purpose)}")
        left.discard(purpose)


def _override_removal_policy(bucket: s3.Bucket) -> None:
    """Keep the bucket policy as long as the bucket. Without the policy, the bucket accepts plain HTTP."""
    apply = bucket.apply_removal_policy

    def apply_removal_policy(policy: cdk.RemovalPolicy) -> None:
        apply(policy)
        if bucket.policy is not None:
            bucket.policy.apply_removal_policy(policy)

    vars(bucket)["apply_removal_policy"] = apply_removal_policy


def _override_cors_rules(storage: Construct, bucket: s3.Bucket) -> None:
    add, warned = bucket.add_cors_rule, False

    def add_cors_rule(**rule: Any) -> None:
        nonlocal warned
        add(**rule)
        if not warned:
            warned = True
            add_warnings(storage, [TWO_CORS_WRITERS])

    vars(bucket)["add_cors_rule"] = add_cors_rule
