"""Writes the result of `guard` for people and programs: one writer per format."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from ..assessment.rules import RULES, Rule
from ..errors import counted
from ..sources.files import STANDARD_INPUT
from ..sources.guarding import Found, Guarded
from .assessment_json import FORMAT_VERSION
from .text import json_text, printable, wrapped

__all__ = ["WRITERS", "markdown_cell", "markdown_code"]

_HOME: Final = "https://github.com/iconik-construct/iconik-construct"
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def _file(finding: Found) -> str:
    return "standard input" if finding.file == STANDARD_INPUT else finding.file


def _count(guarded: Guarded) -> str:
    times = Counter(finding.severity for finding in guarded.findings)
    if not times:
        return "No finding."
    return ", ".join(counted(number, kind) for kind, number in sorted(times.items())) + "."


def _text(guarded: Guarded) -> str:
    lines = []
    for finding in guarded.findings:
        line = f", line {finding.line}" if finding.line else ""
        lines += [f"{finding.severity} {finding.rule.id}: {printable(finding.resource)}{line}"]
        lines += [
            *wrapped(finding.message, "  "),
            *wrapped(f"Fix: {finding.rule.fix}", "  "),
            f"  {finding.rule.url}",
            "",
        ]
    return "\n".join([*lines, _count(guarded)]) + "\n"


def _json(guarded: Guarded) -> str:
    findings = [
        {**finding.finding.as_json(), "severity": finding.severity, "message": finding.message}
        for finding in guarded.findings
    ]
    return json_text({"version": FORMAT_VERSION, "verdict": guarded.verdict.value, "findings": findings})


def _sarif(guarded: Guarded) -> str:
    from .. import __version__  # noqa: PLC0415 - it reads files, and only this format needs it

    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.explanation},
            "help": {"text": rule.fix, "markdown": f"{rule.fix} [{rule.id}]({rule.url})"},
            "helpUri": rule.url,
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in RULES
    ]
    driver = {"name": "iconik-construct guard", "version": __version__, "informationUri": _HOME, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "results": [_result(finding) for finding in guarded.findings],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(finding: Found) -> dict[str, Any]:
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": RULES.index(finding.rule),
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [
            {
                # GitHub shows no result without a line.
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.file)},
                    "region": {"startLine": finding.line or 1},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.resource}],
            }
        ],
    }


def _uri(file: str) -> str:
    """Return the URI of a file. Below the working directory it is relative, as code scanning requires."""
    if file == STANDARD_INPUT:
        return "standard-input"
    here = Path.cwd()
    path = Path(os.path.normpath(here / file))
    name = os.fsencode(path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix())
    return quote(name) if path.is_relative_to(here) else f"file://{quote(name)}"


def _junit(guarded: Guarded) -> str:
    # On demand, because only this format is XML.
    from xml.sax.saxutils import escape, quoteattr  # noqa: PLC0415

    cases, failures = [], 0
    by_place: dict[tuple[Rule, str, str], list[Found]] = {}
    for finding in guarded.findings:
        by_place.setdefault((finding.rule, _file(finding), finding.resource), []).append(finding)
    for (rule, file, resource), same_place in by_place.items():
        messages = "\n".join(printable(finding.message) for finding in same_place)
        text = escape(f"{messages}\nFix: {rule.fix}\n{rule.url}")
        refused = any(finding.severity == "error" for finding in same_place)
        failures += refused
        tag = "failure" if refused else "system-out"
        message = f" type={quoteattr(rule.id)} message={quoteattr(rule.title)}" if tag == "failure" else ""
        case = f"classname={quoteattr(printable(file))} name={quoteattr(f'{rule.id} {printable(resource)}')}"
        cases.append(f"    <testcase {case}><{tag}{message}>{text}</{tag}></testcase>")
    fired = {rule for rule, _, _ in by_place}
    cases += [
        f'    <testcase classname="iconik-construct guard" name={quoteattr(f"{rule.id} every resource")}/>'
        for rule in RULES
        if rule not in fired
    ]
    counted = f'name="iconik-construct guard" tests="{len(cases)}" failures="{failures}" errors="0"'
    head = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", f"  <testsuite {counted}>"]
    return "\n".join([*head, *cases, "  </testsuite>", "</testsuites>"]) + "\n"


def _markdown(guarded: Guarded) -> str:
    title = {"good": "iconik: no error", "not_good": "iconik: refused", "unknown": "iconik: cannot be determined"}
    lines = [f"### {title[guarded.verdict.value]}", "", _count(guarded)]
    if guarded.findings:
        lines += ["", "| rule | where | what | fix |", "| --- | --- | --- | --- |"]
    for finding in guarded.findings:
        where = f"{finding.resource}, line {finding.line}" if finding.line else finding.resource
        rule = f"[{finding.rule.id}]({finding.rule.url}) ({finding.severity})"
        cells = (rule, markdown_code(where), markdown_cell(finding.message), markdown_cell(finding.rule.fix))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def markdown_cell(text: str) -> str:
    """Return text that Markdown shows unchanged."""
    marked = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace("@", "&#64;")
    return "".join(f"\\{character}" if character in "\\`*_[]|#!" else character for character in marked)


def markdown_code(text: str) -> str:
    return "`" + printable(text).replace("`", "'").replace("|", "\\|") + "`"


WRITERS: Final[Mapping[str, Callable[[Guarded], str]]] = MappingProxyType(
    {"text": _text, "json": _json, "sarif": _sarif, "junit": _junit, "markdown": _markdown}
)
"""The writer of each format, by the name that `--format` takes."""
