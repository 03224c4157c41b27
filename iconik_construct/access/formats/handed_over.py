"""Groups the statements of one storage by the policy that they are for."""

from __future__ import annotations

from dataclasses import dataclass

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
