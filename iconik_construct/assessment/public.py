"""Reads principals and conditions of a statement, and decides whether Amazon S3 may call the statement public.

That is not whether it allows everyone. S3 blocks public policies, and cuts off other accounts if a bucket has one. A
condition on a fixed value makes a statement not public; a wildcard is not fixed.

Source: Amazon S3 User Guide, "The meaning of public".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..judge.scalars import scalars
from ..judge.text import MarkedText, in_document
from ..judge.wildcards import STAR

__all__ = ["condition_entries", "is_for_everyone", "is_negated", "may_be_public", "principals_of"]

_SOURCES: Final = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceowner")
"""Keys of requests that a service makes for an account. A wildcard in them lets the service act for any account."""
_FIXED: Final = (
    *_SOURCES,
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
)
"""Keys whose fixed values make a statement not public."""
_WILDCARD: Final = re.compile(r"[*?]")
_NEGATED: Final = re.compile(r"Not|Null", re.IGNORECASE)
_WITHOUT_EFFECT: Final = re.compile(r"Not|Null|IfExists|ForAllValues", re.IGNORECASE)


def principals_of(principal: Any) -> Iterator[tuple[str, MarkedText | None]]:
    """Yield the kind and the text of each principal. The text is None if it cannot be read."""
    for kind, value in principal.items() if isinstance(principal, Mapping) else (("AWS", principal),):
        for text in scalars(value):
            yield str(kind), text


def is_for_everyone(principal: Any) -> bool:
    """Return whether a principal is written as everyone."""
    return STAR in scalars(principal.get("AWS") if isinstance(principal, Mapping) else principal)


def condition_entries(condition: Any) -> Iterator[tuple[str, str, list[MarkedText | None]]]:
    """Yield operator, key in lower case and values. The key is empty if the block cannot be read."""
    if condition is None:
        return
    if not isinstance(condition, Mapping):
        yield "", "", [None]
        return
    for operator, keys in condition.items():
        if not isinstance(keys, Mapping):
            yield str(operator), "", [None]
            continue
        for key, values in keys.items():
            yield str(operator), str(key).lower(), scalars(values)


def is_negated(operator: str) -> bool:
    """Return whether a value of the condition is not a value that a caller must have."""
    return _NEGATED.search(operator) is not None


def may_be_public(statement: Mapping[str, Any]) -> bool:
    """Return whether S3 calls a statement of a bucket policy public, although only services of AWS can use it."""
    if statement.get("Effect") == "Deny" or not is_for_everyone(statement.get("Principal")):
        return False
    listed = {
        key: any(value is not None and _WILDCARD.search(in_document(value)) for value in values)
        for operator, key, values in condition_entries(statement.get("Condition"))
        if key in _FIXED and not _WITHOUT_EFFECT.search(operator)
    }
    return bool(listed) and all(is_open and key in _SOURCES for key, is_open in listed.items())
