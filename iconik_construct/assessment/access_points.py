"""Finds callers that have access through an access point: its policy and the bucket policy both allow them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..judge import Verdict, unknown
from ..judge.text import MarkedText, joined
from . import rules
from .callers import Caller, everyone, others, stranger
from .expected import Question
from .fact import value_of
from .facts import AccessPointFacts, BucketFacts, PolicyText, statements_of
from .finding import Finding
from .foreign_access import PolicyCheck, check_policy
from .policy import EvaluatedPolicy
from .public import condition_entries
from .reach import SOMEWHERE, Reach, on_callers, reach_of
from .requests import Ask
from .resolved_actions import is_on_object, one_of_each_kind, resolved_actions

__all__ = ["access_point_findings", "delegates_to_access_points"]

_OF_ACCESS_POINTS: Final = ("s3:dataaccesspoint", "s3:accesspoint")
_BY_STATEMENT: Final = frozenset(
    {rules.NO_TAG, rules.INEFFECTIVE_TAG, rules.OTHER_DOMAIN, rules.OTHER_ROLES, rules.UNREADABLE}
)
"""Rules that a statement of the access point breaks, whatever the bucket policy says."""


def access_point_findings(
    bucket: BucketFacts,
    bucket_policy: EvaluatedPolicy,
    point: AccessPointFacts,
    document: PolicyText,
    question: Question,
) -> Iterator[Finding]:
    """Yield a finding for each statement of an access point that gives others access."""
    owner = joined(point.account) or bucket.owner
    policy = EvaluatedPolicy(document, owner, question.iconik)
    where = f"the access point {point.name}"
    for finding in check_policy(PolicyCheck(policy, joined(point.arn), where)):
        if finding.rule in _BY_STATEMENT:
            yield finding
    if policy.error is not None:
        return
    through = {
        "s3:DataAccessPointArn": point.arn,
        "s3:DataAccessPointAccount": owner,
        "s3:AccessPointNetworkOrigin": point.network or "Internet",
    }
    callers = (*others(question.system_domain_ids, question.role_arn), everyone(), stranger())
    for index, statement in enumerate(policy.statements):
        reach, _ = reach_of(statement, question.iconik)
        if reach not in {Reach.EVERYONE, Reach.ALL_BUT, Reach.UNKNOWN}:
            continue
        alone = policy.alone(index, on_callers(statement))
        pair = _Pair(alone, joined(point.arn), bucket_policy, bucket.arn)
        names = pair.callers(statement, {**SOMEWHERE, **through}, callers)
        if names:
            yield Finding(
                rule=rules.ACCESS_POINT,
                where=where,
                text=f"its policy and the bucket policy allow {'; '.join(sorted(names))}",
                index=index,
            )


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


@dataclass(frozen=True, slots=True)
class _Pair:
    """An access point's statement with every Deny of its policy, and the policy of the bucket."""

    point: EvaluatedPolicy
    point_arn: MarkedText
    bucket: EvaluatedPolicy
    bucket_arn: MarkedText

    def callers(self, statement: Mapping[str, Any], context: Mapping[str, Any], callers: Iterable[Caller]) -> set[str]:
        """Return the names of the callers that both policies allow, or may allow, an action of the statement."""
        names: set[str] = set()
        listed = tuple(callers)
        for action in one_of_each_kind(
            resolved_actions(statement, "s3"), [*self.point.statements, *self.bucket.statements]
        ):
            below = joined("/", unknown("an object")) if is_on_object(action) else ""
            at_point = Ask(action, joined(self.point_arn, "/object", below) if below else self.point_arn, context)
            at_bucket = Ask(action, joined(self.bucket_arn, below), context)
            names |= {
                who.name
                for who in listed
                if who.name not in names
                and self.point.decide(who, at_point).verdict is not Verdict.DENIED
                and self.bucket.decide(who, at_bucket).verdict is not Verdict.DENIED
            }
        return names
