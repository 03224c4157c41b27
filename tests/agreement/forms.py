"""A case in the form of a tool: under another bucket name, or as a CloudFormation template."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from iconik_construct.assessment.rules import RULES, Effect
from tests.agreement.cases import ACCOUNT, ACLS, ARN, AWS_MANAGED, NAME, PUBLIC_ACL, REGION, Case, Statement

__all__ = ["bucket_name", "named", "template_of", "verdict_of_ids"]

_EFFECTS: Final = {rule.id: rule.effect for rule in RULES}


def bucket_name(number: int) -> str:
    """Return the name of the bucket of a case."""
    return f"case-{number:03}-media"


def named(statements: Sequence[Statement], number: int) -> list[Statement]:
    """Return the statements for the bucket of a case."""
    found: list[Statement] = json.loads(json.dumps(statements).replace(NAME, bucket_name(number)))
    return found


def verdict_of_ids(ids: Iterable[str]) -> str:
    """Return the verdict that the rules of findings make, for tools that name rules only."""
    effects = {_EFFECTS[each] for each in ids}
    if effects & {Effect.LOCKED_OUT, Effect.OTHERS}:
        return "not_good"
    return "unknown" if effects & {Effect.MAY_BE_LOCKED_OUT, Effect.OTHERS_MAY, Effect.UNKNOWN} else "good"


def template_of(case: Case) -> dict[str, Any]:
    """Return a template with the bucket, its policy and its key, as people write it."""
    bucket: dict[str, Any] = {}
    resources: dict[str, Any] = {"Media": {"Type": "AWS::S3::Bucket", "Properties": bucket}}
    if case.settings in (PUBLIC_ACL, ACLS):
        bucket["OwnershipControls"] = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        # Without it, CloudFormation's buckets block public ACLs since April 2023.
        bucket["PublicAccessBlockConfiguration"] = {"IgnorePublicAcls": False, "BlockPublicAcls": False}
    if case.settings == PUBLIC_ACL:
        bucket["AccessControl"] = "PublicRead"
    if case.key is not None:
        default: dict[str, Any] = {"SSEAlgorithm": "aws:kms"}
        bucket["BucketEncryption"] = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}
        if case.settings != AWS_MANAGED:
            default["KMSMasterKeyID"] = {"Fn::GetAtt": ["Key", "Arn"]}
            key = {"Enabled": case.is_key_enabled, "KeyPolicy": _document(case.key)}
            resources["Key"] = {"Type": "AWS::KMS::Key", "Properties": key}
    policy = {"Bucket": {"Ref": "Media"}, "PolicyDocument": _document(case.bucket)}
    resources["MediaPolicy"] = {"Type": "AWS::S3::BucketPolicy", "Properties": policy}
    return {"Resources": resources}


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [_node(each) for each in statements]}


def _node(value: Any) -> Any:
    """Return a value with references in place of the bucket's ARN, of the account and of the region."""
    if isinstance(value, dict):
        return {key: _node(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_node(each) for each in value]
    if value == ARN:
        return {"Fn::GetAtt": ["Media", "Arn"]}
    if isinstance(value, str) and value.startswith(f"{ARN}/"):
        return {"Fn::Join": ["", [{"Fn::GetAtt": ["Media", "Arn"]}, value.removeprefix(ARN)]]}
    if isinstance(value, str) and (ACCOUNT in value or REGION in value):
        return {"Fn::Sub": value.replace(ACCOUNT, "${AWS::AccountId}").replace(REGION, "${AWS::Region}")}
    return value
