"""Gives access to the policy of a bucket or key of this app, for every kind of construct.

An L1 construct can have the policy as a plain document. A second `AWS::S3::BucketPolicy` for the same bucket would
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

__all__ = ["PolicyInApp", "policy_of_bucket", "policy_of_key", "with_statements", "without_class"]

_VERSION: Final = "2012-10-17"


class PolicyInApp(ABC):
    """A policy in a template of this app.

    Attributes:
        resource: "bucket" or "key".
        construct: the construct with the policy: an `s3.BucketPolicy`, `s3.CfnBucketPolicy`, `kms.Key`, `kms.CfnKey`
            or `kms.CfnReplicaKey`; the bucket as long as it has no policy.
    """

    def __init__(self, resource: Literal["bucket", "key"], construct: IConstruct) -> None:
        self.resource: Literal["bucket", "key"] = resource
        self.construct = construct

    def __deepcopy__(self, _memo: object) -> PolicyInApp:
        # It refers to a construct, which cannot be copied.
        return self

    @property
    @abstractmethod
    def document(self) -> Any:
        """The current document, with CDK tokens: an `iam.PolicyDocument` or a mapping."""

    @property
    def stack(self) -> cdk.Stack:
        """The stack whose template has the policy."""
        return cdk.Stack.of(self.construct)

    @property
    def logical_id(self) -> str:
        """The logical id of the resource with the policy."""
        made = self.construct if isinstance(self.construct, cdk.CfnResource) else self.construct.node.default_child
        return str(self.stack.resolve(cast(cdk.CfnResource, made).logical_id))

    def resolved(self) -> dict[str, Any]:
        """Return the current document, with CloudFormation's functions for values that are known at deployment."""
        return cast("dict[str, Any]", self.stack.resolve(self.document))

    def check(self) -> None:
        """Refuse a policy to which nothing can be added.

        Raises:
            IconikTypeError: the document is a CloudFormation function.
        """
        # Only a plain document can be such a function.
        return

    @abstractmethod
    def add(self, statements: Sequence[Statement]) -> None:
        """Add the statements, except those that are already in the policy."""


class _BucketPolicy(PolicyInApp):
    """An `s3.BucketPolicy`. Adding here avoids the three calls to jsii of `add_to_resource_policy`."""

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
    """An L2 key. `add_to_resource_policy` returns the document, which a key has no property for."""

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
    """An L1, whose policy is a plain document or an `iam.PolicyDocument`."""

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
                f"of {self.construct.node.path} must be a policy in JSON or an iam.PolicyDocument, so that statements "
                "can be added",
                fix="Write the CloudFormation function inside a statement, or use IconikStorage(bucket=...).",
            )

    def add(self, statements: Sequence[Statement]) -> None:
        document = self.document
        if hasattr(document, "add_statements"):
            # The CDK removes duplicate statements.
            document.add_statements(*map(iam.PolicyStatement.from_json, statements))
            return
        if document is None:
            # AWS's default policy lets the account's IAM policies decide. It is written here, because it would be
            # replaced.
            document = {"Version": _VERSION, "Statement": [_default_statement(self.stack)]}
        setattr(self.construct, self._prop, with_statements(document, statements))


def policy_of_bucket(bucket: IConstruct | None, policy: IConstruct | None) -> PolicyInApp:
    """Return the policy of a bucket of this app.

    Args:
        bucket: the bucket, L1 or L2; None if the app has only its policy.
        policy: the policy, L1 or L2; None if there is none yet.

    Raises:
        IconikTypeError: the construct to add to is a bare `CfnResource`.
    """
    if policy is not None:
        l2 = policy if isinstance(policy, s3.BucketPolicy) else policy.node.scope
        if isinstance(l2, s3.BucketPolicy):
            return _BucketPolicy(l2)
        if isinstance(policy, s3.CfnBucketPolicy):
            return _Plain(policy, "policy_document")
        raise without_class("bucket", policy, "s3.CfnBucketPolicy")
    if isinstance(bucket, s3.CfnBucket):
        parent = bucket.node.scope
        return _BucketWithoutPolicy(parent if isinstance(parent, s3.Bucket) else s3.Bucket.from_cfn_bucket(bucket))
    if isinstance(bucket, cdk.CfnResource):
        raise without_class("bucket", bucket, "s3.CfnBucket")
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
        kind = "kms.CfnReplicaKey" if key.cfn_resource_type == "AWS::KMS::ReplicaKey" else "kms.CfnKey"
        raise without_class("encryption_key", key, kind)
    return _Key(cast(kms.IKey, key))


def with_statements(document: Mapping[str, Any], statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a policy document with the statements at its end, except those whose Sid is already in it."""
    present = document["Statement"]
    present = [present] if isinstance(present, Mapping) else list(present)
    sids = {statement.get("Sid") for statement in present}
    added = [statement for statement in statements if statement["Sid"] not in sids]
    return {"Version": _VERSION, **document, "Statement": [*present, *added]}


def without_class(prop: str, resource: IConstruct, kind: str) -> IconikTypeError:
    """Return the error about a bare `CfnResource`, and the class to use."""
    return IconikTypeError(
        prop,
        f"must not have its policy in the bare CfnResource {resource.node.path}, to which nothing can be added",
        fix=f"Write it as {kind}(...), with the same id and properties.",
    )


def _is_plain(statements: object) -> bool:
    """Return whether the statements are a list, and not a CloudFormation function."""
    listed = [statements] if isinstance(statements, Mapping) else statements
    return isinstance(listed, list) and all(isinstance(item, Mapping) and "Effect" in item for item in listed)


def _default_statement(stack: cdk.Stack) -> Statement:
    return {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{stack.partition}:iam::{stack.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
