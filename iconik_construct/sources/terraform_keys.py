"""Converts the keys of Terraform's AWS provider: their policy, and whether S3 can use them.

Source: the AWS provider's documentation, versions 3 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .terraform_settings import tags_of

__all__ = ["KEYS", "properties_of_key"]

_EXTERNAL: Final = ("aws_kms_external_key", "aws_kms_replica_external_key")
KEYS: Final = ("aws_kms_key", "aws_kms_replica_key", *_EXTERNAL)
"""The types of keys."""
_ARN_PARTS: Final = 6
_UNUSABLE: Final = ("PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable")


def properties_of_key(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of `AWS::KMS::Key`, and `Arn` if the ARN is known."""
    policy = values.get("policy") or _default_policy(values.get("arn"))
    properties: dict[str, Any] = {"KeyPolicy": policy, **tags_of(values)}
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


def _default_policy(arn: Any) -> dict[str, Any]:
    """Return the policy of a key for which nobody writes one: it allows the key's account.

    Source: AWS KMS Developer Guide, "Default key policy".
    """
    parts = arn.split(":") if isinstance(arn, str) else []
    # Without the ARN, the account is not known.
    owners = [{"AWS": f"arn:{parts[1]}:iam::{parts[4]}:root"}] if len(parts) == _ARN_PARTS else []
    statements = [{"Effect": "Allow", "Principal": owner, "Action": "kms:*", "Resource": "*"} for owner in owners]
    return {"Version": "2012-10-17", "Statement": statements}
