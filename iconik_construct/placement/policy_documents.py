"""Adds statements to the policy of a bucket or key of this app, whichever construct it was written with.

An L1 construct may hold the policy as a plain document. A second `AWS::S3::BucketPolicy` for the same bucket would
fail at deployment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from ..access.statements import Statement
from ..errors import IconikTypeError
from .in_this_app import bucket_policy_of

__all__ = ["add_to_bucket_policy", "add_to_held_policy", "add_to_key_policy", "with_statements"]

_VERSION: Final = "2012-10-17"


def add_to_bucket_policy(bucket: cdk.CfnResource, statements: Sequence[Statement]) -> Any:
    """Add the statements to the bucket's policy, and return its document; without one, a bucket policy is made.

    Raises:
        IconikTypeError: the policy's document is a CloudFormation function, to which nothing can be added.
    """
    if not isinstance(bucket, s3.CfnBucket):
        raise _bare(bucket, "s3.CfnBucket")
    policy = bucket_policy_of(cdk.Stack.of(bucket), bucket.ref, bucket)
    if policy is not None:
        return add_to_held_policy(policy, statements)
    parent = bucket.node.scope
    l2: Any = parent if isinstance(parent, s3.Bucket) else s3.Bucket.from_cfn_bucket(bucket)
    for statement in statements:
        l2.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
    return l2.policy.document


def add_to_held_policy(policy: cdk.CfnResource, statements: Sequence[Statement]) -> Any:
    """Add the statements to a bucket policy that a template of this app has, and return its document.

    Raises:
        IconikTypeError: the policy is a bare `CfnResource`, or its document is a CloudFormation function.
    """
    parent = policy.node.scope
    if isinstance(parent, s3.BucketPolicy):
        return _added_to(parent.document, statements, policy.node.path)
    if not isinstance(policy, s3.CfnBucketPolicy):
        raise _bare(policy, "s3.CfnBucketPolicy")
    policy.policy_document = _added_to(policy.policy_document, statements, policy.node.path)
    return policy.policy_document


def add_to_key_policy(key: cdk.CfnResource, statement: Statement) -> Any:
    """Add the statement to the key's policy, and return its document.

    A key without one has AWS's default, which lets the account's own IAM policies decide; that is written out then, as
    it would else be replaced.

    Raises:
        IconikTypeError: the policy's document is a CloudFormation function, to which nothing can be added.
    """
    if not isinstance(key, kms.CfnKey):
        raise _bare(key, "kms.CfnKey")
    parent = key.node.scope
    l2 = parent if isinstance(parent, kms.Key) else key.node.try_find_child("@FromCfnKey")
    if l2 is not None:
        result = cast(kms.Key, l2).add_to_resource_policy(iam.PolicyStatement.from_json(statement))
        return result.policy_dependable
    document = key.key_policy
    if document is None:
        document = {"Version": _VERSION, "Statement": [_default_statement(cdk.Stack.of(key))]}
    key.key_policy = _added_to(document, [statement], key.node.path)
    return key.key_policy


def with_statements(document: Mapping[str, Any], statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a policy document with the statements at its end; one whose Sid is there already is not added again."""
    present = document["Statement"]
    present = [present] if isinstance(present, Mapping) else list(present)
    sids = {statement.get("Sid") for statement in present}
    added = [statement for statement in statements if statement["Sid"] not in sids]
    return {"Version": _VERSION, **document, "Statement": [*present, *added]}


def _bare(resource: cdk.CfnResource, kind: str) -> IconikTypeError:
    return IconikTypeError(
        "bucket" if "Bucket" in kind else "encryption_key",
        f"must not have its policy in the bare CfnResource {resource.node.path}, to which nothing can be added",
        fix=f"Write it as {kind}(...), with the same id and properties.",
    )


def _added_to(document: Any, statements: Sequence[Statement], path: str) -> Any:
    if hasattr(document, "add_statements"):
        # CDK writes a statement once that is added twice.
        document.add_statements(*(iam.PolicyStatement.from_json(statement) for statement in statements))
        return document
    if not isinstance(document, Mapping) or not _is_plain(document.get("Statement")):
        raise IconikTypeError(
            "policy_document",
            f"of {path} must be a policy in JSON or an iam.PolicyDocument to have statements added",
            fix="Write the CloudFormation function inside a statement, or use IconikStorage(bucket=...).",
        )
    return with_statements(document, statements)


def _is_plain(statements: object) -> bool:
    """Tell whether the statements can be listed; a CloudFormation function in their place can not."""
    found = [statements] if isinstance(statements, Mapping) else statements
    return isinstance(found, list) and all(isinstance(item, Mapping) and "Effect" in item for item in found)


def _default_statement(stack: cdk.Stack) -> Statement:
    return {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{stack.partition}:iam::{stack.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
