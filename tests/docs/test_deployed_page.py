"""The page for reviewers shows what templates hold today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from docs import deployed_page
from docs.deployed_page import PAGE, page


def test_the_page_is_what_is_deployed_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.deployed_page"


def _with_a_managed_policy(adopted: Callable[[], Any]) -> Any:
    resources = adopted()
    for one in resources.values():
        if one["Type"] == "AWS::IAM::Role":
            one["Properties"]["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    return resources


def test_a_right_that_the_page_does_not_show_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    adopted = deployed_page._adopted
    monkeypatch.setattr(deployed_page, "_adopted", lambda: _with_a_managed_policy(adopted))
    with pytest.raises(ValueError, match="ManagedPolicyArns"):
        page()
