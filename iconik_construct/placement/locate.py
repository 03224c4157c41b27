"""Finds the policy of a bucket or key: in a template of this app, in another stage, or outside the app.

An imported bucket or key has no link to the construct that makes it. So the whole app is searched, once, before
anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from .ids import is_taken_over
from .policy_in_app import PolicyInApp, policy_of_bucket, policy_of_key
from .policy_lookup import BUCKETS, KEYS, bucket_policy_of, made_behind, stage_of

__all__ = ["External", "InApp", "OtherStage", "locate", "policy_of_made_bucket"]


@dataclass(frozen=True, slots=True)
class InApp:
    """The policy is in a template of this app.

    Attributes:
        policy: the policy.
        bucket_policy: the `AWS::S3::BucketPolicy` from the search; None if the bucket itself knows its policy.
        made: the bucket or key from the search.
    """

    policy: PolicyInApp
    bucket_policy: cdk.CfnResource | None = None
    made: cdk.CfnResource | None = None

    @property
    def resource(self) -> Literal["bucket", "key"]:
        """The resource of the policy: "bucket" or "key"."""
        return self.policy.resource


@dataclass(frozen=True, slots=True)
class External:
    """No template of this app has the policy.

    Attributes:
        resource: "bucket" or "key".
        construct: the `s3.IBucket` or `kms.IKey`.
        name: the bucket's name or the key's ARN, with CDK tokens.
        arn: the ARN of the bucket or key.
    """

    resource: Literal["bucket", "key"]
    construct: Any
    name: str
    arn: str

    @property
    def kind(self) -> str:
        """The start of construct ids and of custom resource types: "Bucket" or "Key"."""
        return self.resource.capitalize()


@dataclass(frozen=True, slots=True)
class OtherStage:
    """The policy, or the bucket or key, is in a template of another stage of this app.

    Attributes:
        resource: "bucket" or "key".
        path: the path of the construct there.
        stage: the path of the stage; empty outside all stages.
        name: the bucket's name or the key's ARN.
    """

    resource: Literal["bucket", "key"]
    path: str
    stage: str
    name: str


def locate(scope: Construct, resource: s3.IBucket | kms.IKey, *, new: bool = False) -> InApp | External | OtherStage:
    """Return the place of the policy of a bucket or key.

    Args:
        scope: the construct that needs the policy.
        resource: the bucket or key, of this app or imported.
        new: whether the storage makes it, so that nothing else in this app can have its policy.

    Raises:
        IconikTypeError: the policy is in a bare `CfnResource`.
    """
    # The type is checked, not a value: reading a property of a jsii object is a call to jsii.
    if hasattr(type(resource), "bucket_arn"):
        return _locate_bucket(scope, cast(s3.IBucket, resource), new=new)
    return _locate_key(scope, cast(kms.IKey, resource))


def policy_of_made_bucket(bucket: cdk.CfnResource) -> PolicyInApp:
    """Return the policy of a bucket that this app makes, in any stack of the app."""
    return policy_of_bucket(bucket, bucket_policy_of(cdk.Stack.of(bucket), cast(Any, bucket).ref, bucket))


def _locate_bucket(scope: Construct, bucket: s3.IBucket, *, new: bool) -> InApp | External | OtherStage:
    own = bucket.policy
    if new or isinstance(own, s3.BucketPolicy):
        return InApp(policy_of_bucket(bucket, own if isinstance(own, s3.BucketPolicy) else None))
    stack = cdk.Stack.of(scope)
    name, arn = bucket.bucket_name, bucket.bucket_arn
    made = made_behind(stack, (name, arn), BUCKETS)
    policy = bucket_policy_of(stack, name, made)
    holder = made if policy is None else policy
    if holder is None and isinstance(bucket, s3.Bucket):
        return InApp(policy_of_bucket(bucket, None))
    if holder is None or is_taken_over(stack, holder):
        return External("bucket", bucket, name, arn)
    return _in_other_stage(scope, "bucket", holder, name) or InApp(policy_of_bucket(made, policy), policy, made)


def _locate_key(scope: Construct, key: kms.IKey) -> InApp | External | OtherStage:
    if isinstance(key, kms.Key):
        return InApp(policy_of_key(key))
    arn = key.key_arn
    made = made_behind(cdk.Stack.of(scope), (arn,), KEYS)
    if made is None:
        return External("key", key, arn, arn)
    return _in_other_stage(scope, "key", made, arn) or InApp(policy_of_key(made), made=made)


def _in_other_stage(
    scope: IConstruct, resource: Literal["bucket", "key"], holder: cdk.CfnResource, name: str
) -> OtherStage | None:
    there = stage_of(holder)
    return None if there == stage_of(scope) else OtherStage(resource, holder.node.path, there, name)
