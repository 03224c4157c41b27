"""Assesses the finished policies of every storage and mixin at synthesis, in the templates themselves.

Property injectors, aspects, overrides and later calls are seen, because the templates are read after all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import aws_cdk as cdk
import jsii

from .. import __version__
from ..access.trust import ICONIK_ACCOUNT_ID, is_token
from ..assessment import Assessment, Finding, Question, assess, rules
from ..assessment.finding import Place
from ..assessment.rules import RULES, Effect
from ..templates.buckets import buckets_of
from ..templates.check import REPORTED
from ..templates.intrinsics import Scope, texts
from ..templates.openings import openings_of
from ..templates.template import App
from ..validation import app_of, failure, report_of

__all__ = ["check_when_finished"]

_NAME: Final = "iconik-construct"
_ELSEWHERE: Final = frozenset(
    {
        # The warning UntaggedStatement says these, on the construct.
        rules.NO_TAG,
        rules.INEFFECTIVE_TAG,
        # The construct writes the Deny of plain HTTP, the permissions and the role, and warns of them.
        rules.NO_TLS,
        rules.TOO_WIDE,
        rules.STAND_IN,
        # What is merged at deployment is assessed there.
        rules.KEY_ELSEWHERE,
    }
)
_ASKED: Final = frozenset(REPORTED) - _ELSEWHERE


def check_when_finished(
    stack: cdk.Stack,
    system_domain_ids: Sequence[str],
    iconik_role_arn: str,
    *,
    bucket_arn: str | None = None,
    tolerate_denies: bool = False,
    weakened_by_props: Collection[str] | None = None,
) -> None:
    """Have the policies of a construct assessed when its app is synthesized.

    Args:
        stack: the one of a storage, or of a bucket or key with a mixin.
        system_domain_ids: the System Domain IDs that iconik may act for.
        iconik_role_arn: the role that iconik assumes.
        bucket_arn: the bucket, if its storage makes it or tolerates Denies.
        tolerate_denies: whether a Deny that blocks iconik is a warning rather than an error.
        weakened_by_props: if the storage makes the bucket, the settings of which its props were warned already.
    """
    check = _OF_STACKS.get(stack)
    if check is None:
        check = _OF_STACKS[stack] = _check_of(stack)
    if check is not None:
        asked = check.domains.setdefault(iconik_role_arn, set())
        asked.update(each for each in system_domain_ids if not is_token(each))
        if bucket_arn is not None:
            check.buckets.setdefault(stack, []).append(_Bucket(bucket_arn, tolerate_denies, weakened_by_props))


def _check_of(stack: cdk.Stack) -> _FinishedPolicies | None:
    """Return the check of the app or stage around a stack, made on first use; None where there is neither."""
    stage = cdk.Stage.of(stack)
    if stage is None:
        return None
    check = _CHECKS.get(stage)
    if check is None:
        check = _CHECKS[stage] = _FinishedPolicies()
        cdk.Validations.of(stage).add_plugins(check)
    return check


@dataclass(frozen=True)
class _Bucket:
    """A bucket of a storage: its ARN as a token, and what its storage says of it."""

    arn: str
    tolerate_denies: bool
    weakened_by_props: Collection[str] | None


@jsii.implements(cdk.IPolicyValidationPlugin)
class _FinishedPolicies:
    """The check of one app or stage."""

    def __init__(self) -> None:
        self.domains: dict[str, set[str]] = {}
        self.buckets: dict[cdk.Stack, list[_Bucket]] = {}

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
            questions = [Question(tuple(sorted(ids)), role_arn=role) for role, ids in self.domains.items() if ids]
            if not questions:
                return cdk.PolicyValidationPluginReport(success=True, violations=[])
            app, unread = app_of(context, questions[0].iconik)
            known = dict(self._known(app))
            tolerated = {arn for arn, bucket in known.items() if bucket.tolerate_denies}
            findings = [*unread, *_weakened(app, known)]
            for question in questions:
                findings += _findings(app, question)
            # What cannot be read is refused; what others have access to is a warning here.
            return report_of(app, _once(findings), lambda finding: _is_refused(finding, tolerated))
        except Exception as error:  # noqa: BLE001 - an exception in a plugin is a pass for the CDK CLI
            return failure(context, error)

    def _known(self, app: App) -> Iterator[tuple[str, _Bucket]]:
        """Yield each bucket by its ARN as the templates resolve it."""
        by_path = {template.stack_path: template for template in app.templates if template.is_of_stack}
        for stack, listed in self.buckets.items():
            template = by_path.get(stack.node.path)
            if template is not None:
                # Resolved in one go: each resolution is a call into the kernel.
                nodes = stack.resolve([bucket.arn for bucket in listed])
                for node, bucket in zip(nodes, listed, strict=True):
                    for arn in texts(node, Scope(app, template)):
                        yield arn, bucket


def _findings(app: App, question: Question) -> Iterator[Finding]:
    for placed in buckets_of(app):
        if not any(not case.is_deny and question.iconik.is_named_in(case.wide) for case in placed.cases):
            continue
        asked = replace(question, own_account=placed.template.account)
        assessment = assess(placed.facts, asked)
        for finding in assessment.findings:
            # A policy of others is assessed at deployment, with all its statements.
            is_asked = finding.rule in _ASKED or _is_unsaid(finding, assessment)
            if is_asked and not (placed.is_merged and finding.where == "the bucket policy"):
                yield replace(finding, resource=placed.facts.arn, place=placed.place_of(finding))


def _is_unsaid(finding: Finding, assessment: Assessment) -> bool:
    """Tell whether the warning UntaggedStatement leaves out a finding: it reads who is named, and no conditions."""
    if finding.rule not in {rules.NO_TAG, rules.INEFFECTIVE_TAG}:
        return False
    for subject in assessment.subjects:
        if subject.name == finding.where and 0 <= finding.index < len(subject.policy.statements):
            return ICONIK_ACCOUNT_ID not in str(subject.policy.statements[finding.index].get("Principal"))
    return True


def _weakened(app: App, known: dict[str, _Bucket]) -> Iterator[Finding]:
    """Yield a warning for each setting of a bucket that is weaker than its storage made it."""
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            if resource.get("Type") != "AWS::S3::Bucket":
                continue
            arns = texts({"Fn::GetAtt": [logical_id, "Arn"]}, Scope(app, template))
            told = next((known[arn].weakened_by_props for arn in arns if arn in known), None)
            if told is None:
                continue
            for name, text in openings_of(resource, Scope(app, template)):
                if name not in told:
                    place = Place(template.path, logical_id, "Properties")
                    yield Finding(rule=rules.WEAKENED, where="the bucket", text=text, place=place)


def _is_refused(finding: Finding, tolerated: set[str]) -> bool:
    if finding.rule is rules.UNREADABLE or finding.effect is Effect.UNKNOWN:
        return True
    if finding.effect is not Effect.LOCKED_OUT:
        return False
    return not (finding.rule is rules.DENIED and finding.resource in tolerated)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return list({(each.id, each.place, each.text): each for each in reversed(findings)}.values())[::-1]


# Held for good, as the kernel holds its constructs: a check that went away with its stack would pass everything.
_OF_STACKS: dict[cdk.Stack, _FinishedPolicies | None] = {}
_CHECKS: dict[cdk.Stage, _FinishedPolicies] = {}
