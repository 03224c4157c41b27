"""The rules about one statement: whom it lets in, by which tag, to do what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..access.permissions import ADMIN_ACTION
from . import rules
from .intrinsics import Scope, texts
from .policies import Policy, Statement
from .principals import LetsIn
from .tag import Pinned
from .text import has_unresolved, regex, shown

__all__ = ["Finding", "check_policy"]

_ADMIN_SID: Final = "IconikAdmin"
_RULE_OF_PIN: Final = {
    Pinned.MISSING: rules.NO_TAG,
    Pinned.INEFFECTIVE: rules.INEFFECTIVE_TAG,
    Pinned.WRONG_DOMAIN: rules.OTHER_DOMAIN,
    Pinned.UNRESOLVED: rules.UNRESOLVED,
}
_GIVES_AWAY: Final = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
)
"""What no wildcard for iconik may reach; who writes one of them in full has thought of it."""


@dataclass(frozen=True)
class Finding:
    """A rule that fires at a place; `detail` says what is there.

    Without a logical id it is about the template as a whole.
    """

    rule: rules.Rule
    template_path: str
    logical_id: str
    location: str
    detail: str


def check_policy(policy: Policy) -> Iterator[Finding]:
    """Yield what the rules about statements find in a policy."""

    def finding(rule: rules.Rule, location: str, detail: str) -> Finding:
        return Finding(rule, policy.template.path, policy.logical_id, location, detail)

    if policy.has_too_many_conditions:
        yield finding(rules.UNRESOLVED, "Properties", "it depends on more conditions than can be gone through")
    for case in policy.cases:
        for location in case.unreadable:
            yield finding(rules.UNRESOLVED, location, "no statement can be read there")
        for statement in case.statements:
            for rule, detail in _check(statement, case.scope):
                yield finding(rule, statement.location, f"{_name(statement, case.scope)} {detail}")


def _check(statement: Statement, scope: Scope) -> Iterator[tuple[rules.Rule, str]]:
    if statement.lets_in is LetsIn.ALL_BUT:
        yield rules.NOT_PRINCIPAL, "uses NotPrincipal"
    elif statement.lets_in is LetsIn.EVERYONE:
        yield rules.EVERYONE, f"lets in {statement.by}"
    elif statement.lets_in is LetsIn.UNRESOLVED:
        yield rules.UNRESOLVED, f"lets in {statement.by}"
    elif statement.lets_in is LetsIn.NAMED:
        if statement.pin.how is not Pinned.RIGHT:
            yield _RULE_OF_PIN[statement.pin.how], _said(statement)
        yield from _width(statement.body, scope)


def _said(statement: Statement) -> str:
    return f"lets in {statement.by}" if statement.pin.how is Pinned.MISSING else f"has {statement.pin.detail}"


def _width(body: Mapping[str, Any], scope: Scope) -> Iterator[tuple[rules.Rule, str]]:
    if "NotAction" in body:
        yield rules.TOO_WIDE, "uses NotAction"
    is_admin = any(sid.startswith(_ADMIN_SID) for sid in texts(body.get("Sid"), scope))
    for action in texts(body.get("Action"), scope):
        if has_unresolved(action):
            yield rules.UNRESOLVED, f"allows {shown(action)}"
        elif ("*" in action or "?" in action) and not (is_admin and action.lower() == ADMIN_ACTION):
            pattern = regex(action.lower(), wildcards=True)
            reached = [one for one in _GIVES_AWAY if pattern.fullmatch(one.lower())]
            if reached:
                yield rules.TOO_WIDE, f"allows {action}, which includes {reached[0]}"


def _name(statement: Statement, scope: Scope) -> str:
    sids = texts(statement.body.get("Sid"), scope)
    return f"the statement {shown(sids[0]) if sids else statement.location.rpartition('.')[2]}"
