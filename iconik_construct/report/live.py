"""Fills the report from live buckets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from ..live import rules
from ..live.bucket import Bucket
from ..live.check import Checked
from ..live.key import Key
from ..live.outcome import NotRead
from ..live.rules import Level
from .model import Policy, Storage

__all__ = ["against", "storage_of", "unread_of"]

_OF_POLICIES: Final = (
    rules.NOTHING_ALLOWS,
    rules.NOT_ALL,
    rules.DENIED,
    rules.DEPENDS,
    rules.PARTLY,
    rules.OTHERS,
    rules.EVERYONE,
    rules.OTHERS_DEPEND,
    rules.EXAMPLE,
    rules.KEY_FORGETS,
)
"""What the page sees for itself, by what iconik really gets and not by what it is meant to get."""


def storage_of(checked: Checked) -> Storage:
    """Return a bucket as it was read and checked."""
    bucket = checked.bucket
    key = _shown_key(bucket)
    return Storage(
        name=bucket.name,
        account=bucket.owner,
        region=bucket.region or "",
        bucket=_policy(bucket.arn, bucket.policy_text, is_whole=not isinstance(bucket.answers.policy, NotRead)),
        key=None if key is None else _policy(key.arn, key.policy_text, is_whole=True),
        key_is_unread=key is None and any(not one.is_aws_managed for one in bucket.keys),
        settings=tuple(_settings(checked)),
    )


def against(checked: Checked) -> Iterator[str]:
    """Yield what beside the policies lets somebody in or keeps iconik out: the page judges policies alone."""
    shown = _shown_key(checked.bucket)
    others = [one.arn for one in checked.bucket.keys if one is not shown]
    for found in checked.findings:
        on_page = found.rule in _OF_POLICIES and not any(arn in found.where for arn in others)
        if found.level is Level.ERROR and not on_page:
            yield f"{checked.bucket.name}: {found.rule.text} ({found.id})"


def unread_of(bucket: Bucket) -> Iterator[tuple[str, str]]:
    """Yield what could not be read, and what it takes."""
    for what, outcome in bucket.outcomes():
        if isinstance(outcome, NotRead):
            yield f"{bucket.name}: {what}: {outcome.why.value}", f"It takes {outcome.action}." if outcome.action else ""


def _shown_key(bucket: Bucket) -> Key | None:
    """Return the key whose policy is on the page; what is wrong with another one is said."""
    return next((one for one in bucket.keys if one.policy_text is not None), None)


def _policy(arn: str, text: str | None, *, is_whole: bool) -> Policy:
    try:
        document = json.loads(text) if text else {"Statement": []}
    except (ValueError, RecursionError):
        document, is_whole = {"Statement": []}, False
    return Policy(arn=arn, document=document if isinstance(document, dict) else {"Statement": []}, is_whole=is_whole)


def _settings(checked: Checked) -> Iterator[tuple[str, str]]:
    defaults = [one.get("ApplyServerSideEncryptionByDefault") or {} for one in checked.bucket.encryption_rules]
    algorithms = [str(one.get("SSEAlgorithm")) for one in defaults]
    yield "encryption", ", ".join(algorithms) or "not read"
    for key in checked.bucket.keys:
        yield "key", key.arn
    for found in checked.findings:
        if found.level is not Level.NOTE:
            yield found.id, f"{found.rule.text}: {found.where}: {found.text}"
