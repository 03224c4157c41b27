"""Actions and resources: case, wildcards and variables, each as the element has them."""

from __future__ import annotations

import pytest

from tests.judge.asking import ALLOWED, DENIED, DEPENDS, OBJECT, statement, verdict


@pytest.mark.parametrize(
    ("element", "fits"),
    [
        ("*", True),
        ("s3:*", True),
        ("s3:GetObject", True),
        # "The prefix and the action name are case insensitive."
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:Get?bject", True),
        ("s3:GetObj", False),
        ("s3:GetObject*", True),
        ("s3:GetObject?", False),
        ("kms:*", False),
        ("GetObject", False),
        (["s3:PutObject", "s3:Get*"], True),
        ([], False),
    ],
)
def test_actions(element, fits):
    assert verdict(statement(Action=element)) is (ALLOWED if fits else DENIED)
    assert verdict(statement(Action=None, NotAction=element)) is (DENIED if fits else ALLOWED)


@pytest.mark.parametrize(
    ("element", "fits"),
    [
        ("*", True),
        ("arn:aws:s3:::media/*", True),
        ("arn:aws:s3:::media/a:?/*", True),
        ("arn:aws:s3:::*/*.mov", True),
        ("arn:aws:s3:::MEDIA/*", False),
        ("arn:aws:s3:::media", False),
        ("arn:aws-cn:s3:::media/*", False),
        ("arn:*:s3:::media/*", True),
        # "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
        # boundaries."
        ("arn:aws:s3:*", True),
        ("arn:aws:s3*", True),
        ("arn:aws:s3:*:media/*", True),
        # Inside a segment it stays in it: "You can use wildcard characters within the individual segments of an ARN".
        ("arn:aws:s3::*/c.mov", None),
        ("arn:aws:s3:?:media/*", None),
        (["arn:aws:s3:::other/*", "arn:aws:s3:::media/*"], True),
        ([], False),
    ],
)
def test_resources(element, fits):
    expected = {True: ALLOWED, False: DENIED, None: DEPENDS}
    inverse = {True: DENIED, False: ALLOWED, None: DEPENDS}
    resource = "arn:aws:s3:::media/a:b/c.mov"
    assert verdict(statement(Resource=element), resource=resource) is expected[fits]
    assert verdict(statement(Resource=None, NotResource=element), resource=resource) is inverse[fits]


def test_a_policy_without_resource_is_about_what_it_is_attached_to():
    assert verdict(statement(Resource=None), action="sts:AssumeRole") is ALLOWED


TEAM = "aws:PrincipalTag/team"


@pytest.mark.parametrize(
    ("element", "context", "fits"),
    [
        ("arn:aws:s3:::media/${aws:PrincipalTag/team}", {TEAM: "a"}, True),
        ("arn:aws:s3:::media/${AWS:principaltag/TEAM}", {TEAM: "a"}, True),
        ("arn:aws:s3:::media/${aws:PrincipalTag/team}", {TEAM: "b"}, False),
        ("arn:aws:s3:::media/${aws:PrincipalTag/team}", {TEAM: "*"}, False),
        ("arn:aws:s3:::media/${aws:PrincipalTag/team, 'a'}", {}, True),
        ("arn:aws:s3:::media/${aws:PrincipalTag/team, 'b'}", {}, False),
        ("arn:aws:s3:::media/${aws:PrincipalTag/team, 'b'}", {TEAM: "a"}, True),
        # "the resource that includes a policy variable with no value will not match any resource"
        ("arn:aws:s3:::${aws:PrincipalTag/team}*", {}, False),
        # "any single-valued condition key"
        ("arn:aws:s3:::media/${aws:PrincipalTag/team}", {TEAM: ["a"]}, False),
        # "You can't use a variable to replace parts of the ARN before the fifth colon."
        ("arn:aws:${aws:PrincipalTag/team}:::media/a", {TEAM: "s3"}, None),
        ("arn:aws:s3:::media/${aws:PrincipalTag/team,'a'}", {}, None),
        ("arn:aws:s3:::media/${ aws:PrincipalTag/team }", {TEAM: "a"}, None),
        ("arn:aws:s3:::media/${*}", {}, False),
    ],
)
def test_variables_in_a_resource(element, context, fits):
    absent = () if context else (TEAM,)
    expected = {True: ALLOWED, False: DENIED, None: DEPENDS}
    inverse = {True: DENIED, False: ALLOWED, None: DEPENDS}
    assert verdict(statement(Resource=element), context=context, absent=absent) is expected[fits]
    inverted = statement(Resource=None, NotResource=element)
    assert verdict(inverted, context=context, absent=absent) is inverse[fits]


@pytest.mark.parametrize("sign", ["*", "?", "$"])
def test_a_sign_can_be_meant_as_it_is(sign):
    element = f"arn:aws:s3:::media/${{{sign}}}"
    assert verdict(statement(Resource=element), resource=f"arn:aws:s3:::media/{sign}") is ALLOWED
    assert verdict(statement(Resource=element), resource="arn:aws:s3:::media/x") is DENIED


def test_without_the_newer_version_a_variable_is_its_own_text():
    # "variables such as ${aws:username} won't be recognized as variables and will instead be treated as literal
    # strings in the policy"
    element = "arn:aws:s3:::media/${aws:PrincipalTag/team}"
    as_written = "arn:aws:s3:::media/${aws:PrincipalTag/team}"
    asked = {"version": "2008-10-17", "context": {TEAM: "a"}}
    assert verdict(statement(Resource=element), **asked) is DENIED
    assert verdict(statement(Resource=element), resource=as_written, **asked) is ALLOWED


def test_with_a_version_that_aws_does_not_know_a_variable_can_be_anything():
    assert verdict(statement(Resource="arn:aws:s3:::media/${x}"), version="2013-01-01") is DEPENDS
    assert verdict(statement(Resource=OBJECT), version="2013-01-01") is ALLOWED
