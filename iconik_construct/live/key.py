"""Reads a KMS key with everything that decides who can use it: its state, its policy, its grants, its tags."""

from __future__ import annotations

from ..assessment.fact import Fact, Found, value_of
from ..assessment.facts import KeyFacts
from .asking import Aws
from .calls import KEY, KEY_GRANTS, KEY_POLICY, KEY_TAGS

__all__ = ["read_key", "text_of_policy"]


def read_key(aws: Aws, named: str, region: str | None) -> KeyFacts:
    """Return the facts of a key. An ARN contains the region of the key."""
    parts = named.split(":")
    where = parts[3] if len(parts) > 3 and parts[3] else region  # noqa: PLR2004 - the region of an ARN
    description = aws.ask(KEY, where, KeyId=named)
    # The other calls accept no alias.
    name = ((value_of(description) or {}).get("KeyMetadata") or {}).get("Arn") or named
    return KeyFacts(
        named=named,
        description=description,
        policy=text_of_policy(aws.ask(KEY_POLICY, where, KeyId=name, PolicyName="default")),
        grants=aws.ask_all(KEY_GRANTS, where, KeyId=name),
        tags=_tags(aws.ask_all(KEY_TAGS, where, KeyId=name)),
    )


def text_of_policy(answer: Fact) -> Fact:
    """Return the fact of a policy's text, from AWS's answer with the text in `Policy`."""
    return Found(str(answer.value.get("Policy", ""))) if isinstance(answer, Found) else answer


def _tags(answer: Fact) -> Fact:
    if not isinstance(answer, Found):
        return answer
    return Found({str(tag.get("TagKey")): str(tag.get("TagValue")) for tag in answer.value})
