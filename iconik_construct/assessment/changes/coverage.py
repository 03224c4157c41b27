"""Finds the statements of a policy that have no counterpart in another policy that is at least as wide.

A statement is covered if, for each of its principals, resources and actions, a statement of the other policy has the
same effect, and its conditions hold whenever those of the first hold. Requests of callers are not evaluated here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import eq
from typing import Any, Final

from ...judge.addresses import is_within
from ...judge.scalars import scalars
from ...judge.text import MarkedText, has_unknown, is_plain, joined, joined_by, literal, split
from ...judge.variables import VARIABLE
from ...judge.wildcards import ONE_CHARACTER, STAR, matches
from ..canonical import canonical_statement
from ..resolved_actions import resolved_actions

__all__ = ["actions_of", "is_of_another", "uncovered"]

Statement = Mapping[str, Any]

_PLAIN: Final = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
_PARTS_BEFORE: Final = 5
_NARROWER_BY_MORE: Final = frozenset(
    {"StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase", "ArnNotEquals", "ArnNotLike", "NotIpAddress"}
)


def actions_of(statement: Statement, service: str) -> list[MarkedText]:
    """Return the actions of a service that a statement contains, and the written names of other services' actions.

    For an unknown service, return all written names.
    """
    if service:
        named = [] if "NotAction" in statement else scalars(statement.get("Action"))
        others = [each for each in named if each is not None and is_of_another(each, service)]
        return [*resolved_actions(statement, service), *others]
    texts = scalars(statement.get("Action", statement.get("NotAction")))
    written = [literal("None") if text is None else text for text in texts]
    return [joined("every action but ", joined_by(", ", written))] if "NotAction" in statement else written


def is_of_another(action: MarkedText, service: str) -> bool:
    """Return whether an action is certainly one of another service, which this service does not evaluate."""
    named = split(action, ":", 1)[0]
    return not has_unknown(named) and matches(named.lower(), literal(service), wildcards=True) is False


def uncovered(
    statements: Sequence[Statement], others: Sequence[Statement], service: str
) -> Iterator[tuple[Statement, list[MarkedText]]]:
    """Yield the statements that the other policy does not cover, each with the actions that are not covered."""
    wide = [_Wide(each, service) for each in others]
    same = {json.dumps(each.canonical, sort_keys=True, default=str) for each in wide}
    for statement in statements:
        canonical = canonical_statement(statement)
        if json.dumps(canonical, sort_keys=True, default=str) in same:
            continue
        actions = actions_of(statement, service)
        if not _is_plain(statement):
            yield statement, actions
            continue
        candidates = [
            each
            for each in wide
            if each.statement.get("Effect") == statement.get("Effect") in ("Allow", "Deny")
            and _implies(canonical.get("Condition"), each.canonical.get("Condition"))
        ]
        left = [action for action in actions if not _covers(candidates, canonical, action)]
        if left:
            yield statement, left


def _is_plain(statement: Statement) -> bool:
    return set(statement) <= _PLAIN or set(statement) <= {*_PLAIN, "NotAction"} - {"Action"}


class _Wide:
    """A statement that may cover others."""

    def __init__(self, statement: Statement, service: str) -> None:
        self.statement = statement
        self.canonical = canonical_statement(statement)
        self.actions = {each.lower() for each in actions_of(statement, service) if not has_unknown(each)}
        if not _is_plain(statement):
            self.actions = set()

    def has(self, kind: str, principal: Any, resource: Any) -> bool:
        named = self.canonical.get("Principal")
        listed = named.get(kind) if isinstance(named, Mapping) else None
        if not isinstance(listed, list) or not any(_is_principal(each, principal) for each in listed):
            return False
        return "Resource" not in self.canonical or any(
            _is_resource(each, resource) for each in self.canonical["Resource"]
        )


def _covers(candidates: Sequence[_Wide], canonical: Statement, action: MarkedText) -> bool:
    holding = [each for each in candidates if action.lower() in each.actions]
    principals = canonical.get("Principal")
    if not holding or not isinstance(principals, Mapping):
        return False
    return all(
        any(each.has(kind, principal, resource) for each in holding)
        for kind, named in principals.items()
        for principal in (named if isinstance(named, list) else [None])
        for resource in canonical.get("Resource", ["*"])
    )


def _is_principal(wide: Any, narrow: Any) -> bool:
    if not isinstance(wide, MarkedText) or not isinstance(narrow, MarkedText):
        return False
    return wide in (STAR, narrow) or (wide.endswith(":root") and _head(wide)[4:] == _head(narrow)[4:])


def _is_resource(wide: Any, narrow: Any) -> bool:
    # A wildcard in one part of an ARN matches nothing in another part.
    if not isinstance(wide, MarkedText) or not isinstance(narrow, MarkedText):
        return bool(wide == "*")
    return wide == STAR or (_head(wide) == _head(narrow) and _is_covered(wide, narrow))


def _head(arn: MarkedText) -> tuple[MarkedText, ...]:
    """Return the parts of an ARN before the last one."""
    return tuple(split(arn, ":")[:_PARTS_BEFORE])


def _is_covered(wide: Any, narrow: Any) -> bool:
    """Return whether a pattern matches everything that another pattern matches."""
    if not isinstance(wide, MarkedText) or not isinstance(narrow, MarkedText):
        return False
    if wide == narrow:
        return True
    if VARIABLE in wide or (ONE_CHARACTER in wide and (STAR in narrow or VARIABLE in narrow)):
        return False
    return matches(wide, narrow, wildcards=True) is True


def _implies(narrow: Any, wide: Any) -> bool:
    """Return whether a condition holds only if another condition holds."""
    if not wide:
        return wide is None or wide == {}
    if not isinstance(wide, Mapping) or not isinstance(narrow, Mapping):
        return False
    return all(
        isinstance(entries, Mapping)
        and isinstance(narrow.get(operator), Mapping)
        and all(
            key in narrow[operator] and _is_within(operator, narrow[operator][key], entries[key]) for key in entries
        )
        for operator, entries in wide.items()
    )


def _is_within(operator: str, narrow: Sequence[Any], wide: Sequence[Any]) -> bool:
    if narrow == wide:
        return True
    covers = _WITHIN.get(operator.removesuffix("IfExists").removeprefix("ForAnyValue:").removeprefix("ForAllValues:"))
    if covers is not None:
        return all(any(value == each or covers(each, value) for each in wide) for value in narrow)
    return operator in _NARROWER_BY_MORE and all(value in narrow for value in wide)


_WITHIN: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "StringEquals": eq,
    "StringEqualsIgnoreCase": eq,
    "StringLike": _is_covered,
    "ArnEquals": _is_resource,
    "ArnLike": _is_resource,
    "IpAddress": lambda wide, narrow: is_plain(wide) and is_plain(narrow) and is_within(narrow, wide),
}
"""Operators that match less with fewer values, and whether a value matches all that another value matches."""
