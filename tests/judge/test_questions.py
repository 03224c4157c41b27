"""The three questions: may iconik, may anybody else of iconik, and what keeps iconik out."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.judge import Verdict, own, unknown
from iconik_construct.judge.iconik import everyone, others, stranger
from iconik_construct.judge.questions import may_anybody_else, may_iconik, what_keeps_out

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
SECOND = "a7d9e1c4-1111-4222-8333-444455556666"
STRANGE = "1297c8b6-3563-11e7-adf1-6c4008b85488"
A = "283217727627"
ROLE = f"arn:aws:iam::{A}:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
OWNER = "111122223333"
READ = ("s3:GetObject", "arn:aws:s3:::media/a.mov")
LIST = ("s3:ListBucket", "arn:aws:s3:::media")
ASKED = (READ, LIST)
ALLOWED, DENIED, DEPENDS = Verdict


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    base = {"Effect": effect, "Principal": {"AWS": ROLE}, "Action": "s3:*", "Resource": "*"}
    return {name: value for name, value in {**base, **elements}.items() if value is not None}


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


TAGGED = statement(Condition={"StringEquals": {TAG: DOMAIN}})
PLAIN_HTTP = statement("Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
OLD_TLS = statement("Deny", Principal="*", Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}})


def may(*statements: Any, **more: Any) -> set[Verdict]:
    found = may_iconik(policy(*statements), system_domain_id=DOMAIN, asked=ASKED, account=OWNER, **more)
    assert list(found) == list(ASKED)
    return {one.verdict for one in found.values()}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([TAGGED], ALLOWED),
        ([TAGGED, PLAIN_HTTP, OLD_TLS], ALLOWED),
        ([statement(Principal="*")], ALLOWED),
        ([statement(Principal={"AWS": A})], ALLOWED),
        ([statement(Condition={"StringEquals": {TAG: SECOND}})], DENIED),
        ([statement(Principal={"AWS": f"arn:aws:iam::{A}:role/sub/IconikS3AccessRole"})], DENIED),
        ([statement(Principal={"AWS": f"arn:aws:sts::{A}:assumed-role/IconikS3AccessRole/x"})], DEPENDS),
        (
            [
                TAGGED,
                statement("Deny", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            ],
            DENIED,
        ),
        (
            [
                TAGGED,
                statement("Deny", Principal="*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}),
            ],
            DENIED,
        ),
        (
            [TAGGED, statement("Deny", Principal="*", Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})],
            DEPENDS,
        ),
        (
            [TAGGED, statement("Deny", Principal="*", Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}})],
            DENIED,
        ),
        ([TAGGED, statement("Deny", Principal="*", Condition={"Bool": {"aws:ViaAWSService": "true"}})], ALLOWED),
        ([TAGGED, statement("Deny", Principal="*", Condition={"ArnNotEquals": {"aws:PrincipalArn": ROLE}})], ALLOWED),
        (
            [
                TAGGED,
                statement("Deny", Principal="*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            ],
            DENIED,
        ),
        ([statement(Principal="*", Condition={"StringEquals": {"aws:SourceAccount": OWNER}})], DENIED),
        (
            [statement(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}})],
            DENIED,
        ),
    ],
)
def test_may_iconik_do_what_it_is_meant_to_do(statements, expected):
    assert may(*statements) == {expected}


def test_what_is_known_of_the_request_is_taken_into_account():
    network = statement("Deny", Principal="*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}})
    assert may(TAGGED, network, context={"AWS:SourceVpce": "vpce-0a1b2c3d"}) == {ALLOWED}
    agent = statement("Deny", Principal="*", Condition={"StringLike": {"aws:UserAgent": "*curl*"}})
    assert may(TAGGED, agent) == {DEPENDS}
    assert may(TAGGED, agent, absent=["aws:UserAgent"]) == {ALLOWED}
    through = statement(
        Action="kms:*", Condition={"StringEquals": {TAG: DOMAIN, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    )
    key = ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/x")
    asked = {"system_domain_id": DOMAIN, "asked": [key], "account": OWNER}
    assert may_iconik(policy(through), **asked)[key].verdict is DEPENDS
    via = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    assert may_iconik(policy(through), context=via, **asked)[key].verdict is ALLOWED


def test_another_role_can_be_iconiks_as_well():
    role = "arn:aws:iam::444455556666:role/path/Stand-in"
    let_in = statement(Principal={"AWS": role}, Condition={"StringEquals": {TAG: DOMAIN}})
    assert may(let_in) == {DENIED}
    assert may(let_in, role_arn=role) == {ALLOWED}


def let_in(*statements: Any, **more: Any) -> set[str]:
    found = may_anybody_else(policy(*statements), system_domain_ids=[DOMAIN], asked=ASKED, account=OWNER, **more)
    assert all(one.decision.verdict is not DENIED for one in found)
    return {one.caller.name for one in found}


OTHER_DOMAIN = "iconik for another domain"
NO_DOMAIN = "iconik without a domain"
OTHER_ROLE = "another role of iconik's account, for this domain"
OTHER_ROLE_UNTAGGED = "another role of iconik's account, without a domain"
ROOT = "the root user of iconik's account"
USER = "a user of iconik's account"
OF_THE_ROLE = {OTHER_DOMAIN, NO_DOMAIN}
ALL = {one.name for one in others([DOMAIN])}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Condition": {"StringEquals": {TAG: DOMAIN}}}, set()),
        ({}, OF_THE_ROLE),
        ({"Principal": "*"}, ALL),
        ({"Principal": {"AWS": A}}, ALL),
        ({"Principal": {"AWS": f"arn:aws:iam::{A}:root"}}, ALL),
        ({"Principal": {"AWS": A}, "Condition": {"StringEquals": {TAG: DOMAIN}}}, {OTHER_ROLE}),
        ({"Principal": {"AWS": f"arn:aws:iam::{A}:role/Other"}}, {OTHER_ROLE, OTHER_ROLE_UNTAGGED}),
        ({"Principal": {"AWS": f"arn:aws:iam::{A}:user/ann"}}, {USER}),
        ({"Principal": {"AWS": f"arn:aws:sts::{A}:assumed-role/IconikS3AccessRole/x"}}, OF_THE_ROLE),
        ({"Principal": {"AWS": unknown("Ref")}}, ALL),
        ({"Principal": {"AWS": own("Role.Arn")}}, set()),
        ({"Principal": None, "NotPrincipal": {"AWS": OWNER}}, ALL),
        ({"Condition": {"StringEquals": {TAG: [DOMAIN, STRANGE]}}}, {OTHER_DOMAIN}),
        ({"Condition": {"StringEquals": {TAG: STRANGE}}}, {OTHER_DOMAIN}),
        ({"Condition": {"StringEqualsIgnoreCase": {TAG: DOMAIN.upper()}}}, set()),
        ({"Condition": {"StringLike": {TAG: "*"}}}, {OTHER_DOMAIN}),
        ({"Condition": {"StringLike": {TAG: f"{DOMAIN[:8]}*"}}}, {OTHER_DOMAIN}),
        ({"Condition": {"StringNotEquals": {TAG: STRANGE}}}, OF_THE_ROLE),
        ({"Condition": {"StringEqualsIfExists": {TAG: DOMAIN}}}, {NO_DOMAIN}),
        ({"Condition": {"ForAllValues:StringEquals": {TAG: DOMAIN}}}, {NO_DOMAIN}),
        ({"Condition": {"ForAnyValue:StringEquals": {TAG: DOMAIN}}}, set()),
        ({"Condition": {"StringEquals": {"aws:RequestTag/IconikSystemDomainId": DOMAIN}}}, OF_THE_ROLE),
        ({"Condition": {"StringEquals": {"aws:PrincipalTag/Iconik": DOMAIN}}}, OF_THE_ROLE),
        # values-5: a negation that names something of iconik's account keeps nobody out by that
        (
            {"Principal": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{A}:root"}}},
            ALL - {ROOT},
        ),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{A}:*"}}}, ALL),
        (
            {
                "Principal": "*",
                "Condition": {"StringNotLike": {"aws:PrincipalArn": f"arn:aws:sts::{A}:assumed-role/*"}},
            },
            ALL,
        ),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ROLE}}}, ALL),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": A}}}, set()),
        ({"Principal": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:*"}}}, set()),
        # values-6: wildcards that match everybody
        ({"Principal": "*", "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/*"}}}, ALL),
        ({"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "o*"}}}, ALL),
        ({"Principal": "*", "Condition": {"StringLike": {"aws:SourceVpce": "vpce-0*"}}}, ALL),
        (
            {"Principal": "*", "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}},
            set(),
        ),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, set()),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}}, set()),
        ({"Principal": {"Service": "cloudfront.amazonaws.com"}}, set()),
        ({"Action": "kms:*"}, set()),
        ({"Effect": "Deny"}, set()),
    ],
)
def test_may_anybody_else_of_iconik(elements, expected):
    assert let_in(statement(**elements)) == expected


def test_anybody_at_all_can_be_asked_about():
    everybody = [everyone(), stranger()]
    public = statement(Principal="*")
    assert let_in(public, callers=everybody) == {one.name for one in everybody}
    assert let_in(statement(Principal={"AWS": "444455556666"}), callers=everybody) == set()
    signed = statement(Principal="*", Condition={"Null": {"aws:PrincipalArn": "false"}})
    assert let_in(signed, callers=everybody) == {stranger().name}


def keeping_out(*statements: Any) -> list[tuple[str, bool, tuple[Any, ...], list[str]]]:
    found = what_keeps_out(policy(*statements), system_domain_id=DOMAIN, asked=ASKED, account=OWNER)
    return [
        (one.statement.statement, one.is_certain, one.keeps_from, [why.part for why in one.depends_on]) for one in found
    ]


def test_nothing_keeps_iconik_out_where_plain_http_alone_is_denied():
    assert keeping_out(TAGGED, PLAIN_HTTP, OLD_TLS) == []


def test_what_keeps_iconik_out_is_named_with_what_it_keeps_it_from():
    perhaps = statement(
        "Deny", Sid="Network", Principal="*", Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    )
    certain = statement("Deny", Sid="Objects", Principal="*", Resource="arn:aws:s3:::media/*")
    assert keeping_out(TAGGED, perhaps, certain) == [
        ("Objects", True, (READ,), []),
        ("Network", False, ASKED, ["Condition NotIpAddress aws:SourceIp"]),
    ]


def test_a_policy_that_cannot_be_read_is_in_the_way_of_everything():
    [found] = what_keeps_out("{", system_domain_id=DOMAIN, asked=ASKED, account=OWNER)
    assert (found.is_certain, found.keeps_from) == (False, ASKED)
    assert "cannot be read" in found.statement.text
