"""The page of iconik's form has the fields of `settings()`."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from docs import form_page
from docs.form_page import FIELDS, PAGE, page
from iconik_construct import IconikStorage


def test_the_page_is_what_settings_returns_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.form_page"


def test_a_field_that_the_page_does_not_explain_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_page, "FIELDS", {name: each for name, each in FIELDS.items() if name != "scan"})
    with pytest.raises(ValueError, match="differ in scan"):
        page()


@pytest.mark.parametrize("name", ["form.md", "index.md"])
def test_the_pages_name_the_output_that_the_stack_has(name: str) -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Media")
    storage = IconikStorage(stack, "Masters", system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01")
    storage.output_settings(name="Masters")
    (output,) = app.synth().get_stack_by_name("Media").template["Outputs"]
    assert output in PAGE.with_name(name).read_text(encoding="utf-8")
