"""What is not known: of the request, of the policy, and of values that are somebody else's."""

from __future__ import annotations

import pytest

from iconik_construct.judge import AtLeast, ForeignValue, OneOf, OwnerValue, own, unknown
from iconik_construct.judge.text import shown, split, tokens
from iconik_construct.judge.wildcards import matches
from tests.judge.asking import ALLOWED, DENIED, DEPENDS, holds, statement, verdict

KEY = "aws:PrincipalTag/x"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {KEY: "a"}}, None),
        ({"StringNotEquals": {KEY: "a"}}, None),
        ({"Null": {KEY: "true"}}, None),
        ({"Null": {KEY: ["true", "false"]}}, True),
        ({"StringEquals": {KEY: []}}, False),
        ({"StringLike": {KEY: "*"}}, None),
        # Whether it is there or not, whatever it says.
        ({"StringLikeIfExists": {KEY: "*"}}, True),
        ({"StringNotLike": {KEY: "*"}}, None),
        ({"ForAnyValue:StringNotLike": {KEY: "*"}}, False),
        ({"StringLike": {KEY: ["?*", "*"]}}, None),
        ({"StringEquals": {KEY: "${aws:PrincipalTag/x}"}}, None),
        ({"StringEqualsIfExists": {KEY: "${aws:PrincipalTag/x}"}}, True),
        ({"StringEqualsIfExists": {KEY: "${aws:PrincipalTag/y}"}}, None),
        ({"NumericEquals": {KEY: "5"}}, None),
        ({"DateLessThan": {KEY: "2020-01-01T00:00:00Z"}}, None),
        ({"IpAddress": {KEY: "0.0.0.0/0"}}, None),
        ({"Bool": {KEY: "true"}}, None),
        ({"ArnLike": {KEY: "arn:aws:s3:::a"}}, None),
    ],
)
def test_a_key_of_which_nothing_is_known(condition, expected):
    assert holds(condition) is expected


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("arn:aws:s3:::media/${aws:PrincipalTag/x}", DEPENDS),
        ("arn:aws:s3:::other/${aws:PrincipalTag/x}", DENIED),
        ("arn:aws:s3:::media/${aws:PrincipalTag/x}/b", DENIED),
        ("arn:aws:s3:::media/${aws:PrincipalTag/x, 'a'}", DEPENDS),
    ],
)
def test_a_variable_of_which_nothing_is_known(element, expected):
    assert verdict(statement(Resource=element)) is expected


OWN_ADDRESS = {"context": {"aws:SourceIp": ForeignValue()}}


@pytest.mark.parametrize(
    ("networks", "holds_for_it"),
    [
        (["203.0.113.0/24"], False),
        (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], False),
        (["2001:db8::/32"], False),
        (["0.0.0.0/0"], None),
        (["0.0.0.0/1", "128.0.0.0/1"], None),
        ([f"{first}.0.0.0/8" for first in range(256)], None),
        ([f"{first}.0.0.0/8" for first in range(0, 256, 2)], None),
        (["::/1", "8000::/1"], None),
        (["203.0.113.0/24", "an address"], None),
    ],
)
def test_ranges_are_somebodys_own_only_if_all_together_are_few(networks, holds_for_it):
    assert holds({"IpAddress": {"aws:SourceIp": networks}}, **OWN_ADDRESS) is holds_for_it
    denied = None if holds_for_it is None else True
    assert holds({"NotIpAddress": {"aws:SourceIp": networks}}, **OWN_ADDRESS) is denied


NOW = {"context": {"aws:CurrentTime": AtLeast("2026-11-28T12:00:00Z"), "aws:EpochTime": AtLeast("1795867200")}}


