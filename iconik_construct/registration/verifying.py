"""Prints iconik's checks for the command `verify`. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator

from .handler.checks import Finding, Verification

__all__ = ["report"]


def report(subject: str, verification: Verification) -> Iterator[str]:
    """Yield the lines: each check, with iconik's text and the usual cause if it fails."""
    yield f"iconik on {subject}:"
    yield from _lines(verification.access)
    for finding in verification.findings:
        yield from _lines(finding)


def _lines(finding: Finding) -> Iterator[str]:
    yield f"  {finding.check.name:<8}{'passed' if finding.passed else 'FAILED'}"
    if not finding.passed:
        if finding.error:
            yield f"          iconik says: {finding.error}"
        yield f"          usually: {finding.check.usually}"
