"""Converts the resources of Terraform's provider `awscc`: those of CloudFormation, with names in another spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..templates.documents import AFTER_APPLY
from ..templates.grants import GRANTS
from ..templates.policies import LOCATIONS

__all__ = ["AWSCC", "as_cloudformation", "properties_of_awscc", "snake"]


def snake(text: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).lower()


def _name(kind: str) -> str:
    _, service, name = kind.split("::")
    return f"awscc_{service.lower()}_{snake(name)}"


AWSCC: Final[Mapping[str, str]] = {
    _name(kind): kind
    for kind in ("AWS::CloudFormation::StackSet", "AWS::KMS::Alias", "AWS::S3::Bucket", *GRANTS, *LOCATIONS)
}
"""The types that decide about access, by their names in Terraform."""
_IRREGULAR: Final = {snake(name): name for name in ("KMSMasterKeyID", "PrincipalARN", "SSEAlgorithm", "TemplateURL")}


def properties_of_awscc(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a resource as properties of a type. Its policy stays as it is."""
    policy = LOCATIONS.get(kind, "")
    properties: dict[str, Any] = as_cloudformation({key: each for key, each in values.items() if key != snake(policy)})
    if document := values.get(snake(policy)):
        properties[policy] = document
    elif kind.endswith(("Policy", "::Role")):
        # Such a resource always has a policy. If the plan has none, the policy is unknown.
        properties[policy] = {AFTER_APPLY: snake(policy)}
    return properties


def as_cloudformation(node: Any) -> Any:
    """Return a value with CloudFormation's names, and without attributes that are not set."""
    if isinstance(node, list):
        return [as_cloudformation(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        _IRREGULAR.get(name) or "".join(part[:1].upper() + part[1:] for part in name.split("_")): as_cloudformation(
            part
        )
        for name, part in node.items()
        if part is not None
    }
