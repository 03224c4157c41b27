"""Finds statements with a Sid of this library and a content that this library never writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.permissions import (
    ADMIN_ACTION,
    CORS_WRITE_ACTION,
    DELETE_ACTIONS,
    KEY_WRITE_ACTIONS,
    LIST_ACTION,
    READ_BUCKET_ACTIONS,
    READ_OBJECT_ACTIONS,
    WRITE_BUCKET_ACTIONS,
    WRITE_OBJECT_ACTIONS,
)
from ..access.trust import PRINCIPAL_TAG, is_system_domain_id
from ..judge.scalars import scalars
from ..judge.text import AnyText, is_plain, shown
from . import rules
from .finding import Finding
from .foreign_access import in_words, name_of
from .names import Iconik
from .public import condition_entries

__all__ = ["edited_statements", "has_our_sid"]

_SID: Final = re.compile("Iconik(Admin|Bucket|List|Objects|Key)[A-Za-z0-9]*")
_ELEMENTS: Final = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
_ON_BUCKET: Final = frozenset({*READ_BUCKET_ACTIONS, *WRITE_BUCKET_ACTIONS, CORS_WRITE_ACTION, LIST_ACTION})
_ACTIONS: Final[Mapping[str, frozenset[str]]] = {
    "Admin": frozenset({ADMIN_ACTION}),
    "Bucket": _ON_BUCKET,
    "List": _ON_BUCKET,
    "Objects": frozenset({*READ_OBJECT_ACTIONS, *WRITE_OBJECT_ACTIONS, *DELETE_ACTIONS}),
    "Key": frozenset(KEY_WRITE_ACTIONS) | {"kms:DescribeKey", "kms:Decrypt"},
}
_TAG: Final = ("StringEquals", PRINCIPAL_TAG.lower())
_TESTS: Final = frozenset({_TAG, ("StringLike", "s3:prefix"), ("StringEquals", "kms:viaservice")})
"""The conditions of this library: operators, with keys in lower case."""


def edited_statements(statements: Sequence[Mapping[str, Any]], where: AnyText, iconik: Iconik) -> Iterator[Finding]:
    """Yield a finding for each statement that has a Sid of this library and other content.

    Args:
        statements: the statements of a policy.
        where: the policy, for a reader.
        iconik: iconik, as the policy can name it.
    """
    for index, statement in enumerate(statements):
        sid = _SID.fullmatch(str(statement.get("Sid", "")))
        if sid is not None and (what := _difference(statement, sid[1], iconik)):
            name = name_of(statement, index)
            text = f"{in_words(name)} has a Sid of this library, and {what}"
            yield Finding(rule=rules.EDITED, where=where, text=text, statement=name, index=index)


def has_our_sid(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement has a Sid in the form of this library."""
    return _SID.fullmatch(str(statement.get("Sid", ""))) is not None


def _difference(statement: Mapping[str, Any], kind: str, iconik: Iconik) -> str:
    """Return how a statement differs from everything that this library writes; empty if it does not."""
    if set(statement) != _ELEMENTS or statement.get("Effect") != "Allow":
        return "other elements"
    principal = statement["Principal"]
    named = scalars(principal.get("AWS")) if isinstance(principal, Mapping) and len(principal) == 1 else []
    if len(named) != 1 or named[0] is None or named[0] not in iconik.roles:
        return "another principal"
    listed = ["None" if action is None else shown(action) for action in scalars(statement["Action"])]
    more = [action for action in listed if action not in _ACTIONS[kind]]
    if more:
        return f"allows {', '.join(more)}"
    entries = [((operator, key), values) for operator, key, values in condition_entries(statement["Condition"])]
    tags = [values for test, values in entries if test == _TAG]
    is_tagged = bool(tags) and all(
        value is not None and (not is_plain(value) or is_system_domain_id(value)) for value in tags[0]
    )
    is_right = is_tagged and all(test in _TESTS for test, _ in entries)
    return "" if is_right else "another Condition"
