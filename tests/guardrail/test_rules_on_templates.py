"""Which rules fire on which templates."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.check import REPORTED, check, is_refused
from iconik_construct.templates.template import App, Template
from iconik_construct.validation.violations import report_of
from tests.guardrail.building import DOMAINS
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE


def fired(body: Any) -> set[str]:
    return {finding.id for finding in check(App([Template("it.template.json", body)]), Question(tuple(DOMAINS)))}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_fires_its_rules_and_no_other(name: str):
    body, expected = HOSTILE[name]
    assert fired(body) == expected


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_template_is_not_refused(name: str):
    found = check(App([Template("it.template.json", HARMLESS[name])]), Question(tuple(DOMAINS)))
    assert [finding for finding in found if is_refused(finding)] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_of_a_violation_has_a_mark_of_an_unknown_value(name: str):
    app = App([Template("it.template.json", HOSTILE[name][0])])
    report = report_of(app, check(app, Question(tuple(DOMAINS))), is_refused)
    texts = [text for each in report.violations for text in (each.description, each.fix)]
    assert [text for text in texts if text is None or not text.isprintable()] == []


def test_every_rule_about_a_statement_has_a_hostile_template_that_fires_it():
    fired_by_a_template = set().union(*(expected for _, expected in HOSTILE.values()))
    assert {f"ICONIK{number:03}" for number in (*range(1, 11), 12, 13, 14)} <= fired_by_a_template
    assert fired_by_a_template <= {rule.id for rule in REPORTED}


def test_there_are_at_least_forty_of_each(capsys: pytest.CaptureFixture[str]):
    with capsys.disabled():
        print(f"\nguardrail: {len(HOSTILE)} hostile templates refused, {len(HARMLESS)} harmless ones passed")  # noqa: T201
    assert min(len(HOSTILE), len(HARMLESS)) >= 40
