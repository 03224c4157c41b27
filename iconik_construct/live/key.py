"""Reads a KMS key with all that decides who may use it: its state, its policy, its grants, its tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .asking import Aws
from .calls import KEY, KEY_GRANTS, KEY_POLICY, KEY_TAGS
from .outcome import NotRead, Outcome, Read, value_of

__all__ = ["Key", "read_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as AWS described it.

    Attributes:
        named: how the bucket names it: an ARN, an id or an alias.
        description: what AWS said of its state.
        policy: its policy.
        grants: its grants, a list of them.
        tags: its tags.
    """

    named: str
    description: Outcome
    policy: Outcome
    grants: Outcome
    tags: Outcome

    @property
    def metadata(self) -> dict[str, Any]:
        return (value_of(self.description) or {}).get("KeyMetadata") or {}

    @property
    def arn(self) -> str:
        """Its ARN, or else how it is named."""
        return str(self.metadata.get("Arn") or self.named)

    @property
    def is_aws_managed(self) -> bool:
        """Whether it is a key such as `aws/s3`, which never lets another account in."""
        return (
            self.metadata.get("KeyManager") == "AWS"
            or self.named.endswith(":alias/aws/s3")
            or (self.named == "alias/aws/s3")
        )

    @property
    def policy_text(self) -> str | None:
        """The key policy as AWS gave it, to be read or hashed; None where it was not read."""
        return (value_of(self.policy) or {}).get("Policy")

    def outcomes(self) -> Iterator[tuple[str, Outcome]]:
        """Yield what each call about the key came to, with what it is about."""
        if self.is_aws_managed:
            return
        for call, outcome in ((KEY, self.description), (KEY_POLICY, self.policy), (KEY_GRANTS, self.grants)):
            yield f"{call.what} of {self.arn}", outcome
        yield f"{KEY_TAGS.what} of {self.arn}", self.tags


def read_key(aws: Aws, named: str, region: str | None) -> Key:
    """Return a key as AWS describes it; an ARN says itself in which region it is."""
    parts = named.split(":")
    where = parts[3] if len(parts) > 3 and parts[3] else region  # noqa: PLR2004 - the region of an ARN
    description = aws.ask(KEY, where, KeyId=named)
    # Only the key's own name is good for the rest: an alias is no name there.
    name = ((value_of(description) or {}).get("KeyMetadata") or {}).get("Arn") or named
    return Key(
        named=named,
        description=description,
        policy=aws.ask(KEY_POLICY, where, KeyId=name, PolicyName="default"),
        grants=aws.ask_all(KEY_GRANTS, "Grants", "Marker", where, says="NextMarker", KeyId=name),
        tags=_tags(aws.ask_all(KEY_TAGS, "Tags", "Marker", where, says="NextMarker", KeyId=name)),
    )


def _tags(outcome: Outcome) -> Outcome:
    if isinstance(outcome, NotRead) or not isinstance(outcome, Read):
        return outcome
    return Read({str(one.get("TagKey")): str(one.get("TagValue")) for one in outcome.value})
