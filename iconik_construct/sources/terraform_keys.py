"""Converts the keys of Terraform's AWS provider: their policy, and whether S3 can use them.

Source: the AWS provider's documentation, versions 3 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["KEYS", "properties_of_key"]

_EXTERNAL: Final = ("aws_kms_external_key", "aws_kms_replica_external_key")
KEYS: Final = ("aws_kms_key", "aws_kms_replica_key", *_EXTERNAL)
"""The types of keys."""
_UNUSABLE: Final = ("PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable")
_NO_STATEMENT: Final = {"Version": "2012-10-17", "Statement": []}


def properties_of_key(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of `AWS::KMS::Key`, and `Arn` if the ARN is known."""
    properties: dict[str, Any] = {"KeyPolicy": values.get("policy") or _NO_STATEMENT}
    if isinstance(values.get("arn"), str):
        properties["Arn"] = values["arn"]
    for name, attributes in (("KeySpec", ("customer_master_key_spec", "key_spec")), ("KeyUsage", ("key_usage",))):
        # A value that only the apply decides is the default one.
        if known := [values[each] for each in attributes if isinstance(values.get(each), str)]:
            properties[name] = known[0]
    state, enabled = values.get("key_state"), values.get("is_enabled", values.get("enabled"))
    if state in _UNUSABLE:
        properties["Enabled"] = False
    elif kind not in _EXTERNAL:
        properties |= {} if enabled is None else {"Enabled": enabled}
    elif enabled is False:
        properties["Enabled"] = False
    elif not values.get("key_material_base64") and not isinstance(state, str):
        properties["Origin"] = "EXTERNAL"
    return properties
