"""The Sids by which statements are known as ours in a policy that others write too.

Apart because ownership rests on them: the same stack and construct must give the same Sids in every run, on every
machine, so they come from SHA-256 and never from `hash()`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from ..access.trust import is_token

__all__ = ["sid_suffix", "with_suffix"]

_LENGTH = 8


def sid_suffix(scope: Construct) -> str:
    """Return what tells the statements of this construct from those of any other construct or stack."""
    stack = cdk.Stack.of(scope)
    # A nested stack has no name before deployment; its outermost stack does.
    while (parent := stack.nested_stack_parent) is not None:
        stack = parent
    name = stack.stack_name
    owner = stack.node.addr if is_token(name) else name
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which a storage of its own does not need

    return hashlib.sha256(f"{owner}\n{scope.node.path}".encode()).hexdigest()[:_LENGTH].upper()


def with_suffix(statements: Sequence[dict[str, Any]], suffix: str) -> list[dict[str, Any]]:
    """Return the statements with the suffix appended to each Sid."""
    return [{**statement, "Sid": f"{statement['Sid']}{suffix}"} for statement in statements]
