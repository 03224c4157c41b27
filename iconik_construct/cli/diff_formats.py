"""Writes the result of `diff` for people and programs: one writer per format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from ..assessment import Finding, Verdict
from ..assessment.changes import Change
from ..assessment.rules import MAY_BE_WIDER, WIDER
from ..judge.text import shown
from ..sources.comparing import Comparison
from .assessment_json import FORMAT_VERSION
from .guard_formats import markdown_cell, markdown_code
from .text import json_text, printable, wrapped

__all__ = ["WRITERS"]

_TITLES: Final = {
    Verdict.GOOD: "Nobody gains access.",
    Verdict.NOT_GOOD: "Somebody gains access.",
    Verdict.UNKNOWN: "Somebody may gain access.",
}
_KINDS: Final = {"gained": "gains", "may_gain": "may gain", "lost": "loses", "may_lose": "may lose"}


def _json(comparison: Comparison) -> str:
    changes: list[dict[str, Any]] = [
        {
            "resource": shown(each.resource),
            "caller": each.caller,
            "gained": list(each.gained),
            "lost": list(each.lost),
            "may_gain": list(each.may_gain),
            "may_lose": list(each.may_lose),
        }
        for each in comparison.changes
    ]
    findings = [each.as_json() for each in comparison.findings]
    verdict = comparison.verdict.value
    return json_text({"version": FORMAT_VERSION, "verdict": verdict, "findings": findings, "changes": changes})


def _by_place(texts: Sequence[str]) -> Iterator[str]:
    """Yield each place once, with all its actions."""
    by_place: dict[str, list[str]] = {}
    for each in texts:
        action, on, place = each.partition(" on ")
        by_place.setdefault(on + place, []).append(action)
    for place, actions in by_place.items():
        yield f"{', '.join(actions)}{place}"


def _lines(change: Change) -> Iterator[tuple[str, str]]:
    for name, verb in _KINDS.items():
        for text in _by_place(getattr(change, name)):
            yield verb, text


def _unread(comparison: Comparison) -> list[Finding]:
    return [each for each in comparison.findings if each.rule not in (WIDER, MAY_BE_WIDER)]


def _title(comparison: Comparison) -> str:
    return _TITLES[comparison.verdict] if comparison.changes or comparison.findings else "No change of access."


def _text(comparison: Comparison) -> str:
    lines = [_title(comparison)]
    for finding in _unread(comparison):
        lines += ["", *wrapped(f"{finding.id} {shown(finding.where)}: {shown(finding.text)}", "")]
    resource = None
    for change in comparison.changes:
        if change.resource != resource:
            resource = change.resource
            lines += ["", printable(shown(resource))]
        for verb, text in _lines(change):
            lines += wrapped(f"{change.caller} {verb} {text}", "  ")
    return "\n".join(lines) + "\n"


def _markdown(comparison: Comparison) -> str:
    lines = [f"### iconik: {_title(comparison)}"]
    lines += ["", *(f"- {markdown_cell(f'{shown(each.where)}: {shown(each.text)}')}" for each in _unread(comparison))]
    if comparison.changes:
        lines += ["", "| resource | who | | what |", "| --- | --- | --- | --- |"]
    for change in comparison.changes:
        for verb, text in _lines(change):
            cells = (markdown_code(shown(change.resource)), markdown_cell(change.caller), verb, markdown_cell(text))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines).rstrip("\n") + "\n"


WRITERS: Final[Mapping[str, Callable[[Comparison], str]]] = MappingProxyType(
    {"text": _text, "json": _json, "markdown": _markdown}
)
"""The writer of each format, by the name that `--format` takes."""
