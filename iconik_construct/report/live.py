"""Fills the report from live buckets."""

from __future__ import annotations

from collections.abc import Iterator

from ..assessment import Assessment
from ..assessment.fact import Unknown
from ..judge.text import shown
from .model import Storage

__all__ = ["storage_of", "unread_of"]


def storage_of(assessment: Assessment) -> Storage:
    """Return a bucket from its assessment."""
    facts = assessment.facts
    return Storage(
        name=shown(facts.name),
        account=shown(facts.account or ""),
        region=shown(facts.region or ""),
        assessments=(assessment,),
        settings=tuple(_settings(assessment)),
    )


def unread_of(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield the unknown facts, and the action that is needed to read each."""
    for name, fact in assessment.facts.named():
        if isinstance(fact, Unknown):
            text = f"{shown(assessment.facts.name)}: {shown(name)}: {fact.why.value}"
            yield text, f"Reading it needs {fact.action}." if fact.action else ""


def _settings(assessment: Assessment) -> Iterator[tuple[str, str]]:
    defaults = [rule.get("ApplyServerSideEncryptionByDefault") or {} for rule in assessment.facts.encryption_rules]
    algorithms = [str(each.get("SSEAlgorithm")) for each in defaults]
    yield "Encryption", ", ".join(algorithms) or "not read"
    for key in assessment.facts.keys:
        yield "Key", shown(key.arn)
