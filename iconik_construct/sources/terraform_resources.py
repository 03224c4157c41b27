"""The resources of Terraform's AWS provider as those of CloudFormation, as far as they say who has access.

A resource that this table does not know keeps its values under a type of its own: a policy in it that names iconik is
found all the same, as in any resource of a template.

Source: the AWS provider's documentation, versions 3 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Planned", "resources_of"]

_BUCKET: Final = "aws_s3_bucket"
_KEYS: Final = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key")
_EVERYONE: Final = ("http://acs.amazonaws.com/groups/global/AllUsers", "global/AuthenticatedUsers")

_RENAMED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "aws_s3_bucket_policy": ("AWS::S3::BucketPolicy", {"bucket": "Bucket", "policy": "PolicyDocument"}),
    "aws_s3_access_point": ("AWS::S3::AccessPoint", {"bucket": "Bucket", "policy": "Policy"}),
    "aws_s3control_access_point_policy": ("AWS::S3::AccessPoint", {"policy": "Policy"}),
    "aws_s3control_multi_region_access_point_policy": ("AWS::S3::MultiRegionAccessPointPolicy", {"policy": "Policy"}),
    "aws_s3control_object_lambda_access_point_policy": (
        "AWS::S3ObjectLambda::AccessPointPolicy",
        {"policy": "PolicyDocument"},
    ),
    "aws_s3control_bucket_policy": ("AWS::S3Outposts::BucketPolicy", {"policy": "PolicyDocument"}),
    "aws_kms_alias": ("AWS::KMS::Alias", {"name": "AliasName", "target_key_id": "TargetKeyId"}),
    "aws_iam_role": ("AWS::IAM::Role", {"assume_role_policy": "AssumeRolePolicyDocument"}),
    "aws_sns_topic_policy": ("AWS::SNS::TopicPolicy", {"policy": "PolicyDocument"}),
    "aws_sqs_queue_policy": ("AWS::SQS::QueuePolicy", {"policy": "PolicyDocument"}),
    # What lets somebody in without a policy: whom it names is all that counts here.
    "aws_kms_grant": (
        "AWS::S3::AccessGrant",
        {"grantee_principal": "Grantee", "key_id": "KeyId", "operations": "Operations", "constraints": "Constraints"},
    ),
    "aws_s3control_access_grant": (
        "AWS::S3::AccessGrant",
        {
            "grantee": "Grantee",
            "permission": "Permission",
            "access_grants_location_id": "AccessGrantsLocationId",
            "access_grants_location_configuration": "AccessGrantsLocationConfiguration",
            "s3_prefix_type": "S3PrefixType",
        },
    ),
    "aws_lambda_permission": ("AWS::Lambda::Permission", {"principal": "Principal", "source_account": "SourceAccount"}),
    "aws_ram_principal_association": (
        "AWS::RAM::ResourceShare",
        {"principal": "Principals", "resource_share_arn": "ResourceShareArn"},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A managed resource.

    Attributes:
        address: its address.
        kind: its type.
        values: its attributes; what is known only after the apply is a function that nothing resolves.
        references: the one address that an attribute refers to, for those that refer to one.
    """

    address: str
    kind: str
    values: Mapping[str, Any]
    references: Mapping[str, str] = field(default_factory=dict)


def resources_of(planned: Sequence[Planned]) -> dict[str, Any]:
    """Return the resources of a template, by address."""
    return _Writing(planned).resources()


