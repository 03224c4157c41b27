"""Reads and writes the file with which an interrupted audit continues: a line for each resource that was read."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..assessment import Finding, Question
from ..assessment.rules import RULES
from ..judge.text import shown
from .live_options import WrongCall

if TYPE_CHECKING:
    from ..live.audited import Result

__all__ = ["ResumeFile"]

_VERSION: Final = 1
_RULES: Final = {rule.id: rule for rule in RULES}


class ResumeFile:
    """The results of an earlier run, and the file for the results of this run.

    Args:
        name: the file. A finished run removes it.
        question: the question. A file of another question is refused.

    Raises:
        WrongCall: the file is not of such a run, or cannot be written.
    """

    def __init__(self, name: str, question: Question) -> None:
        self._path = Path(name)
        self._head = {"version": _VERSION, "question": repr(question)}
        self._done: set[tuple[str, str]] = set()
        try:
            if self._path.exists() and self._path.stat().st_size:
                self._read()
            else:
                self._path.write_text(json.dumps(self._head) + "\n", encoding="utf-8")
            self._file = self._path.open("a", encoding="utf-8")
        except OSError as error:
            raise WrongCall(f"--resume: cannot use {name}: {error.strerror}") from error

    def _read(self) -> None:
        lines = self._lines()
        if next(lines, None) != self._head:
            raise WrongCall(f"--resume: {self._path} is not of a run with these options. Name another file")
        kept = [json.dumps(self._head), *(json.dumps(line) for line in lines)]
        # Without the last line, which the earlier run did not finish.
        self._path.write_text("\n".join(kept) + "\n", encoding="utf-8")
        for line in map(json.loads, kept[1:]):
            self._done.add((line["account"], line["resource"]))

    def _lines(self) -> Iterator[Any]:
        with self._path.open(encoding="utf-8", errors="replace") as file, contextlib.suppress(ValueError):
            yield from map(json.loads, file)

    def is_done(self, account: str, resource: str) -> bool:
        """Return whether an earlier run has read a resource."""
        return (account, resource) in self._done

    def results_of(self, account: str) -> Iterator[Result]:
        """Yield the results of the earlier run."""
        from ..live.audited import Result  # noqa: PLC0415 - needs boto3

        for line in list(self._lines())[1:]:
            if line["account"] == account and self.is_done(account, line["resource"]):
                findings = [Finding(rule=_RULES[each.pop("rule")], **each) for each in line["findings"]]
                yield Result(line["resource"], tuple(findings), line["is_for_iconik"])

    def write(self, account: str, result: Result) -> None:
        """Write the result of one resource."""
        if self.is_done(account, result.resource):
            return
        findings = [
            {
                "rule": each.id,
                "where": shown(each.where),
                "text": each.text,
                "statement": each.statement,
                "action": each.action,
            }
            for each in result.findings
        ]
        line = {
            "account": account,
            "resource": result.resource,
            "is_for_iconik": result.is_for_iconik,
            "findings": findings,
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def finish(self) -> None:
        """Remove the file: the run is complete."""
        self._file.close()
        self._path.unlink(missing_ok=True)
