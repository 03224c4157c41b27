"""Defines a policy that decides, of the bucket or of a key, with the resource control policies that apply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from ..judge import Decision, Reason, Verdict
from ..judge.text import AnyText, MarkedText, if_plain, joined, literal, shown
from .callers import Caller
from .expected import Question, Wanted, wanted_by
from .fact import Found, Unknown, value_of
from .facts import BucketFacts, KeyFacts, PolicyText
from .policy import EvaluatedPolicy
from .requests import Ask, asked_of_bucket, asked_of_key, asked_of_wanted, by_session, straight_to_key
from .tag import tag_condition_of

__all__ = ["Subject", "subjects"]

_ALLOW_ALL: Final = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_NOTHING: Final[Mapping[str, Any]] = {"Statement": []}


@dataclass(frozen=True)
class _Above:
    """A resource control policy. It allows nothing, and its Deny overrides every Allow."""

    name: str
    policy: EvaluatedPolicy


@dataclass(frozen=True)
class Subject:
    """A policy that decides.

    Attributes:
        name: its name for a reader.
        question: the question.
        bucket: the bucket.
        key: the key; None for the bucket policy.
        policy: the policy. If a value has several possibilities, an Allow contains all of them.
        strict: the policy in which such a value is unknown.
        unread: why the policy was not read.
        of_bucket: the statements that grant iconik the expected access to the bucket.
        above: the resource control policies that apply.
        domain: the System Domain ID for which the expected access is evaluated; empty for all.
    """

    name: AnyText
    question: Question
    bucket: BucketFacts
    key: KeyFacts | None
    policy: EvaluatedPolicy
    strict: EvaluatedPolicy
    unread: Unknown | None = None
    of_bucket: Sequence[Mapping[str, Any]] = ()
    above: tuple[_Above, ...] = ()
    domain: str = ""

    @property
    def arn(self) -> MarkedText:
        """The bucket, or the key."""
        return self.bucket.arn if self.key is None else self.key.arn

    @property
    def service(self) -> str:
        """The service of the actions that its policy allows: `s3` or `kms`."""
        return "s3" if self.key is None else "kms"

    def of_domain(self, system_domain_id: str) -> Subject:
        """Return the subject for one System Domain ID. A statement for one domain grants nothing to another one."""
        return replace(self, domain=system_domain_id)

    @cached_property
    def _documents(self) -> list[Any]:
        return [self.policy.document, *(each.policy.document for each in self.above)]

    @cached_property
    def granting(self) -> Sequence[Mapping[str, Any]]:
        """The statements that grant iconik the expected access here."""
        of_bucket = self._of_domain(self.of_bucket)
        if self.key is None:
            return of_bucket
        return self._of_domain(self.question.key_statements(self.policy.statements, of_bucket))

    def _of_domain(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        if not self.domain or self.question.permissions is not None or self.question.granted is not None:
            return statements
        iconik = self.question.iconik
        return [each for each in statements if self.domain in tag_condition_of(each, iconik).domains]

    @cached_property
    def wanted(self) -> tuple[Wanted, ...]:
        """The actions that iconik should be able to perform."""
        return tuple(dict.fromkeys(wanted_by(self.granting, self.arn)))

    def asked_by_iconik(self, actions: Sequence[str] | None = None) -> list[Ask]:
        """Return the requests that iconik should be able to make, for some actions or for all."""
        wanted = [each for each in self.wanted if actions is None or if_plain(each.action) in actions]
        if self.key is None:
            return by_session(self.bucket, asked_of_wanted(self.bucket, self._documents, wanted))
        names = list(dict.fromkeys(each.action for each in wanted))
        return by_session(self.bucket, asked_of_key(self.bucket, self.key, self._documents, names))

    def asked_by_anybody(self, action: str) -> list[Ask]:
        """Return the requests that any caller can choose to make."""
        documents, named = self._documents, literal(action)
        if self.key is None:
            asks = asked_of_bucket(self.bucket, documents, named)
            # Several statements contain the same objects.
            return list({(each.resource, str(each.context.get("s3:prefix"))): each for each in asks}.values())
        return [
            *asked_of_key(self.bucket, self.key, documents, [named]),
            *straight_to_key(self.bucket, self.key, documents, [named]),
        ]

    def decide(self, who: Caller, ask: Ask) -> Decision:
        """Return the decision of the policy, and of the resource control policies, on a caller's request."""
        if self.unread is not None:
            reason = Reason("the policy", -1, "", "", f"{shown(self.name)} could not be read: {self.unread.why.value}")
            return Decision(Verdict.DEPENDS, unless=(reason,))
        decision = self.policy.decide(who, ask)
        for each in self.above:
            if decision.verdict is Verdict.DENIED:
                break
            decision = _both(decision, _renamed(each.name, each.policy.decide(who, ask)))
        return decision

    def decide_for_iconik(self, who: Caller, ask: Ask) -> Decision:
        """Return the certain decision on iconik's own request."""
        decision = self.decide(who, ask)
        if decision.verdict is not Verdict.ALLOWED or self.strict is self.policy:
            return decision
        strict = self.strict.decide(who, ask)
        return decision if strict.verdict is Verdict.ALLOWED else strict


