"""Converts the settings of buckets of Terraform's AWS provider: ACL, ownership, public access, encryption and more.

Source: the AWS provider's documentation, versions 3 to 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..templates.documents import AFTER_APPLY
from ..templates.template import mapping

__all__ = ["SETTINGS", "acl_of", "listed", "may_have_key", "payer_of", "restricts", "tags_of", "with_key"]

_EVERYONE: Final = ("http://acs.amazonaws.com/groups/global/AllUsers", "global/AuthenticatedUsers")


def acl_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the canned ACL, and the grants to single accounts in the shape of boto3's answer.

    A list of grants for everyone is the canned ACL that gives everyone the same access.
    """
    text = f"{values.get('access_control_policy')}{values.get('grant')}"
    acl = values.get("acl") or ("public-read" if any(group in text for group in _EVERYONE) else None)
    canned = "".join(part.capitalize() for part in acl.split("-")) if isinstance(acl, str) else acl
    policy = mapping(_first(values.get("access_control_policy")))
    grants = [
        {"Grantee": {"ID": who.get("id") or who.get("email_address")}, "Permission": permission}
        for grant in map(mapping, (*listed(policy.get("grant")), *listed(values.get("grant"))))
        for who in (mapping(_first(grant.get("grantee"))) or grant,)
        for permission in listed(grant.get("permission") or grant.get("permissions"))
        if not who.get("uri")
    ]
    if AFTER_APPLY in policy:
        # The provider computes the grants of a canned ACL.
        return {"AccessControl": canned} if canned else {"AccessControlPolicy": policy}
    owner = mapping(_first(policy.get("owner"))).get("id")
    return ({"AccessControl": canned} if canned else {}) | (
        {"AccessControlPolicy": {"Owner": {"ID": owner}, "Grants": grants}} if grants else {}
    )


def payer_of(payer: Any) -> dict[str, Any]:
    """Return who pays for requests. `AWS::S3::Bucket` has no such property."""
    return {"RequestPaymentConfiguration": {"Payer": payer}} if payer else {}


def tags_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags of a resource, also those that the provider adds to every resource."""
    tags = values.get("tags_all") or values.get("tags")
    if not isinstance(tags, dict) or AFTER_APPLY in tags:
        return {"Tags": tags} if tags else {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def with_key(key: Any) -> dict[str, Any]:
    """Return an encryption by a key."""
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    return {"ServerSideEncryptionConfiguration": [rule]}


def may_have_key(encryption: Any) -> bool:
    """Return whether an encryption may be by a key of KMS."""
    rules = mapping(encryption).get("ServerSideEncryptionConfiguration", encryption)
    by_default = [mapping(mapping(rule).get("ServerSideEncryptionByDefault")) for rule in listed(rules)]
    return any(each.get("SSEAlgorithm") != "AES256" for each in by_default)


def restricts(name: str, value: Any) -> bool:
    """Return whether a setting gives nobody access and takes none from iconik."""
    if name == "OwnershipControls":
        return all(mapping(rule).get("ObjectOwnership") == "BucketOwnerEnforced" for rule in value["Rules"])
    return value in ("Disabled", "Private", None)


def listed(node: Any) -> list[Any]:
    """Return a list as it is, and anything else as a list."""
    return node if isinstance(node, list) else [] if node is None else [node]


def _first(node: Any) -> Any:
    return next(iter(listed(node)), None)


def _ownership(values: Mapping[str, Any]) -> dict[str, Any]:
    rules = [{"ObjectOwnership": mapping(rule).get("object_ownership")} for rule in listed(values.get("rule"))]
    return {"OwnershipControls": {"Rules": rules}}


def _abac(values: Mapping[str, Any]) -> dict[str, Any]:
    status = values.get("abac_status")
    return {"AbacStatus": next((mapping(each).get("status") for each in listed(status)), status)}


def _public_access(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _BLOCK: {
            "BlockPublicAcls": values.get("block_public_acls"),
            "IgnorePublicAcls": values.get("ignore_public_acls"),
            "BlockPublicPolicy": values.get("block_public_policy"),
            "RestrictPublicBuckets": values.get("restrict_public_buckets"),
        }
    }


_BLOCK: Final = "PublicAccessBlockConfiguration"
SETTINGS: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "aws_s3_bucket_abac": _abac,
    "aws_s3_bucket_acl": acl_of,
    "aws_s3_bucket_ownership_controls": _ownership,
    "aws_s3_bucket_public_access_block": _public_access,
    "aws_s3_bucket_request_payment_configuration": lambda values: payer_of(values.get("payer")),
}
"""The functions that return the properties that each separate resource sets in its bucket, besides the encryption."""
