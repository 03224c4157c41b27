"""The benchmark measures what it says."""

from __future__ import annotations

import pytest

from dev.bench.hostile_inputs import TEMPLATES
from dev.bench.synthesis_checks import Run, measure, report
from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import DOMAINS


def test_the_benchmark_synthesizes_without_a_check_with_the_own_one_and_with_the_guardrail():
    reports = []
    for runs in measure(storages=4, turns=1).values():
        (run,) = runs
        reports.append(min(run.made, run.synthesized, run.alone) > 0)
    assert reports == [True] * 3


def test_the_cost_is_given_as_the_median_of_the_ratios_of_each_turn():
    runs = {
        "no check": [Run(0.3, 0.2, 1.0), Run(0.3, 0.4, 1.0), Run(0.3, 0.2, 2.0)],
        "the check": [Run(0.3, 0.22, 1.1), Run(0.3, 0.4, 1.2), Run(0.3, 0.24, 2.0)],
    }
    assert "| the check | 220 (1.10) | 520 (1.04) | 1,100 (1.10) |" in report(runs)


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