@pytest.mark.parametrize(
    ("operator", "of_the_past", "of_now", "of_the_future"),
    [
        ("DateLessThan", False, False, None),
        ("DateLessThanEquals", False, None, None),
        ("DateGreaterThan", True, None, None),
        ("DateGreaterThanEquals", True, True, None),
        ("DateEquals", False, None, None),
        ("DateNotEquals", True, None, None),
        ("DateLessThanIfExists", False, False, None),
        ("ForAllValues:DateLessThan", False, False, None),
        ("StringEquals", None, None, None),
        ("StringLike", None, None, None),
    ],
)
def test_of_the_time_is_known_that_it_is_not_earlier(operator, of_the_past, of_now, of_the_future):
    times = ("2020-01-01T00:00:00Z", "2026-11-28T12:00:00Z", "2099-01-01T00:00:00Z")
    found = [holds({operator: {"aws:CurrentTime": time}}, **NOW) for time in times]
    assert found == [of_the_past, of_now, of_the_future]


def test_the_least_is_compared_as_a_number_too():
    assert holds({"NumericLessThan": {"aws:EpochTime": "1577836800"}}, **NOW) is False
    assert holds({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, **NOW) is True
    assert holds({"NumericEquals": {"aws:EpochTime": "1895867200"}}, **NOW) is None
    assert holds({"DateLessThan": {"aws:CurrentTime": ["2020-01-01", "2099-01-01"]}}, **NOW) is None
    assert holds({"DateLessThan": {"aws:CurrentTime": "soon"}}, **NOW) is False
    assert holds({"Null": {"aws:CurrentTime": "true"}}, **NOW) is False
    assert holds({"StringEquals": {"aws:PrincipalTag/x": "${aws:CurrentTime}"}}, **NOW) is None


REF = unknown("Ref Name")

# pattern, text, whether it matches where wildcards are plain characters, and where they are not
TEXTS = [
    (REF, "abc", None, None),
    (REF, "", None, None),
    (f"a{REF}c", "abc", None, None),
    (f"a{REF}c", "ac", None, None),
    (f"a{REF}c", "a", False, False),
    (f"a{REF}c", "abd", False, False),
    (f"{REF}{REF}", "x", None, None),
    (f"*{REF}", "abc", False, None),
    (f"a?{REF}", "abc", False, None),
    (f"b?{REF}", "abc", False, False),
    (REF, REF, True, True),
    (f"a{REF}", f"a{REF}", True, True),
    (f"a{REF}*", f"a{REF}bc", False, True),
    ("*", REF, None, True),
    ("?*", REF, None, None),
    ("a*", f"a{REF}", None, True),
    ("b*", f"a{REF}", False, False),
    ("a", f"a{REF}b", False, False),
    ("ab", f"a{REF}b", None, None),
    ("aba", f"ab{REF}ba", False, False),
    (f"a{unknown('y')}", f"a{REF}", None, None),
    (f"b{unknown('y')}", f"a{REF}", False, False),
    (own("x"), own("x"), True, True),
    (own("x"), own("y"), False, False),
    (own("x"), "x", False, False),
    (f"{own('x')}/*", f"{own('x')}/a", False, True),
    (f"{own('x')}/a", f"{own('x')}/{REF}", None, None),
    ("?", own("x"), False, False),
    ("*", own("x"), False, True),
    (own("a*"), own("abc"), False, False),
    # a lone mark is a character
    ("\x00", "\x00", True, True),
    ("\x01a", "\x01a", True, True),
    ("a\x00?", "a\x00b", False, True),
    (unknown("y", but=["b"]), "b", None, None),
    ("b", unknown("y", but=["b"]), False, False),
    ("c", unknown("y", but=["b"]), None, None),
    ("role/b", f"role/{unknown('y', but=['b'])}", False, False),
    ("role/b/c", f"role/{unknown('y', but=['b'])}", None, None),
    ("role/*", f"role/{unknown('y', but=['b'])}", None, True),
    ("role/b", f"role/{unknown('path')}/{unknown('y')}", False, False),
    ("role/a/b", f"role/{unknown('path')}/{unknown('y')}", None, None),
    ("a/?*", f"a/{unknown('y', but=[''])}", None, True),
    ("a/?b", f"a/{unknown('y', but=[''])}", None, None),
    ("a/??*", f"a/{unknown('y', but=[''])}", None, None),
    ("a/", f"a/{unknown('y', but=[''])}", False, False),
    ("b/?*", f"a/{unknown('y', but=[''])}", False, False),
    ("*e/b*", f"role/{unknown('y', but=['b'])}", False, None),
]


@pytest.mark.parametrize(("pattern", "text", "plain", "wild"), TEXTS)
def test_texts_of_which_a_part_is_not_known(pattern, text, plain, wild):
    assert matches(pattern, text, wildcards=False) is plain
    assert matches(pattern, text, wildcards=True) is wild


def test_a_marked_span_is_one_character_is_not_split_and_is_shown_by_its_name():
    text = f"arn:{own('AWS::AccountId')}:{unknown('Stack#Ref Name', but=['x'])}"
    assert len(tokens(text)) == len("arn:") + 1 + len(":") + 1
    assert list(split(text, ":")) == ["arn", own("AWS::AccountId"), unknown("Stack#Ref Name", but=["x"])]
    assert list(split(text, ":", 1)) == ["arn", text[len("arn:") :]]
    assert shown(text) == "arn:${AWS::AccountId}:${Ref Name}"


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Action": unknown("Ref")}, DEPENDS),
        ({"Action": f"s3:{unknown('Ref')}"}, DEPENDS),
        ({"Action": f"kms:{unknown('Ref')}"}, DENIED),
        ({"Resource": f"arn:aws:s3:::{unknown('Ref')}/*"}, DEPENDS),
        ({"Resource": f"arn:aws:s3:::{own('Bucket')}/*"}, DENIED),
        ({"Condition": {"StringEquals": {unknown("Ref"): "a"}}}, DEPENDS),
        ({"Condition": {unknown("Ref"): {KEY: "a"}}}, DEPENDS),
        ({"Effect": unknown("Ref")}, DEPENDS),
        # With any other text AWS refuses the policy.
        ({"Effect": f"A{unknown('Ref')}"}, ALLOWED),
        ({"Effect": f"D{unknown('Ref')}"}, DENIED),
        ({"Effect": f"D{unknown('Ref')}", "Condition": {"Null": {KEY: {}}}}, DENIED),
    ],
)
def test_elements_of_which_a_part_is_not_known(elements, expected):
    assert verdict({**statement(), **elements}) is expected


