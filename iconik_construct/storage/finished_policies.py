"""Assesses the finished policies of every storage and mixin at synthesis, in the templates.

The templates are read after property injectors, aspects, overrides and later calls, so all of these count.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Final, cast

import aws_cdk as cdk
import jsii

from .. import __version__
from ..assessment import Finding, Question, assess, rules
from ..assessment.names import Iconik
from ..assessment.rules import RULES, Effect
from ..judge.text import MarkedText, joined
from ..templates.buckets import ListedBucket, listed_buckets
from ..templates.check import REPORTED, wanted_of
from ..templates.intrinsics import Scope, possible_values
from ..templates.placed_bucket import PlacedBucket, without_used_keys
from ..templates.template import App, Template
from ..validation import app_of, failure, report_of
from ..validation.templates_of_stacks import template_of
from .deployed_domains import DeployedDomains
from .policy_checks import warned_of
from .removed_statements import (
    KnownPolicy,
    ResolvedPolicy,
    listed_by_arn,
    lost_policies,
    one_of_each_kind,
    removed_statements,
    written_later,
)
from .weakened_settings import weakened

__all__ = ["check_when_finished"]

_NAME: Final = "iconik-construct"
_ELSEWHERE: Final = frozenset(
    {
        # The construct writes the Deny of plain HTTP, the permissions and the role, and warns about them.
        rules.NO_TLS,
        rules.TOO_WIDE,
        rules.STAND_IN,
        # A policy that is merged at deployment is assessed at deployment.
        rules.KEY_ELSEWHERE,
    }
)
_OF_STATEMENTS: Final = frozenset({rules.NO_TAG, rules.INEFFECTIVE_TAG})
"""If the warning UntaggedStatement reports them, on the construct, they are not reported again."""
_ASKED: Final = frozenset(REPORTED) - _ELSEWHERE


def check_when_finished(
    stack: cdk.Stack,
    system_domain_ids: Sequence[str],
    iconik_role_arn: str,
    *,
    policy: KnownPolicy | None = None,
) -> None:
    """Register the policies of a construct for assessment at the synthesis of its app.

    Args:
        stack: the stack of the policy, in which its ARN can be resolved.
        system_domain_ids: the System Domain IDs that iconik may act for.
        iconik_role_arn: the role that iconik assumes.
        policy: the policy to which the construct added statements, if this app writes it or Denies are tolerated.
    """
    check = _OF_STACKS.get(stack)
    if check is None:
        check = _OF_STACKS[stack] = _check_of(stack)
    if check is not None:
        check.domains.setdefault((iconik_role_arn, stack), set()).update(system_domain_ids)
        if policy is not None:
            check.policies.setdefault(stack, []).append(policy)


def _check_of(stack: cdk.Stack) -> _FinishedPolicies | None:
    """Return the check of the app or stage around a stack, made on first use; None if there is neither."""
    stage = cdk.Stage.of(stack)
    if stage is None:
        return None
    # The CDK calls no plugin of a stage that is in a stack, as in a pipeline. The app has the templates of that stage.
    callers = takewhile(lambda scope: isinstance(scope, cdk.Stage), stage.node.scopes)
    *around, stage = cast(list[cdk.Stage], list(callers)) or [stage]
    check = _CHECKS.get(stage)
    if check is None:
        check = _CHECKS[stage] = _FinishedPolicies()
        cdk.Validations.of(stage).add_plugins(check)
        for each in around:
            _INNER.setdefault(each, []).append(stage)
        check.inner = _INNER.setdefault(stage, [])
    return check


@jsii.implements(cdk.IPolicyValidationPlugin)
class _FinishedPolicies:
    """The check of one app or stage."""

    def __init__(self) -> None:
        self.domains: dict[tuple[str, cdk.Stack], set[str]] = {}
        self.policies: dict[cdk.Stack, list[KnownPolicy]] = {}
        self.inner: list[cdk.Stage] = []
        """The stages in this one that have their own check."""

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
            app, unread = self._own(*app_of(context, Iconik(frozenset(), next(role for role, _ in self.domains))))
            scopes = {
                stack: Scope(app, template_of(stack, app))
                for stack in dict.fromkeys(stack for _, stack in self.domains)
            }
            deployed = DeployedDomains()
            known = list(self._known(scopes, deployed))
            tolerated = {arn for each in known if each.known.tolerate_denies for arn in each.arns}
            questions = list(self._questions(scopes, deployed))
            is_iconiks = partial(_is_iconiks, questions)
            listed = list(without_used_keys(listed_buckets(app), is_iconiks))
            is_said = partial(_is_said, app, scopes)
            assessed = partial(_assessed, questions=questions, known=known, deployed=deployed, is_said=is_said)
            # Reading a bucket takes most of the time, and most apps have several of one kind, without findings.
            found = assessed(one_of_each_kind(listed, known)) and assessed(listed)
            unsaid = [each for each, said in found if not said]
            findings = [*unread, *weakened(app, listed, known), *unsaid, *lost_policies(listed, known)]
            named = [deployed.finding(each) for each in _once(findings)]
            # Unreadable parts are errors. Access of others is a warning here.
            return report_of(app, named, lambda finding: _is_refused(finding, tolerated))
        except Exception as error:  # noqa: BLE001 - the CDK CLI treats an exception in a plugin as a pass
            return failure(context, error)

    def _own(self, app: App, unread: Sequence[Finding]) -> tuple[App, Sequence[Finding]]:
        """Return the app and the findings without the stages that have their own check."""
        if not self.inner:
            return app, unread
        folders = {os.path.realpath(stage.outdir) for stage in self.inner}

        def is_own(path: str) -> bool:
            return os.path.realpath(Template(path, {}).stage) not in folders

        templates = [each for each in app.templates if is_own(each.path)]
        kept = [each for each in unread if each.place is None or is_own(each.place.template_path)]
        return App(templates, app.nested), kept

    def _questions(self, scopes: Mapping[cdk.Stack, Scope], deployed: DeployedDomains) -> Iterator[Question]:
        """Yield a question for each role."""
        ids: set[str] = set()
        for (_, stack), domains in self.domains.items():
            ids.update(deployed.known(deployed.resolved(sorted(domains), stack), scopes[stack]))
        for role_arn in dict.fromkeys(role_arn for role_arn, _ in self.domains):
            # All System Domain IDs of an app are the customer's.
            yield Question(tuple(sorted(ids)), role_arn=role_arn)

    def _known(self, scopes: Mapping[cdk.Stack, Scope], deployed: DeployedDomains) -> Iterator[ResolvedPolicy]:
        for stack, listed in self.policies.items():
            scope = scopes[stack]
            # Resolved together, because each resolution is a call to jsii.
            for arn, policy in zip(stack.resolve([each.arn for each in listed]), listed, strict=True):
                nodes = deployed.resolved(policy.question.system_domain_ids, stack)
                question = replace(policy.question, system_domain_ids=deployed.known(nodes, scope))
                known = replace(policy, question=question)
                yield ResolvedPolicy(known, tuple(possible_values(arn, scope)), scope, nodes)


def _is_iconiks(questions: Sequence[Question], bucket: ListedBucket) -> bool:
    return any(case.names(each.of_account(case.template.account).iconik) for case in bucket.cases for each in questions)


def _assessed(
    listed: Sequence[ListedBucket],
    questions: Sequence[Question],
    known: Sequence[ResolvedPolicy],
    deployed: DeployedDomains,
    is_said: Callable[[Finding, PlacedBucket], bool],
) -> list[tuple[Finding, bool]]:
    """Return the findings about buckets, each with whether a warning on a construct says the same."""
    placed = [deployed.placed(each) for bucket in listed for each in bucket.cases]
    found = [(each, False) for each in written_later(placed, questions, known)]
    roles = _roles(questions, known)
    for question in questions:
        for each, bucket in _findings(placed, question):
            # What iconik needs is asked for the role of the storage.
            if each.rule in _OF_STATEMENTS or question.role_arn in roles(bucket):
                found.append((each, is_said(each, bucket)))
    denied = {(each.id, each.place) for each, _ in found if each.rule is rules.DENIED}
    removed = removed_statements(placed, known, deployed)
    return [*found, *((each, False) for each in removed if (each.id, each.place) not in denied)]


def _roles(questions: Sequence[Question], known: Sequence[ResolvedPolicy]) -> Callable[[PlacedBucket], Collection[str]]:
    """Return the function that returns the roles for which a bucket was made; if this is not known, those it names."""
    every = [each.role_arn for each in questions]
    by_arn = listed_by_arn(known)

    def roles(placed: PlacedBucket) -> Collection[str]:
        arns = map(joined, (placed.facts.arn, *(key.arn for key in placed.facts.keys)))
        of_storages = {each.known.question.role_arn for arn in arns for each in by_arn.get(arn, ())}
        if of_storages:
            return of_storages
        text = repr([case.wide for case in placed.statements])
        return [each for each in every if each in text] or every

    return roles


def _findings(listed: Sequence[PlacedBucket], question: Question) -> Iterator[tuple[Finding, PlacedBucket]]:
    clean: set[str] = set()
    for placed in listed:
        question_here = question.of_account(placed.template.account)
        if placed.content in clean or not placed.names(question_here.iconik):
            continue
        asked = wanted_of(placed, question_here) if placed.is_key else _ASKED
        findings = [
            replace(finding, resource=placed.facts.arn, place=placed.place_of(finding))
            for finding in assess(placed.facts, question_here).findings
            if finding.rule in asked & _ASKED
            # A policy of another owner is assessed at deployment, with all its statements.
            if not (placed.is_merged and finding.where == "the bucket policy") and not placed.is_not_here(finding)
        ]
        if not findings:
            clean.add(placed.content)
        yield from ((finding, placed) for finding in findings)


def _is_said(app: App, stacks: Collection[cdk.Stack], finding: Finding, placed: PlacedBucket) -> bool:
    """Return whether a finding is about a statement that the warning UntaggedStatement names."""
    policy, case = placed.decisive(finding)
    if finding.rule not in _OF_STATEMENTS or policy is None or case is None:
        return False
    return any(
        each.logical_id == policy.logical_id and template_of(each.stack, app) is policy.template
        for each in warned_of(case.body, stacks)
    )


def _is_refused(finding: Finding, tolerated: set[MarkedText]) -> bool:
    if finding.rule is rules.UNREADABLE or (finding.effect is Effect.UNKNOWN and finding.rule is not rules.UNREAD):
        return True
    if finding.effect is not Effect.LOCKED_OUT:
        return False
    return not (finding.rule is rules.DENIED and finding.resource in tolerated)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return list({(each.id, each.place, each.text): each for each in reversed(findings)}.values())[::-1]


# Kept for the life of the process: if Python deleted a check with its stack, everything would pass.
_OF_STACKS: dict[cdk.Stack, _FinishedPolicies | None] = {}
_CHECKS: dict[cdk.Stage, _FinishedPolicies] = {}
_INNER: dict[cdk.Stage, list[cdk.Stage]] = {}
