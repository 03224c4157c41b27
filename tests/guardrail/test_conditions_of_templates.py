"""Conditions of a template that depend on one parameter have only the answers that a value of it gives."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.documents.template_text import read_template_yaml
from iconik_construct.judge import unknown
from iconik_construct.templates.check import check, is_refused
from iconik_construct.templates.conditions import combinations
from iconik_construct.templates.template import App, Template
from iconik_construct.templates.values import choice_of
from tests.guardrail.building import (
    DOMAIN,
    DOMAINS,
    KEY_ARN,
    KEY_FORGETS,
    NO_TAG,
    ROLE,
    allow,
    allow_key,
    bucket,
    key_resource,
    parameter,
    pinned,
    with_resources,
)

Json = Any
NO_VALUE = {"Ref": "AWS::NoValue"}
ENV = {"Env": parameter(AllowedValues=["production", "test", "lab"])}


def env(value: str) -> Json:
    return {"Fn::Equals": [{"Ref": "Env"}, value]}


CONDITIONS = {
    "IsProduction": env("production"),
    "IsTest": {"Fn::Equals": ["test", {"Ref": "Env"}]},
    "IsLab": env("lab"),
    "IsOther": {"Fn::Not": [{"Condition": "IsProduction"}]},
    "IsEither": {"Fn::Or": [{"Condition": "IsProduction"}, {"Condition": "IsTest"}]},
    "IsBoth": {"Fn::And": [{"Condition": "IsProduction"}, {"Condition": "IsTest"}]},
    "IsHere": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "IsHereToo": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "IsLoop": {"Fn::Not": [{"Condition": "IsLoop"}]},
}


def possible(*names: str, parameters: Json = ENV, most: int = 64, **decided: bool) -> list[tuple[bool, ...]] | None:
    template = Template("", {"Conditions": CONDITIONS, "Parameters": parameters})
    listed = combinations(names, decided, template, most)
    return None if listed is None else [tuple(each[name] for name in names) for each in listed]


def test_each_answer_has_a_value_of_the_parameter() -> None:
    assert possible("IsProduction", "IsTest", "IsLab") == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert possible("IsProduction", "IsOther", "IsEither") == [
        (True, False, True),
        (False, True, True),
        (False, True, False),
    ]
    assert possible("IsBoth") == [(False,)]


def test_without_allowed_values_the_parameter_can_have_another_value() -> None:
    neither = possible("IsProduction", "IsTest", parameters={"Env": parameter("production")})
    assert neither == [(True, False), (False, True), (False, False)]


@pytest.mark.parametrize("kind", ["AWS::SSM::Parameter::Value<String>", "CommaDelimitedList"])
def test_the_value_in_parameter_store_or_a_list_can_be_any(kind: str) -> None:
    parameters = {"Env": parameter(AllowedValues=["/a", "/b"], Type=kind)}
    assert possible("IsProduction", parameters=parameters) == [(True,), (False,)]


def test_a_decided_condition_decides_others() -> None:
    assert possible("IsTest", "IsOther", IsProduction=True) == [(False, False)]
    assert possible("IsTest", IsProduction=False) == [(True,), (False,)]


@pytest.mark.parametrize(
    ("names", "parameters"),
    [(["IsProduction", "Unknown"], ENV), (["IsProduction", "IsLoop"], ENV), (["IsProduction", "IsTest"], {})],
)
def test_what_is_not_evaluated_can_be_true_or_false(names: list[str], parameters: Json) -> None:
    assert possible(*names, parameters=parameters) == list(product((True, False), repeat=2))


def test_equal_comparisons_have_one_answer() -> None:
    assert possible("IsHere", "IsHereToo") == [(True, True), (False, False)]


def test_a_chosen_value_that_is_not_known_can_be_any() -> None:
    assert possible("IsTest", **{choice_of("Env", unknown("an import")): True}) == [(True,), (False,)]
    assert possible("IsTest", **{choice_of("Env", "lab"): True}) == [(False,)]


def test_of_contradicting_answers_everything_is_possible() -> None:
    assert possible("IsLab", IsProduction=True, IsTest=True) == [(True,), (False,)]


def test_there_is_a_maximum() -> None:
    assert possible("IsProduction", "IsTest", "IsLab", most=2) is None
    assert possible(*(f"Unknown{number}" for number in range(10)), most=64) is None


def test_conditions_that_refer_to_each_other_are_evaluated_once() -> None:
    conditions: Json = {"C0": env("test")}
    for number in range(1, 60):
        conditions[f"C{number}"] = {"Fn::And": [{"Condition": f"C{number - 1}"}] * 2}
    template = Template("", {"Conditions": conditions, "Parameters": ENV})
    assert combinations(["C59", "C58"], {}, template, 8) == [{"C59": True, "C58": True}, {"C59": False, "C58": False}]


def test_a_value_that_a_parent_gives_decides() -> None:
    template = Template("", {"Conditions": CONDITIONS, "Parameters": ENV}, given={"Env": ["test"]})  # type: ignore[list-item]
    assert combinations(["IsTest", "IsOther"], {}, template, 8) == [{"IsTest": True, "IsOther": True}]


def refused(body: Json) -> set[str]:
    found = check(App([Template("it.template.json", body)]), Question(tuple(DOMAINS)))
    return {each.id for each in found if is_refused(each)}


def sections() -> Json:
    return {"Conditions": CONDITIONS, "Parameters": ENV}


@pytest.mark.parametrize(("other", "expected"), [("IsOther", set()), ("IsTest", set()), ("IsEither", {NO_TAG})])
@pytest.mark.parametrize("is_statement", [True, False])
def test_a_tag_is_missing_only_where_iconik_is_not_named(other: str, expected: set[str], is_statement: bool) -> None:
    condition = {"Fn::If": [other, NO_VALUE, pinned()]}
    who = {"AWS": ROLE if is_statement else {"Fn::If": ["IsProduction", ROLE, "444455556666"]}}
    statement = allow(Principal=who, Condition=condition)
    guarded = {"Fn::If": ["IsProduction", statement, NO_VALUE]} if is_statement else statement
    assert refused(bucket(guarded, **sections())) == expected


@pytest.mark.parametrize(("inner", "expected"), [("IsHereToo", set()), ("IsTest", {NO_TAG})])
def test_a_branch_that_no_value_reaches_does_not_count(inner: str, expected: set[str]) -> None:
    who = {"Fn::If": ["IsHere", "444455556666", {"Fn::If": [inner, ROLE, "444455556666"]}]}
    assert refused(bucket(allow(Principal={"AWS": who}, Condition=None), **sections())) == expected


@pytest.mark.parametrize(("other", "expected"), [("IsOther", set()), ("IsEither", {KEY_FORGETS})])
def test_the_key_allows_iconik_where_the_bucket_does(other: str, expected: set[str]) -> None:
    body = bucket({"Fn::If": ["IsProduction", allow(), NO_VALUE]}, key=KEY_ARN, **sections())
    key = key_resource({"Fn::If": [other, NO_VALUE, allow_key()]})
    assert refused(with_resources(body, Key=key)) == expected


def test_the_plain_template_of_this_library_has_no_finding() -> None:
    text = (Path(__file__).parents[2] / "templates/iconik-storage.yaml").read_text()
    body: Json = read_template_yaml(text)
    body["Parameters"]["SystemDomainId"]["Default"] = DOMAIN
    assert check(App([Template("it.yaml", body)]), Question((DOMAIN,))) == []
