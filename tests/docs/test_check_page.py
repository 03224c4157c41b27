"""The page of `check` says what its rules say, and troubleshooting points to rules that exist."""

from __future__ import annotations

import re

from docs.check_page import PAGE, page
from iconik_construct.live.rules import RULES


def test_the_page_is_what_the_rules_say_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.check_page"


def test_every_rule_has_an_id_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) > 40


def test_troubleshooting_points_to_findings_that_exist() -> None:
    text = PAGE.with_name("troubleshooting.md").read_text(encoding="utf-8")
    named = set(re.findall(r"check\.md#(check[0-9]+)", text))
    assert len(named) > 10
    assert named <= {rule.id.lower() for rule in RULES}
