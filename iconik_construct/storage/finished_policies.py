"""Assesses the finished policies of every storage and mixin at synthesis, in the templates.

The templates are read after property injectors, aspects, overrides and later calls, so all of these count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
import jsii

from .. import __version__
from ..assessment import Finding, Question, assess, rules
from ..assessment.finding import Place
from ..assessment.names import Iconik
from ..assessment.own_access import own_cases, own_findings
from ..assessment.rules import RULES, Effect
from ..assessment.subject import subjects
from ..judge.text import MarkedText
from ..templates.buckets import buckets_of
from ..templates.check import REPORTED
from ..templates.intrinsics import Scope, possible_values
from ..templates.openings import openings_of
from ..templates.placed_bucket import PlacedBucket
from ..templates.template import App
from ..validation import app_of, failure, report_of
from .deployed_domains import DeployedDomains
from .policy_checks import is_warned_of

__all__ = ["check_when_finished"]

_NAME: Final = "iconik-construct"
_ELSEWHERE: Final = frozenset(
    {
        # If the warning UntaggedStatement reports them, on the construct.
        rules.NO_TAG,
        rules.INEFFECTIVE_TAG,
        # The construct writes the Deny of plain HTTP, the permissions and the role, and warns about them.
        rules.NO_TLS,
        rules.TOO_WIDE,
        rules.STAND_IN,
        # A policy that is merged at deployment is assessed at deployment.
        rules.KEY_ELSEWHERE,
    }
)
_ASKED: Final = frozenset(REPORTED) - _ELSEWHERE


@dataclass(frozen=True)
class KnownBucket:
    """A bucket of a storage.

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


def check_when_finished(
    stack: cdk.Stack,
    system_domain_ids: Sequence[str],
    iconik_role_arn: str,
    *,
    bucket: KnownBucket | None = None,
) -> None:
    """Register the policies of a construct for assessment at the synthesis of its app.

    Args:
        stack: the stack of a storage, or of a bucket or key with a mixin.
        system_domain_ids: the System Domain IDs that iconik may act for.
        iconik_role_arn: the role that iconik assumes.
        bucket: the bucket of a storage, if this app writes its policy or Denies are tolerated.
    """
    check = _OF_STACKS.get(stack)
    if check is None:
        check = _OF_STACKS[stack] = _check_of(stack)
    if check is not None:
        check.domains.setdefault((iconik_role_arn, stack), set()).update(system_domain_ids)
        if bucket is not None:
            check.buckets.setdefault(stack, []).append(bucket)


def _check_of(stack: cdk.Stack) -> _FinishedPolicies | None:
    """Return the check of the app or stage around a stack, made on first use; None if there is neither."""
    stage = cdk.Stage.of(stack)
    if stage is None:
        return None
    check = _CHECKS.get(stage)
    if check is None:
        check = _CHECKS[stage] = _FinishedPolicies()
        cdk.Validations.of(stage).add_plugins(check)
    return check


