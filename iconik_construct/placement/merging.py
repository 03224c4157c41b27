"""The custom resource that adds our statements to a policy that others write, one for each bucket or key and stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..errors import IconikValueError
from .naming import shown, target_id
from .record import MergeTerms
from .scope import adoption_scope, refuse_two_ways
from .whereabouts import refuse_changing, refuse_elsewhere, refuse_without_assets

__all__ = ["merge_into_bucket_policy", "merge_into_key_policy", "merge_of", "policy_properties"]

BUCKET_POLICY_ACTIONS = (
    "s3:DeleteBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:PutBucketPolicy",
)
KEY_POLICY_ACTIONS = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy")

MERGE_ID = "Merge"
_NOT_DECIDED = "NotDecided"


def merge_into_bucket_policy(
    scope: Construct, bucket: s3.IBucket, statements: Sequence[dict[str, Any]], terms: MergeTerms
) -> None:
    """Have the statements merged into the bucket policy at deployment."""
    stack = cdk.Stack.of(scope)
    name = bucket.bucket_name
    refuse_changing(stack, "bucket", name)
    refuse_without_assets(stack)
    refuse_elsewhere(stack, "bucket", bucket, name)
    place = adoption_scope(stack, target_id(stack, "Bucket", name))
    refuse_two_ways(place, MERGE_ID, name)
    _merge(place, "Bucket", name, (BUCKET_POLICY_ACTIONS, bucket.bucket_arn), terms)
    _add(place, statements, terms)


def merge_into_key_policy(
    scope: Construct, key: kms.IKey, statements: Sequence[dict[str, Any]], terms: MergeTerms
) -> None:
    """Have the statements merged into the key policy at deployment."""
    stack = cdk.Stack.of(scope)
    arn = key.key_arn
    if ":alias/" in arn:
        raise IconikValueError(
            "encryption_key",
            f"must be a key, not the alias {shown(arn)}, to have its policy merged into: AWS gives key policies by "
            "key id only",
            fix="Import the key itself with kms.Key.from_key_arn().",
        )
    refuse_changing(stack, "encryption_key", arn)
    refuse_without_assets(stack)
    refuse_elsewhere(stack, "key", key, arn)
    place = adoption_scope(stack, target_id(stack, "Key", arn))
    _merge(place, "Key", arn, (KEY_POLICY_ACTIONS, arn), terms)
    _add(place, statements, terms)


def policy_properties(stack: cdk.Stack, kind: str, target: str) -> dict[str, str]:
    """Return how the function is told which policy is meant; `kind` is "Bucket" or "Key"."""
    return {"BucketName" if kind == "Bucket" else "KeyArn": target, "Account": stack.account}


def merge_of(stack: cdk.Stack, kind: str, target: str) -> Construct:
    """Return the custom resource that merges into the policy of a bucket or key; `kind` is "Bucket" or "Key"."""
    return cast(Construct, adoption_scope(stack, target_id(stack, kind, target)).node.find_child(MERGE_ID))


def _merge(
    place: Construct,
    kind: str,
    target: str,
    permission: tuple[Sequence[str], str],
    terms: MergeTerms,
) -> None:
    """Make the custom resource, unless it is there, and let the handler change this one policy."""
    # Imported here: it loads the CDK's Lambda, half a second that no other storage needs.
    from .adoption_provider import SERVICE_TIMEOUT, adoption_role_of, permit, service_token  # noqa: PLC0415

    stack = cdk.Stack.of(place)
    role = adoption_role_of(stack, terms.role)
    if place.node.try_find_child(MERGE_ID) is not None:
        return
    merge = cdk.CustomResource(
        place,
        MERGE_ID,
        service_token=service_token(stack),
        service_timeout=SERVICE_TIMEOUT,
        resource_type=f"Custom::Iconik{kind}PolicyStatements",
        # What it answers is named, so that a stack whose function once answered nothing asks it again.
        properties={**policy_properties(stack, kind, target), "Answers": [_NOT_DECIDED]},
    )
    merge.node.add_dependency(permit(stack, role, place.node.id, *permission))
    cdk.CfnOutput(
        place,
        _NOT_DECIDED,
        description=f"What may keep iconik from {shown(target)}, and what of others' lets in its other customers",
        value=merge.get_att_string(_NOT_DECIDED),
    )


def _add(place: Construct, statements: Sequence[dict[str, Any]], terms: MergeTerms) -> None:
    merge = cast(cdk.CustomResource, place.node.find_child(MERGE_ID))
    resource = cast(cdk.CfnResource, merge.node.default_child)
    for statement in statements:
        # By Sid, so that storages add to one custom resource without knowing how many came before.
        resource.add_property_override(f"Statements.{statement['Sid']}", statement)
        if terms.tolerate_denies:
            resource.add_property_override(f"TolerateDenies.{statement['Sid']}", "true")
        if terms.trigger is not None:
            resource.add_property_override(f"Triggers.{statement['Sid']}", terms.trigger)
