"""The page of the guardrail says what its rules say."""

from __future__ import annotations

from docs.guardrail_page import PAGE, page
from iconik_construct.guardrail.rules import RULES


def test_the_page_is_what_the_rules_say_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.guardrail_page"


def test_every_rule_links_to_its_own_section_of_the_page() -> None:
    headings = {line.removeprefix("### ").lower() for line in page().splitlines() if line.startswith("### ")}
    assert {rule.docs.rpartition("#")[2] for rule in RULES} == headings
    assert all(rule.docs.rpartition("#")[0].endswith(f"docs/{PAGE.name}") for rule in RULES)
