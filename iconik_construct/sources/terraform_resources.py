"""Converts the resources of Terraform's AWS provider into those of CloudFormation, as far as they decide access.

A resource outside this table keeps its values under its own type. A policy in it that names iconik is found as in any
resource of a template.

Source: the AWS provider's documentation, versions 3 to 6.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..templates.documents import AFTER_APPLY
from ..templates.policies import LOCATIONS
from ..templates.template import mapping
from .terraform_awscc import AWSCC, as_cloudformation, properties_of_awscc, snake
from .terraform_keys import KEYS, properties_of_key
from .terraform_settings import SETTINGS, acl_of, listed, may_have_key, payer_of, restricts, tags_of, with_key
from .terraform_types import BLOCKS, RENAMED

__all__ = ["Planned", "resources_of"]

_BUCKET: Final = "aws_s3_bucket"
_TYPE: Final = "AWS::S3::Bucket"
_ENCRYPTION: Final = "aws_s3_bucket_server_side_encryption_configuration"
_ALIASES: Final = ("aws_kms_alias", "awscc_kms_alias")
_REFERRED_TO: Final = (_BUCKET, *KEYS, *_ALIASES, "awscc_s3_bucket", "awscc_kms_key", "awscc_kms_replica_key")
_NAMES: Final = ("arn", "id", "key_id", "bucket", "bucket_name")
_OF_STACK_SETS: Final = ("aws_cloudformation_stack_instances", "aws_cloudformation_stack_set_instance")
"""Types with other values for the parameters of a stack set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A managed resource.

    Attributes:
        address: its address.
        kind: its type.
        values: its attributes. A value that is known only after the apply is a function that nothing resolves.
        named: the addresses that an attribute may refer to, and None if it may have another value.
    """

    address: str
    kind: str
    values: Mapping[str, Any]
    named: Mapping[str, Collection[str | None]] = field(default_factory=dict)

    def reference(self, attribute: str) -> str | None:
        """Return the address that an attribute certainly refers to."""
        return _only(self.named.get(attribute, ()))


def resources_of(planned: Sequence[Planned]) -> dict[str, Any]:
    """Return the resources of a template, by address."""
    return _Writing(planned).resources()


class _Writing:
    def __init__(self, planned: Sequence[Planned]) -> None:
        self._planned = planned
        self._kinds = {resource.address: resource.kind for resource in planned}
        self._by_address = {resource.address: resource for resource in planned}
        self._buckets: dict[str, set[str | None]] = {}
        self._written: dict[str, Any] = {}
        self._with_policy: set[str] = set()
        self._of_some_bucket: list[tuple[str, dict[str, Any]]] = []
        self._addresses: dict[str, list[str]] = {}
        for resource in planned:
            values = [resource.values.get(name) for name in _NAMES] if resource.kind in _REFERRED_TO else []
            for text in dict.fromkeys(value for value in values if isinstance(value, str)):
                self._addresses.setdefault(text, []).append(resource.address)

    def resources(self) -> dict[str, Any]:
        for resource in self._planned:
            if resource.kind == _BUCKET:
                self._bucket(resource)
            elif resource.kind in KEYS:
                self._add(resource.address, "AWS::KMS::Key", properties_of_key(resource.kind, resource.values))
        for resource in self._planned:
            if resource.kind == _ENCRYPTION or resource.kind in SETTINGS:
                self._extend(resource)
            elif resource.kind == "aws_kms_key_policy":
                self._key_policy(resource)
            elif resource.kind in RENAMED:
                self._renamed(resource)
            elif resource.kind in AWSCC:
                self._awscc(resource, AWSCC[resource.kind])
            elif resource.kind != _BUCKET and resource.kind not in KEYS:
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
        """Let a setting or a policy whose bucket is not known count for each bucket that it can belong to.

        Those are the buckets that its expression names, or else all. Settings that only restrict count for none.
        """
        written = [(name, each["Properties"]) for name, each in self._written.items() if each["Type"] == _TYPE]
        own = {(bucket, name) for bucket, properties in written for name in properties}
        for address, settings in self._of_some_bucket:
            if may_have_key(settings.get("BucketEncryption")):
                settings["BucketEncryption"] = with_key({AFTER_APPLY: address})
            named = self._buckets_of(self._by_address[address])
            for bucket, properties in written:
                for name, value in settings.items() if bucket in named or named == {None} else ():
                    if (bucket, name) not in own and not restricts(name, value):
                        other = properties.get(name, {"Ref": "AWS::NoValue"})
                        properties[name] = {"Fn::If": [address, value, other]}
        buckets = [properties for _, properties in written]
        if not any(may_have_key(properties.get("BucketEncryption")) for properties in buckets):
            return
        for address, each in list(self._written.items()):
            unknown = each["Properties"].get("Bucket") if each["Type"] == "AWS::S3::BucketPolicy" else None
            if AFTER_APPLY in mapping(unknown):
                each["Properties"]["Bucket"] = {"Ref": f"{address}.bucket"}
                self._add(f"{address}.bucket", _TYPE, {"BucketName": unknown, "BucketEncryption": with_key(unknown)})

    def _add(self, address: str, kind: str, properties: dict[str, Any]) -> None:
        self._written[address] = {"Type": kind, "Properties": properties}

    def _renamed(self, resource: Planned) -> None:
        kind, names = RENAMED[resource.kind]
        given = {**resource.values, **mapping(next(iter(listed(resource.values.get("details"))), None))}
        if resource.kind.endswith(("_policy", "_role")):
            # Such a resource always has a policy. If the plan has none, the policy is unknown.
            policy = next(name for name, named in names.items() if named == LOCATIONS[kind])
            given[policy] = given.get(policy) or {AFTER_APPLY: resource.address}
        self._add(
            resource.address,
            kind,
            {named: self._value(resource, name, given) for name, named in names.items() if given.get(name)}
            | {named: as_cloudformation(listed(given[name])[0]) for name, named in BLOCKS.items() if given.get(name)},
        )
        if resource.kind == "aws_cloudformation_stack_set":
            groups = [
                {"ParameterOverrides": _parameters(each.values.get("parameter_overrides"))}
                for each in self._planned
                if each.kind in _OF_STACK_SETS
            ]
            # Without its stacks, the plan does not have all values of the parameters.
            self._written[resource.address]["Properties"]["StackInstancesGroup"] = groups or {AFTER_APPLY: "its stacks"}

    def _awscc(self, resource: Planned, kind: str) -> None:
        properties = properties_of_awscc(kind, resource.values)
        for name, attribute in (("Bucket", "Ref"), ("TargetKeyId", "Arn")):
            if name in properties:
                properties[name] = self._resolved(properties[name], resource.reference(snake(name)), attribute)
        for rule in listed(mapping(properties.get("BucketEncryption")).get("ServerSideEncryptionConfiguration")):
            by_default = mapping(rule).get("ServerSideEncryptionByDefault")
            if isinstance(by_default, dict) and "KMSMasterKeyID" in by_default:
                reference = resource.reference("bucket_encryption")
                by_default["KMSMasterKeyID"] = self._resolved(by_default["KMSMasterKeyID"], reference, "Arn")
        self._add(resource.address, kind, properties)

    def _bucket(self, resource: Planned) -> None:
        name = resource.values.get("bucket")
        properties: dict[str, Any] = {"BucketName": name} if isinstance(name, str) else {}
        if isinstance(resource.values.get("region"), str):
            # `AWS::S3::Bucket` has no such property.
            properties["Region"] = resource.values["region"]
        self._add(resource.address, _TYPE, properties)
        # Up to version 3 of the provider, and deprecated since.
        if resource.values.get("policy"):
            policy = {"Bucket": {"Ref": resource.address}, "PolicyDocument": resource.values["policy"]}
            self._add(f"{resource.address}.policy", "AWS::S3::BucketPolicy", policy)
        properties |= (
            acl_of(resource.values) | payer_of(resource.values.get("request_payer")) | tags_of(resource.values)
        )
        configured = resource.values.get("server_side_encryption_configuration")
        for block in configured if isinstance(configured, list) else ():
            reference = resource.reference("server_side_encryption_configuration")
            self._encrypt(properties, mapping(block).get("rule"), reference)

    def _extend(self, resource: Planned) -> None:
        """Write the values of a separate resource into its bucket."""
        name = resource.values.get("bucket")
        address = _only(self._buckets_of(resource)) or ""
        if self._kinds.get(address) != _BUCKET:
            # A bucket of another owner, or a bucket that is not known.
            address = f"bucket {name}" if isinstance(name, str) else f"{resource.address}.bucket"
            if address not in self._written:
                self._add(address, _TYPE, {"BucketName": name} if isinstance(name, str) else {})
        properties: dict[str, Any] = self._written[address]["Properties"]
        if not isinstance(name, str) and self._kinds.get(address) != _BUCKET:
            self._of_some_bucket.append((resource.address, properties))
        if resource.kind == _ENCRYPTION:
            self._encrypt(properties, resource.values.get("rule"), resource.reference("rule"))
        else:
            properties.update(SETTINGS[resource.kind](resource.values))

    def _encrypt(self, properties: dict[str, Any], rules: Any, reference: str | None) -> None:
        written = []
        for rule in listed(rules):
            for block in listed(mapping(rule).get("apply_server_side_encryption_by_default")):
                key = mapping(block).get("kms_master_key_id")
                by_default = {"SSEAlgorithm": mapping(block).get("sse_algorithm")}
                if key:
                    by_default["KMSMasterKeyID"] = self._resolved(key, reference, "Arn")
                with_bucket_key = mapping(rule).get("bucket_key_enabled") or False
                written.append({"ServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": with_bucket_key})
        properties["BucketEncryption"] = {"ServerSideEncryptionConfiguration": written}

    def _key_policy(self, resource: Planned) -> None:
        key, reference = resource.values.get("key_id"), resource.reference("key_id")
        address = self._address_of(key, reference)
        if address is None or self._kinds.get(address) not in _REFERRED_TO:
            keys = [each for each, kind in self._kinds.items() if kind in KEYS and each not in self._with_policy]
            named = set(keys).intersection(resource.named.get("key_id", ()))
            # A key of several Regions has one id in all of them.
            for each in self._addresses.get(key, ()) if isinstance(key, str) else named or keys:
                self._set_key_policy(each, {AFTER_APPLY: resource.address})
            address = resource.address
        if address in self._with_policy:
            # Two policies of one key replace each other in an unknown order: each may be the last one.
            address = resource.address
        self._with_policy.add(address)
        self._set_key_policy(address, resource.values.get("policy") or {AFTER_APPLY: resource.address})

    def _set_key_policy(self, address: str, policy: Any) -> None:
        written = self._written.get(address, {})
        own = written["Properties"] if written.get("Type") == "AWS::KMS::Key" else {}
        self._add(address, "AWS::KMS::Key", own | {"KeyPolicy": policy})

    def _value(self, resource: Planned, name: str, given: Mapping[str, Any]) -> Any:
        value = given[name]
        if name == "grantee_principal" and not isinstance(value, str):
            role = resource.reference(name) or ""
            return {"Fn::GetAtt": [role, "Arn"]} if self._kinds.get(role) == "aws_iam_role" else value
        if name == "parameters":
            return _parameters(value)
        if name == "bucket":
            return self._resolved(value, _only(self._buckets_of(resource)), "Ref")
        is_key = name in ("key_id", "target_key_id")
        return self._resolved(value, resource.reference(name), "Arn") if is_key else value

    def _buckets_of(self, resource: Planned) -> set[str | None]:
        """Return the addresses that the bucket of a resource may have, and None for a bucket that is not known."""
        value = resource.values.get("bucket")
        if isinstance(value, str):
            return {self._address_of(value, resource.reference("bucket"))}
        if resource.address not in self._buckets:
            # A bucket that depends on itself is not known.
            self._buckets[resource.address] = {None}
            found: set[str | None] = set()
            for address in resource.named.get("bucket") or (None,):
                other = self._by_address.get(address or "")
                # The id of such a resource is the name of its bucket.
                if other is not None and other.kind.startswith(f"{_BUCKET}_"):
                    found |= self._buckets_of(other)
                else:
                    found.add(address)
            self._buckets[resource.address] = found
        return self._buckets[resource.address]

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


def _parameters(values: Any) -> Any:
    if not isinstance(values, dict) or AFTER_APPLY in values:
        return values or []
    return [{"ParameterKey": key, "ParameterValue": each} for key, each in values.items()]


def _only(addresses: Collection[str | None]) -> str | None:
    return next(iter(addresses)) if len(addresses) == 1 else None
