"""Groups the statements of one storage by the policy that they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..statements import Statement

__all__ = ["HandedOver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The statements of one storage.

    Args:
        bucket_name: the bucket.
        bucket: the statements for its policy.
        key_arn: the customer managed key, if the bucket has one.
        key: the statements for its policy.
    """

    bucket_name: str
    bucket: tuple[Statement, ...]
    key_arn: str | None = None
    key: tuple[Statement, ...] = ()

    @property
    def policies(self) -> dict[str, tuple[Statement, ...]]:
        """The statements by the kind of resource, without kinds that have no statement."""
        both = {"bucket": self.bucket, "key": self.key}
        return {resource: statements for resource, statements in both.items() if statements}


def policy_document(statements: Sequence[Statement]) -> dict[str, Any]:
    """Return the statements as a complete policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def listed(value: str | Sequence[str]) -> list[str]:
    """Return one or several values as a list."""
    return [value] if isinstance(value, str) else list(value)
