"""Writes an assessment as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..assessment import Assessment, Finding
from ..assessment.matrix import CALLERS, ICONIK, Answer, Row
from ..assessment.rules.rule import DOCS
from ..assessment.sentences import other_accounts, summary
from ..judge.text import shown, split
from .text import printable, wrapped

__all__ = ["assessment_as_text", "finding_as_text"]

_HEADS: Final = dict(zip(CALLERS, ("yours", "other domain", "no tag", "other role", "everyone"), strict=True))
_NO_KEY: Final = "no KMS key. If older objects have one, name it with --key-arn"
_WITH_THE_KEY: Final = {
    "read": ("decrypt",),
    "write": ("encrypt",),
    "multipart": ("encrypt", "decrypt"),
}
"""The uses of the key that a use of the bucket needs. Source: Amazon S3 User Guide, "Using SSE-KMS"."""


def assessment_as_text(assessment: Assessment) -> Iterator[str]:
    """Yield the lines: the answer, the table, the findings."""
    bucket = assessment.facts
    account, region = (shown(each or "not known") for each in (bucket.account, bucket.region))
    yield from wrapped(summary(assessment), "")
    yield ""
    yield printable(f"{shown(bucket.name)}, account {account}, region {region}")
    yield f"iconik for {', '.join(assessment.question.system_domain_ids)}"
    rows = assessment.rows
    if rows:
        keys = ", ".join(shown(split(key.arn, "/")[-1]) for key in bucket.keys)
        yield from wrapped(f"key: {keys}" if keys else _NO_KEY, "")
        yield ""
        yield from _table(rows)
    if assessment.other_accounts:
        yield ""
        yield "Other accounts that the policies name, which also have access:"
        for line in other_accounts(assessment):
            yield from wrapped(line, "  ")
    for text in assessment.assumptions:
        yield ""
        yield from wrapped(f"The answer is right {shown(text)}.", "")
    for finding in assessment.findings:
        yield ""
        yield from finding_as_text(finding)
    if assessment.findings:
        yield ""
        yield "Run the command again with --fix to print the policies that correct this."
        yield f"Rules: {DOCS}"


def finding_as_text(finding: Finding, indent: str = "") -> Iterator[str]:
    """Yield the lines of a finding."""
    yield from wrapped(f"{finding.severity.upper()} {finding.id}: {finding.rule.title}", indent)
    yield from wrapped(f"{shown(finding.where)}: {shown(finding.text)}", f"{indent}  ")
    yield from wrapped(f"Fix: {finding.rule.fix}", f"{indent}  ")


def _table(rows: Sequence[Row]) -> Iterator[str]:
    labels = [_label(row) for row in rows]
    width = max(map(len, labels))
    widths = {
        name: max(len(head), *(len(row.cells[name].answer.value) for row in rows)) for name, head in _HEADS.items()
    }
    yield f"{'':{width}}  {'  '.join(f'{head:{widths[name]}}' for name, head in _HEADS.items())}".rstrip()
    closed = _closed_by_keys(rows)
    for label, row in zip(labels, rows, strict=True):
        answers = {name: row.cells[name].answer.value for name in _HEADS}
        if row.use.name in closed:
            answers[ICONIK] = "no*"
        cells = [f"{answers[name]:{widths[name]}}" for name in _HEADS]
        yield f"{label:{width}}  {'  '.join(cells)}".rstrip()
    if closed:
        yield "* The bucket policy allows iconik, but iconik cannot use the key: see the rows of the key."


def _closed_by_keys(rows: Sequence[Row]) -> set[str]:
    """Return the uses that the bucket policy allows although no key of the bucket allows its part."""
    keys: dict[str, set[Answer]] = {}
    for row in rows:
        if row.use.on_key:
            keys.setdefault(row.use.name, set()).add(row.cells[ICONIK].answer)
    return {
        row.use.name
        for row in rows
        if row.cells[ICONIK].answer is Answer.YES
        and any(keys.get(use) == {Answer.NO} for use in _WITH_THE_KEY.get(row.use.name, ()))
    }


def _label(row: Row) -> str:
    return row.use.label if row.is_wanted else f"({row.use.label})"
