"""The page of rules says what the one table of rules says."""

from __future__ import annotations

import re
from html import unescape

import markdown

from docs.rules_page import PAGE, page
from iconik_construct.assessment.rules import DOCS, RULES


def test_the_page_is_what_the_rules_say_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.rules_page"


def test_every_rule_has_an_id_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) > 50


def test_every_rule_links_to_its_own_section_of_the_page() -> None:
    headings = {line.removeprefix("## ").lower() for line in page().splitlines() if line.startswith("## ")}
    assert {rule.url.partition("#")[2] for rule in RULES} == headings
    # The site has a file for each page: mkdocs.yml has no directory for each.
    assert "use_directory_urls: false\n" in PAGE.parents[1].joinpath("mkdocs.yml").read_text(encoding="utf-8")
    assert DOCS.endswith(f"/{PAGE.stem}.html")


def test_a_reader_of_the_site_sees_each_word_of_each_rule() -> None:
    site = unescape(re.sub("<[^>]*>", "", markdown.markdown(page())))
    for rule in RULES:
        assert f"Fix: {rule.fix}" in site, rule.id
        assert f"Why: {rule.explanation}" in site, rule.id
