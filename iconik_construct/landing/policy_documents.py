"""Adds statements to the policy of a bucket or key of this app, whichever construct it was written with.

Apart from the landing because that starts from an L2: here an L1 may hold the policy as a plain document, and a second
`AWS::S3::BucketPolicy` for the same bucket would fail at deployment.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from ..access.statements import Statement
from ..errors import IconikTypeError

__all__ = ["add_to_bucket_policy", "add_to_key_policy", "with_statements"]

_VERSION: Final = "2012-10-17"


def add_to_bucket_policy(bucket: s3.CfnBucket, statements: Sequence[Statement]) -> None:
    """Add the statements to the bucket's policy; without one, a bucket policy is made.

    Raises:
        IconikTypeError: the policy's document is a CloudFormation function, to which nothing can be added.
    """
    policy = _policy_of(bucket)
    if policy is not None:
        policy.policy_document = _added_to(policy.policy_document, statements, policy.node.path)
        return
    parent = bucket.node.scope
    l2 = parent if isinstance(parent, s3.Bucket) else s3.Bucket.from_cfn_bucket(bucket)
    for statement in statements:
        l2.add_to_resource_policy(iam.PolicyStatement.from_json(statement))


def add_to_key_policy(key: kms.CfnKey, statement: Statement) -> None:
    """Add the statement to the key's policy.

    A key without one has AWS's default, which lets the account's own IAM policies decide; that is written out then, as
    it would else be replaced.

    Raises:
        IconikTypeError: the policy's document is a CloudFormation function, to which nothing can be added.
    """
    parent = key.node.scope
    l2 = parent if isinstance(parent, kms.Key) else key.node.try_find_child("@FromCfnKey")
    if l2 is not None:
        cast(kms.Key, l2).add_to_resource_policy(iam.PolicyStatement.from_json(statement))
        return
    document = key.key_policy
    if document is None:
        document = {"Version": _VERSION, "Statement": [_default_statement(cdk.Stack.of(key))]}
    key.key_policy = _added_to(document, [statement], key.node.path)


def with_statements(document: Mapping[str, Any], statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a policy document with the statements at its end; one whose Sid is there already is not added again."""
    present = document["Statement"]
    present = [present] if isinstance(present, Mapping) else list(present)
    sids = {statement.get("Sid") for statement in present}
    added = [statement for statement in statements if statement["Sid"] not in sids]
    return {"Version": _VERSION, **document, "Statement": [*present, *added]}


def _added_to(document: Any, statements: Sequence[Statement], path: str) -> Any:
    if hasattr(document, "add_statements"):
        # CDK writes a statement once that is added twice.
        document.add_statements(*(iam.PolicyStatement.from_json(statement) for statement in statements))
        return document
    if not isinstance(document, Mapping) or not _is_plain(document.get("Statement")):
        raise IconikTypeError(
            "policy_document",
            f"of {path} must be a policy in JSON or an iam.PolicyDocument to have statements added",
            way_out="Write the CloudFormation function inside a statement, or use IconikStorage(bucket=...).",
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


def _policy_of(bucket: s3.CfnBucket) -> s3.CfnBucketPolicy | None:
    """Return the L1 policy of a bucket, wherever in the app it stands."""
    for construct in bucket.node.root.node.find_all():
        if isinstance(construct, s3.CfnBucketPolicy):
            target = _TARGETS.get(construct)
            if target is None:
                target = _TARGETS[construct] = _target_of(construct)
            if target in {f"construct {bucket.node.path}", f"name {bucket.bucket_name}"}:
                return construct
    return None


# Asked for each bucket of a tree, and each answer takes several calls into the kernel.
_TARGETS: weakref.WeakKeyDictionary[s3.CfnBucketPolicy, str] = weakref.WeakKeyDictionary()


def _target_of(policy: s3.CfnBucketPolicy) -> str:
    """Return which bucket a policy is for, by the bucket's path or by its name as it is written."""
    token = cdk.Tokenization.reverse(policy.bucket)
    if token is None:
        return f"name {policy.bucket}"
    if cdk.Reference.is_reference(token):
        return f"construct {cast(cdk.Reference, token).target.node.path}"
    return "unknown"
