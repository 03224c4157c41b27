"""The benchmark measures what it says."""

from __future__ import annotations

import pytest

from dev.bench.guardrail import Cost, measure
from dev.bench.hostile_inputs import TEMPLATES
from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import DOMAINS


def test_the_benchmark_synthesizes_with_and_without_the_guardrail():
    cost = measure(storages=4, turns=1)
    assert min(cost.without, cost.with_guardrail) > 0
    assert cost.storages == 4


def test_the_cost_is_given_as_a_ratio():
    cost = Cost(storages=100, without=0.5, with_guardrail=0.51)
    assert cost.ratio == 1.02
    assert str(cost) == "synthesis of 100 storages: 500 ms; the guardrail adds 10 ms, ratio 1.020"


HARMLESS = {
    "joins in joins",
    "text within text",
    "addresses",
    "digits",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_is_made_to_take_long_gets_an_answer(name: str):
    found = check(App([Template("it.template.json", TEMPLATES[name])]), Question(tuple(DOMAINS)))
    assert bool(found) is (name not in HARMLESS)
