"""The rules about one statement: whom it lets in, by which tag, to do what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..access.permissions import ADMIN_ACTION
from ..judge.text import has_unknown, shown
from ..judge.wildcards import matches
from . import rules
from .admitted import LetsIn
from .intrinsics import Scope, texts
from .policies import Policy, Statement
from .tag import Pinned
from .template import Template

__all__ = ["Finding", "check_policy", "check_statement", "construct_path", "name_of"]

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


def construct_path(finding: Finding, template: Template) -> str:
    """Return where a finding is acknowledged: the path that CDK wrote beside the resource, or that of the stack."""
    metadata = template.resources.get(finding.logical_id, {}).get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    return path if isinstance(path, str) else template.stack_path


def check_policy(policy: Policy) -> Iterator[Finding]:
    """Yield what the rules about statements find in a policy."""

    def finding(rule: rules.Rule, location: str, detail: str) -> Finding:
        return Finding(rule, policy.template.path, policy.logical_id, location, detail)

    for location, why in policy.unreadable:
        yield finding(rules.UNRESOLVED, location, why)
    for statement in policy.cases():
        for rule, detail in check_statement(statement):
            yield finding(rule, statement.location, f"{name_of(statement)} {detail}")


def check_statement(statement: Statement) -> Iterator[tuple[rules.Rule, str]]:
    """Yield the rules that a statement breaks, and what it does."""
    if statement.lets_in is LetsIn.ALL_BUT:
        yield rules.NOT_PRINCIPAL, "uses NotPrincipal"
    elif statement.lets_in is LetsIn.EVERYONE:
        yield rules.EVERYONE, f"lets in {statement.by}"
    elif statement.lets_in is LetsIn.UNRESOLVED:
        yield rules.UNRESOLVED, f"lets in {statement.by}"
    elif statement.lets_in is LetsIn.NAMED:
        if statement.pin.how is not Pinned.RIGHT:
            yield _RULE_OF_PIN[statement.pin.how], _said(statement)
        yield from _width(statement.body, statement.scope)


def _said(statement: Statement) -> str:
    return f"lets in {statement.by}" if statement.pin.how is Pinned.MISSING else f"has {statement.pin.detail}"


def _width(body: Mapping[str, Any], scope: Scope) -> Iterator[tuple[rules.Rule, str]]:
    if "NotAction" in body:
        yield rules.TOO_WIDE, "uses NotAction"
    is_admin = any(sid.startswith(_ADMIN_SID) for sid in texts(body.get("Sid"), scope))
    for action in texts(body.get("Action"), scope):
        if has_unknown(action):
            yield rules.UNRESOLVED, f"allows {shown(action)}"
        elif ("*" in action or "?" in action) and not (is_admin and action.lower() == ADMIN_ACTION):
            reached = [one for one in _GIVES_AWAY if matches(action.lower(), one.lower(), wildcards=True)]
            if reached:
                yield rules.TOO_WIDE, f"allows {action}, which includes {reached[0]}"


def name_of(statement: Statement) -> str:
    """Return what a statement is called in a message."""
    sids = texts(statement.body.get("Sid"), statement.scope)
    return f"the statement {shown(sids[0]) if sids else statement.location.rpartition('.')[2]}"