class _Writing:
    def __init__(self, planned: Sequence[Planned]) -> None:
        self._planned = planned
        self._kinds = {one.address: one.kind for one in planned}
        self._written: dict[str, Any] = {}
        self._addresses = {
            text: one.address
            for one in planned
            if one.kind in (_BUCKET, *_KEYS)
            for text in (one.values.get(name) for name in ("arn", "id", "key_id", "bucket"))
            if isinstance(text, str)
        }

    def resources(self) -> dict[str, Any]:
        for one in self._planned:
            if one.kind == _BUCKET:
                self._bucket(one)
            elif one.kind in _KEYS:
                self._add(one.address, "AWS::KMS::Key", {"KeyPolicy": one.values.get("policy") or _NO_STATEMENT})
        for one in self._planned:
            if one.kind.startswith("aws_s3_bucket_") and one.kind in _OF_BUCKETS:
                self._extend(one)
            elif one.kind == "aws_kms_key_policy":
                self._key_policy(one)
            elif one.kind in _RENAMED:
                kind, names = _RENAMED[one.kind]
                values = {named: self._value(one, name) for name, named in names.items() if one.values.get(name)}
                self._add(one.address, kind, values)
            elif one.kind != _BUCKET and one.kind not in _KEYS:
                self._add(one.address, f"Terraform::{one.kind}", dict(one.values))
        self._forget_old_policies()
        return self._written

    def _forget_old_policies(self) -> None:
        """Leave out what a bucket says of its policy where a resource beside it says it too, and newer."""
        for one in list(self._written.values()):
            bucket = one["Properties"].get("Bucket")
            if one["Type"] == "AWS::S3::BucketPolicy" and isinstance(bucket, dict):
                address = f"{bucket.get('Ref')}.policy"
                if self._written.get(address) is not one:
                    self._written.pop(address, None)

    def _add(self, address: str, kind: str, properties: dict[str, Any]) -> None:
        self._written[address] = {"Type": kind, "Properties": properties}

    def _bucket(self, one: Planned) -> None:
        name = one.values.get("bucket")
        properties: dict[str, Any] = {"BucketName": name} if isinstance(name, str) else {}
        self._add(one.address, "AWS::S3::Bucket", properties)
        # Up to version 3 of the provider, and deprecated since.
        if one.values.get("policy"):
            policy = {"Bucket": {"Ref": one.address}, "PolicyDocument": one.values["policy"]}
            self._add(f"{one.address}.policy", "AWS::S3::BucketPolicy", policy)
        if one.values.get("acl"):
            properties["AccessControl"] = _canned(one.values["acl"])
        configured = one.values.get("server_side_encryption_configuration")
        for block in configured if isinstance(configured, list) else ():
            reference = one.references.get("server_side_encryption_configuration")
            self._encrypt(properties, _mapping(block).get("rule"), reference)

    def _extend(self, one: Planned) -> None:
        """Write into the bucket what a resource beside it says of it."""
        properties = self._bucket_of(one)
        if one.kind == "aws_s3_bucket_server_side_encryption_configuration":
            self._encrypt(properties, one.values.get("rule"), one.references.get("rule"))
        elif one.kind == "aws_s3_bucket_acl":
            properties["AccessControl"] = _canned(one.values.get("acl") or _granted(one.values))
            if one.values.get("access_control_policy"):
                properties["AccessControlPolicy"] = one.values["access_control_policy"]
        elif one.kind == "aws_s3_bucket_ownership_controls":
            rules = one.values.get("rule")
            properties["OwnershipControls"] = {
                "Rules": [{"ObjectOwnership": _mapping(rule).get("object_ownership")} for rule in _listed(rules)]
            }
        else:
            properties["PublicAccessBlockConfiguration"] = {
                "BlockPublicAcls": one.values.get("block_public_acls"),
                "IgnorePublicAcls": one.values.get("ignore_public_acls"),
                "BlockPublicPolicy": one.values.get("block_public_policy"),
                "RestrictPublicBuckets": one.values.get("restrict_public_buckets"),
            }

    def _bucket_of(self, one: Planned) -> dict[str, Any]:
        name = one.values.get("bucket")
        address = one.references.get("bucket") or (self._addresses.get(name) if isinstance(name, str) else None)
        if self._kinds.get(address or "") != _BUCKET:
            # A bucket of others, known by its name or by nothing.
            address = f"bucket {name}" if isinstance(name, str) else f"{one.address}.bucket"
            if address not in self._written:
                self._add(address, "AWS::S3::Bucket", {"BucketName": name} if isinstance(name, str) else {})
        found: dict[str, Any] = self._written[address or ""]["Properties"]
        return found

    def _encrypt(self, properties: dict[str, Any], rules: Any, reference: str | None) -> None:
        written = []
        for rule in _listed(rules):
            for block in _listed(_mapping(rule).get("apply_server_side_encryption_by_default")):
                key = _mapping(block).get("kms_master_key_id")
                by_default = {"SSEAlgorithm": _mapping(block).get("sse_algorithm")}
                if key:
                    by_default["KMSMasterKeyID"] = self._resolved(key, reference, "Arn")
                written.append({"ServerSideEncryptionByDefault": by_default})
        properties["BucketEncryption"] = {"ServerSideEncryptionConfiguration": written}

    def _key_policy(self, one: Planned) -> None:
        key = self._resolved(one.values.get("key_id"), one.references.get("key_id"), "Arn")
        address = key["Fn::GetAtt"][0] if isinstance(key, dict) and "Fn::GetAtt" in key else one.address
        self._add(address, "AWS::KMS::Key", {"KeyPolicy": one.values.get("policy")})

    def _value(self, one: Planned, name: str) -> Any:
        value = one.values[name]
        if name in ("bucket", "target_key_id"):
            return self._resolved(value, one.references.get(name), "Ref" if name == "bucket" else "Arn")
        return value

    def _resolved(self, value: Any, reference: str | None, attribute: str) -> Any:
        """Return a reference to the bucket or key of this plan that a value is, and any other value as it is."""
        address = self._addresses.get(value) if isinstance(value, str) else reference
        if address is None or self._kinds.get(address) not in (_BUCKET, *_KEYS):
            return value
        return {"Ref": address} if attribute == "Ref" else {"Fn::GetAtt": [address, attribute]}


_NO_STATEMENT: Final = {"Version": "2012-10-17", "Statement": []}
_OF_BUCKETS: Final = (
    "aws_s3_bucket_acl",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
)


def _canned(acl: Any) -> Any:
    """Return a canned ACL as CloudFormation writes it."""
    return "".join(part.capitalize() for part in acl.split("-")) if isinstance(acl, str) else acl


def _granted(values: Mapping[str, Any]) -> str | None:
    """Return the canned ACL that a list of grants comes to, as far as everyone is concerned."""
    text = str(values.get("access_control_policy"))
    return "public-read" if any(one in text for one in _EVERYONE) else None


def _listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [] if node is None else [node]


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}
