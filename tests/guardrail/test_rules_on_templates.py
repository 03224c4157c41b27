"""Which rules fire on which templates."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.guardrail.check import check
from iconik_construct.guardrail.iconik import Iconik
from iconik_construct.guardrail.rules import RULES
from iconik_construct.guardrail.template import App, Template
from tests.guardrail.building import DOMAINS
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE


def fired(body: Any) -> set[str]:
    return {finding.rule.id for finding in check(App([Template("it.template.json", body)]), Iconik(DOMAINS))}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_fires_its_rules_and_no_other(name: str):
    body, expected = HOSTILE[name]
    assert fired(body) == expected


@pytest.mark.parametrize("name", HARMLESS)
def test_no_rule_fires_on_a_harmless_template(name: str):
    assert fired(HARMLESS[name]) == set()


def test_every_rule_has_a_hostile_template_that_fires_it():
    fired_by_a_template = set().union(*(expected for _, expected in HOSTILE.values()))
    # The last one is about the guardrail's own prop.
    assert fired_by_a_template | {"ICONIK011"} == {rule.id for rule in RULES}


def test_there_are_at_least_forty_of_each(capsys: pytest.CaptureFixture[str]):
    with capsys.disabled():
        print(f"\nguardrail: {len(HOSTILE)} hostile templates refused, {len(HARMLESS)} harmless ones passed")  # noqa: T201
    assert min(len(HOSTILE), len(HARMLESS)) >= 40
