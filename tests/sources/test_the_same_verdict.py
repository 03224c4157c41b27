"""`guard` finds in YAML, in a bare policy and in Terraform what the guardrail finds in the template."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from written import as_bare_policy, as_plan, as_yaml

from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.assessment import Question
from iconik_construct.sources.guarding import guard
from iconik_construct.sources.reading import read_source
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import DOMAINS
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE

TEMPLATES = {
    **{f"hostile: {name}": body for name, (body, _) in HOSTILE.items()},
    **{f"harmless: {name}": body for name, body in HARMLESS.items()},
}
# Form -> how it is written, and how many templates fit at least.
FORMS: dict[str, tuple[Callable[[Any], str | None], int]] = {
    "template.json": (json.dumps, 150),
    "template.yaml": (as_yaml, 150),
    "policy.json": (as_bare_policy, 60),
    "plan.json": (as_plan, 80),
}

OF_A_KNOWN_KEY: dict[str, set[str]] = {
    "hostile: a Deny that names a key": {"ICONIK012"},
    "hostile: a Deny that names a key, of a key alone": {"ICONIK012"},
    "hostile: an Allow that names a key": set(),
    "harmless: for iconik: the key, through S3 only": set(),
}
"""What a plan with the ARN of the key decides, and a template does not."""
OF_SETTINGS = {"ICONIK102"}
"""The rules about the public access block of a bucket, which a policy alone does not have."""


def by_the_plugins_check(body: Any) -> set[str]:
    return {one.rule.id for one in check(App([Template("it.template.json", body)]), Question(tuple(DOMAINS)))}


def by_guard(text: str, path: Path) -> set[str]:
    path.write_text(text, encoding="utf-8")
    found = guard([read_source(str(path))], sorted(DOMAINS), ICONIK_ROLE_ARN)
    return {one.rule.id for one in found.findings}


def expected_in(form: str, name: str) -> set[str]:
    found = by_the_plugins_check(TEMPLATES[name])
    if form == "plan.json" and name in OF_A_KNOWN_KEY:
        assert found == {"ICONIK014"}
        return OF_A_KNOWN_KEY[name]
    return found - (OF_SETTINGS if form == "policy.json" else set())


@pytest.mark.parametrize("form", FORMS)
def test_each_template_of_the_guardrails_tables_has_the_same_findings_in_each_form(form: str, tmp_path: Path) -> None:
    write, at_least = FORMS[form]
    written = {name: text for name, body in TEMPLATES.items() if (text := write(body)) is not None}
    wrong = {
        name: (found, expected)
        for name, text in written.items()
        if (found := by_guard(text, tmp_path / form)) != (expected := expected_in(form, name))
    }
    assert wrong == {}
    assert len(written) >= at_least, f"only {len(written)} of {len(TEMPLATES)} fit"
