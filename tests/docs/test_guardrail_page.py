"""The page of the guardrail names the policies that the guardrail reads."""

from __future__ import annotations

from docs.guardrail_page import PAGE, page


def test_the_page_is_what_the_guardrail_reads_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.guardrail_page"
