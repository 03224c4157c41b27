"""Whether a condition pins the tag that tells iconik's customers apart to one of the right domains.

Only the plain operator `StringEquals` counts. `…IfExists` and `ForAllValues:` also hold where the tag is missing;
`StringLike` and `StringEqualsIgnoreCase` let in values beyond those written down; `ForAnyValue:` is for keys with
several values. One spelling for one meaning is also what a reader can check at a glance. What passes that reading is
put before the judge, whose word is the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from ..access.trust import PRINCIPAL_TAG
from ..judge import Verdict, judge, own
from ..judge.iconik import another_domain, without_tag
from ..judge.text import is_marked, shown
from .admitted import condition_entries
from .iconik import Iconik
from .intrinsics import Scope, texts

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


def pin(condition: Any, iconik: Iconik, scope: Scope, action: str) -> Pin:
    """Judge a condition; the conditions of one statement must all hold, so its best one counts."""
    found = {Pinned.MISSING: Pin(Pinned.MISSING)}
    for operator, key, values in condition_entries(condition):
        if key == "":
            verdict = Pin(Pinned.UNRESOLVED, _quoted(texts(values, scope)))
        elif key == _TAG:
            verdict = _entry(operator, texts(values, scope), iconik.system_domain_ids)
        else:
            continue
        found.setdefault(verdict.how, verdict)
    best = next(found[how] for how in Pinned if how in found)
    if best.how is Pinned.RIGHT and not _keeps_others_out(best.domains, iconik.role_arn, action):
        return Pin(Pinned.INEFFECTIVE, f"the value is {_quoted(sorted(best.domains))}")
    return best


@lru_cache(maxsize=256)
def _keeps_others_out(domains: frozenset[str], role_arn: str, action: str) -> bool:
    condition = {"StringEquals": {PRINCIPAL_TAG: sorted(domains)}}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": role_arn},
        "Action": "*",
        "Resource": "*",
        "Condition": condition,
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return all(
        judge(document, who.asks(action, "arn:aws:s3:::a-bucket/an-object", own("our account"), {}, ())).verdict
        is Verdict.DENIED
        for who in (another_domain(sorted(domains), role_arn), without_tag(role_arn))
    )


def _entry(operator: str, values: list[str], system_domain_ids: frozenset[str]) -> Pin:
    if operator != "StringEquals":
        return Pin(Pinned.INEFFECTIVE, f"the operator is {operator}")
    if not values:
        return Pin(Pinned.INEFFECTIVE, "it lists no System Domain ID")
    if any(map(is_marked, values)):
        return Pin(Pinned.UNRESOLVED, _quoted(values))
    if any("*" in value or "?" in value or "${" in value for value in values):
        return Pin(Pinned.INEFFECTIVE, f"the value is {_quoted(values)}")
    wrong = [value for value in values if value not in system_domain_ids]
    if wrong:
        return Pin(Pinned.WRONG_DOMAIN, _quoted(wrong), frozenset(values))
    return Pin(Pinned.RIGHT, domains=frozenset(values))


def _quoted(values: list[str]) -> str:
    return ", ".join(shown(value) for value in values)
