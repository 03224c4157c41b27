"""Several templates as one with a parameter."""

from __future__ import annotations

from dev.templates.choices import Choice, choose

NAMES = {"small": "Small", "large": "Large", "huge": "Huge"}


def merged(**templates: dict) -> tuple[dict, Choice]:
    choice = Choice("Size", NAMES)
    return choose(choice, {value: {"Resources": resources} for value, resources in templates.items()}), choice


def test_what_all_templates_say_is_written_once_without_a_condition():
    template, choice = merged(small={"A": {"Type": "T"}}, large={"A": {"Type": "T"}})
    assert template["Resources"] == {"A": {"Type": "T"}}
    assert choice.conditions == {}


def test_a_value_that_differs_becomes_a_condition():
    template, choice = merged(small={"A": {"P": 1}}, large={"A": {"P": 2}})
    assert template["Resources"]["A"]["P"] == {"Fn::If": ["SizeIsSmall", 1, 2]}
    assert choice.conditions == {"SizeIsSmall": {"Fn::Equals": [{"Ref": "Size"}, "small"]}}


def test_the_value_that_most_templates_have_needs_no_condition():
    template, _ = merged(small={"A": {"P": 1}}, large={"A": {"P": 2}}, huge={"A": {"P": 1}})
    assert template["Resources"]["A"]["P"] == {"Fn::If": ["SizeIsLarge", 2, 1]}


def test_a_resource_that_some_templates_have_depends_on_a_condition():
    template, choice = merged(small={}, large={"A": {"Type": "T"}}, huge={"A": {"Type": "T"}})
    assert template["Resources"]["A"] == {"Condition": "SizeIsLargeOrHuge", "Type": "T"}
    assert [len(tests) for tests in choice.conditions["SizeIsLargeOrHuge"].values()] == [2]


def test_a_list_that_is_shorter_in_one_template_ends_with_no_value_there():
    template, _ = merged(small={"A": {"L": ["x"]}}, large={"A": {"L": ["x", "y"]}})
    assert template["Resources"]["A"]["L"] == ["x", {"Fn::If": ["SizeIsSmall", {"Ref": "AWS::NoValue"}, "y"]}]


def test_functions_of_cloudformation_are_not_taken_apart():
    one, two = {"Fn::GetAtt": ["A", "Arn"]}, {"Ref": "A"}
    template, _ = merged(small={"A": {"P": one}}, large={"A": {"P": two}})
    assert template["Resources"]["A"]["P"] == {"Fn::If": ["SizeIsSmall", one, two]}