def _renamed(name: str, decision: Decision) -> Decision:
    def renamed(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(Reason(each.statement, -1, each.effect, each.part, f"{name}: {each.text}") for each in reasons)

    return Decision(decision.verdict, renamed(decision.because), renamed(decision.unless))


def _both(first: Decision, second: Decision) -> Decision:
    """Return the decision of two policies that must both allow."""
    if second.verdict is Verdict.ALLOWED:
        return first
    if second.verdict is Verdict.DENIED:
        return second
    return Decision(Verdict.DEPENDS, first.because, (*first.unless, *second.unless))


def subjects(bucket: BucketFacts, question: Question) -> Iterator[Subject]:
    """Yield the policies that decide."""
    above = tuple(
        _Above(
            f"the resource control policy {each.name}",
            EvaluatedPolicy(_allowing(value_of(each.document)), bucket.owner, question.iconik),
        )
        for each in value_of(bucket.organisation.control_policies) or ()
        # An unread policy is a finding of its own.
        if isinstance(each.document, Found)
    )
    policy = _evaluated(bucket.policy, bucket.owner, question)
    of_bucket = question.bucket_statements(bucket.arn, policy.statements)
    yield Subject(
        name="the bucket policy",
        question=question,
        bucket=bucket,
        key=None,
        policy=policy,
        strict=_strict(bucket.strict_policy, policy),
        unread=_unknown(bucket.policy),
        of_bucket=of_bucket,
        above=above,
    )
    for key in bucket.keys:
        # Nobody can edit the policy of an AWS managed key, and no other account can use the key.
        fact = Found(_NOTHING) if key.is_aws_managed else key.policy
        policy = _evaluated(fact, key.place[1] if key.place else bucket.owner, question)
        yield Subject(
            name=joined("the key policy of ", key.arn),
            question=question,
            bucket=bucket,
            key=key,
            policy=policy,
            strict=_strict(key.strict_policy, policy),
            unread=_unknown(fact),
            of_bucket=of_bucket,
            above=above,
        )


def _evaluated(fact: object, owner: MarkedText, question: Question) -> EvaluatedPolicy:
    document: PolicyText = fact.value if isinstance(fact, Found) else _NOTHING
    return EvaluatedPolicy(document, owner, question.iconik)


def _strict(document: PolicyText | None, policy: EvaluatedPolicy) -> EvaluatedPolicy:
    return policy if document is None else EvaluatedPolicy(document, policy.account, policy.iconik)


def _unknown(fact: object) -> Unknown | None:
    return fact if isinstance(fact, Unknown) else None


def _allowing(text: PolicyText | None) -> PolicyText:
    """Return a resource control policy as a policy that allows everything that it does not deny."""
    try:
        document = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return str(text)
    if not isinstance(document, Mapping):
        return str(text or "")
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_ALLOW_ALL, *listed]}
