"""No policy makes the judge slow: what would cost too much to compare is not known, and the rest stays right."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.bench.hostile_inputs import MOST_BYTES, POLICIES, request
from iconik_construct.judge import Verdict, judge, unknown
from iconik_construct.judge.index import Index
from iconik_construct.judge.operators import OPERATORS, Incomparable
from tests.judge.asking import DEPENDS, holds, statement, verdict

KEY = "aws:TagKeys"
MANY = 3_000


@pytest.mark.parametrize("name", POLICIES)
def test_an_input_that_is_made_to_take_long_gets_an_answer(name: str):
    policy, context = POLICIES[name]
    assert len(json.dumps([policy, context])) < MOST_BYTES * 1.3
    assert judge(policy, request(context)).verdict in Verdict


@pytest.mark.parametrize(
    ("operator", "form"), [("StringLike", "a*{}"), ("StringEquals", "a-{}"), ("ArnLike", "arn:aws:s3:::a*/{}")]
)
def test_thousands_of_patterns_and_thousands_of_values_are_compared(operator: str, form: str):
    patterns = [form.format(number) for number in range(MANY)]
    values = [form.replace("*", "-").format(number) for number in range(MANY, 2 * MANY - 1)]
    last = form.replace("*", "-").format(MANY - 1)
    if "*" not in form:
        assert holds({f"ForAnyValue:{operator}": {KEY: patterns}}, {KEY: values}) is False
    assert holds({f"ForAnyValue:{operator}": {KEY: patterns}}, {KEY: [*values, last]}) is True
    assert holds({f"ForAllValues:{operator}": {KEY: patterns}}, {KEY: [*values, "b"]}) is False


@pytest.mark.parametrize(
    ("condition", "context"),
    [
        ({"ForAnyValue:IpAddress": {KEY: ["10.0.0.0/24"] * MANY}}, {KEY: ["198.51.100.7"] * MANY}),
        ({"ForAnyValue:NumericEquals": {KEY: ["1"] * MANY}}, {KEY: ["2"] * MANY}),
        ({"ForAnyValue:StringLike": {KEY: ["a*b?c"] * MANY}}, {KEY: ["axxc"] * MANY}),
        ({"StringEquals": {"aws:UserAgent": "${aws:username}" * 9_000}}, {"aws:username": "b" * 3_000}),
    ],
)
def test_what_would_cost_too_much_is_not_known(condition, context):
    assert verdict(statement(Condition=condition), context=context) is DEPENDS


def test_a_deny_that_would_cost_too_much_may_deny():
    costly = {"ForAnyValue:IpAddress": {KEY: ["10.0.0.0/24"] * MANY}}
    deny = statement("Deny", Condition=costly)
    assert verdict(statement(), deny, context={KEY: ["198.51.100.7"] * MANY}) is DEPENDS


PIECES = st.lists(st.sampled_from(["a", "A", "ß", "Σ", "ς", "*", "?", ":", "arn:aws:s3:::", "İ", ""]), max_size=7).map(
    "".join
)


@settings(max_examples=300)
@given(
    patterns=st.lists(PIECES, max_size=6),
    text=PIECES,
    operator=st.sampled_from(["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "BinaryEquals"]),
)
def test_the_index_misses_no_pattern_that_matches(patterns: list[str], text: str, operator: str):
    wanted: list[str | tuple[str, ...] | Incomparable] = [*patterns, Incomparable.HERE, (unknown("Ref"),)]
    candidates = Index(wanted, OPERATORS[operator]).candidates(text)
    missed = [one for one in wanted if one not in candidates]
    assert not [one for one in missed if OPERATORS[operator].compare(one, text) is not False]  # type: ignore[arg-type]
