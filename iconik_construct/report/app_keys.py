"""The customer managed keys of an app, by whatever its buckets call them: an ARN, an id, an alias or a reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..guardrail.encryption_keys import identity
from ..guardrail.intrinsics import Scope
from ..guardrail.template import Template, properties_of
from .model import Policy
from .resolving import document_of, merged_document_of, plain, values_under

__all__ = ["AppKeys", "Resource"]

Resource = tuple[Template, str, Mapping[str, Any], Scope]
_OWN_KEYS: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_AWS_MANAGED: Final = (None, "alias/aws/s3")


class AppKeys:
    """What the templates say of keys."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = tuple(resources)
        self._policies = {identity(arn): policy for arn, policy in self._found()}
        self._aliases = dict(self._targets())
        self._disabled = {
            identity(arn)
            for _, logical_id, resource, scope in self._resources
            if resource.get("Type") in _OWN_KEYS and "false" in plain(properties_of(resource).get("Enabled"), scope)
            for arn in plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope)
        }

    def policy_of(self, key: str) -> Policy | None:
        """Return the policy of a key, or what is merged into it; None where the app has neither."""
        return self._policies.get(identity(self._aliases.get(key, key)))

    def of_bucket(self, bucket: Mapping[str, Any], scope: Scope) -> str | None:
        """Return the key of a bucket of the app; None for keys of S3."""
        found = list(values_under(bucket.get("BucketEncryption"), "KMSMasterKeyID"))
        return next((one for node in found for one in plain(node, scope)), None)

    def is_aws_managed(self, bucket: Mapping[str, Any], scope: Scope) -> bool:
        """Tell whether a bucket of the app encrypts with the key of AWS, the one where KMS is named and no key."""
        encryption = bucket.get("BucketEncryption")
        algorithms = [one for node in values_under(encryption, "SSEAlgorithm") for one in plain(node, scope)]
        return any(one.startswith("aws:kms") for one in algorithms) and self.of_bucket(bucket, scope) in _AWS_MANAGED

    def is_disabled(self, key: str | None) -> bool:
        """Tell whether a key of the app is off, so that nobody can use it."""
        return key is not None and identity(self._aliases.get(key, key)) in self._disabled

    def beside(self, template: Template, bucket: str) -> str | None:
        """Return the key of an adopted bucket: the one merged for by the same construct, which the Sids tell."""
        suffixes: dict[str, tuple[str, str]] = {}
        for other, _, resource, scope in self._resources:
            properties = properties_of(resource)
            if other is not template or not str(resource.get("Type", "")).startswith("Custom::Iconik"):
                continue
            for sid in properties.get("Statements", {}) if isinstance(properties.get("Statements"), dict) else ():
                target = next(iter(plain(properties.get("KeyArn", properties.get("BucketName")), scope)), "")
                kind = "key" if "KeyArn" in properties else "bucket"
                suffixes.setdefault(f"{kind} {sid[-8:]}", (kind, target))
        mine = [mark.split()[1] for mark, (kind, target) in suffixes.items() if kind == "bucket" and target == bucket]
        return next((suffixes[f"key {one}"][1] for one in mine if f"key {one}" in suffixes), None)

    def _found(self) -> Iterator[tuple[str, Policy]]:
        for _, logical_id, resource, scope in self._resources:
            properties = properties_of(resource)
            if resource.get("Type") in _OWN_KEYS:
                arns = plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope)
                document, whole = document_of(properties.get("KeyPolicy"), scope), True
            elif resource.get("Type") == "Custom::IconikKeyPolicyStatements":
                arns = plain(properties.get("KeyArn"), scope)
                document, whole = merged_document_of(properties, scope), False
            else:
                continue
            for arn in arns:
                yield arn, Policy(arn=arn, document=document, is_whole=whole)

    def _targets(self) -> Iterator[tuple[str, str]]:
        for _, _, resource, scope in self._resources:
            if resource.get("Type") == "AWS::KMS::Alias":
                for target in plain(properties_of(resource).get("TargetKeyId"), scope):
                    for name in plain(properties_of(resource).get("AliasName"), scope):
                        yield name, target
