"""Finds out whether a resource in a policy is the bucket or key of the policy, if a template does not have its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from ..judge.text import (
    MarkedText,
    has_unknown,
    if_plain,
    is_plain,
    joined,
    joined_by,
    literal,
    map_texts,
    shown,
    split,
    unknown,
)
from ..judge.text import is_own as is_own_span
from ..judge.wildcards import matches

__all__ = ["own_statements", "with_own_context", "with_own_point", "with_own_resources"]

_BEFORE_THE_NAME: Final = 5
"""The parts of an ARN before the name of the resource."""
_CONTEXT_OF_BUCKETS: Final = "kms:encryptioncontext:aws:s3:arn"
"""The condition key for the bucket or object for which S3 uses a key, in lower case."""


def with_own_resources(
    statement: Mapping[str, Any], arn: MarkedText, service: str, *, is_own: bool
) -> Mapping[str, Any]:
    """Return a statement in which each ARN of its service begins with the ARN of its own bucket or key.

    Args:
        statement: the statement.
        arn: the ARN of the bucket or key.
        service: "s3" or "kms". Statements of other services are unchanged.
        is_own: whether a literal name in `Resource` is the own one. Otherwise a name that is no `*` is unknown.
    """
    if not service:
        return statement
    start = joined(arn, "/")

    def change(text: MarkedText, *, is_own: bool = False) -> MarkedText:
        if text == arn or text.startswith(start):
            return text
        parts = split(text, ":", _BEFORE_THE_NAME)
        if len(parts) <= _BEFORE_THE_NAME:
            return text
        name, *rest = split(parts[-1].removeprefix("key/" if service == "kms" else ""), "/", 1)
        is_known = matches(parts[2], literal(service), wildcards=True) is True and not has_unknown(name)
        if not is_known or is_own_span(name):
            # An own span is another bucket or key of the template.
            return text
        if not is_own and if_plain(name) != "*":
            return unknown(shown(text))
        # This `*` matches the rest of the name, and also a part of the object key.
        return arn if service == "kms" else joined_by("/", [joined(arn, "*" if name.endswith("*") else ""), *rest])

    changes: dict[str, Callable[[MarkedText], MarkedText]] = {
        "Resource": partial(change, is_own=is_own),
        "NotResource": change,
    }
    return {name: map_texts(value, changes[name]) if name in changes else value for name, value in statement.items()}


def with_own_context(statement: Mapping[str, Any], bucket: MarkedText) -> Mapping[str, Any]:
    """Return a statement of a key policy as it counts for a bucket that gets its name at deployment.

    A literal name in a condition on the encryption context can be the own one, so it is unknown.
    """
    block = statement.get("Condition")
    if is_plain(bucket) or has_unknown(bucket) or not isinstance(block, Mapping):
        return statement

    def change(text: MarkedText) -> MarkedText:
        parts = split(text, ":", _BEFORE_THE_NAME)
        name = split(parts[-1], "/", 1)[0]
        if len(parts) <= _BEFORE_THE_NAME or if_plain(name) == "*" or is_own_span(name) or text.startswith(bucket):
            # An own span is another bucket of the template.
            return text
        return unknown(shown(text))

    changed = {
        operator: {
            key: map_texts(values, change) if str(key).lower() == _CONTEXT_OF_BUCKETS else values
            for key, values in tests.items()
        }
        if isinstance(tests, Mapping)
        else tests
        for operator, tests in block.items()
    }
    return {**statement, "Condition": changed}


def with_own_point(statement: Mapping[str, Any], arn: MarkedText) -> Mapping[str, Any]:
    """Return a statement of an access point in which the ARN of any access point is its own ARN.

    AWS refuses a policy of an access point with other resources. `NotResource` can name other access points.
    """
    own_name = split(arn, "/", 1)[-1]

    def change(text: MarkedText, *, is_own: bool) -> MarkedText:
        parts = split(text, ":", _BEFORE_THE_NAME)
        kind, *rest = split(parts[-1], "/", 2)
        if len(parts) <= _BEFORE_THE_NAME or if_plain(kind) != "accesspoint" or not rest:
            return text
        if not is_own and rest[0] not in (own_name, "*"):
            return text
        # A wildcard at the end of the name matches the rest too.
        return joined_by("/", [joined(arn, "*" if rest[0].endswith("*") else ""), *rest[1:]])

    return {
        name: map_texts(value, partial(change, is_own=name == "Resource"))
        if name in {"Resource", "NotResource"}
        else value
        for name, value in statement.items()
    }


def own_statements(
    forms: Iterable[Sequence[Mapping[str, Any]]], arn: MarkedText, service: str
) -> list[list[Mapping[str, Any]]]:
    """Return the wide and the strict form of statements of a bucket or key that gets its name at deployment.

    Other statements are unchanged. A literal name can be the own one. An Allow in the policy of a bucket is for the
    bucket itself: AWS refuses a policy with other resources. A policy of a key can name another key, without effect.
    """
    if is_plain(arn) or has_unknown(arn):
        return [list(each) for each in forms]
    return [
        [
            with_own_resources(
                each, arn, service, is_own=each.get("Effect") == "Allow" and (is_wide or service == "s3")
            )
            for each in statements
        ]
        for is_wide, statements in zip((True, False), forms, strict=True)
    ]
