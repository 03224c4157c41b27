"""Asks the judge about one statement or a few, with as little around them as possible."""

from __future__ import annotations

from typing import Any

from iconik_construct.judge import Decision, Request, Verdict, judge

ALLOWED, DENIED, DEPENDS = Verdict

OWNER = "111122223333"
CALLER = "283217727627"
ROLE = f"arn:aws:iam::{CALLER}:role/Reader"
SESSION = f"arn:aws:sts::{CALLER}:assumed-role/Reader/x"
OBJECT = "arn:aws:s3:::media/a"


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """Return a statement that allows everybody everything, but for the elements given; None leaves one out."""
    base = {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"}
    return {name: value for name, value in {**base, **elements}.items() if value is not None}


def decision(
    *statements: Any,
    principal: str | None = SESSION,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    account: str = OWNER,
    version: str = "2012-10-17",
    context: Any = None,
    absent: Any = (),
) -> Decision:
    request = Request(
        action=action,
        resource=resource,
        account=account,
        principal=principal,
        context=context or {},
        absent=frozenset(absent),
    )
    return judge({"Version": version, "Statement": list(statements)}, request)


def verdict(*statements: Any, **known: Any) -> Verdict:
    return decision(*statements, **known).verdict


def holds(condition: Any, context: Any = None, **known: Any) -> bool | None:
    """Return whether a condition holds, as an Allow and a Deny show it."""
    allow = verdict(statement(Condition=condition), context=context, **known)
    deny = verdict(statement(), statement("Deny", Condition=condition), context=context, **known)
    assert (allow, deny) in {(ALLOWED, DENIED), (DENIED, ALLOWED), (DEPENDS, DEPENDS)}
    return {ALLOWED: True, DENIED: False, DEPENDS: None}[allow]
