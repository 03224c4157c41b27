"""Fills the report from live buckets."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..live.bucket import Bucket
from ..live.check import Checked
from ..live.outcome import NotRead
from ..live.rules import Level
from .model import Policy, Storage

__all__ = ["storage_of", "unread_of"]


def storage_of(checked: Checked) -> Storage:
    """Return a bucket as it was read and checked."""
    bucket = checked.bucket
    key = next((one for one in bucket.keys if one.policy_text is not None), None)
    return Storage(
        name=bucket.name,
        account=bucket.owner,
        region=bucket.region or "",
        bucket=_policy(bucket.arn, bucket.policy_text, is_whole=not isinstance(bucket.answers.policy, NotRead)),
        key=None if key is None else _policy(key.arn, key.policy_text, is_whole=True),
        settings=tuple(_settings(checked)),
    )


def unread_of(bucket: Bucket) -> Iterator[tuple[str, str]]:
    """Yield what could not be read, and what it takes."""
    for what, outcome in bucket.outcomes():
        if isinstance(outcome, NotRead):
            yield f"{bucket.name}: {what}: {outcome.why.value}", f"It takes {outcome.action}." if outcome.action else ""


def _policy(arn: str, text: str | None, *, is_whole: bool) -> Policy:
    try:
        document = json.loads(text) if text else {"Statement": []}
    except (ValueError, RecursionError):
        document, is_whole = {"Statement": []}, False
    return Policy(arn=arn, document=document if isinstance(document, dict) else {"Statement": []}, is_whole=is_whole)


def _settings(checked: Checked) -> Iterator[tuple[str, str]]:
    rules = checked.bucket.encryption_rules
    algorithms = [str((one.get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm")) for one in rules]
    yield "encryption", ", ".join(algorithms) or "not read"
    for key in checked.bucket.keys:
        yield "key", key.arn
    for found in checked.findings:
        if found.level is not Level.NOTE:
            yield found.id, f"{found.rule.text}: {found.where}: {found.text}"
