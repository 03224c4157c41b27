"""The page of `check` has the IAM policy that it needs, and troubleshooting points to rules that exist."""

from __future__ import annotations

import re

from docs.check_page import PAGE, page
from iconik_construct.assessment.rules import RULES


def test_the_page_is_what_the_command_needs_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.check_page"


def test_troubleshooting_points_to_rules_that_exist() -> None:
    text = PAGE.with_name("troubleshooting.md").read_text(encoding="utf-8")
    named = set(re.findall(r"rules\.md#(iconik[0-9]+)", text))
    assert len(named) > 10
    assert named <= {rule.id.lower() for rule in RULES}
