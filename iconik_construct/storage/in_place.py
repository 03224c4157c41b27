"""A bucket that stays as it was: no default of ours is added to its props, and what CDK calls by its id is kept."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..errors import IconikValueError
from .bucket_props import parse_bucket_props
from .cors import Cors

__all__ = ["AsItWas", "as_it_was", "call_key_as_before", "inventory_id"]

_LONGEST_INVENTORY_ID: Final = 64


class AsItWas(dict[str, Any]):
    """Props of `s3.Bucket`, complete as they are."""


def as_it_was(id: str, bucket_props: Mapping[str, Any] | None, props: Mapping[str, Any], cors: object) -> AsItWas:  # noqa: A002 - the name CDK gives it
    """Return the props, whichever of the two ways they are given.

    Args:
        id: the construct id of the bucket whose place is taken.
        bucket_props: as a mapping.
        props: as keyword arguments.
        cors: the bucket's CORS rules, or who writes them; none are added.

    Raises:
        IconikTypeError: no mapping.
        IconikValueError: no prop of `s3.Bucket`, or one that is given both ways.
    """
    given = parse_bucket_props(bucket_props)
    named = parse_bucket_props(props, named=True)
    if not isinstance(cors, Cors):
        named["cors"] = cors
    for name in sorted(set(given) & set(named)):
        raise IconikValueError(name, "must be given once", got=named[name], fix="Leave it out of 'bucket_props'.")
    found = AsItWas({**given, **named})
    if found.get("inventories"):
        found["inventories"] = [_called_as_before(one, id, index) for index, one in enumerate(found["inventories"])]
    return found


def call_key_as_before(place: Construct, bucket: s3.IBucket) -> None:
    """Give the key that CDK makes with a bucket the description that it has in the bucket's former place."""
    key = bucket.encryption_key
    made = key.node.default_child if key is not None and key.node.scope == bucket else None
    if isinstance(made, kms.CfnKey) and made.description == f"Created by {bucket.node.path}":
        made.description = f"Created by {place.node.path}"


def inventory_id(place: str, index: int) -> str:
    """Return how CDK calls an inventory without an id: another id would be another inventory.

    Args:
        place: the construct id of the bucket.
        index: which of the bucket's inventories it is.
    """
    return re.sub(r"[^A-Za-z0-9_.-]", "", f"{place}Inventory{index}")[-_LONGEST_INVENTORY_ID:]


def _called_as_before(inventory: Any, place: str, index: int) -> Any:
    name = inventory_id(place, index)
    if isinstance(inventory, Mapping):
        return {"inventoryId": name, **inventory}
    parts = {part: getattr(inventory, part) for part in _inventory_parts()}
    return s3.Inventory(**{**parts, "inventory_id": parts["inventory_id"] or name})


@cache
def _inventory_parts() -> tuple[str, ...]:
    return tuple(inspect.signature(s3.Inventory.__init__).parameters)[1:]
