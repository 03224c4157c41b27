"""Writes the report as one HTML file without scripts and requests: for paper, phones, light and dark.

The template escapes every value. A character that is not printable becomes a replacement character.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ..access.trust import EXAMPLE_SYSTEM_DOMAIN_ID
from ..assessment import Finding, Verdict
from ..assessment.foreign_access import listed, written_actions
from ..assessment.matrix import CALLERS, Answer, Cell, Row
from ..assessment.names import Iconik
from ..assessment.reach import Reach, reach_of
from ..judge.scalars import scalars
from ..judge.text import AnyText, shown, shown_within
from .model import BEST_FIRST, Policy, Report
from .style import STYLE

__all__ = ["page", "verdict_text"]

_GOOD: Final = "OK: iconik has access for your domain. No other iconik customer and no other AWS account has access"
_MOST: Final = 3
_LONGEST: Final = 160
_ORDER: Final = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)


def page(report: Report) -> str:
    """Return the report as HTML. The same report gives the same bytes."""
    return _template().render(
        report=report,
        style=STYLE,
        style_hash=base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode(),
        verdict=verdict_text(report),
        tone=report.verdict.value,
        callers=CALLERS,
        is_blocked=report.verdict is Verdict.GOOD,
    )


def verdict_text(report: Report) -> str:
    """Return the answer in one or two sentences."""
    verdict = report.verdict
    if not report.storages and not report.all_findings:
        return "NOT OK: nothing here allows iconik."
    if verdict is Verdict.GOOD:
        accounts = ", ".join(map(shown_within, sorted({account for account, _ in report.other_accounts})))
        return f"{_GOOD}, except these: {accounts}." if accounts else f"{_GOOD}."
    wanted = {Verdict.NOT_GOOD: "NOT OK", Verdict.UNKNOWN: "UNKNOWN"}[verdict]
    decisive = [each for each in report.all_findings if each.severity == "error"]
    texts = [f"{_at(each)}{each.rule.title} ({each.id})" for each in decisive]
    listed = list(dict.fromkeys(texts))
    more = f"; and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
    return f"{wanted}: {'; '.join(listed[:_MOST])}{more}."


def _at(finding: Finding) -> str:
    return f"{shown_within(finding.resource)}: " if finding.resource else ""


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    filters = {"lines": _lines, "answer": _answer, "others": _others, "title": _title, "alike": _alike, "brief": _brief}
    environment.filters |= filters
    environment.globals |= {"example_id": EXAMPLE_SYSTEM_DOMAIN_ID}
    environment.tests |= {"for_iconik": _is_for_iconik, "example": _is_example, "partly": _is_partly}
    return environment.get_template("page.html.jinja")


def _clean(value: Any) -> Any:
    """Return a value as text that a browser shows unchanged. Markup of the template stays markup."""
    if hasattr(value, "__html__"):
        return value
    text = str(shown_within(value) if isinstance(value, (str, Mapping)) else value)
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)


def _lines(statement: Mapping[str, Any]) -> str:
    """Return a statement as JSON, with one element per line, in the same order for every statement."""
    elements = shown_within(statement)
    names = sorted(elements, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    lines = [f"  {json.dumps(name)}: {json.dumps(elements[name], ensure_ascii=False)}" for name in names]
    return "{\n" + ",\n".join(lines) + "\n}"


def _brief(statement: Mapping[str, Any]) -> str:
    """Return the name of a statement, its effect, its principals and its actions, on one line."""
    principal = statement.get("Principal", {"all but": statement.get("NotPrincipal", "nobody")})
    named = principal if isinstance(principal, Mapping) else {"": principal}
    who = ", ".join(shown(text) if text else "unknown" for value in named.values() for text in scalars(value))
    who = "everyone" if who == "*" else f"all but {who}" if "Principal" not in statement else who
    name = f"{statement['Sid']}, " if statement.get("Sid") else ""
    text = f"{name}{statement.get('Effect')} for {who}: {listed(written_actions(statement))}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _alike(findings: Iterable[Finding]) -> list[tuple[Finding, list[AnyText]]]:
    """Return findings that differ only in their place as one finding, with the places."""
    by_text: dict[tuple[str, AnyText], tuple[Finding, list[AnyText]]] = {}
    for each in findings:
        by_text.setdefault((each.id, each.text), (each, []))[1].append(each.where)
    return list(by_text.values())


def _answer(cell: Cell) -> str:
    return {Answer.YES: "yes", Answer.NO: "no"}.get(cell.answer, "part")


def _others(row: Row) -> Cell:
    """Return the worst cell of all callers except iconik for your domain, for a narrow screen."""
    return min((row.cells[column] for column in CALLERS[1:]), key=lambda cell: BEST_FIRST.index(cell.answer))


def _title(policy: Policy) -> str:
    return policy.title if policy.is_whole else f"{policy.title}, the statements that this app adds"


def _is_for_iconik(statement: Mapping[str, Any], report: Report) -> bool:
    iconik = Iconik(frozenset(report.system_domain_ids), report.role_arn)
    return reach_of(statement, iconik)[0] is Reach.ICONIK


def _is_partly(rows: Iterable[Row]) -> bool:
    return any(cell.answer is Answer.PARTLY for row in rows for cell in row.cells.values())


def _is_example(statement: Mapping[str, Any]) -> bool:
    return EXAMPLE_SYSTEM_DOMAIN_ID in json.dumps(statement.get("Condition"), default=str)
