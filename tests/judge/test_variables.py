"""Policy variables in conditions."""

from __future__ import annotations

import pytest

from tests.judge.asking import holds

KEY = "aws:PrincipalTag/x"
OTHER = "aws:PrincipalTag/y"


@pytest.mark.parametrize(
    ("operator", "wanted", "context", "expected"),
    [
        ("StringEquals", "${aws:PrincipalTag/y}", {OTHER: "a"}, True),
        ("StringEquals", "${aws:PrincipalTag/y}", {OTHER: "b"}, False),
        ("StringEquals", "<${aws:PrincipalTag/y}>", {OTHER: "a"}, False),
        ("StringLike", "${aws:PrincipalTag/y}", {OTHER: "*"}, False),
        ("StringLike", "${aws:PrincipalTag/y}*", {OTHER: "a"}, True),
        ("StringEqualsIgnoreCase", "${aws:PrincipalTag/y}", {OTHER: "A"}, True),
        ("StringEquals", "${aws:PrincipalTag/y, 'a'}", {}, True),
        ("StringEquals", "${aws:PrincipalTag/y, 'a'}", {OTHER: ["b"]}, True),
        ("StringEquals", "${aws:PrincipalTag/y, 'A'}", {}, False),
        # "…the value is effectively null. There is no equal or like value."
        ("StringEquals", "${aws:PrincipalTag/y}", {}, False),
        ("StringLike", "*${aws:PrincipalTag/y}", {}, False),
        ("StringEqualsIfExists", "${aws:PrincipalTag/y}", {}, False),
        # "Inverted condition operators like StringNotEquals or StringNotLike do match against a null value."
        ("StringNotEquals", "${aws:PrincipalTag/y}", {}, True),
        ("StringNotLike", "${aws:PrincipalTag/y}*", {}, True),
        ("StringEquals", ["${aws:PrincipalTag/y}", "a"], {}, True),
        ("StringNotEquals", ["${aws:PrincipalTag/y}", "a"], {}, False),
        # "any single-valued condition key"
        ("StringEquals", "${aws:PrincipalTag/y}", {OTHER: ["a"]}, False),
        ("StringLike", "${*}", {}, False),
        ("StringEquals", "${unclosed", {}, False),
        # "You can't use a policy variable with other operators, such as Numeric, Date, Boolean, Binary, IP Address."
        ("NumericEquals", "${aws:PrincipalTag/y}", {OTHER: "5"}, False),
        ("BinaryEquals", "${aws:PrincipalTag/y}", {OTHER: "a"}, False),
    ],
)
def test_variables(operator, wanted, context, expected):
    absent = () if OTHER in context else (OTHER,)
    assert holds({operator: {KEY: wanted}}, {KEY: "a", **context}, absent=absent) is expected


@pytest.mark.parametrize("sign", ["*", "?", "$"])
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
def test_a_sign_can_be_meant_as_it_is(operator, sign):
    # "These predefined policy variables can be used in any string where you can use regular policy variables."
    assert holds({operator: {KEY: f"${{{sign}}}"}}, {KEY: sign}) is True
    assert holds({operator: {KEY: f"${{{sign}}}"}}, {KEY: "x"}) is False


def test_in_the_older_version_a_variable_is_its_own_text():
    condition = {"StringEquals": {KEY: "${aws:PrincipalTag/y}"}}
    assert holds(condition, {KEY: "a", OTHER: "a"}, version="2008-10-17") is False
    assert holds(condition, {KEY: "${aws:PrincipalTag/y}"}, version="2008-10-17") is True
