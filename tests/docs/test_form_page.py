"""The page of iconik's form has the fields of `settings()`."""

from __future__ import annotations

import pytest

from docs import form_page
from docs.form_page import FIELDS, PAGE, page


def test_the_page_is_what_settings_returns_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.form_page"


def test_a_field_that_the_page_does_not_explain_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_page, "FIELDS", {name: each for name, each in FIELDS.items() if name != "scan"})
    with pytest.raises(ValueError, match="differ in scan"):
        page()