def test_a_resource_of_which_a_part_is_not_known():
    asked = {"resource": f"arn:aws:s3:::{unknown('Ref')}/a"}
    assert verdict(statement(Resource="arn:aws:s3:::*"), **asked) is ALLOWED
    assert verdict(statement(Resource="arn:aws:s3:::*/a"), **asked) is ALLOWED
    assert verdict(statement(Resource="arn:aws:s3:::media/*"), **asked) is DEPENDS
    assert verdict(statement(Resource="arn:aws:s3:::*/b"), **asked) is DENIED


ORGANISATION = "aws:PrincipalOrgID"


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [
        ("StringEquals", "o-a1b2c3d4e5", False),
        ("StringEquals", ["o-a1b2c3d4e5", "o-f6g7h8i9j0"], False),
        ("StringEquals", "o-*", False),
        ("StringEquals", unknown("Ref"), None),
        ("StringEquals", own("Organisation"), False),
        ("StringEqualsIgnoreCase", "O-A1B2C3D4E5", False),
        ("StringLike", "o-a1b2c3d4e5", False),
        ("StringLike", "*", True),
        ("StringLike", "o-*", True),
        ("StringLike", "?-*", True),
        ("StringLike", "o*", True),
        # Each could be its beginning.
        ("StringLike", "o-0*", None),
        ("StringLike", "o-??????????", None),
        ("StringLike", "*e5", None),
        # The id is written out before the wildcard.
        ("StringLike", "o-a1b2c3d4e5*", False),
        ("StringLike", "o-abc/*", False),
        ("StringLike", "x-*", False),
        ("StringEquals", "${aws:PrincipalOrgID}", True),
        ("StringLike", "${aws:PrincipalOrgID}*", True),
        ("StringEquals", "${aws:ResourceOrgID}", None),
        ("NumericEquals", "5", None),
        ("Null", "false", True),
    ],
)
def test_a_value_that_is_somebody_elses(operator, wanted, expected):
    elsewhere = {ORGANISATION: ForeignValue("o-")}
    assert holds({operator: {ORGANISATION: wanted}}, elsewhere) is expected
    if operator.startswith("String"):
        negated = operator.replace("String", "StringNot")
        assert holds({negated: {ORGANISATION: wanted}}, elsewhere) is (None if expected is None else not expected)


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [
        ("StringEquals", "o-a1b2c3d4e5", False),
        ("StringNotEquals", "o-a1b2c3d4e5", True),
        ("StringEqualsIfExists", "o-a1b2c3d4e5", None),
        ("StringLike", "o-*", None),
        ("StringLikeIfExists", "o-*", True),
        ("Null", "true", None),
    ],
)
def test_a_value_that_is_somebody_elses_if_it_is_there(operator, wanted, expected):
    elsewhere = {ORGANISATION: ForeignValue("o-", maybe_absent=True)}
    assert holds({operator: {ORGANISATION: wanted}}, elsewhere) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("arn:aws:ec2:*:111122223333:vpc/*", False),
        ("arn:aws:ec2:eu-west-1:111122223333:vpc/*", False),
        ("arn:aws:ec2:*:*:vpc/*", None),
        ("arn:aws:s3:*:*:vpc/*", False),
    ],
)
def test_an_arn_that_is_somebody_elses(wanted, expected):
    elsewhere = {"aws:SourceVpcArn": ForeignValue("arn:aws:ec2:", id_length=40)}
    assert holds({"ArnLike": {"aws:SourceVpcArn": wanted}}, elsewhere) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("203.0.113.0/24", False),
        (["10.0.0.0/8", "2001:db8::/32"], False),
        ("0.0.0.0/0", None),
        ("8.0.0.0/7", None),
        ("2000::/3", None),
        ("anywhere", None),
    ],
)
def test_an_address_that_is_somebody_elses_is_in_no_range_that_is_somebodys_own(wanted, expected):
    assert holds({"IpAddress": {"aws:SourceIp": wanted}}, {"aws:SourceIp": ForeignValue()}) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, False),
        ({"NumericLessThan": {"s3:TlsVersion": "1.3"}}, None),
        ({"NumericGreaterThanEquals": {"s3:TlsVersion": "1.2"}}, True),
        ({"Null": {"s3:TlsVersion": "false"}}, True),
    ],
)
def test_a_value_that_is_one_of_a_few(condition, expected):
    assert holds(condition, {"s3:TlsVersion": OneOf(("1.2", "1.3"))}) is expected


def test_an_own_or_missing_value_in_a_variable_is_no_value_of_others():
    context = {ORGANISATION: ForeignValue("o-"), "aws:ResourceOrgID": OneOf((own("ours"),), maybe_absent=True)}
    assert holds({"StringEquals": {ORGANISATION: "${aws:ResourceOrgID}"}}, context) is False
    assert holds({"StringNotEquals": {ORGANISATION: "${aws:ResourceOrgID}"}}, context) is True


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("${aws:PrincipalOrgID}", False),
        ("${aws:SourceVpc}", False),
        ("o-a1b2c3d4e5", None),
        ("${aws:PrincipalTag/organisation}", None),
        ("${aws:PrincipalOrgID}*", None),
    ],
)
def test_a_value_of_the_caller_is_none_of_the_owner(wanted, expected):
    context = {
        "aws:ResourceOrgID": OwnerValue("the organisation", form="o-"),
        ORGANISATION: ForeignValue("o-"),
        "aws:SourceVpc": ForeignValue("vpc-", maybe_absent=True),
    }
    assert holds({"StringLike": {"aws:ResourceOrgID": wanted}}, context) is expected
