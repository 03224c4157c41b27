"""What the command `verify` prints about iconik's checks. Standard library only, like the command itself."""

from __future__ import annotations

from collections.abc import Iterator

from .handler.checks import Finding, Verification

__all__ = ["report"]


def report(subject: str, verification: Verification) -> Iterator[str]:
    """Return the lines: each check, iconik's text where it fails, and what that usually means with this library."""
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
