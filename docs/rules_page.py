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
    Effect.LOCKED_OUT: "Error: iconik lacks access that it should have. The verdict is *not good*.",
    Effect.MAY_BE_LOCKED_OUT: "Error: iconik may lack access that it should have. The verdict is *unknown*.",
    Effect.OTHERS: "Error: others have access. The verdict is *not good*.",
    Effect.OTHERS_MAY: "Error: others may have access. The verdict is *unknown*.",
    Effect.UNKNOWN: "Error: what decides who has access is not known. The verdict is *unknown*.",
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

The [guardrail](guardrail.md), [`guard`](ci.md), [`check`](check.md), [`audit`](audit.md), [`diff`](diff.md), the
[report](report.md), the [tests](testing.md) and the deployment report the same rules.

The *verdict* is the answer for a bucket: *good* (in text: OK), *not good* (NOT OK), or *unknown*. It is *good* if there
are only warnings and notes. An error makes it *not good* or *unknown*, as each rule says. What iconik *should* have is
what its permissions grant: the prop `permissions` in an app, or the option `--permissions` of a command. In the rules,
*others* are other iconik customers, other roles of iconik's account, AWS accounts that no policy names, and anonymous
callers.

In synthesis, the guardrail and `guard`, a rule that says *iconik may lack access* is a warning, and so is
[ICONIK190](#iconik190).

A rule with the line *Acknowledge* can be acknowledged [in a CDK app](guardrail.md#acknowledge-a-finding). The
acknowledged finding then no longer fails synthesis.

| rules | are about |
| --- | --- |
| [ICONIK001](#iconik001) to [ICONIK028](#iconik028) | who has access by the policies |
| [ICONIK101](#iconik101) to [ICONIK106](#iconik106) | public access, ACLs, Requester Pays |
| [ICONIK110](#iconik110), [ICONIK111](#iconik111) | the KMS key |
| [ICONIK120](#iconik120) to [ICONIK123](#iconik123) | the organisation |
| [ICONIK140](#iconik140) to [ICONIK145](#iconik145) | CORS |
| [ICONIK150](#iconik150) to [ICONIK161](#iconik161) | other settings of the bucket |
| [ICONIK190](#iconik190) to [ICONIK192](#iconik192) | what could not be read |
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
