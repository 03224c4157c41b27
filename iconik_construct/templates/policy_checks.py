"""Checks who has access by the statements of one policy, in every case of the template's conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ..assessment.finding import Finding
from ..assessment.foreign_access import PolicyCheck, check_policy
from ..assessment.names import Iconik
from ..assessment.policy import EvaluatedPolicy
from ..judge.text import MarkedText, joined, own
from ..judge.wildcards import STAR
from .intrinsics import Scope, possible_values
from .policies import Case, Policy

__all__ = ["arns_of", "check_cases"]

_SERVICES: Final[Mapping[str, str]] = {
    "AWS::IAM::Role": "sts",
    "AWS::KMS::Key": "kms",
    "AWS::KMS::ReplicaKey": "kms",
    "AWS::S3::AccessPoint": "s3",
    "AWS::S3::BucketPolicy": "s3",
    "AWS::S3::MultiRegionAccessPointPolicy": "s3",
}
"""The service of the resource that a policy belongs to, if its actions are known."""


def check_cases(policy: Policy, cases: Sequence[Case], iconik: Iconik) -> Iterator[Finding]:
    """Yield a finding for each statement that gives others access, or may.

    Args:
        policy: the policy that the statements belong to.
        cases: the statements in their cases.
        iconik: iconik, for the account of the template.
    """
    if not cases:
        return
    if not any(case.depends_on for case in cases):
        yield from _checked(policy, cases, iconik)
        return
    denies = [case for case in cases if case.is_deny]
    for case in cases:
        if not case.is_deny:
            beside = [deny for deny in denies if deny.depends_on.items() <= case.scope.decided.items()]
            yield from _checked(policy, [case, *beside], iconik)


def _checked(policy: Policy, cases: Sequence[Case], iconik: Iconik) -> Iterator[Finding]:
    document = policy.as_json([case.wide for case in cases])
    evaluated = EvaluatedPolicy(document, joined(policy.template.account or own("AWS::AccountId")), iconik)
    service = ("kms" if "KeyArn" in policy.properties else "s3") if policy.is_merged else _SERVICES.get(policy.kind, "")
    for arn in arns_of(policy):
        for finding in check_policy(PolicyCheck(evaluated, arn, policy.name, service)):
            location = cases[finding.index].location if finding.index >= 0 else policy.location
            yield replace(finding, place=policy.place(location))


def arns_of(policy: Policy) -> Sequence[MarkedText]:
    """Return every ARN that the resource of a policy can have, as the policy writes it; `*` if it is not known."""
    scope = policy.scope
    if policy.kind == "AWS::S3::BucketPolicy" or "BucketName" in policy.properties:
        node = policy.properties.get("Bucket", policy.properties.get("BucketName"))
        made = node.get("Ref") if isinstance(node, dict) else None
        arns = possible_values({"Fn::GetAtt": [made, "Arn"]}, scope) if _is_bucket(made, scope) else []
        return arns or [joined("arn:aws:s3:::", name) for name in possible_values(node, scope) or [STAR]]
    if policy.is_merged:
        return possible_values(policy.properties.get("KeyArn"), scope) or [STAR]
    return possible_values({"Fn::GetAtt": [policy.logical_id, "Arn"]}, scope) or [STAR]


def _is_bucket(logical_id: object, scope: Scope) -> bool:
    resource = scope.template.resources.get(logical_id) if isinstance(logical_id, str) else None
    return resource is not None and resource.get("Type") == "AWS::S3::Bucket"
