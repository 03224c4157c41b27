"""What `diff` found, as people and programs read it: one writer a format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from ..assessment import Finding, Verdict
from ..assessment.changes import Change
from ..assessment.rules import MAY_BE_WIDER, WIDER
from ..judge.text import shown
from ..sources.comparing import Comparison
from .guard_formats import markdown_cell, markdown_code
from .text import printable, wrapped

__all__ = ["WRITERS"]

_SAID: Final = {
    Verdict.GOOD: "Nobody gains access.",
    Verdict.NOT_GOOD: "Somebody gains access.",
    Verdict.UNKNOWN: "Somebody may gain access.",
}
_KINDS: Final = {"gained": "gains", "may_gain": "may gain", "lost": "loses", "may_lose": "may lose"}


def _json(found: Comparison) -> str:
    changes: list[dict[str, Any]] = [
        {
            "resource": shown(each.resource),
            "caller": each.caller,
            "gained": list(each.gained),
            "lost": list(each.lost),
            "may_gain": list(each.may_gain),
            "may_lose": list(each.may_lose),
        }
        for each in found.changes
    ]
    findings = [each.as_json() for each in found.findings]
    return (
        json.dumps({"version": 1, "verdict": found.verdict.value, "findings": findings, "changes": changes}, indent=2)
        + "\n"
    )


def _by_place(said: Sequence[str]) -> Iterator[str]:
    """Yield each place once, with all its actions."""
    found: dict[str, list[str]] = {}
    for each in said:
        action, on, place = each.partition(" on ")
        found.setdefault(on + place, []).append(action)
    for place, actions in found.items():
        yield f"{', '.join(actions)}{place}"


def _lines(change: Change) -> Iterator[tuple[str, str]]:
    for name, verb in _KINDS.items():
        for said in _by_place(getattr(change, name)):
            yield verb, said


def _unread(found: Comparison) -> list[Finding]:
    return [each for each in found.findings if each.rule not in (WIDER, MAY_BE_WIDER)]


def _text(found: Comparison) -> str:
    lines = [_SAID[found.verdict] if found.changes or found.findings else "No change of access."]
    for finding in _unread(found):
        lines += ["", *wrapped(f"{finding.id} {finding.where}: {shown(finding.text)}", "")]
    resource = None
    for change in found.changes:
        if change.resource != resource:
            resource = change.resource
            lines += ["", printable(shown(resource))]
        for verb, said in _lines(change):
            lines += wrapped(f"{change.caller} {verb} {said}", "  ")
    return "\n".join(lines) + "\n"


def _markdown(found: Comparison) -> str:
    lines = [f"### iconik: {_SAID[found.verdict] if found.changes or found.findings else 'No change of access.'}"]
    lines += ["", *(f"- {markdown_cell(f'{each.where}: {shown(each.text)}')}" for each in _unread(found))]
    if found.changes:
        lines += ["", "| resource | who | | what |", "| --- | --- | --- | --- |"]
    for change in found.changes:
        for verb, said in _lines(change):
            cells = (markdown_code(shown(change.resource)), markdown_cell(change.caller), verb, markdown_cell(said))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines).rstrip("\n") + "\n"


WRITERS: Final[Mapping[str, Callable[[Comparison], str]]] = MappingProxyType(
    {"text": _text, "json": _json, "markdown": _markdown}
)
"""The writer of each format, by the name that `--format` takes."""
