"""How a bucket or key that this app does not own is called: in construct ids, and in what people read."""

from __future__ import annotations

import json

import aws_cdk as cdk

from ..access.trust import is_token

__all__ = ["shown", "target_id"]

_LENGTH = 8


def target_id(stack: cdk.Stack, kind: str, target: str) -> str:
    """Return the construct id under which all statements of a stack for this bucket or key come together.

    Two imports of one bucket resolve to the same name and so to the same id.
    """
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which a storage of its own does not need

    resolved = json.dumps(stack.resolve(target), sort_keys=True)
    return f"{kind}{hashlib.sha256(resolved.encode()).hexdigest()[:_LENGTH]}"


def shown(target: str) -> str:
    """Return a name or an ARN for a message."""
    return "whose name is known only at deployment" if is_token(target) else f"'{target}'"
