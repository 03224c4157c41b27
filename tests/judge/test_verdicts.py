"""What decides: an explicit Deny, then an Allow, then nothing; and whose account the resource is of."""

from __future__ import annotations

import json

import pytest

from iconik_construct.judge import Request, judge, unknown
from tests.judge.asking import ALLOWED, CALLER, DENIED, DEPENDS, OBJECT, OWNER, SESSION, decision, statement, verdict

OPEN = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], DENIED),
        ([statement()], ALLOWED),
        ([statement(), statement("Deny")], DENIED),
        ([statement(Action="s3:PutObject")], DENIED),
        ([statement(), statement("Deny", Action="s3:PutObject")], ALLOWED),
        ([statement(Condition=OPEN)], DEPENDS),
        ([statement(), statement(Condition=OPEN)], ALLOWED),
        ([statement(), statement("Deny", Condition=OPEN)], DEPENDS),
        ([statement(Condition=OPEN), statement("Deny")], DENIED),
        ([statement("Deny", Condition=OPEN)], DENIED),
    ],
)
def test_a_deny_wins_over_an_allow_and_what_is_not_known_counts_only_where_it_decides(statements, expected):
    assert verdict(*statements) is expected


@pytest.mark.parametrize(
    ("action", "expected"), [("s3:GetObject", ALLOWED), ("kms:Decrypt", DENIED), ("sts:AssumeRole", DENIED)]
)
def test_a_caller_of_the_owners_account_needs_no_allow_but_for_keys_and_roles(action, expected):
    found = decision(principal=f"arn:aws:iam::{OWNER}:role/Admin", action=action)
    assert found.verdict is expected
    assert [reason.text for reason in found.because] == (
        ["the policies of the caller allow it: the resource is in the account of the caller"]
        if expected is ALLOWED
        else []
    )


def test_a_key_policy_that_delegates_to_the_account_allows_its_callers():
    delegating = statement(Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
    assert verdict(delegating, principal=f"arn:aws:iam::{OWNER}:role/Admin", action="kms:Decrypt") is ALLOWED


def test_a_deny_hits_the_owners_account_too():
    assert verdict(statement("Deny"), principal=f"arn:aws:iam::{OWNER}:root") is DENIED


def test_whether_the_account_is_the_owners_can_be_unknown():
    found = decision(account=unknown("Ref Account"))
    assert found.verdict is DEPENDS
    assert "account of the caller" in found.unless[0].text
    assert verdict(statement(), account=unknown("Ref Account")) is ALLOWED


def test_the_statements_that_decide_are_named_by_sid_or_number():
    found = decision(statement(), statement(Sid="Second"), statement("Deny", Action="s3:PutObject"))
    assert [(one.statement, one.index, one.effect, one.part) for one in found.because] == [
        ("statement 1", 0, "Allow", ""),
        ("Second", 1, "Allow", ""),
    ]
    denied = decision(statement(), statement("Deny", Sid="Keep out"))
    assert [one.text for one in denied.because] == ["Keep out denies it"]


def test_what_is_not_known_and_decides_is_named_by_statement_and_condition():
    found = decision(statement(), statement("Deny", Sid="Network", Condition=OPEN))
    assert [(one.statement, one.effect, one.part) for one in found.unless] == [
        ("Network", "Deny", "Condition StringEquals aws:SourceVpce")
    ]
    assert found.unless[0].text == (
        "Network: it is not known whether its Condition StringEquals aws:SourceVpce (vpce-1) matches"
    )
    assert [one.statement for one in found.because] == ["statement 1"]


def test_a_verdict_that_is_certain_names_nothing_unknown():
    assert decision(statement(), statement(Condition=OPEN)).unless == ()
    assert decision(statement("Deny"), statement(Condition=OPEN)).unless == ()


@pytest.mark.parametrize("document", [None, 7, [], {}, "", "{", "[" * 100_000, {"Statement": 7}, '{"Statement": null}'])
def test_a_policy_that_cannot_be_read_decides_nothing(document):
    request = Request(action="s3:GetObject", resource=OBJECT, account=OWNER, principal=SESSION)
    found = judge(document, request)
    assert found.verdict is DEPENDS
    assert "the policy cannot be read" in found.unless[0].text


def test_json_text_one_statement_without_its_list_and_a_version_that_yaml_made_a_date_are_read():
    class Date:
        def isoformat(self) -> str:
            return "2012-10-17"

    request = Request(action="s3:GetObject", resource=OBJECT, account=OWNER, principal=SESSION)
    assert judge(json.dumps({"Statement": statement()}), request).verdict is ALLOWED
    with_variable = statement(Resource="arn:aws:s3:::media/${aws:PrincipalAccount, 'x'}")
    document = {"Version": Date(), "Statement": with_variable}
    named_so = Request(action="s3:GetObject", resource=f"arn:aws:s3:::media/{CALLER}", account=OWNER, principal=SESSION)
    assert judge(document, named_so).verdict is ALLOWED


@pytest.mark.parametrize(
    ("unreadable", "expected"),
    [
        (7, DEPENDS),
        ({"Fn::If": ["A", {}, {}]}, DEPENDS),
        (statement("allow"), DEPENDS),
        (statement({"Ref": "Effect"}), DEPENDS),
        (statement({"Ref": "Effect"}, Action="s3:PutObject"), ALLOWED),
        (statement("Deny", Effects="x"), DEPENDS),
        (statement("Deny", NotAction="s3:PutObject"), DEPENDS),
        (statement("Deny", Action=None), DEPENDS),
        (statement("Deny", Principal=None), DEPENDS),
        (statement("Deny", Action={"Ref": "x"}), DEPENDS),
        (statement("Deny", Action=["s3:PutObject", None]), DEPENDS),
        (statement("Deny", Resource={"Ref": "x"}), DEPENDS),
        (statement("Deny", Principal={"AWS": {"Ref": "x"}}), DEPENDS),
        (statement("Deny", Principal={"AWS": CALLER, "Else": "x"}), DENIED),
        (statement("Deny", Condition=None), DENIED),
        (statement("Deny", Condition=[]), DEPENDS),
        (statement("Deny", Condition={"StringEquals": "x"}), DEPENDS),
        (statement("Deny", Condition={"StringEquals": {"aws:PrincipalAccount": {"Ref": "x"}}}), DEPENDS),
        (statement("Deny", Condition={"StringEquals": {"aws:PrincipalAccount": [CALLER, {"Ref": "x"}]}}), DENIED),
    ],
)
def test_a_part_that_cannot_be_read_is_not_known(unreadable, expected):
    assert verdict(statement(), unreadable) is expected


def test_other_elements_of_a_document_can_contain_statements():
    request = Request(action="s3:GetObject", resource=OBJECT, account=OWNER, principal=SESSION)
    assert judge({"Statement": [statement()], "Fn::Transform": {}}, request).verdict is DEPENDS


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement": [], "Statement": [%s]}',
        '{"Statement": [{"Effect": "Deny", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}, "Bool": {}}}]}',
    ],
)
def test_a_text_with_a_key_twice_in_one_object_cannot_be_read(text):
    request = Request(action="s3:GetObject", resource=OBJECT, account=OWNER, principal=SESSION)
    found = judge(text.replace("%s", json.dumps(statement())), request)
    assert found.verdict is DEPENDS
    assert "twice" in found.unless[0].text
