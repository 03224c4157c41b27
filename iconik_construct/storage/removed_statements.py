"""Finds statements of this library that the finished templates no longer have, such as after an aspect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..assessment import Finding, Question, rules
from ..assessment.finding import Place
from ..assessment.own_access import own_cases, own_findings
from ..assessment.subject import subjects
from ..judge.text import MarkedText, has_unknown, shown
from ..templates.check import macros
from ..templates.intrinsics import Scope, possible_values
from ..templates.placed_bucket import ListedBucket, PlacedBucket
from .deployed_domains import DeployedDomains

__all__ = [
    "KnownPolicy",
    "ResolvedPolicy",
    "listed_by_arn",
    "lost_policies",
    "one_of_each_kind",
    "removed_statements",
    "written_later",
]

_LACKING: Final = frozenset({rules.NOTHING_ALLOWS, rules.KEY_DENIES, rules.DENIED, rules.PARTLY})


@dataclass(frozen=True)
class KnownPolicy:
    """A policy to which a storage or a mixin added statements.

    Attributes:
        arn: the ARN of the bucket or key, as a token.
        question: what iconik should be able to do.
        is_of_key: whether it is the policy of the key.
        tolerate_denies: whether a Deny that blocks iconik is a warning rather than an error.
        weakened_by_props: if the storage makes the bucket, the settings of which its props were warned already.
    """

    arn: str
    question: Question
    is_of_key: bool = False
    tolerate_denies: bool = False
    weakened_by_props: Collection[str] | None = None


@dataclass(frozen=True)
class ResolvedPolicy:
    """A known policy in the templates.

    Attributes:
        known: the policy.
        arns: the ARN of the bucket or key; several if the templates leave it open.
        scope: the scope of the template in which the ARN is written.
        domains: the System Domain IDs as nodes of that template.
    """

    known: KnownPolicy
    arns: tuple[MarkedText, ...]
    scope: Scope
    domains: tuple[Any, ...]

    def question_in(self, placed: PlacedBucket, deployed: DeployedDomains) -> Question:
        """Return the question for one case of the conditions, which can decide the System Domain ID."""
        if not placed.decided or placed.template is not self.scope.template:
            return self.known.question
        ids = deployed.known(self.domains, replace(self.scope, decided=placed.decided))
        return replace(self.known.question, system_domain_ids=ids)


def one_of_each_kind(listed: Sequence[ListedBucket], known: Sequence[ResolvedPolicy]) -> list[ListedBucket]:
    """Return the first of the buckets that can only have the same findings."""
    questions = {
        arn: [(each.known.question, repr(each.domains)) for each in added]
        for arn, added in listed_by_arn(known).items()
    }
    kinds = {
        (bucket.shape or number, *(tuple(questions.get(arn, ())) for arn in bucket.arns_with_policy)): bucket
        for number, bucket in reversed(list(enumerate(listed)))
    }
    return list(kinds.values())[::-1]


def listed_by_arn(known: Sequence[ResolvedPolicy]) -> dict[MarkedText, list[ResolvedPolicy]]:
    """Return the policies by each ARN that they can have."""
    by_arn: dict[MarkedText, list[ResolvedPolicy]] = {}
    for each in known:
        for arn in each.arns:
            by_arn.setdefault(arn, []).append(each)
    return by_arn


def removed_statements(
    listed: Sequence[PlacedBucket], known: Sequence[ResolvedPolicy], deployed: DeployedDomains
) -> Iterator[Finding]:
    """Yield an error for each policy that no longer allows what a storage or a mixin has added to it."""
    by_arn = listed_by_arn(known)
    merged: dict[MarkedText, list[PlacedBucket]] = {}
    for placed in listed:
        if placed.is_merged:
            merged.setdefault(placed.facts.arn, []).append(placed)
    for placed in listed:
        # Several stacks can merge into one policy, each what its own storage needs.
        together = merged[placed.facts.arn] if placed.is_merged else [placed]
        of_bucket = [case for each in together for case in each.cases]
        policies = [
            (placed.facts.arn, placed.policy, of_bucket),
            *((key.facts.arn, key.policy, key.cases) for key in placed.keys),
        ]
        for number, (arn, policy, cases) in enumerate(policies):
            if policy is None:
                continue
            statements = [deployed.policy(_without_sid(case.wide)) for case in cases] if arn in by_arn else []
            for wanted in by_arn.get(arn, ()):
                yield from _removed(placed, number, statements, wanted.question_in(placed, deployed))


def lost_policies(listed: Sequence[ListedBucket], known: Sequence[ResolvedPolicy]) -> Iterator[Finding]:
    """Yield an error for each policy with added statements that no template has."""
    present = {arn for bucket in listed for arn in bucket.arns_with_policy}
    for each in known:
        if present.isdisjoint(each.arns):
            yield _without_policy(each)


def _removed(
    placed: PlacedBucket, number: int, present: Sequence[Mapping[str, Any]], question: Question
) -> Iterator[Finding]:
    """Yield the findings about one policy of a bucket: the bucket policy (0), or that of a key."""
    question = question.of_account(placed.template.account)
    # A policy that still has all its statements need not be evaluated again.
    added = question.key_statements((), ()) if number else question.bucket_statements(placed.facts.arn, ())
    if all(_without_sid(each) in present for each in added):
        return
    subject = list(subjects(placed.facts, question))[number]
    for finding in own_findings(subject, own_cases(subject)):
        if finding.rule in _LACKING:
            yield replace(finding, resource=placed.facts.arn, place=placed.place_of(finding))


def _without_policy(policy: ResolvedPolicy) -> Finding:
    """Return the finding that no template has the policy. If its ARN is not known, that is not certain."""
    arn, is_of_key, scope = policy.arns[0], policy.known.is_of_key, policy.scope
    rule = rules.KEY_DENIES if is_of_key else rules.NOTHING_ALLOWS
    if has_unknown(arn):
        rule = rules.DEPENDS
    resources = scope.template.resources
    of_arn = (each for each in resources if arn in possible_values({"Fn::GetAtt": [each, "Arn"]}, scope))
    # On a resource: with a stack alone, the CDK CLI crashes before it prints.
    made = next(of_arn, next(iter(resources), ""))
    return Finding(
        rule=rule,
        where=f"the {'key' if is_of_key else 'bucket'} policy",
        text=f"no template has the statements for the policy of {shown(arn)}",
        resource=arn,
        place=Place(scope.template.path, made, "Properties"),
    )


def written_later(
    listed: Sequence[PlacedBucket], questions: Sequence[Question], known: Sequence[ResolvedPolicy]
) -> Iterator[Finding]:
    """Yield a warning for each part of a policy for iconik that only the deployment writes."""
    arns = {arn for each in known for arn in each.arns}
    # Each search goes through all resources of a template.
    macros_in = {template: list(macros(template)) for template in {placed.template for placed in listed}}
    for placed in listed:
        if placed.facts.arn not in arns and not any(placed.names(question.iconik) for question in questions):
            continue
        written = (placed.policy, *(key.policy for key in placed.keys))
        for policy in (each for each in written if each is not None):
            for location, why in policy.cases().unreadable:
                place = Place(policy.template.path, policy.logical_id, location)
                yield Finding(rule=rules.UNRESOLVED, where=policy.name, text=f"{policy.name}: {why}", place=place)
        for location, why in macros_in[placed.template]:
            made = placed.policy.logical_id if placed.policy is not None else placed.logical_id
            place = Place(placed.template.path, made, location)
            yield Finding(rule=rules.UNRESOLVED, where="the template", text=why, place=place)


def _without_sid(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "Sid"}
