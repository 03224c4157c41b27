"""What decides: an explicit Deny, then an Allow, then nothing; and whose account the resource is of."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.judge import Request, Verdict, judge

ROLE = "arn:aws:iam::283217727627:role/Reader"
SESSION = "arn:aws:sts::283217727627:assumed-role/Reader/x"
OWNER = "111122223333"
ALLOWED, DENIED, DEPENDS = Verdict


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    base = {"Effect": effect, "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "*"}
    return {**base, **elements}


def verdict(*statements: Any, principal: str | None = SESSION, action: str = "s3:GetObject", **known: Any) -> Verdict:
    request = Request(
        action=action, resource="arn:aws:s3:::media/a", account=OWNER, principal=principal, **{"context": {}, **known}
    )
    return judge({"Version": "2012-10-17", "Statement": list(statements)}, request).verdict


UNKNOWN = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], DENIED),
        ([statement()], ALLOWED),
        ([statement(), statement("Deny")], DENIED),
        ([statement(Action="s3:PutObject")], DENIED),
        ([statement(), statement("Deny", Action="s3:PutObject")], ALLOWED),
        ([statement(Condition=UNKNOWN)], DEPENDS),
        ([statement(), statement(Condition=UNKNOWN)], ALLOWED),
        ([statement(), statement("Deny", Condition=UNKNOWN)], DEPENDS),
        ([statement(Condition=UNKNOWN), statement("Deny")], DENIED),
        ([statement("Deny", Condition=UNKNOWN)], DENIED),
    ],
)
def test_a_deny_wins_over_an_allow_and_what_is_not_known_counts_only_where_it_decides(statements, expected):
    assert verdict(*statements) is expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [("s3:GetObject", ALLOWED), ("kms:Decrypt", DENIED), ("sts:AssumeRole", DENIED)],
)
def test_a_caller_of_the_owners_account_needs_no_allow_but_for_keys_and_roles(action, expected):
    assert verdict(principal=f"arn:aws:iam::{OWNER}:role/Admin", action=action) is expected


def test_a_deny_hits_the_owners_account_too():
    assert verdict(statement("Deny", Principal="*"), principal=f"arn:aws:iam::{OWNER}:root") is DENIED


@pytest.mark.parametrize("document", [None, 7, [], {}, "", "{", "[" * 100_000, {"Statement": 7}, '{"Statement": null}'])
def test_a_policy_that_cannot_be_read_decides_nothing(document):
    request = Request(action="s3:GetObject", resource="arn:aws:s3:::media/a", account=OWNER, principal=SESSION)
    decision = judge(document, request)
    assert decision.verdict is DEPENDS
    assert "the policy cannot be read" in decision.unless[0].text
