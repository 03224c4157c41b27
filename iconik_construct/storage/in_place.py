"""The props of a bucket that stays as it was: no default of ours is added to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..errors import IconikValueError
from .bucket_props import parse_bucket_props
from .cors import Cors

__all__ = ["AsItWas", "as_it_was", "call_key_as_before"]


class AsItWas(dict[str, Any]):
    """Props of `s3.Bucket`, complete as they are."""


def as_it_was(bucket_props: Mapping[str, Any] | None, props: Mapping[str, Any], cors: object) -> AsItWas:
    """Return the props, whichever of the two ways they are given.

    Args:
        bucket_props: as a mapping.
        props: as keyword arguments.
        cors: the bucket's CORS rules, or who writes them; none are added.

    Raises:
        IconikTypeError: no mapping.
        IconikValueError: no prop of `s3.Bucket`, or one that is given both ways.
    """
    given = parse_bucket_props(bucket_props)
    named = parse_bucket_props(props)
    if not isinstance(cors, Cors):
        named["cors"] = cors
    for name in sorted(set(given) & set(named)):
        raise IconikValueError(name, "must be given once", got=named[name], way_out="Leave it out of 'bucket_props'.")
    return AsItWas({**given, **named})


def call_key_as_before(place: Construct, bucket: s3.IBucket) -> None:
    """Give the key that CDK makes with a bucket the description that it has in the bucket's former place."""
    key = bucket.encryption_key
    made = key.node.default_child if key is not None and key.node.scope == bucket else None
    if isinstance(made, kms.CfnKey) and made.description == f"Created by {bucket.node.path}":
        made.description = f"Created by {place.node.path}"
