"""Which bucket names S3 accepts. Standard library only.

Source: AWS, "General purpose bucket naming rules".
"""

from __future__ import annotations

import re

from ..access.trust import is_token
from ..errors import IconikTypeError, IconikValueError

__all__ = ["parse_bucket_name"]

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_WAY_OUT = "Leave it out and CloudFormation chooses a name, or write one such as 'acme-media-masters'."


def parse_bucket_name(value: str, prop: str = "bucket_name") -> str:
    """Return the name if S3 accepts it; a CDK token is passed on unchecked.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: a name that S3 refuses.
    """
    if not isinstance(value, str):
        raise IconikTypeError(prop, "must be a string", got=value, way_out=_WAY_OUT)
    if is_token(value):
        return value
    if not _NAME.fullmatch(value):
        rule = (
            "must be 3 to 63 lower case letters, digits, dots and hyphens, beginning and ending with a letter or digit"
        )
        raise IconikValueError(prop, rule, got=value, way_out=_WAY_OUT)
    if ".." in value or _ADDRESS.fullmatch(value):
        raise IconikValueError(
            prop, "must be neither an IP address nor hold two dots in a row", got=value, way_out=_WAY_OUT
        )
    if value.startswith(_RESERVED_STARTS) or value.endswith(_RESERVED_ENDS):
        starts, ends = ", ".join(_RESERVED_STARTS), ", ".join(_RESERVED_ENDS)
        rule = f"must not begin with {starts} nor end with {ends}, which S3 reserves"
        raise IconikValueError(prop, rule, got=value, way_out=_WAY_OUT)
    return value
