"""Writes an assessment as JSON, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..assessment import Assessment, Finding
from ..judge.text import shown

__all__ = ["FORMAT_VERSION", "assessment_as_json", "finding_as_json"]

FORMAT_VERSION: Final = 1
"""The version of the form. It changes only if a program for the former version would fail."""


def assessment_as_json(assessment: Assessment) -> dict[str, Any]:
    """Return an assessment as JSON."""
    bucket = assessment.facts
    return {
        "version": FORMAT_VERSION,
        "verdict": assessment.verdict.value,
        "findings": [finding_as_json(finding) for finding in assessment.findings],
        "bucket": bucket.name,
        "account": bucket.account,
        "region": bucket.region,
        "keys": [key.arn for key in bucket.keys],
        "table": [
            {
                "use": row.use.name,
                "actions": list(row.use.actions),
                "policy": row.subject,
                "wanted": row.is_wanted,
                "callers": {
                    name: {"answer": cell.answer.value, "because": list(cell.because)}
                    for name, cell in row.cells.items()
                },
            }
            for row in assessment.rows
        ],
        "other_accounts": [
            {
                "account": shown(each.account),
                "policy": shown(each.where),
                "statement": each.statement,
                "actions": each.actions,
            }
            for each in assessment.other_accounts
        ],
        "assumptions": list(assessment.assumptions),
    }


def finding_as_json(finding: Finding) -> Mapping[str, Any]:
    """Return a finding as JSON, with its place in an account."""
    return {
        **finding.as_json(),
        "where": shown(finding.where),
        "statement": finding.statement,
        "action": finding.action,
        "url": finding.rule.url,
    }
