"""Writes `docs/rules.md` from the one table of rules: `python -m docs.rules_page`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from iconik_construct.assessment.rules import RULES, Effect, Rule
from iconik_construct.templates.check import REPORTED

__all__ = ["PAGE", "page"]

PAGE: Final = Path(__file__).with_name("rules.md")

_EFFECTS: Final = {
    Effect.LOCKED_OUT: "Error: iconik lacks access that its permissions grant. The verdict is *not good*.",
    Effect.MAY_BE_LOCKED_OUT: "Error: iconik may lack access that its permissions grant. The verdict is *unknown*.",
    Effect.OTHERS: "Error: others have access. The verdict is *not good*.",
    Effect.OTHERS_MAY: "Error: others may have access. The verdict is *unknown*.",
    Effect.UNKNOWN: "Error: a fact that decides is unknown. The verdict is *unknown*.",
    Effect.WARNING: "Warning: the verdict does not change.",
    Effect.NOTE: "Note: the verdict does not change.",
}


def page() -> str:
    """Return the page."""
    return "\n".join([_INTRODUCTION, *(line for rule in RULES for line in _section(rule))])


def _as_markdown(text: str) -> str:
    """Return a rule's words with the characters that Markdown and HTML would read as their own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("*", r"\*")


def _section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.id}"
    yield ""
    yield f"**{_as_markdown(rule.title)}.** {_EFFECTS[rule.effect]}"
    yield ""
    yield f"- **Why**: {_as_markdown(rule.explanation)}"
    yield f"- **Fix**: {_as_markdown(rule.fix)}"
    if rule in REPORTED:
        yield f'- **Acknowledge**: `cdk.Acknowledgment(id="iconik-guardrail::{rule.id}", reason="...")`'
    yield ""


_INTRODUCTION = """<!-- Written by docs/rules_page.py. Do not edit; run: python -m docs.rules_page -->

# Rules

The [guardrail](guardrail.md), [`guard`](ci.md), [`check`](check.md), [`audit`](audit.md), the [report](report.md), the
[testing kit](testing.md) and the deployment report the same rules. The answer for a bucket, its *verdict*, follows from
its findings: *good*, *not good*, or *unknown*. Errors change the verdict. Warnings and notes do not. What can be
acknowledged in an app has the line *Acknowledge*.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
