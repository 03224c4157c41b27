"""Whom a statement means: every way to write a principal, for every kind of caller."""

from __future__ import annotations

import pytest

from iconik_construct.judge import own, unknown
from tests.judge.asking import ALLOWED, CALLER, DENIED, DEPENDS, statement, verdict

ACCOUNT = f"arn:aws:iam::{CALLER}:root"
ROLE = f"arn:aws:iam::{CALLER}:role/Reader"
SESSION = f"arn:aws:sts::{CALLER}:assumed-role/Reader/x"
USER = f"arn:aws:iam::{CALLER}:user/team/ann"
FEDERATED = f"arn:aws:sts::{CALLER}:federated-user/bob"
SERVICE = "cloudfront.amazonaws.com"
CALLERS = {
    "session": SESSION,
    "role": ROLE,
    "user": USER,
    "root": ACCOUNT,
    "federated": FEDERATED,
    "service": SERVICE,
    "nobody": None,
}
SIGNED = {"session", "role", "user", "root", "federated"}

# principal, who is meant for certain, who perhaps
NAMES = [
    ("*", set(CALLERS), set()),
    ({"AWS": "*"}, set(CALLERS), set()),
    ({"AWS": CALLER}, SIGNED, set()),
    ({"AWS": ACCOUNT}, SIGNED, set()),
    ({"AWS": int(CALLER)}, SIGNED, set()),
    ({"AWS": "444455556666"}, set(), set()),
    ({"AWS": f"arn:aws-cn:iam::{CALLER}:root"}, set(), set()),
    ({"AWS": ROLE}, {"session", "role"}, set()),
    ({"AWS": ["444455556666", ROLE]}, {"session", "role"}, set()),
    # The session's ARN leaves the path of its role out.
    ({"AWS": f"arn:aws:iam::{CALLER}:role/path/Reader"}, set(), {"session"}),
    ({"AWS": f"arn:aws:iam::{CALLER}:role/Reader2"}, set(), set()),
    ({"AWS": f"arn:aws:iam::{CALLER}:role/reader"}, set(), set()),
    ({"AWS": SESSION}, {"session"}, {"role"}),
    ({"AWS": SESSION + "y"}, set(), {"role"}),
    ({"AWS": USER}, {"user"}, {"federated"}),
    ({"AWS": f"arn:aws:iam::{CALLER}:user/ann"}, set(), {"federated"}),
    ({"AWS": FEDERATED}, {"federated"}, set()),
    # How AWS shows a principal that was deleted, and takes one that exists.
    ({"AWS": "AROAEXAMPLEEXAMPLE123"}, set(), {"session", "role"}),
    ({"AWS": "AIDAEXAMPLEEXAMPLE123"}, set(), {"user", "federated"}),
    # "You cannot use a wildcard to match part of a principal name or ARN."
    ({"AWS": f"arn:aws:iam::{CALLER}:role/*"}, set(), set()),
    ({"AWS": f"arn:aws:sts::{CALLER}:assumed-role/Reader/*"}, set(), {"role"}),
    ({"AWS": "arn:aws:iam::*:role/Reader"}, set(), set()),
    ({"Service": SERVICE}, {"service"}, set()),
    ({"Service": "s3.amazonaws.com"}, set(), set()),
    ({"Federated": "*"}, set(), set()),
    ({"Federated": "accounts.google.com"}, set(), set()),
    ({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}, set(), SIGNED),
    ({"Person": "x"}, set(), set(CALLERS)),
    # AWS refuses these.
    (ROLE, set(), {"session", "role"}),
    (["*"], set(), set(CALLERS)),
    ({}, set(), set()),
]


@pytest.mark.parametrize(
    ("principal", "certain", "perhaps"),
    NAMES,
    # Sets are written in an order of their own in each process, and all processes must know a test by one name.
    ids=lambda given: " ".join(sorted(given)) or "nobody" if isinstance(given, (set, frozenset)) else str(given),
)
@pytest.mark.parametrize("caller", CALLERS)
def test_principals(principal, certain, perhaps, caller):
    expected = ALLOWED if caller in certain else DEPENDS if caller in perhaps else DENIED
    assert verdict(statement(Principal=principal), principal=CALLERS[caller]) is expected


@pytest.mark.parametrize(
    ("listed", "caller", "excepted"),
    [
        (["*"], "session", True),
        ([], "session", False),
        (["444455556666"], "session", False),
        ([ACCOUNT, ROLE, SESSION], "session", True),
        ([CALLER, ROLE, SESSION], "session", True),
        # AWS asks for each session besides, and a list that names the role alone leaves none of them out for certain.
        ([ACCOUNT, ROLE], "session", None),
        ([ACCOUNT, ROLE], "role", None),
        # "AWS might validate the account first, then the role, and then the assumed-role user."
        ([ROLE], "session", None),
        ([SESSION], "session", None),
        ([ROLE, SESSION], "session", None),
        ([ACCOUNT], "session", None),
        ([ACCOUNT, SESSION], "session", None),
        ([ACCOUNT, f"arn:aws:iam::{CALLER}:role/Reader2"], "session", None),
        ([ACCOUNT, USER], "user", True),
        ([USER], "user", None),
        ([ACCOUNT], "user", None),
        ([ACCOUNT], "root", True),
        ([ACCOUNT, FEDERATED], "federated", True),
        ([FEDERATED], "federated", None),
        ([ACCOUNT], "nobody", False),
    ],
)
def test_not_principal(listed, caller, excepted):
    who = {"principal": CALLERS[caller]}
    denies = statement("Deny", Principal=None, NotPrincipal={"AWS": listed})
    allows = statement(Principal=None, NotPrincipal={"AWS": listed})
    assert verdict(statement(), denies, **who) is {True: ALLOWED, False: DENIED, None: DEPENDS}[excepted]
    assert verdict(allows, **who) is {True: DENIED, False: ALLOWED, None: DEPENDS}[excepted]


