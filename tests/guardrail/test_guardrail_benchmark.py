"""The benchmark measures what it says."""

from __future__ import annotations

from dev.bench.guardrail import Cost, measure


def test_the_benchmark_synthesizes_with_and_without_the_guardrail():
    cost = measure(storages=4, turns=1)
    assert min(cost.without, cost.with_guardrail) > 0
    assert cost.storages == 4


def test_the_cost_is_told_as_a_ratio():
    cost = Cost(storages=100, without=0.5, with_guardrail=0.51)
    assert cost.ratio == 1.02
    assert str(cost) == "synthesis of 100 storages: 500 ms; the guardrail adds 10 ms, ratio 1.020"
