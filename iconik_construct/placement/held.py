"""Adds statements where a template of this app holds the policy, under whatever name the bucket or key is known here.

Apart from `place.py` because an imported bucket or key has lost what makes it: it is looked for in the whole app, and
what cannot be written there is refused rather than written a second time elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from ..errors import IconikValueError
from .in_this_app import bucket_policy_of, made_behind, references
from .naming import shown
from .policy_documents import add_to_bucket_policy, add_to_held_policy, add_to_key_policy
from .take_over import POLICY_ID

__all__ = ["add_where_bucket_policy_is_held", "add_where_key_policy_is_held", "refuse_circle"]

Statement = dict[str, Any]


def add_where_bucket_policy_is_held(scope: Construct, bucket: s3.IBucket, statements: Sequence[Statement]) -> list[Any]:
    """Add the statements to the policy that a template of this app has, or is to have, for the bucket.

    Returns:
        The policy's document, or nothing where no template of this app makes the bucket or its policy.

    Raises:
        IconikValueError: it is a template of another stage.
        IconikTypeError: the policy is written so that nothing can be added.
    """
    stack = cdk.Stack.of(scope)
    name = bucket.bucket_name
    made = made_behind(stack, (name, bucket.bucket_arn), s3.CfnBucket)
    policy = bucket_policy_of(stack, name, made)
    if policy is not None and _is_taken_over_by(stack, policy):
        return []
    if policy is not None:
        _refuse_other_stage(scope, policy, "bucket", name)
        _warn_of_condition(scope, policy, made, name)
        return [add_to_held_policy(policy, statements)]
    if made is not None:
        _refuse_other_stage(scope, made, "bucket", name)
        return [add_to_bucket_policy(made, statements)]
    return []


def add_where_key_policy_is_held(scope: Construct, key: kms.IKey, statements: Sequence[Statement]) -> list[Any]:
    """Add the statements to the policy of a key that this app makes; else return nothing.

    Raises:
        IconikValueError: it is made in another stage, or the statements would make two stacks wait for each other.
        IconikTypeError: the policy is written so that nothing can be added.
    """
    made = made_behind(cdk.Stack.of(scope), (key.key_arn,), kms.CfnKey)
    if made is None:
        return []
    _refuse_other_stage(scope, made, "key", key.key_arn)
    refuse_circle(scope, made, statements)
    return [add_to_key_policy(made, statement) for statement in statements]


def refuse_circle(scope: Construct, key: IConstruct, statements: Sequence[Statement]) -> None:
    """Refuse a value of this stack in the policy of a key of another stack, which a bucket of this one names.

    Raises:
        IconikValueError: CloudFormation could deploy neither of the two stacks before the other.
    """
    named = references(json.dumps(list(statements)))
    if not named:
        return
    stack, owner = cdk.Stack.of(scope), cdk.Stack.of(key)
    if owner is stack:
        return
    for reference in named:
        if cdk.Stack.of(reference.target) is stack:
            raise IconikValueError(
                "system_domain_id",
                f"must not be a value of the stack {stack.node.path}, as the key's policy is in the stack "
                f"{owner.node.path}: each of the two stacks would wait for the other",
                fix="Write the System Domain ID itself, or take it from the key's stack.",
            )


def _is_taken_over_by(stack: cdk.Stack, policy: cdk.CfnResource) -> bool:
    """Tell whether it is a storage of this stack that made the policy: whoever comes next must want the same."""
    parent = policy.node.scope
    return parent is not None and parent.node.id == POLICY_ID and cdk.Stack.of(policy) is stack


def _warn_of_condition(scope: Construct, policy: cdk.CfnResource, made: cdk.CfnResource | None, bucket: str) -> None:
    """Say where the policy may not be made, and the bucket be there all the same."""
    condition = policy.cfn_options.condition
    if condition is None or (made is not None and made.cfn_options.condition == condition):
        return
    cdk.Validations.of(scope).add_warning(
        "iconik-construct:ConditionalPolicy",
        f"The bucket policy {policy.node.path} of {shown(bucket)} is made only while the condition "
        f"{condition.node.path} is true, and only then iconik gets in. Take the condition from the policy, or put it "
        "into the statements that it is meant for.",
    )


def _refuse_other_stage(scope: Construct, holder: cdk.CfnResource, resource: str, target: str) -> None:
    here, there = _stage(scope), _stage(holder)
    if here != there:
        raise IconikValueError(
            "bucket" if resource == "bucket" else "encryption_key",
            f"must be made in the stage of the storage, '{here}', but {holder.node.path} makes the {resource} "
            f"{shown(target)} or its policy in the stage '{there}': one policy has one writer",
            fix=f"Put the storage into the stage '{there}', or let iconik in there with "
            f"Iconik{resource.capitalize()}Access.",
        )


def _stage(scope: Any) -> str:
    stage = cdk.Stage.of(scope)
    return "" if stage is None else stage.node.path