def test_a_service_is_excepted_by_its_name():
    denies = statement("Deny", Principal=None, NotPrincipal={"Service": SERVICE})
    assert verdict(statement(), denies, principal=SERVICE) is ALLOWED
    assert verdict(statement(), denies, principal=SESSION) is DENIED


def test_with_the_roles_arn_its_path_is_known():
    known = {"context": {"aws:PrincipalArn": f"arn:aws:iam::{CALLER}:role/path/Reader"}}
    assert verdict(statement(Principal={"AWS": f"arn:aws:iam::{CALLER}:role/path/Reader"}), **known) is ALLOWED
    assert verdict(statement(Principal={"AWS": f"arn:aws:iam::{CALLER}:role/other/Reader"}), **known) is DENIED
    assert verdict(statement(Principal={"AWS": ROLE}), **known) is DENIED


@pytest.mark.parametrize(
    ("who", "userid", "mine"),
    [(SESSION, "AROAEXAMPLE:x", "AROAEXAMPLE"), (USER, "AIDAEXAMPLE", "AIDAEXAMPLE")],
)
def test_with_the_user_id_the_unique_id_is_known(who, userid, mine):
    known = {"context": {"aws:userid": userid}, "principal": who}
    assert verdict(statement(Principal={"AWS": mine}), **known) is ALLOWED
    assert verdict(statement(Principal={"AWS": mine + "2"}), **known) is DENIED


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (unknown("Ref Principal"), DEPENDS),
        (f"arn:aws:iam::{unknown('Ref Account')}:root", DEPENDS),
        (f"arn:aws:iam::{unknown('Ref Account')}:role/Reader", DEPENDS),
        (f"arn:aws:iam::{unknown('Ref Account')}:role/Writer", DENIED),
        (f"arn:aws:iam::{CALLER}:role/{unknown('Ref Role')}", DEPENDS),
        (f"arn:aws:iam::444455556666:role/{unknown('Ref Role')}", DENIED),
        (f"arn:aws:iam::{own('AWS::AccountId')}:root", DENIED),
        (own("Role.Arn"), DENIED),
    ],
)
def test_a_principal_of_which_a_part_is_not_known(name, expected):
    assert verdict(statement(Principal={"AWS": name})) is expected


def test_an_own_canonical_user_is_no_other_account():
    assert verdict(statement(Principal={"CanonicalUser": own("Oai.S3CanonicalUserId")})) is DENIED


@pytest.mark.parametrize(
    ("who", "key", "value"),
    [
        (SESSION, "aws:PrincipalArn", ROLE),
        (ROLE, "aws:PrincipalArn", ROLE),
        (USER, "aws:PrincipalArn", USER),
        (FEDERATED, "aws:PrincipalArn", FEDERATED),
        (ACCOUNT, "aws:PrincipalArn", ACCOUNT),
        (SESSION, "aws:PrincipalAccount", CALLER),
        (SESSION, "kms:CallerAccount", CALLER),
        (SESSION, "aws:ResourceAccount", "111122223333"),
        (SESSION, "aws:PrincipalType", "AssumedRole"),
        (ROLE, "aws:PrincipalType", "AssumedRole"),
        (USER, "aws:PrincipalType", "User"),
        (ACCOUNT, "aws:PrincipalType", "Account"),
        (FEDERATED, "aws:PrincipalType", "FederatedUser"),
        (None, "aws:PrincipalType", "Anonymous"),
        (USER, "aws:username", "ann"),
        (SESSION, "aws:username", None),
        (ACCOUNT, "aws:username", None),
        (None, "aws:PrincipalArn", None),
        (None, "aws:PrincipalAccount", None),
        (None, "aws:PrincipalIsAWSService", None),
        (None, "aws:PrincipalOrgID", None),
        (None, "aws:PrincipalTag/x", None),
    ],
)
def test_what_follows_from_the_caller(who, key, value):
    if value is None:
        assert verdict(statement(Condition={"Null": {key: "true"}}), principal=who) is ALLOWED
    else:
        assert verdict(statement(Condition={"StringEquals": {key: value}}), principal=who) is ALLOWED
        assert verdict(statement(Condition={"StringEquals": {key: value + "x"}}), principal=who) is DENIED


def test_what_is_given_wins_over_what_follows():
    given = {"context": {"AWS:principalACCOUNT": "444455556666"}}
    assert verdict(statement(Condition={"StringEquals": {"aws:PrincipalAccount": "444455556666"}}), **given) is ALLOWED
    missing = {"absent": {"AWS:principalACCOUNT"}}
    assert verdict(statement(Condition={"Null": {"aws:PrincipalAccount": "true"}}), **missing) is ALLOWED


def test_the_path_of_a_sessions_role_can_be_there():
    path = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{CALLER}:role/aws-reserved/*"}}
    assert verdict(statement(Condition=path)) is DEPENDS
    assert verdict(statement(Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{CALLER}:role/*"}})) is ALLOWED
    assert verdict(statement(Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{CALLER}:user/*"}})) is DENIED
