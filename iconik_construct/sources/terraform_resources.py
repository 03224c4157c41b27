"""Converts the resources of Terraform's AWS provider into those of CloudFormation, as far as they decide access.

A resource outside this table keeps its values under its own type. A policy in it that names iconik is found as in any
resource of a template.

Source: the AWS provider's documentation, versions 3 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..templates.documents import AFTER_APPLY
from ..templates.policies import LOCATIONS
from ..templates.template import mapping
from .terraform_awscc import AWSCC, as_cloudformation, properties_of_awscc, snake
from .terraform_types import BLOCKS, RENAMED

__all__ = ["Planned", "resources_of"]

_BUCKET: Final = "aws_s3_bucket"
_KEYS: Final = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key")
_ALIASES: Final = ("aws_kms_alias", "awscc_kms_alias")
_REFERRED_TO: Final = (_BUCKET, *_KEYS, *_ALIASES, "awscc_s3_bucket", "awscc_kms_key", "awscc_kms_replica_key")
_NAMES: Final = ("arn", "id", "key_id", "bucket", "bucket_name")
_EVERYONE: Final = ("http://acs.amazonaws.com/groups/global/AllUsers", "global/AuthenticatedUsers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A managed resource.

    Attributes:
        address: its address.
        kind: its type.
        values: its attributes. A value that is known only after the apply is a function that nothing resolves.
        references: the address that an attribute refers to, if it refers to exactly one.
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
        self._kinds = {resource.address: resource.kind for resource in planned}
        self._written: dict[str, Any] = {}
        self._with_policy: set[str] = set()
        self._of_any_bucket: list[tuple[str, dict[str, Any]]] = []
        self._addresses: dict[str, list[str]] = {}
        for resource in planned:
            values = [resource.values.get(name) for name in _NAMES] if resource.kind in _REFERRED_TO else []
            for text in dict.fromkeys(value for value in values if isinstance(value, str)):
                self._addresses.setdefault(text, []).append(resource.address)

    def resources(self) -> dict[str, Any]:
        for resource in self._planned:
            if resource.kind == _BUCKET:
                self._bucket(resource)
            elif resource.kind in _KEYS:
                enabled = resource.values.get("is_enabled")
                policy = {"KeyPolicy": resource.values.get("policy") or _NO_STATEMENT}
                self._add(resource.address, "AWS::KMS::Key", policy | ({} if enabled is None else {"Enabled": enabled}))
        for resource in self._planned:
            if resource.kind.startswith("aws_s3_bucket_") and resource.kind in _OF_BUCKETS:
                self._extend(resource)
            elif resource.kind == "aws_kms_key_policy":
                self._key_policy(resource)
            elif resource.kind in RENAMED:
                self._renamed(resource)
            elif resource.kind in AWSCC:
                self._awscc(resource, AWSCC[resource.kind])
            elif resource.kind != _BUCKET and resource.kind not in _KEYS:
                self._add(resource.address, f"Terraform::{resource.kind}", dict(resource.values))
        self._forget_old_policies()
        self._count_for_each_bucket()
        return self._written

    def _forget_old_policies(self) -> None:
        """Remove a bucket's own policy attribute if a separate, newer resource sets the policy too."""
        for written in list(self._written.values()):
            bucket = written["Properties"].get("Bucket")
            if written["Type"] == "AWS::S3::BucketPolicy" and isinstance(bucket, dict):
                address = f"{bucket.get('Ref')}.policy"
                if self._written.get(address) is not written:
                    self._written.pop(address, None)

    def _count_for_each_bucket(self) -> None:
        """Let a setting or a policy whose bucket is not known count for each bucket that it can belong to."""
        buckets = [each["Properties"] for each in self._written.values() if each["Type"] == "AWS::S3::Bucket"]
        for address, settings in self._of_any_bucket:
            if _may_have_key(settings.get("BucketEncryption")):
                settings["BucketEncryption"] = _with_key({AFTER_APPLY: address})
            for properties in buckets:
                for name, value in settings.items():
                    properties.setdefault(name, {"Fn::If": [address, value, {"Ref": "AWS::NoValue"}]})
        if not any(_may_have_key(properties.get("BucketEncryption")) for properties in buckets):
            return
        for address, written in list(self._written.items()):
            if written["Type"] == "AWS::S3::BucketPolicy" and AFTER_APPLY in mapping(written["Properties"]["Bucket"]):
                unknown = written["Properties"]["Bucket"]
                written["Properties"]["Bucket"] = {"Ref": f"{address}.bucket"}
                properties = {"BucketName": unknown, "BucketEncryption": _with_key(unknown)}
                self._add(f"{address}.bucket", "AWS::S3::Bucket", properties)

    def _add(self, address: str, kind: str, properties: dict[str, Any]) -> None:
        self._written[address] = {"Type": kind, "Properties": properties}

    def _renamed(self, resource: Planned) -> None:
        kind, names = RENAMED[resource.kind]
        given = {**resource.values, **mapping(next(iter(_listed(resource.values.get("details"))), None))}
        if resource.kind.endswith(("_policy", "_role")):
            # Such a resource always has a policy. If the plan has none, the policy is unknown.
            policy = next(name for name, named in names.items() if named == LOCATIONS[kind])
            given[policy] = given.get(policy) or {AFTER_APPLY: resource.address}
        self._add(
            resource.address,
            kind,
            {named: self._value(resource, name, given) for name, named in names.items() if given.get(name)}
            | {named: as_cloudformation(_listed(given[name])[0]) for name, named in BLOCKS.items() if given.get(name)},
        )

    def _awscc(self, resource: Planned, kind: str) -> None:
        properties = properties_of_awscc(kind, resource.values)
        for name, attribute in (("Bucket", "Ref"), ("TargetKeyId", "Arn")):
            if name in properties:
                properties[name] = self._resolved(properties[name], resource.references.get(snake(name)), attribute)
        for rule in _listed(mapping(properties.get("BucketEncryption")).get("ServerSideEncryptionConfiguration")):
            by_default = mapping(rule).get("ServerSideEncryptionByDefault")
            if isinstance(by_default, dict) and "KMSMasterKeyID" in by_default:
                reference = resource.references.get("bucket_encryption")
                by_default["KMSMasterKeyID"] = self._resolved(by_default["KMSMasterKeyID"], reference, "Arn")
        self._add(resource.address, kind, properties)

    def _bucket(self, resource: Planned) -> None:
        name = resource.values.get("bucket")
        properties: dict[str, Any] = {"BucketName": name} if isinstance(name, str) else {}
        self._add(resource.address, "AWS::S3::Bucket", properties)
        # Up to version 3 of the provider, and deprecated since.
        if resource.values.get("policy"):
            policy = {"Bucket": {"Ref": resource.address}, "PolicyDocument": resource.values["policy"]}
            self._add(f"{resource.address}.policy", "AWS::S3::BucketPolicy", policy)
        if acl := resource.values.get("acl") or _granted(resource.values):
            properties["AccessControl"] = _canned(acl)
        configured = resource.values.get("server_side_encryption_configuration")
        for block in configured if isinstance(configured, list) else ():
            reference = resource.references.get("server_side_encryption_configuration")
            self._encrypt(properties, mapping(block).get("rule"), reference)

    def _extend(self, resource: Planned) -> None:
        """Write the values of a separate resource into its bucket."""
        name = resource.values.get("bucket")
        address = self._address_of(name, resource.references.get("bucket")) or ""
        if self._kinds.get(address) != _BUCKET:
            # A bucket of another owner, or a bucket that is not known.
            address = f"bucket {name}" if isinstance(name, str) else f"{resource.address}.bucket"
            if address not in self._written:
                self._add(address, "AWS::S3::Bucket", {"BucketName": name} if isinstance(name, str) else {})
        properties: dict[str, Any] = self._written[address]["Properties"]
        if not isinstance(name, str) and self._kinds.get(address) != _BUCKET:
            self._of_any_bucket.append((resource.address, properties))
        if resource.kind == "aws_s3_bucket_server_side_encryption_configuration":
            self._encrypt(properties, resource.values.get("rule"), resource.references.get("rule"))
        elif resource.kind == "aws_s3_bucket_acl":
            properties["AccessControl"] = _canned(resource.values.get("acl") or _granted(resource.values))
            if resource.values.get("access_control_policy"):
                properties["AccessControlPolicy"] = resource.values["access_control_policy"]
        elif resource.kind == "aws_s3_bucket_ownership_controls":
            rules = resource.values.get("rule")
            properties["OwnershipControls"] = {
                "Rules": [{"ObjectOwnership": mapping(rule).get("object_ownership")} for rule in _listed(rules)]
            }
        elif resource.kind == "aws_s3_bucket_abac":
            status = resource.values.get("abac_status")
            properties["AbacStatus"] = next((mapping(each).get("status") for each in _listed(status)), status)
        else:
            properties["PublicAccessBlockConfiguration"] = {
                "BlockPublicAcls": resource.values.get("block_public_acls"),
                "IgnorePublicAcls": resource.values.get("ignore_public_acls"),
                "BlockPublicPolicy": resource.values.get("block_public_policy"),
                "RestrictPublicBuckets": resource.values.get("restrict_public_buckets"),
            }

    def _encrypt(self, properties: dict[str, Any], rules: Any, reference: str | None) -> None:
        written = []
        for rule in _listed(rules):
            for block in _listed(mapping(rule).get("apply_server_side_encryption_by_default")):
                key = mapping(block).get("kms_master_key_id")
                by_default = {"SSEAlgorithm": mapping(block).get("sse_algorithm")}
                if key:
                    by_default["KMSMasterKeyID"] = self._resolved(key, reference, "Arn")
                written.append({"ServerSideEncryptionByDefault": by_default})
        properties["BucketEncryption"] = {"ServerSideEncryptionConfiguration": written}

    def _key_policy(self, resource: Planned) -> None:
        key, reference = resource.values.get("key_id"), resource.references.get("key_id")
        address = self._address_of(key, reference)
        if address is None or self._kinds.get(address) not in _REFERRED_TO:
            # A key of several Regions has one id in all of them.
            for each in self._addresses.get(key, ()) if isinstance(key, str) else ():
                self._add(each, "AWS::KMS::Key", {"KeyPolicy": {AFTER_APPLY: resource.address}})
            address = resource.address
        if address in self._with_policy:
            # Two policies of one key replace each other in an unknown order: each may be the last one.
            address = resource.address
        self._with_policy.add(address)
        self._add(
            address, "AWS::KMS::Key", {"KeyPolicy": resource.values.get("policy") or {AFTER_APPLY: resource.address}}
        )

    def _value(self, resource: Planned, name: str, given: Mapping[str, Any]) -> Any:
        value = given[name]
        if name == "grantee_principal" and not isinstance(value, str):
            role = resource.references.get(name, "")
            return {"Fn::GetAtt": [role, "Arn"]} if self._kinds.get(role) == "aws_iam_role" else value
        if name in ("bucket", "target_key_id"):
            return self._resolved(value, resource.references.get(name), "Ref" if name == "bucket" else "Arn")
        return value

    def _address_of(self, value: Any, reference: str | None) -> str | None:
        """Return the address of the bucket or key with a known or unknown name, or None if it can be several."""
        if not isinstance(value, str):
            return reference
        known = self._addresses.get(value, [])
        return known[0] if len(known) == 1 else reference if reference in known else None

    def _resolved(self, value: Any, reference: str | None, attribute: str) -> Any:
        """Return a reference to a bucket or key of this plan instead of its value. Other values are unchanged."""
        address = self._address_of(value, reference)
        if address is None or self._kinds.get(address) not in _REFERRED_TO:
            return value
        is_name = attribute == "Ref" or self._kinds[address] in _ALIASES
        return {"Ref": address} if is_name else {"Fn::GetAtt": [address, attribute]}


_NO_STATEMENT: Final = {"Version": "2012-10-17", "Statement": []}
_OF_BUCKETS: Final = (
    "aws_s3_bucket_abac",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
)


def _canned(acl: Any) -> Any:
    """Return a canned ACL in the spelling of CloudFormation."""
    return "".join(part.capitalize() for part in acl.split("-")) if isinstance(acl, str) else acl


def _granted(values: Mapping[str, Any]) -> str | None:
    """Return the canned ACL that gives everyone the same access as a list of grants."""
    text = f"{values.get('access_control_policy')}{values.get('grant')}"
    return "public-read" if any(group in text for group in _EVERYONE) else None


def _with_key(key: Any) -> dict[str, Any]:
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    return {"ServerSideEncryptionConfiguration": [rule]}


def _may_have_key(encryption: Any) -> bool:
    rules = mapping(encryption).get("ServerSideEncryptionConfiguration", encryption)
    return any(
        mapping(mapping(rule).get("ServerSideEncryptionByDefault")).get("SSEAlgorithm") != "AES256"
        for rule in _listed(rules)
    )


def _listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [] if node is None else [node]
