"""Bind statements to the custom resource that wants them.

Each custom resource has a claim: eight characters made from its stack's id and its logical id. Each Sid of its
statements ends with the claim. So a Delete removes its own statements. It does not remove statements of a newer custom
resource for the same policy and storage, nor a copy made by the owner of the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .writer.merge import Statements

__all__ = ["PLACE", "claim_in", "claim_of", "in_policy", "with_claim"]

PLACE: Final = "Claim"
"""The end of a Sid in the template. Sids of stacks that were deployed with earlier code have no claim, and stay."""

_LENGTH: Final = 8


def claim_of(stack_id: str, logical_id: str) -> str:
    """Return the claim of a custom resource. It is the same for each of its events."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which synthesis does not need

    return hashlib.sha256(f"{stack_id}\n{logical_id}".encode()).hexdigest()[:_LENGTH].upper()


def claim_in(statement: Mapping[str, Any]) -> str:
    """Return the claim in the Sid of a statement in a policy."""
    return str(statement.get("Sid", ""))[-_LENGTH:]


def with_claim(statements: Statements, claim: str) -> dict[str, dict[str, Any]]:
    """Return the statements of a template by the Sids that they have in the policy."""
    return {sid: {**statement, "Sid": sid} for sid, statement in in_policy(statements, claim).items()}


def in_policy(by_sid: Mapping[str, Any], claim: str) -> dict[str, Any]:
    """Return a map of a template by the Sids of the policy."""
    return {_sid(sid, claim): value for sid, value in by_sid.items()}


def _sid(sid: str, claim: str) -> str:
    return f"{sid.removesuffix(PLACE)}{claim}" if sid.endswith(PLACE) else sid
