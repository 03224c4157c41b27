"""The condition operators one by one, and what their names add to them."""

from __future__ import annotations

import pytest

from tests.judge.asking import holds

KEY = "aws:PrincipalTag/x"

# operator, value in the policy, value in the request, whether they match
MATCHES = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a*", "abc", False),
    ("StringEquals", "a*", "a*", True),
    ("StringEquals", ["b", "a"], "a", True),
    ("StringEquals", [], "a", False),
    ("StringEquals", 5, "5", True),
    ("StringEquals", True, "true", True),
    ("StringEquals", "", "", True),
    ("StringEqualsIgnoreCase", "aB", "Ab", True),
    ("StringEqualsIgnoreCase", "a*", "ab", False),
    ("StringLike", "a*", "abc", True),
    ("StringLike", "a*", "a", True),
    ("StringLike", "a?", "ab", True),
    ("StringLike", "a?", "a", False),
    ("StringLike", "*", "", True),
    ("StringLike", "A*", "abc", False),
    ("StringLike", "*b*d*", "abcd", True),
    ("StringLike", "*b*a*", "abcd", False),
    ("StringLike", "ab*bc", "abc", False),
    ("StringLike", "[ab]", "a", False),
    ("StringLike", "a.c", "abc", False),
    ("StringLike", "a*c", "a\nc", True),
    ("NumericEquals", "5", "5.0", True),
    ("NumericEquals", 5, "5", True),
    ("NumericEquals", "5", "6", False),
    ("NumericEquals", "-5", "-5", True),
    ("NumericEquals", "9007199254740993", "9007199254740992", False),
    ("NumericLessThan", "5", "4.9", True),
    ("NumericLessThan", "5", "5", False),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThanEquals", "5", "5", True),
    ("NumericLessThanEquals", "5", "6", False),
    ("NumericGreaterThan", "5", "6", True),
    ("NumericGreaterThan", "5", "5", False),
    ("NumericGreaterThanEquals", "5", "5", True),
    ("NumericGreaterThanEquals", "5", "4", False),
    ("DateEquals", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", True),
    ("DateEquals", "2020-01-01T02:00:00+02:00", "2020-01-01T00:00:00Z", True),
    ("DateEquals", "2019-12-31T22:00:00-0200", "2020-01-01T00:00:00Z", True),
    ("DateEquals", "2020-01-01", "2020-01-01T00:00Z", True),
    ("DateEquals", "2020-01", "2020-01-01T00:00:00.000Z", True),
    # "in epoch (UNIX) time": seconds
    ("DateEquals", "1577836800", "2020-01-01T00:00:00Z", True),
    ("DateEquals", "2020-02-29T00:00:00Z", "1582934400", True),
    ("DateEquals", "2000-03-01T00:00:00Z", "951868800", True),
    ("DateLessThan", "2020-01-01T00:00:00Z", "2019-12-31T23:59:59.999Z", True),
    ("DateLessThan", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", False),
    ("DateLessThanEquals", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", True),
    ("DateGreaterThan", "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", True),
    ("DateGreaterThan", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", False),
    ("DateGreaterThanEquals", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", True),
    ("Bool", "true", "true", True),
    ("Bool", True, "TRUE", True),
    ("Bool", "false", "true", False),
    ("Bool", "t*", "true", False),
    ("Bool", "yes", "yes", False),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("BinaryEquals", "QmluYXJ5", "qmluyxj5", False),
    ("BinaryEquals", "Qm*", "QmluYXJ5", False),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
    # "If you specify an IP address without the associated routing prefix, IAM uses the default prefix value of /32."
    ("IpAddress", "10.1.2.3", "10.1.2.3", True),
    ("IpAddress", "10.1.2.3", "10.1.2.4", False),
    ("IpAddress", "0.0.0.0/0", "1.2.3.4", True),
    ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
    ("IpAddress", "::/0", "2001:db8::1", True),
    ("IpAddress", "::/0", "1.2.3.4", False),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::9", True),
    ("IpAddress", "2001:db8:0:0:0:0:0:1", "2001:db8::1", True),
    ("IpAddress", ["11.0.0.0/8", "10.0.0.0/8"], "10.1.2.3", True),
    ("ArnEquals", "arn:aws:s3:::abc", "arn:aws:s3:::abc", True),
    # "The ArnEquals and ArnLike condition operators behave identically."
    ("ArnEquals", "arn:aws:s3:::a*", "arn:aws:s3:::abc", True),
    ("ArnLike", "arn:aws:s3:::a?c", "arn:aws:s3:::abc", True),
    ("ArnLike", "arn:aws:S3:::abc", "arn:aws:s3:::abc", False),
    # "Each of the six colon-delimited components of the ARN is checked separately."
    ("ArnLike", "arn:aws:sns:*:1:t", "arn:aws:sns:eu:1:t", True),
    ("ArnLike", "arn:aws:sns:e*t:1:x", "arn:aws:sns:eu:2:t:1:x", False),
    ("ArnLike", "arn:aws:sns:eu:1:*", "arn:aws:sns:eu:1:t:u", True),
    ("ArnLike", "arn:*:*:*:*:*", "arn:aws:sns:eu:1:t", True),
    ("ArnLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a/b", True),
    ("ArnLike", "arn:aws:iam::1:role/*", "no arn", False),
]

NEGATED = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), MATCHES)
def test_each_operator_with_its_negation_and_its_additions(operator, wanted, given, expected):
    for name, outcome in ((operator, expected), (NEGATED.get(operator), not expected)):
        if name is not None:
            for addition in ("{}", "{}IfExists", "ForAnyValue:{}", "ForAllValues:{}", "ForAllValues:{}IfExists"):
                # A null data set, "such as an empty string", has no values to be any or all of.
                if given != "" or "For" not in addition:
                    assert holds({addition.format(name): {KEY: wanted}}, {KEY: given}) is outcome, addition


@pytest.mark.parametrize("operator", [*NEGATED, "NumericLessThan", "DateGreaterThanEquals", "Bool", "BinaryEquals"])
def test_a_missing_key_is_not_equal_and_therefore_unequal(operator):
    def with_missing(name: str) -> bool | None:
        return holds({name: {KEY: "5"}}, absent={KEY})

    # "If the key … is not present in the request context, the values do not match and the condition is false. If the
    # policy condition requires that the key is not matched, … the condition is true."
    assert with_missing(operator) is False
    assert with_missing(f"{operator}IfExists") is True
    assert with_missing(f"ForAllValues:{operator}") is True
    assert with_missing(f"ForAllValues:{operator}IfExists") is True
    assert with_missing(f"ForAnyValue:{operator}") is False
    # Of these two additions together AWS says both.
    assert with_missing(f"ForAnyValue:{operator}IfExists") is None
    if operator in NEGATED:
        assert with_missing(NEGATED[operator]) is True
        assert with_missing(f"{NEGATED[operator]}IfExists") is True
        assert with_missing(f"ForAnyValue:{NEGATED[operator]}") is False


@pytest.mark.parametrize(
    ("operator", "wanted", "given"),
    [
        ("NumericEquals", "abc", "5"),
        ("NumericEquals", "5", "abc"),
        ("NumericEquals", "1e3", "1000"),
        ("NumericEquals", "nan", "nan"),
        ("NumericEquals", " 5", "5"),
        ("NumericEquals", "5_0", "50"),
        ("NumericEquals", "\u0665", "5"),
        ("NumericEquals", "9" * 5000, "5"),
        ("DateEquals", "soon", "2020-01-01T00:00:00Z"),
        ("DateEquals", "2020-01-01T00:00:00Z", "soon"),
        ("DateEquals", "2020-02-30", "2020-01-01T00:00:00Z"),
        ("DateEquals", "1900-02-29", "2020-01-01T00:00:00Z"),
        ("DateEquals", "2020-01-01T24:00:00Z", "2020-01-01T00:00:00Z"),
        ("DateEquals", "2020-01-01T", "2020-01-01T00:00:00Z"),
        ("DateEquals", "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00Z"),
        ("DateEquals", "2020-01-01T00:00:00+2", "2020-01-01T00:00:00Z"),
        # the year, or 2020 seconds after 1970
        ("DateEquals", "2020", "2020-01-01T00:00:00Z"),
        ("IpAddress", "10.0.0.0/33", "10.0.0.1"),
        ("IpAddress", "*", "10.0.0.1"),
        ("IpAddress", "10.0.0.0/8", "here"),
    ],
)
def test_what_is_not_of_the_operators_type_is_not_equal_and_not_known_to_be_unequal(operator, wanted, given):
    assert holds({operator: {KEY: wanted}}, {KEY: given}) is False
    assert holds({NEGATED[operator]: {KEY: wanted}}, {KEY: given}) is None


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [("*", None), ("arn:*", None), ("arn:aws:s3:*", None), ("arn:aws:sns*", False), ("arn:aws:*:abc", None)],
)
def test_an_arn_with_fewer_than_six_parts_is_unknown(wanted, matches):
    given = {KEY: "arn:aws:s3:::abc"}
    assert holds({"ArnLike": {KEY: wanted}}, given) is matches
    assert holds({"ArnNotLike": {KEY: wanted}}, given) is (None if matches is None else not matches)


@pytest.mark.parametrize(
    ("wanted", "present", "missing"),
    [
        ("true", False, True),
        ("false", True, False),
        (True, False, True),
        ("True", False, True),
        (["true", "false"], True, True),
        ("yes", False, False),
        ([], False, False),
        ({"Ref": "x"}, None, None),
    ],
)
def test_null(wanted, present, missing):
    assert holds({"Null": {KEY: wanted}}, {KEY: "a"}) is present
    assert holds({"Null": {KEY: wanted}}, absent={KEY}) is missing


def test_a_multivalued_key_without_values_is_missing_and_an_empty_text_may_be():
    assert holds({"Null": {KEY: "true"}}, {KEY: []}) is True
    assert holds({"Null": {KEY: "true"}}, {KEY: ""}) is None


@pytest.mark.parametrize(
    "name",
    [
        "stringequals",
        "StringEqualsIfexists",
        "forAllValues:StringEquals",
        "ForAllValues: StringEquals",
        "ForAllValues:ForAnyValue:StringEquals",
        "NullIfExists",
        "ForAnyValue:Null",
        "StringContains",
        "BinaryNotEquals",
        "BoolNot",
        "",
    ],
)
def test_an_operator_that_aws_does_not_describe_is_not_known(name):
    assert holds({name: {KEY: "a"}}, {KEY: "a"}) is None


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "c"], False),
        ("ForAllValues:StringEquals", [], True),
        # "…or if the context key value resolves to a null dataset, such as an empty string."
        ("ForAllValues:StringEquals", "", True),
        ("ForAnyValue:StringEquals", ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["c", "d"], False),
        # "For no matching key or a null dataset, the condition returns false."
        ("ForAnyValue:StringEquals", [], False),
        ("ForAnyValue:StringNotEquals", "", False),
        # "None of the … in the request context can match any string … patterns in your policy."
        ("ForAllValues:StringNotEquals", ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "c"], False),
        # "At least one … must NOT match any of … patterns in your policy."
        ("ForAnyValue:StringNotEquals", ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        # "Multivalued context keys require a condition set operator."
        ("StringEquals", ["a"], None),
        ("StringEquals", ["c"], False),
        ("StringNotEquals", ["c"], None),
        ("StringEqualsIfExists", ["a", "c"], None),
    ],
)
def test_keys_with_several_values(operator, given, expected):
    assert holds({operator: {KEY: ["a", "b"]}}, {KEY: given}) is expected


def test_the_operators_and_the_keys_must_hold_together():
    given = {KEY: "a", "aws:PrincipalTag/y": "b"}
    assert holds({"StringEquals": {KEY: "a", "aws:PrincipalTag/y": "b"}}, given) is True
    assert holds({"StringEquals": {KEY: "a", "aws:PrincipalTag/y": "c"}}, given) is False
    assert holds({"StringEquals": {KEY: "a"}, "StringNotEquals": {"aws:PrincipalTag/y": "b"}}, given) is False
    assert holds({}, given) is True
    assert holds({"StringEquals": {}}, given) is True


def test_the_names_of_keys_have_no_case():
    assert holds({"StringEquals": {"AWS:principaltag/X": "a"}}, {"aws:PrincipalTag/x": "a"}) is True
    assert holds({"Null": {"AWS:principaltag/X": "true"}}, absent={"aws:PrincipalTag/x"}) is True
