"""Reads and writes the file with which an interrupted audit continues: a line for each resource that was read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .. import __version__
from ..assessment import Finding, Question
from ..assessment.rules import RULES
from ..errors import InputError
from ..judge.text import shown

if TYPE_CHECKING:
    import argparse

    from ..live.audited import Result

__all__ = ["ResumeFile"]

_RULES: Final = {rule.id: rule for rule in RULES}
_OPTIONS: Final = ("regions", "storage", "all", "endpoint_url", "organization_profile")
"""The options, besides the question, that change the result of a resource."""


class ResumeFile:
    """The results of an earlier run, and the file for the results of this run.

    Args:
        options: the options of the command. `resume` is the name of the file. A finished run removes it.
        question: the question.

    Raises:
        InputError: the file cannot be used, or is of a run with another version or other options.
    """

    def __init__(self, options: argparse.Namespace, question: Question) -> None:
        self._path = Path(options.resume)
        named = {name: getattr(options, name) for name in _OPTIONS}
        self._head = json.dumps({"version": __version__, "question": repr(question), **named}) + "\n"
        self._done: set[tuple[str, str]] = set()
        try:
            if self._path.exists() and not self._path.is_file():
                # A finished run would remove a device.
                raise InputError(f"--resume: {self._path} is not a file. Name another file")
            self._file = self._path.open("a+b")
            self._read()
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> InputError:
        return InputError(f"--resume: cannot use {self._path}: {error.strerror}. Name another file")

    def _read(self) -> None:
        """Read the earlier run, and remove the line that it did not finish."""
        self._file.seek(0)
        head = self._file.readline()
        end = len(head)
        if not head.endswith(b"\n") and self._head.encode().startswith(head):
            end = 0
        elif head != self._head.encode():
            raise InputError(
                f"--resume: {self._path} is not of a run with this version and these options. Name another file"
            )
        for line, account, result in self._lines():
            self._done.add((account, result.resource))
            end += len(line)
        self._file.truncate(end)
        if end == 0:
            self._append(self._head)

    def _lines(self) -> Iterator[tuple[bytes, str, Result]]:
        """Yield each line after the first, with its account and result, up to a line that no run wrote."""
        from ..live.audited import Result  # noqa: PLC0415 - needs boto3

        with self._path.open("rb") as file:
            file.readline()
            for line in file:
                try:
                    value = json.loads(line)
                    findings = [Finding(rule=_RULES[each.pop("rule")], **each) for each in value["findings"]]
                    result = Result(value["resource"], tuple(findings), value["is_for_iconik"])
                except (ValueError, LookupError, TypeError, AttributeError):
                    return
                if line.endswith(b"\n"):
                    yield line, value["account"], result

    def is_done(self, account: str, resource: str) -> bool:
        """Return whether an earlier run has read a resource."""
        return (account, resource) in self._done

    def results_of(self, account: str) -> Iterator[Result]:
        """Yield the results of the earlier run."""
        # Two runs at the same time can write the same resource.
        yielded = set()
        for _, name, result in self._lines():
            if name == account and self.is_done(account, result.resource) and result.resource not in yielded:
                yielded.add(result.resource)
                yield result

    def write(self, account: str, result: Result) -> None:
        """Write the result of one resource.

        Raises:
            InputError: the file cannot be written.
        """
        findings = [
            {
                "rule": each.id,
                "where": shown(each.where),
                "text": shown(each.text),
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
        try:
            self._append(json.dumps(line) + "\n")
        except OSError as error:
            raise self._unusable(error) from error

    def _append(self, text: str) -> None:
        self._file.write(text.encode())
        self._file.flush()

    def finish(self) -> None:
        """Remove the file: the run is complete."""
        self._file.close()
        self._path.unlink(missing_ok=True)
