"""The policy of a bucket or key of this app, whichever construct it is written with.

An L1 construct may hold the policy as a plain document. A second `AWS::S3::BucketPolicy` for the same bucket would
fail at deployment.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from ..access.statements import Statement
from ..errors import IconikTypeError

__all__ = ["PolicyInApp", "policy_of_bucket", "policy_of_key", "with_statements"]

_VERSION: Final = "2012-10-17"


class PolicyInApp(ABC):
    """A policy that a template of this app holds.

    Attributes:
        resource: "bucket" or "key".
        construct: what holds the policy: an `s3.BucketPolicy`, `s3.CfnBucketPolicy`, `kms.Key`, `kms.CfnKey` or
            `kms.CfnReplicaKey`; the bucket, while it has no policy yet.
    """

    def __init__(self, resource: Literal["bucket", "key"], construct: IConstruct) -> None:
        self.resource: Literal["bucket", "key"] = resource
        self.construct = construct

    def __deepcopy__(self, _memo: object) -> PolicyInApp:
        # It stands for a construct, of which there is one.
        return self

    @property
    @abstractmethod
    def document(self) -> Any:
        """The document as it is now, with CDK tokens: an `iam.PolicyDocument` or a mapping."""

    @property
    def stack(self) -> cdk.Stack:
        """The stack whose template holds the policy."""
        return cdk.Stack.of(self.construct)

    def resolved(self) -> dict[str, Any]:
        """Return the document as it is now, with CloudFormation's functions for what the deployment knows."""
        return cast("dict[str, Any]", self.stack.resolve(self.document))

    def check(self) -> None:
        """Refuse a policy to which nothing can be added.

        Raises:
            IconikTypeError: the document is a CloudFormation function.
        """
        # Of all kinds only a plain document can be one.
        return

    @abstractmethod
    def add(self, statements: Sequence[Statement]) -> None:
        """Add the statements; a statement that is there already is not added again."""


class _BucketPolicy(PolicyInApp):
    """An `s3.BucketPolicy`: added to without the three calls into the kernel that `add_to_resource_policy` makes."""

    def __init__(self, policy: s3.BucketPolicy) -> None:
        super().__init__("bucket", policy)
        self._document = policy.document

    @property
    def document(self) -> iam.PolicyDocument:
        return self._document

    def add(self, statements: Sequence[Statement]) -> None:
        self._document.add_statements(*map(iam.PolicyStatement.from_json, statements))


class _BucketWithoutPolicy(PolicyInApp):
    """A bucket that makes its policy with the first statement."""

    def __init__(self, bucket: s3.IBucket) -> None:
        super().__init__("bucket", bucket)
        self._bucket = bucket

    @property
    def document(self) -> Any:
        policy = self._bucket.policy
        return None if policy is None else policy.document

    def add(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            result = self._bucket.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
            self.construct = cast(IConstruct, result.policy_dependable)


class _Key(PolicyInApp):
    """An L2 key: `add_to_resource_policy` answers with the document, which a key does not show."""

    def __init__(self, key: kms.IKey) -> None:
        super().__init__("key", key)
        self._key = key
        self._document: Any = None

    @property
    def document(self) -> Any:
        return self._document

    def add(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            result = self._key.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
            self._document = result.policy_dependable


class _Plain(PolicyInApp):
    """An L1: its policy is a plain document or an `iam.PolicyDocument`."""

    def __init__(self, resource: cdk.CfnResource, prop: Literal["policy_document", "key_policy"]) -> None:
        super().__init__("bucket" if prop == "policy_document" else "key", resource)
        self._prop = prop

    @property
    def document(self) -> Any:
        return getattr(self.construct, self._prop)

    def check(self) -> None:
        document = self.document
        if document is None or hasattr(document, "add_statements"):
            return
        if not isinstance(document, Mapping) or not _is_plain(document.get("Statement")):
            raise IconikTypeError(
                "policy_document",
                f"of {self.construct.node.path} must be a policy in JSON or an iam.PolicyDocument to have statements "
                "added",
                fix="Write the CloudFormation function inside a statement, or use IconikStorage(bucket=...).",
            )

    def add(self, statements: Sequence[Statement]) -> None:
        document = self.document
        if hasattr(document, "add_statements"):
            # CDK writes a statement once that is added twice.
            document.add_statements(*map(iam.PolicyStatement.from_json, statements))
            return
        if document is None:
            # AWS's default lets the account's own IAM policies decide; it is written out, or it would be replaced.
            document = {"Version": _VERSION, "Statement": [_default_statement(self.stack)]}
        setattr(self.construct, self._prop, with_statements(document, statements))


def policy_of_bucket(bucket: IConstruct | None, policy: IConstruct | None) -> PolicyInApp:
    """Return the policy of a bucket of this app.

    Args:
        bucket: the bucket, L1 or L2; None where the app has only its policy.
        policy: the policy, L1 or L2; None where there is none yet.

    Raises:
        IconikTypeError: the one that is to be added to is a bare `CfnResource`.
    """
    if policy is not None:
        l2 = policy if isinstance(policy, s3.BucketPolicy) else policy.node.scope
        if isinstance(l2, s3.BucketPolicy):
            return _BucketPolicy(l2)
        if isinstance(policy, s3.CfnBucketPolicy):
            return _Plain(policy, "policy_document")
        raise _bare("bucket", policy, "s3.CfnBucketPolicy")
    if isinstance(bucket, s3.CfnBucket):
        parent = bucket.node.scope
        return _BucketWithoutPolicy(parent if isinstance(parent, s3.Bucket) else s3.Bucket.from_cfn_bucket(bucket))
    if isinstance(bucket, cdk.CfnResource):
        raise _bare("bucket", bucket, "s3.CfnBucket")
    return _BucketWithoutPolicy(cast(s3.IBucket, bucket))


def policy_of_key(key: IConstruct) -> PolicyInApp:
    """Return the policy of a key of this app, L1 or L2.

    Raises:
        IconikTypeError: the key is a bare `CfnResource`.
    """
    if isinstance(key, kms.CfnReplicaKey):
        return _Plain(key, "key_policy")
    if isinstance(key, kms.CfnKey):
        parent = key.node.scope
        l2 = parent if isinstance(parent, kms.Key) else key.node.try_find_child("@FromCfnKey")
        return _Plain(key, "key_policy") if l2 is None else _Key(cast(kms.IKey, l2))
    if isinstance(key, cdk.CfnResource):
        raise _bare("encryption_key", key, "kms.CfnKey")
    return _Key(cast(kms.IKey, key))


def with_statements(document: Mapping[str, Any], statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a policy document with the statements at its end; one whose Sid is there already is not added again."""
    present = document["Statement"]
    present = [present] if isinstance(present, Mapping) else list(present)
    sids = {statement.get("Sid") for statement in present}
    added = [statement for statement in statements if statement["Sid"] not in sids]
    return {"Version": _VERSION, **document, "Statement": [*present, *added]}


def _bare(prop: str, resource: IConstruct, kind: str) -> IconikTypeError:
    return IconikTypeError(
        prop,
        f"must not have its policy in the bare CfnResource {resource.node.path}, to which nothing can be added",
        fix=f"Write it as {kind}(...), with the same id and properties.",
    )


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
