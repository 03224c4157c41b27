"""Checks bucket names by S3's rules. Standard library only.

Source: AWS, "General purpose bucket naming rules".
"""

from __future__ import annotations

import re

from ..errors import IconikTypeError, IconikValueError
from .trust import is_token

__all__ = ["parse_bucket_name", "refuse_other_kinds_of_bucket"]

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_BUCKET_ARN = re.compile(r"arn:[^:]*:s3:::[^/:]+")
_OTHER_SERVICE = re.compile(r":(s3express|s3-outposts|s3-object-lambda|s3tables|s3vectors):|:accesspoint[/:]")
_OTHER_ENDS = ("-s3alias", "--ol-s3", "--op-s3", ".mrap", "--x-s3", "--xa-s3", "--table-s3")
_FIX = "Leave it out and CloudFormation chooses a name, or write one such as 'acme-media-masters'."


def parse_bucket_name(value: str, prop: str = "bucket_name") -> str:
    """Return the name if S3 accepts it. A CDK token is returned unchecked.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: a name that S3 refuses.
    """
    if not isinstance(value, str):
        raise IconikTypeError(prop, "must be a string", got=value, fix=_FIX)
    if is_token(value):
        return value
    if not _NAME.fullmatch(value):
        rule = (
            "must be 3 to 63 lower case letters, digits, dots and hyphens, beginning and ending with a letter or digit"
        )
        raise IconikValueError(prop, rule, got=value, fix=_FIX)
    if ".." in value or _ADDRESS.fullmatch(value):
        raise IconikValueError(prop, "must not be an IP address or have two dots in a row", got=value, fix=_FIX)
    if value.startswith(_RESERVED_STARTS) or value.endswith(_RESERVED_ENDS):
        starts, ends = ", ".join(_RESERVED_STARTS), ", ".join(_RESERVED_ENDS)
        rule = f"must not begin with {starts} nor end with {ends}, which S3 reserves"
        raise IconikValueError(prop, rule, got=value, fix=_FIX)
    return value


def refuse_other_kinds_of_bucket(name: str, arn: str) -> None:
    """Refuse S3 resources that can be imported as a bucket, but have another policy or none.

    Raises:
        IconikValueError: an access point, a directory bucket or a table bucket.
    """
    rule = "must be a general purpose bucket: an access point, a directory or a table bucket has another policy"
    fix = "Give the bucket itself: s3.Bucket.from_bucket_name(scope, id, 'acme-media-masters')."
    if _OTHER_SERVICE.search(arn) or not (is_token(arn) or _BUCKET_ARN.fullmatch(arn)):
        raise IconikValueError("bucket", rule, got=arn, fix=fix)
    if name.endswith(_OTHER_ENDS):
        raise IconikValueError("bucket", rule, got=name, fix=fix)