@jsii.implements(cdk.IPolicyValidationPlugin)
class _FinishedPolicies:
    """The check of one app or stage."""

    def __init__(self) -> None:
        self.domains: dict[tuple[str, cdk.Stack], set[str]] = {}
        self.buckets: dict[cdk.Stack, list[KnownBucket]] = {}

    @property
    def name(self) -> str:
        """The first half of the id of an acknowledgement."""
        return _NAME

    @property
    def version(self) -> str | None:
        """The version of this library."""
        return __version__

    @property
    def rule_ids(self) -> list[str]:
        """The ids of all rules."""
        return [rule.id for rule in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Assess the policies in the finished templates."""
        try:
            app, unread = app_of(context, Iconik(frozenset(), next(role for role, _ in self.domains)))
            scopes = {Path(each.path).name: Scope(app, each) for each in app.templates if each.is_of_stack}
            deployed = DeployedDomains()
            known: dict[MarkedText, list[KnownBucket]] = {}
            for arn, bucket in self._known(scopes, deployed):
                known.setdefault(arn, []).append(bucket)
            tolerated = {arn for arn, listed in known.items() if any(each.tolerate_denies for each in listed)}
            questions = list(self._questions(scopes, deployed))
            placed = list(map(deployed.placed, buckets_of(app)))
            findings = [*unread, *_weakened(app, placed, known), *_removed(placed, known, deployed)]
            stacks = {stack for stack, check in _OF_STACKS.items() if check is self}
            for question in questions:
                findings += _findings(placed, question, stacks)
            named = [deployed.finding(each) for each in _once(findings) if not deployed.is_about_choice(each)]
            # Unreadable parts are errors. Access of others is a warning here.
            return report_of(app, named, lambda finding: _is_refused(finding, tolerated))
        except Exception as error:  # noqa: BLE001 - the CDK CLI treats an exception in a plugin as a pass
            return failure(context, error)

    def _questions(self, scopes: Mapping[str, Scope], deployed: DeployedDomains) -> Iterator[Question]:
        """Yield a question for each role. `scopes` are those of the templates, by the name of the file."""
        by_role: dict[str, set[str]] = {}
        for (role_arn, stack), domains in self.domains.items():
            ids = deployed.known(sorted(domains), stack, scopes[stack.template_file])
            by_role.setdefault(role_arn, set()).update(ids)
        for role_arn, all_ids in by_role.items():
            yield Question(tuple(sorted(all_ids)), role_arn=role_arn)

    def _known(
        self, scopes: Mapping[str, Scope], deployed: DeployedDomains
    ) -> Iterator[tuple[MarkedText, KnownBucket]]:
        """Yield each bucket by its ARN, and by that of a merged key, in the resolved templates."""
        for stack, listed in self.buckets.items():
            scope = scopes[stack.template_file]
            # Resolved together, because each resolution is a call to jsii.
            nodes = stack.resolve([[bucket.arn, bucket.merged_key_arn] for bucket in listed])
            for arns, bucket in zip(nodes, listed, strict=True):
                ids = deployed.known(bucket.question.system_domain_ids, stack, scope)
                known = replace(bucket, question=replace(bucket.question, system_domain_ids=ids))
                for node in filter(None, arns):
                    for arn in possible_values(node, scope):
                        yield arn, known


def _findings(listed: Sequence[PlacedBucket], question: Question, stacks: Collection[cdk.Stack]) -> Iterator[Finding]:
    clean: set[str] = set()
    for placed in listed:
        if placed.content in clean or not _names_iconik(placed, question):
            continue
        question_here = replace(question, own_account=placed.template.account)
        findings = [
            replace(finding, resource=placed.facts.arn, place=placed.place_of(finding))
            for finding in assess(placed.facts, question_here).findings
            if finding.rule in _ASKED or _is_unsaid(finding, placed, stacks)
            # A policy of another owner is assessed at deployment, with all its statements.
            if not (placed.is_merged and finding.where == "the bucket policy")
        ]
        if not findings:
            clean.add(placed.content)
        yield from findings


def _removed(
    listed: Sequence[PlacedBucket], known: Mapping[MarkedText, Sequence[KnownBucket]], deployed: DeployedDomains
) -> Iterator[Finding]:
    """Yield an error for each policy that no longer allows what a storage has added to it, such as by an aspect."""
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
            storages = known.get(arn, ()) if policy is not None else ()
            present = [deployed.policy(_without_sid(case.wide)) for case in cases] if storages else []
            for bucket in storages:
                question = deployed.decided(bucket.question, placed.facts)
                question = replace(question, own_account=placed.template.account)
                # A policy that still has all its statements need not be evaluated again.
                added = question.key_statements((), ()) if number else question.bucket_statements(arn, ())
                if all(_without_sid(each) in present for each in added):
                    continue
                subject = list(subjects(placed.facts, question))[number]
                lost = {rules.NOTHING_ALLOWS, rules.KEY_DENIES}
                lost |= set() if _names_iconik(placed, question) else {rules.DENIED}
                for finding in own_findings(subject, own_cases(subject)):
                    if finding.rule in lost:
                        yield replace(finding, resource=placed.facts.arn, place=placed.place_of(finding))


def _without_sid(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "Sid"}


def _names_iconik(placed: PlacedBucket, question: Question) -> bool:
    return any(not case.is_deny and question.iconik.is_named_in(case.wide) for case in placed.cases)


def _is_unsaid(finding: Finding, placed: PlacedBucket, stacks: Collection[cdk.Stack]) -> bool:
    """Return whether a finding is about a statement that the warning UntaggedStatement does not name."""
    if finding.rule not in {rules.NO_TAG, rules.INEFFECTIVE_TAG}:
        return False
    _, case = placed.decisive(finding)
    return case is None or not is_warned_of(case.body, stacks)


def _weakened(
    app: App, listed: Sequence[PlacedBucket], known: Mapping[MarkedText, Sequence[KnownBucket]]
) -> Iterator[Finding]:
    """Yield a warning for each setting of a bucket that is weaker than its storage made it."""
    policies = {(each.template.path, each.logical_id): each.policy for each in listed if not each.is_merged}
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            if resource.get("Type") != "AWS::S3::Bucket":
                continue
            arns = possible_values({"Fn::GetAtt": [logical_id, "Arn"]}, Scope(app, template))
            makers = (each.weakened_by_props for arn in arns for each in known.get(arn, ()))
            warned = next((each for each in makers if each is not None), None)
            if warned is None:
                continue
            policy = policies.get((template.path, logical_id))
            of_policy = None if policy is None else template.resources[policy.logical_id]
            for name, text in openings_of(resource, Scope(app, template), of_policy):
                if name not in warned:
                    place = Place(template.path, logical_id, "Properties")
                    yield Finding(rule=rules.WEAKENED, where="the bucket", text=text, place=place)


def _is_refused(finding: Finding, tolerated: set[MarkedText]) -> bool:
    if finding.rule is rules.UNREADABLE or finding.effect is Effect.UNKNOWN:
        return True
    if finding.effect is not Effect.LOCKED_OUT:
        return False
    return not (finding.rule is rules.DENIED and finding.resource in tolerated)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return list({(each.id, each.place, each.text): each for each in reversed(findings)}.values())[::-1]


# Kept for the life of the process: if Python deleted a check with its stack, everything would pass.
_OF_STACKS: dict[cdk.Stack, _FinishedPolicies | None] = {}
_CHECKS: dict[cdk.Stage, _FinishedPolicies] = {}
