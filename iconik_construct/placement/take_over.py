"""The bucket policy of an imported bucket, owned by this stack from now on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..errors import IconikValueError
from .naming import shown, target_id
from .scope import adoption_scope, refuse_two_ways
from .whereabouts import refuse_elsewhere

__all__ = ["refuse_to_take_over_key", "take_over_bucket_policy"]

POLICY_ID = "TakenOverPolicy"


def take_over_bucket_policy(scope: Construct, bucket: s3.IBucket, statements: Sequence[dict[str, Any]]) -> None:
    """Own the bucket policy of a bucket that has none.

    If the bucket has a policy when the stack is deployed, CloudFormation fails with "The bucket policy already exists
    on bucket …" and changes nothing. The policy stays when the stack or the construct is removed.
    """
    stack = cdk.Stack.of(scope)
    name = bucket.bucket_name
    refuse_elsewhere(stack, "bucket", bucket, name)
    place = adoption_scope(stack, target_id(stack, "Bucket", name))
    refuse_two_ways(place, POLICY_ID, name)
    policy = cast("s3.BucketPolicy | None", place.node.try_find_child(POLICY_ID))
    if policy is None:
        policy = s3.BucketPolicy(place, POLICY_ID, bucket=bucket, removal_policy=cdk.RemovalPolicy.RETAIN)
    policy.document.add_statements(*(iam.PolicyStatement.from_json(statement) for statement in statements))
    cdk.Validations.of(scope).add_warning(
        "iconik-construct:TakenOverBucket",
        f"This stack takes over the bucket policy of the bucket {shown(name)}. If the bucket has a policy already, "
        "CloudFormation refuses to deploy: 'The bucket policy already exists on bucket ...'. "
        "Use Adoption.MERGE to add to a policy that is there.",
    )


def refuse_to_take_over_key(key: kms.IKey) -> NoReturn:
    """Say why the policy of an imported key cannot be taken over."""
    raise IconikValueError(
        "adoption",
        f"cannot be Adoption.TAKE_OVER with the imported key {shown(key.key_arn)}: CloudFormation owns a key policy "
        "only together with its key",
        fix="Use Adoption.MERGE to add to the key policy, Adoption.HAND_OVER to get the statements for the key's "
        "owner, or import the key into a stack with 'cdk import'.",
    )
