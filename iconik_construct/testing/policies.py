"""Finds, in a template, the statements that let iconik into a bucket or a key, wherever they landed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Policies", "Policy"]

_PSEUDO_PARAMETERS = {"AWS::Partition": "aws"}


@dataclass(frozen=True)
class Policy:
    """What a policy allows iconik's role.

    Attributes:
        statements: the Allow statements, with CloudFormation's functions replaced by readable names.
    """

    statements: tuple[Mapping[str, Any], ...]


class Policies:
    """The policies of a template.

    Args:
        template: the template.
        role_arn: iconik's role.
    """

    def __init__(self, template: Mapping[str, Any], role_arn: str) -> None:
        self._resources: Mapping[str, Any] = template.get("Resources", {})
        self._role_arn = role_arn

    def buckets(self) -> list[str]:
        """Return the buckets that iconik may use, by logical id or, for adopted ones, by name."""
        return sorted({name for name, statements in self._bucket_policies() if statements})

    def of_bucket(self, name: str) -> Policy:
        """Return what the bucket policies allow iconik."""
        return Policy(tuple(s for found, statements in self._bucket_policies() if found == name for s in statements))

    def of_key(self, key: str) -> Policy:
        """Return what the key policy allows iconik; the key by logical id or, for an adopted one, by ARN."""
        return Policy(tuple(s for found, statements in self._key_policies() if found == key for s in statements))

    def key_of(self, bucket: str) -> str | None:
        """Return the key that a bucket of this template encrypts with: its logical id, or its ARN."""
        encryption = self._resources.get(bucket, {}).get("Properties", {}).get("BucketEncryption", {})
        for rule in encryption.get("ServerSideEncryptionConfiguration", ()):
            key = rule.get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
            if key is not None:
                return str(_readable(key)).removeprefix("arn:aws:s3:::")
        return None

    def _bucket_policies(self) -> Iterator[tuple[str, list[Any]]]:
        for kind, properties in self._properties():
            if kind == "AWS::S3::BucketPolicy":
                yield str(_readable(properties["Bucket"])), self._of_iconik(properties["PolicyDocument"]["Statement"])
            elif kind == "Custom::IconikBucketPolicyStatements":
                yield str(_readable(properties["BucketName"])), self._of_iconik(properties["Statements"].values())

    def _key_policies(self) -> Iterator[tuple[str, list[Any]]]:
        for logical_id, resource in self._resources.items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::KMS::Key":
                yield logical_id, self._of_iconik(properties["KeyPolicy"]["Statement"])
            elif resource["Type"] == "Custom::IconikKeyPolicyStatements":
                yield str(_readable(properties["KeyArn"])), self._of_iconik(properties["Statements"].values())

    def _properties(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for resource in self._resources.values():
            yield resource["Type"], resource.get("Properties", {})

    def _of_iconik(self, statements: Any) -> list[Any]:
        found = [_readable(statement) for statement in statements]
        return [item for item in found if item.get("Effect") == "Allow" and self._names_role(item.get("Principal"))]

    def _names_role(self, principal: Any) -> bool:
        arns = principal.get("AWS") if isinstance(principal, Mapping) else principal
        return self._role_arn in (arns if isinstance(arns, list) else [arns])


def _readable(value: Any) -> Any:
    """Return a value with each `Fn::Join`, `Ref` and `Arn` of this template as the text it stands for."""
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref":
            return _PSEUDO_PARAMETERS.get(argument, argument)
        if name == "Fn::GetAtt" and argument[1] == "Arn":
            return f"arn:aws:s3:::{argument[0]}"
        if name == "Fn::Join" and isinstance(argument[1], list):
            return str(argument[0]).join(str(_readable(part)) for part in argument[1])
    return {name: _readable(item) for name, item in value.items()}
