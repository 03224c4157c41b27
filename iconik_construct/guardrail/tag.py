"""Whether a condition pins the tag that tells iconik's customers apart to one of the right domains.

Only the plain operator `StringEquals` counts. `…IfExists` and `ForAllValues:` also hold where the tag is missing;
`StringLike` and `StringEqualsIgnoreCase` let in values beyond those written down; `ForAnyValue:` is for keys with
several values. One spelling for one meaning is also what a reader can check at a glance.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ..access.trust import PRINCIPAL_TAG
from .callers import condition_entries
from .intrinsics import Scope, texts
from .text import has_own, has_unresolved, shown

__all__ = ["Pin", "Pinned", "pin"]

_TAG: Final = PRINCIPAL_TAG.lower()


class Pinned(Enum):
    """How far a condition pins the tag."""

    RIGHT = "to a right domain"
    UNRESOLVED = "cannot be told"
    WRONG_DOMAIN = "to another domain"
    INEFFECTIVE = "not effectively"
    MISSING = "not at all"


@dataclass(frozen=True)
class Pin:
    """How a condition pins the tag; `detail` says by what, `domains` to what."""

    how: Pinned
    detail: str = ""
    domains: frozenset[str] = frozenset()


def pin(condition: Any, system_domain_ids: frozenset[str], scope: Scope) -> Pin:
    """Judge a condition; the conditions of one statement must all hold, so its best one counts."""
    found = {Pinned.MISSING: Pin(Pinned.MISSING)}
    for operator, key, values in condition_entries(condition):
        if key == "":
            verdict = Pin(Pinned.UNRESOLVED, _quoted(texts(values, scope)))
        elif key == _TAG:
            verdict = _entry(operator, texts(values, scope), system_domain_ids)
        else:
            continue
        found.setdefault(verdict.how, verdict)
    return next(found[how] for how in Pinned if how in found)


def _entry(operator: str, values: list[str], system_domain_ids: frozenset[str]) -> Pin:
    if operator != "StringEquals":
        return Pin(Pinned.INEFFECTIVE, f"the operator is {operator}")
    if not values:
        return Pin(Pinned.INEFFECTIVE, "it lists no System Domain ID")
    if any(has_unresolved(value) or has_own(value) for value in values):
        return Pin(Pinned.UNRESOLVED, _quoted(values))
    if any("*" in value or "?" in value or "${" in value for value in values):
        return Pin(Pinned.INEFFECTIVE, f"the value is {_quoted(values)}")
    wrong = [value for value in values if value not in system_domain_ids]
    if wrong:
        return Pin(Pinned.WRONG_DOMAIN, _quoted(wrong), frozenset(values))
    return Pin(Pinned.RIGHT, domains=frozenset(values))


def _quoted(values: list[str]) -> str:
    return ", ".join(shown(value) for value in values)
