"""The name of a bucket on the command line. For an address or an ARN, the error contains the name."""

from __future__ import annotations

import re
from typing import Final

from ..access.bucket_names import parse_bucket_name
from ..errors import IconikPropError, IconikValueError

__all__ = ["bucket_name_of"]

_FIX: Final = "Write the name of the bucket."
_SCHEME: Final = re.compile(r"[A-Za-z0-9]+://|arn:[^:/]*:[^:/]*:[^:/]*:[^:/]*:")
_HOST: Final = re.compile(r"(?:(?P<name>.+)[.])?s3[.-].*amazonaws[.]com", re.IGNORECASE)


def bucket_name_of(given: str, option: str) -> str:
    """Return the name of a bucket.

    Raises:
        IconikValueError: it is none, or another thing of S3.
    """
    name = _name_in(given)
    if name is not None:
        fix = f"Write {name!r}." if _is_name(name) else _FIX
        raise IconikValueError(option, "must be the name of the bucket", got=given, fix=fix)
    try:
        return parse_bucket_name(given, option)
    except IconikPropError as error:
        raise IconikValueError(option, error.rule, got=given, fix=_FIX) from error


def _name_in(given: str) -> str | None:
    """Return the name of the bucket in an address or an ARN; None if it is neither."""
    match = _SCHEME.match(given)
    rest = given[match.end() :] if match else given
    first, _, path = rest.partition("/")
    host = _HOST.fullmatch(first)
    if host is not None:
        return host["name"] or path.partition("/")[0]
    return first if match else None


def _is_name(text: str) -> bool:
    try:
        return bool(parse_bucket_name(text))
    except IconikPropError:
        return False
