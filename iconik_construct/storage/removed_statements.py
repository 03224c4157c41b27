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
from ..templates.placed_bucket import PlacedBucket
from ..templates.template import Template
from .deployed_domains import DeployedDomains

__all__ = ["KnownBucket", "KnownPolicy", "names_iconik", "removed_statements"]

_LACKING: Final = frozenset({rules.NOTHING_ALLOWS, rules.KEY_DENIES, rules.DENIED})


@dataclass(frozen=True)
class KnownBucket:
    """A bucket of a storage, or with a mixin.

    Attributes:
        arn: as a token.
        question: what iconik should be able to do.
        merged_key_arn: the key into whose policy the storage merges, as a token; empty if there is none.
        tolerate_denies: whether a Deny that blocks iconik is a warning rather than an error.
        weakened_by_props: if the storage makes the bucket, the settings of which its props were warned already.
    """

    arn: str
    question: Question
    merged_key_arn: str = ""
    tolerate_denies: bool = False
    weakened_by_props: Collection[str] | None = None


@dataclass(frozen=True)
class KnownPolicy:
    """A policy to which a storage or a mixin added statements.

    Attributes:
        bucket: the bucket.
        arns: the ARN of the bucket or of its key in the templates; several if the templates leave it open.
        template: the template of the storage.
        is_of_key: whether it is the policy of the key.
    """

    bucket: KnownBucket
    arns: tuple[MarkedText, ...]
    template: Template
    is_of_key: bool = False


def names_iconik(placed: PlacedBucket, question: Question) -> bool:
    """Return whether a bucket policy allows iconik something."""
    return any(not case.is_deny and question.iconik.is_named_in(case.wide) for case in placed.cases)


def removed_statements(
    listed: Sequence[PlacedBucket], known: Sequence[KnownPolicy], deployed: DeployedDomains
) -> Iterator[Finding]:
    """Yield an error for each policy that no longer allows what a storage or a mixin has added to it."""
    by_arn: dict[MarkedText, list[KnownBucket]] = {}
    for each in known:
        for arn in each.arns:
            by_arn.setdefault(arn, []).append(each.bucket)
    merged: dict[MarkedText, list[PlacedBucket]] = {}
    for placed in listed:
        if placed.is_merged:
            merged.setdefault(placed.facts.arn, []).append(placed)
    present: set[MarkedText] = set()
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
            present.add(arn)
            statements = [deployed.policy(_without_sid(case.wide)) for case in cases] if arn in by_arn else []
            for bucket in by_arn.get(arn, ()):
                yield from _removed(placed, number, statements, deployed.decided(bucket.question, placed.facts))
    for each in known:
        if present.isdisjoint(each.arns):
            yield _without_policy(each)


def _removed(
    placed: PlacedBucket, number: int, present: Sequence[Mapping[str, Any]], question: Question
) -> Iterator[Finding]:
    """Yield the findings about one policy of a bucket: the bucket policy (0), or that of a key."""
    question = replace(question, own_account=placed.template.account)
    # A policy that still has all its statements need not be evaluated again.
    added = question.key_statements((), ()) if number else question.bucket_statements(placed.facts.arn, ())
    if all(_without_sid(each) in present for each in added):
        return
    subject = list(subjects(placed.facts, question))[number]
    for finding in own_findings(subject, own_cases(subject)):
        if finding.rule in _LACKING:
            yield replace(finding, resource=placed.facts.arn, place=placed.place_of(finding))


def _without_policy(known: KnownPolicy) -> Finding:
    """Return the finding that no template has the policy. If its ARN is not known, that is not certain."""
    arn, kind = known.arns[0], "key" if known.is_of_key else "bucket"
    rule = rules.KEY_DENIES if known.is_of_key else rules.NOTHING_ALLOWS
    if has_unknown(arn):
        rule = rules.DEPENDS
    return Finding(
        rule=rule,
        where=f"the {kind} policy",
        text=f"no template has the statements for the policy of {shown(arn)}",
        resource=arn,
        # On a resource: with a stack alone, the CDK CLI crashes before it prints.
        place=Place(known.template.path, next(iter(known.template.resources), "")),
    )


def _without_sid(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "Sid"}
