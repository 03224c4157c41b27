"""Checks whether a condition requires the tag that separates iconik's customers, with a right domain.

Only the plain operator `StringEquals` counts. `…IfExists` and `ForAllValues:` are also true without the tag.
`StringLike` and `StringEqualsIgnoreCase` match further values. `ForAnyValue:` is for keys with several values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ..access.trust import PRINCIPAL_TAG
from ..judge.text import MarkedText, is_marked, is_plain, shown
from .names import Iconik
from .public import condition_entries

__all__ = ["TagCheck", "TagState", "tag_condition_of"]

_TAG: Final = PRINCIPAL_TAG.lower()


class TagState(Enum):
    """How far a condition requires the tag, from best to worst."""

    RIGHT = "a right domain"
    UNKNOWN = "cannot be determined"
    WRONG_DOMAIN = "another domain"
    INEFFECTIVE = "not required"
    MISSING = "no condition"


@dataclass(frozen=True, slots=True)
class TagCheck:
    """The result for one condition. `detail` says why, `domains` lists the domains."""

    state: TagState
    detail: str = ""
    domains: frozenset[str] = frozenset()


def tag_condition_of(statement: Mapping[str, Any], iconik: Iconik) -> TagCheck:
    """Return what the conditions of a statement require. All must be true, so the best one counts."""
    checks = {TagState.MISSING: TagCheck(TagState.MISSING)}
    entries = list(condition_entries(statement.get("Condition")))
    operators = [operator.lower() for operator, key, _ in entries if key == _TAG]
    if len(set(operators)) < len(operators):
        # AWS ignores the letter case. It publishes no rule for two spellings: one of them may allow another domain.
        return TagCheck(TagState.UNKNOWN, "one operator has the tag in two spellings")
    for operator, key, values in entries:
        if key == "" or is_marked(key):
            check = TagCheck(TagState.UNKNOWN, "a condition that cannot be read")
        elif key == _TAG:
            check = _entry(operator, values, iconik.system_domain_ids)
        else:
            continue
        checks.setdefault(check.state, check)
    return next(checks[state] for state in TagState if state in checks)


def _entry(operator: str, values: list[MarkedText | None], system_domain_ids: frozenset[str]) -> TagCheck:
    domains = [value for value in values if value is not None and is_plain(value)]
    quoted = ", ".join(shown(value) for value in values if value is not None)
    if operator != "StringEquals":
        return TagCheck(TagState.INEFFECTIVE, f"the operator is {operator}")
    if not values:
        return TagCheck(TagState.INEFFECTIVE, "it lists no System Domain ID")
    if len(domains) < len(values):
        return TagCheck(TagState.UNKNOWN, f"the value of the tag is not known: {quoted or 'it cannot be read'}")
    if any("*" in text or "?" in text or "${" in text for text in domains):
        return TagCheck(TagState.INEFFECTIVE, f"the value is {quoted}")
    wrong = [text for text in domains if text not in system_domain_ids]
    if wrong:
        return TagCheck(TagState.WRONG_DOMAIN, _near(wrong, system_domain_ids), frozenset(domains))
    return TagCheck(TagState.RIGHT, domains=frozenset(domains))


def _near(wrong: list[str], system_domain_ids: frozenset[str]) -> str:
    """Return the wrong values, and how they differ from the right ones."""
    for text in wrong:
        if text.strip().lower() in system_domain_ids:
            how = "in upper case" if text.strip() == text else "with blanks"
            return f"has the domain {text.strip()} {how}: write it in lower case and without blanks"
        for mine in system_domain_ids:
            if _digits(text) == _digits(mine):
                return f"has the domain {shown(text)} in another form: write {mine}"
            if len(text) == len(mine) and sum(one != other for one, other in zip(text, mine, strict=True)) == 1:
                return f"has the domain {shown(text)}, which differs from yours in one character"
    return f"has the domain {', '.join(shown(text) or 'of no character' for text in wrong)}, not yours"


def _digits(text: str) -> str:
    return re.sub("[^0-9a-f]", "", text.lower())
