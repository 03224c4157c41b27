"""The tables' buckets and keys on the local AWS: what CloudFormation makes of a template, read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dev.local_aws import LocalAws
from tests.guardrail.building import OWN_ACCOUNT, Json, document

__all__ = ["Deployed", "deploy", "is_about_buckets_and_keys"]

_KINDS = {"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::IAM::Role"}
_MERGES = {"Custom::IconikBucketPolicyStatements", "Custom::IconikKeyPolicyStatements"}
_AWS_MANAGED_KEY_POLICY = document(
    {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": OWN_ACCOUNT}},
    }
)
"""The policy of aws/s3, as AWS documents it."""


@dataclass(frozen=True)
class Deployed:
    """The policies that come of a template; None where it makes none.

    Attributes:
        bucket_arn: the bucket.
        bucket_policy: its policy, or what is merged into it.
        key_policy: the policy of the key, or what is merged into it.
        is_encrypted: whether the bucket is encrypted with that key.
        is_whole: whether the bucket policy is all there is, and not merged into one that others wrote.
    """

    bucket_arn: str
    bucket_policy: Json | None
    key_policy: Json | None
    is_encrypted: bool
    is_whole: bool


def is_about_buckets_and_keys(body: Json) -> bool:
    """Tell whether the template is of nothing but buckets, keys, roles and what merges into their policies."""
    kinds = {one.get("Type") for one in body["Resources"].values() if isinstance(one, dict)}
    return kinds <= _KINDS | _MERGES and not kinds.isdisjoint({"AWS::S3::BucketPolicy", "AWS::KMS::Key", *_MERGES})


def deploy(aws: LocalAws, number: int, body: Json) -> Deployed:
    """Create the stack, with a bucket name of its own, and read back what it made."""
    merges = [one for one in body["Resources"].values() if one["Type"] in _MERGES]
    stacked = {name: one for name, one in body["Resources"].items() if one["Type"] not in _MERGES}
    text = json.dumps({**body, "Resources": stacked}).replace("media-of-", f"media-{number}-of-")
    made = _create(aws, f"Guardrail{number}", text) if stacked else {}
    bucket_policy = key_policy = None
    if "MediaPolicy" in made:
        bucket_policy = _policy(aws.client("s3").get_bucket_policy(Bucket=made["Media"])["Policy"])
    if "Key" in made:
        key_policy = _policy(aws.client("kms").get_key_policy(KeyId=made["Key"], PolicyName="default")["Policy"])
    for merge in merges:
        # What the handler adds; that it does so is tested where it is made.
        merged = document(*merge["Properties"]["Statements"].values())
        if "KeyArn" in merge["Properties"]:
            key_policy = merged
        else:
            bucket_policy = merged
    if key_policy is None and '"aws:kms"' in text:
        key_policy = _AWS_MANAGED_KEY_POLICY
    return Deployed(
        bucket_arn=f"arn:aws:s3:::{made.get('Media', 'legacy')}",
        bucket_policy=bucket_policy,
        key_policy=key_policy,
        is_encrypted='"aws:kms"' in text,
        is_whole="MediaPolicy" in made,
    )


def _policy(text: str) -> Json:
    # CloudFormation passes numbers on as strings; the local one does not.
    return json.loads(text, parse_int=str)


def _create(aws: LocalAws, stack: str, text: str) -> dict[str, str]:
    parameters: dict[str, Any] = json.loads(text).get("Parameters", {})
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=text,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": one.get("AllowedValues", ["given"])[0]}
            for name, one in parameters.items()
            if "Default" not in one
        ],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    made = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in made}
