"""Writes the results of an audit as text: a block for each resource, a summary by rule, and a line of progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..assessment import verdict_of
from ..assessment.finding import Verdict
from ..assessment.rules import Rule
from ..errors import counted
from ..judge.text import shown
from .text import printable, wrapped

if TYPE_CHECKING:
    from ..live.audited import Result

__all__ = ["Progress", "Summary", "result_as_text"]

_EVERY: Final = 0.2
"""The seconds between two updates of the progress line."""


def result_as_text(result: Result) -> Iterator[str]:
    """Yield the lines of one resource; none if it has no finding."""
    if not result.findings:
        return
    yield printable(result.resource)
    for finding in result.findings:
        yield f"  {finding.severity:7} {finding.id}  {printable(f'{shown(finding.where)}: {shown(finding.text)}')}"
    yield ""


class Summary:
    """Counts the findings by rule. It keeps no finding."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[Rule, int, int]] = {}
        self.verdict = Verdict.GOOD
        self.severities: set[str] = set()

    def add(self, result: Result) -> None:
        """Count the findings of one resource."""
        rules = [finding.rule for finding in result.findings]
        for rule in dict.fromkeys(rules):
            _, findings, resources = self._counts.get(rule.id, (rule, 0, 0))
            self._counts[rule.id] = (rule, findings + rules.count(rule), resources + 1)
            self.severities.add(rule.severity)
        verdict = verdict_of(result.findings)
        if verdict is Verdict.NOT_GOOD or (verdict is Verdict.UNKNOWN and self.verdict is Verdict.GOOD):
            self.verdict = verdict

    def as_text(self) -> Iterator[str]:
        """Yield the rules with their counts and their fixes, errors first."""
        if not self._counts:
            yield "Nothing was found."
            return
        yield "By rule:"
        order = ("error", "warning", "note")
        for rule, findings, resources in sorted(
            self._counts.values(), key=lambda each: (order.index(each[0].severity), each[0].id)
        ):
            counts = f"{counted(findings, 'finding')} on {counted(resources, 'resource')}"
            yield from wrapped(f"{rule.severity} {rule.id}, {counts}: {rule.title}.", "  ")
            yield from wrapped(f"Fix: {rule.fix}", "    ")
        yield ""


class Progress:
    """A line on a terminal with the progress of the audit."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._updated = 0.0
        self._is_terminal = sys.stderr.isatty()

    def show(self, done: int, total: int, calls: int) -> None:
        """Write the line again, at most five times a second."""
        if self._is_terminal and time.monotonic() > self._updated + _EVERY:
            self._updated = time.monotonic()
            sys.stderr.write(
                f"\raccount {self._account}: {done:,} of {counted(total, 'resource')}, {counted(calls, 'call')}"
            )
            sys.stderr.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self._is_terminal and self._updated:
            sys.stderr.write("\r\033[K")
