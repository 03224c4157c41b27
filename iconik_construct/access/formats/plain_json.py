"""Writes IAM's JSON: one object with a policy for the bucket and, with a key, one for the key."""

from __future__ import annotations

import json

from .handed_over import HandedOver

__all__ = ["write"]


def write(handed_over: HandedOver) -> str:
    """Return the statements as `{"BucketPolicy": …, "KeyPolicy": …}`."""
    policies = {
        f"{resource.capitalize()}Policy": {"Version": "2012-10-17", "Statement": list(statements)}
        for resource, statements in handed_over.policies.items()
    }
    return json.dumps(policies, indent=2) + "\n"
