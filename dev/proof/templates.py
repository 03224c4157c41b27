"""Reads the bucket policies and key policies out of a synthesized template, as AWS would receive them.

Apart from the storages because samples and users' templates are read the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .policy_engine import OWNER_ACCOUNT_ID

__all__ = ["REGION", "bucket_policies", "key_arn", "key_of_bucket", "key_policies", "policies"]

REGION = "eu-west-1"
_PSEUDO = {
    "AWS::AccountId": OWNER_ACCOUNT_ID,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
_SHORTEST_PAIR = 2

Template = Mapping[str, Any]
Policy = dict[str, Any]


def bucket_policies(template: Template) -> dict[str, Policy]:
    """Return the bucket policy of each bucket that has one, by the bucket's logical id."""
    return {
        resource["Properties"]["Bucket"]["Ref"]: resolved(template, resource["Properties"]["PolicyDocument"])
        for resource in _resources(template, "AWS::S3::BucketPolicy")
    }


def key_policies(template: Template) -> dict[str, Policy]:
    """Return the policy of each key, by the key's logical id."""
    return {
        logical_id: resolved(template, resource["Properties"]["KeyPolicy"])
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::KMS::Key"
    }


def policies(template: Template) -> list[Policy]:
    """Return every bucket policy and key policy."""
    return [*bucket_policies(template).values(), *key_policies(template).values()]


def key_of_bucket(template: Template, bucket: str) -> str | None:
    """Return the logical id of the customer managed key that encrypts a bucket; None where there is none."""
    encryption = template["Resources"][bucket]["Properties"].get("BucketEncryption", {})
    for rule in encryption.get("ServerSideEncryptionConfiguration", []):
        key = rule.get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
        if key is not None:
            return str(key["Fn::GetAtt"][0])
    return None


def key_arn(logical_id: str) -> str:
    """Return the ARN that stands for a key of a template."""
    return f"arn:aws:kms:{REGION}:{OWNER_ACCOUNT_ID}:key/{logical_id}"


def resolved(template: Template, value: Any) -> Any:
    """Return a value without intrinsic functions.

    Numbers become strings, the form in which AWS compares them: CDK writes TLS 1.2 as a number.

    Raises:
        ValueError: an intrinsic function that is not known here.
    """
    if isinstance(value, list):
        return [resolved(template, item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (next(iter(value)).startswith("Fn::") or "Ref" in value):
        return _call(template, *next(iter(value.items())))
    return {name: resolved(template, item) for name, item in value.items()}


def _call(template: Template, function: str, given: Any) -> str:
    if function == "Fn::Join":
        return str(given[0]).join(resolved(template, given[1]))
    if function == "Ref":
        return _PSEUDO[given] if given in _PSEUDO else _name(template, given)
    if function == "Fn::GetAtt" and len(given) == _SHORTEST_PAIR and given[1] == "Arn":
        if template["Resources"][given[0]]["Type"] == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{_name(template, given[0])}"
        return key_arn(given[0])
    raise ValueError(f"{function} of {given!r} cannot be resolved here")


def _name(template: Template, logical_id: str) -> str:
    return str(template["Resources"][logical_id].get("Properties", {}).get("BucketName", logical_id.lower()))


def _resources(template: Template, kind: str) -> Iterator[Mapping[str, Any]]:
    return (resource for resource in template["Resources"].values() if resource["Type"] == kind)
