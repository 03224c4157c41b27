"""The custom resource that adds our statements to a policy that others write, one for each bucket or key and stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..errors import IconikValueError
from .naming import shown, target_id
from .scope import adoption_scope, refuse_two_ways
from .whereabouts import refuse_changing, refuse_elsewhere, refuse_without_assets

__all__ = ["merge_into_bucket_policy", "merge_into_key_policy"]

BUCKET_POLICY_ACTIONS = ("s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy")
KEY_POLICY_ACTIONS = ("kms:GetKeyPolicy", "kms:PutKeyPolicy")

MERGE_ID = "Merge"


def merge_into_bucket_policy(scope: Construct, bucket: s3.IBucket, statements: Sequence[dict[str, Any]]) -> None:
    """Have the statements merged into the bucket policy at deployment."""
    stack = cdk.Stack.of(scope)
    name = bucket.bucket_name
    refuse_changing(stack, "bucket", name)
    refuse_without_assets(stack)
    refuse_elsewhere(stack, "bucket", bucket, name)
    place = adoption_scope(stack, target_id(stack, "Bucket", name))
    refuse_two_ways(place, MERGE_ID, name)
    if place.node.try_find_child(MERGE_ID) is None:
        properties = {"BucketName": name, "Account": stack.account}
        _merge(place, "Custom::IconikBucketPolicyStatements", properties, BUCKET_POLICY_ACTIONS, bucket.bucket_arn)
    _add(place, statements)


def merge_into_key_policy(scope: Construct, key: kms.IKey, statements: Sequence[dict[str, Any]]) -> None:
    """Have the statements merged into the key policy at deployment."""
    stack = cdk.Stack.of(scope)
    arn = key.key_arn
    if ":alias/" in arn:
        raise IconikValueError(
            "encryption_key",
            f"must be a key, not the alias {shown(arn)}, to have its policy merged into: AWS gives key policies by "
            "key id only",
            way_out="Import the key itself with kms.Key.from_key_arn().",
        )
    refuse_changing(stack, "encryption_key", arn)
    refuse_without_assets(stack)
    refuse_elsewhere(stack, "key", key, arn)
    place = adoption_scope(stack, target_id(stack, "Key", arn))
    if place.node.try_find_child(MERGE_ID) is None:
        properties = {"KeyArn": arn, "Account": stack.account}
        _merge(place, "Custom::IconikKeyPolicyStatements", properties, KEY_POLICY_ACTIONS, arn)
    _add(place, statements)


def _merge(
    place: Construct, resource_type: str, properties: Mapping[str, str], actions: Sequence[str], arn: str
) -> None:
    """Make the custom resource, and let the handler change this one policy."""
    # Imported here: it loads the CDK's Lambda, half a second that no other storage needs.
    from .adoption_provider import SERVICE_TIMEOUT, handler_role, service_token  # noqa: PLC0415

    stack = cdk.Stack.of(place)
    # A policy of its own, because the permission must outlive the adoption: when a storage is removed from the stack,
    # CloudFormation first updates what stays, shared policies included, and only then deletes what goes.
    permission = iam.Policy(
        place,
        "Permission",
        statements=[iam.PolicyStatement(actions=list(actions), resources=[arn])],
        roles=[handler_role(stack)],
    )
    merge = cdk.CustomResource(
        place,
        MERGE_ID,
        service_token=service_token(stack),
        service_timeout=SERVICE_TIMEOUT,
        resource_type=resource_type,
        properties=properties,
    )
    merge.node.add_dependency(permission)


def _add(place: Construct, statements: Sequence[dict[str, Any]]) -> None:
    merge = cast(cdk.CustomResource, place.node.find_child(MERGE_ID))
    resource = cast(cdk.CfnResource, merge.node.default_child)
    for statement in statements:
        # By Sid, so that storages add to one custom resource without knowing how many came before.
        resource.add_property_override(f"Statements.{statement['Sid']}", statement)
