"""Determines the region of the media: the bucket's own region, which can differ from the stack's."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from ..access.regions import parse_region
from ..access.trust import is_token
from ..errors import IconikValueError

__all__ = ["given_region", "region_of_stack", "region_of_storage"]

_REGIONS: WeakKeyDictionary[cdk.Stack, str] = WeakKeyDictionary()


def region_of_stack(stack: cdk.Stack) -> str:
    """Return the region of a stack. The value is cached, because a stack can have hundreds of storages."""
    region = _REGIONS.get(stack)
    if region is None:
        region = _REGIONS[stack] = stack.region
    return region


def region_of_storage(stack: cdk.Stack, bucket: Any, key: Any) -> str:
    """Return the region of a bucket and its key; a token if the stack has no fixed region.

    A bucket that is imported by name has the stack's region by default. A key's ARN always contains the key's region.

    Args:
        stack: the stack of the storage.
        bucket: an existing bucket, or None for a new one.
        key: an existing customer managed key, or None.

    Raises:
        IconikValueError: bucket and key are known to be in different regions: S3 cannot use such a key.
    """
    here = region_of_stack(stack)
    of_bucket = here if bucket is None else str(bucket.env.region)
    if key is None:
        return of_bucket
    of_key = str(key.env.region)
    if is_token(of_key) or of_key == of_bucket:
        return of_bucket
    if is_token(of_bucket) or (bucket is not None and of_bucket == here):
        return of_key
    arn = str(key.key_arn)
    replica = " Or give the ARN of its replica there." if ":key/mrk-" in arn else ""
    raise IconikValueError(
        "encryption_key",
        f"must be in the region of the bucket, {of_bucket}: S3 cannot use a key of {of_key}",
        got=arn,
        fix=f"Give a key of {of_bucket}.{replica}",
    )


def given_region(region: str, known: str, *, is_new: bool) -> str:
    """Return the region that a caller gives for an existing bucket.

    Args:
        region: the given region.
        known: the region from the bucket, its key or the stack.
        is_new: whether the stack makes the bucket, which is then in the stack's region.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: not a region, a region of another partition, or not the stack's region for a new bucket.
    """
    if isinstance(region, str) and is_token(region):
        return region
    parse_region(region)
    if is_new and not is_token(known) and region != known:
        raise IconikValueError(
            "region", f"must be {known}, because the stack makes the bucket", got=region, fix="Leave it out."
        )
    return region
