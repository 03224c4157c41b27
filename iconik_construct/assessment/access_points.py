"""Finds callers that have access through an access point: its policy and the bucket policy both allow them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..judge import OneOf, Verdict, unknown
from ..judge.keys import value_of_owner
from ..judge.text import MarkedText, is_own, joined, tokens
from . import rules
from .callers import everyone, others, stranger, strangers
from .expected import Question
from .fact import value_of
from .facts import AccessPointFacts, BucketFacts, statements_of
from .finding import Finding
from .foreign_access import PolicyCheck, check_policy
from .policy import EvaluatedPolicy
from .public import condition_entries
from .reach import SOMEWHERE, Reach, on_callers, reach_of
from .requests import Ask
from .resolved_actions import is_on_object, one_of_each_kind, resolved_actions
from .subject import Subject

__all__ = ["access_point_findings", "delegates_to_access_points"]

_OF_ACCESS_POINTS: Final = ("s3:dataaccesspoint", "s3:accesspoint")
_BY_STATEMENT: Final = frozenset(
    {rules.NO_TAG, rules.INEFFECTIVE_TAG, rules.OTHER_DOMAIN, rules.OTHER_ROLES, rules.UNREADABLE}
)
"""Rules that a statement of the access point breaks, whatever the bucket policy says."""


def access_point_findings(bucket: Subject, point: AccessPointFacts, policy: EvaluatedPolicy) -> Iterator[Finding]:
    """Yield a finding for each statement in the policy of an access point that gives others access."""
    question = bucket.question
    where = f"the access point {point.name}"
    for finding in check_policy(PolicyCheck(policy, joined(point.arn), where)):
        if finding.rule in _BY_STATEMENT:
            yield finding
    if policy.error is not None:
        return
    context = {
        "s3:DataAccessPointArn": OneOf(tuple(_arns_of(point))),
        "s3:DataAccessPointAccount": value_of_owner(policy.account),
        "s3:AccessPointNetworkOrigin": point.network or "Internet",
    }
    of_iconik = others(question.system_domain_ids, question.role_arn)
    callers = [(who.name, who) for who in (*of_iconik, everyone())] + [(stranger().name, who) for who in strangers()]
    for index, statement in enumerate(policy.statements):
        reach, _ = reach_of(statement, question.iconik)
        if reach not in {Reach.EVERYONE, Reach.ALL_BUT, Reach.UNKNOWN}:
            continue
        alone = policy.alone(index, on_callers(statement))
        actions = one_of_each_kind(resolved_actions(statement, "s3"), [*alone.statements, *bucket.policy.statements])
        asks = [
            ask for place in SOMEWHERE for ask in _asks(actions, joined(point.arn), bucket.arn, {**place, **context})
        ]
        names = {
            name
            for name, who in callers
            if any(
                alone.decide(who, at_point).verdict is not Verdict.DENIED
                and bucket.policy.decide(who, at_bucket).verdict is not Verdict.DENIED
                for at_point, at_bucket in asks
            )
        }
        if names:
            yield Finding(
                rule=rules.ACCESS_POINT,
                where=where,
                text=f"its policy and the bucket policy allow {'; '.join(sorted(names))}",
                index=index,
            )


def _arns_of(point: AccessPointFacts) -> Iterator[MarkedText]:
    """Yield the ARN of an access point. If a template does not have all of it, a literal ARN can be the own one."""
    pieces = tokens(joined(point.arn))
    yield joined(*pieces)
    if any(map(is_own, pieces)):
        yield joined(*(unknown("a part of the own ARN") if is_own(piece) else piece for piece in pieces))


def _asks(
    actions: Iterable[MarkedText], point_arn: MarkedText, bucket_arn: MarkedText, context: Mapping[str, Any]
) -> Iterator[tuple[Ask, Ask]]:
    """Yield a request for each action, as the policy of the access point and the bucket policy evaluate it."""
    for action in actions:
        below = joined("/", unknown("an object")) if is_on_object(action) else ""
        at_point = joined(point_arn, "/object", below) if below else point_arn
        yield Ask(action, at_point, context), Ask(action, joined(bucket_arn, below), context)


def delegates_to_access_points(bucket: BucketFacts, question: Question) -> bool:
    """Return whether the bucket policy delegates access to the policies of access points.

    Then an access point that was not read can allow anybody. Source: Amazon S3 User Guide, "Delegating access control
    to access points".
    """
    return any(
        any(key.startswith(_OF_ACCESS_POINTS) for _, key, _ in condition_entries(statement.get("Condition")))
        and reach_of({**statement, "Condition": None}, question.iconik)[0] is not Reach.NOBODY
        for statement in statements_of(value_of(bucket.policy))
    )
