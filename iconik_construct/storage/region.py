"""Where the media are: the bucket's own region, which is not always the stack's."""

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
    """Return the region of a stack, which stays what it is, asked once: a stack can hold hundreds of storages."""
    region = _REGIONS.get(stack)
    if region is None:
        region = _REGIONS[stack] = stack.region
    return region


def region_of_storage(stack: cdk.Stack, bucket: Any, key: Any) -> str:
    """Return the region of a bucket and its key, a token where the stack has none of its own.

    A bucket imported by name says the stack's region for want of knowing; a key's ARN always holds its own.

    Args:
        stack: where the storage is.
        bucket: an existing bucket, or None for a new one.
        key: the customer managed key that is there, or None.

    Raises:
        IconikValueError: bucket and key are known to be in two regions, where S3 cannot use the key.
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
    """Return the region that a caller says an existing bucket is in.

    Args:
        region: what the caller says.
        known: what follows from the bucket, its key or the stack.
        is_new: whether the stack makes the bucket, which is then in the stack's region.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: no region, one of another partition, or not the stack's for a new bucket.
    """
    if isinstance(region, str) and is_token(region):
        return region
    parse_region(region)
    if is_new and not is_token(known) and region != known:
        raise IconikValueError(
            "region", f"must be {known}, where the stack makes the bucket", got=region, fix="Leave it out."
        )
    return region
