"""Of no condition key is the judge certain without a proof, whatever a policy writes for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from iconik_construct.judge import Request, Verdict, judge
from tests.judge.condition_keys import KEYS, OWN_ACCOUNT, ConditionKey, conditions, values_of

ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
SESSION = "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/a-session"
RESOURCES = {
    "object": "arn:aws:s3:::acme-media/masters/a",
    "bucket": "arn:aws:s3:::acme-media",
    "key": f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "": "arn:aws:s3:::acme-media/masters/a",
}
FOLLOWS_FROM_THE_CALLER = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:resourceaccount",
    "aws:username",
    "kms:calleraccount",
    "s3:resourceaccount",
}
"""The caller and the resource tell the value, so no other one is sent."""


def documents(key: ConditionKey) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield policies that ask for the key, as an Allow and as a Deny, for iconik's role and for everyone."""
    base = {"Action": key.action or "s3:*", "Resource": "*"}
    for named in ({"AWS": ROLE}, "*"):
        allow = {"Effect": "Allow", "Principal": named, **base}
        for name, condition in conditions(key):
            asks = {"Principal": named, "Condition": condition, **base}
            who = "everyone" if named == "*" else "iconik"
            yield f"Allow {who} {name}", _document({**asks, "Effect": "Allow"})
            yield f"Deny {who} {name}", _document(allow, {**asks, "Effect": "Deny"})


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def request(key: ConditionKey, context: dict[str, Any], absent: frozenset[str] = frozenset()) -> Request:
    return Request(
        action=key.action or "s3:GetObject",
        resource=RESOURCES[key.resource],
        account=OWN_ACCOUNT,
        principal=SESSION,
        context=context,
        absent=absent,
    )


def worlds(key: ConditionKey) -> list[Request]:
    """Return requests that differ in what is not known of the key: any of the values, or none."""
    if key.name.lower() in FOLLOWS_FROM_THE_CALLER:
        return [request(key, {})]
    values = values_of(key)
    sent = (values.own, values.iconik, values.foreign)
    found = [request(key, {key.name: [value] if key.is_list else value}) for value in sent]
    return [*found, request(key, {}, frozenset({key.name}))]


@pytest.mark.parametrize(
    "step", [pytest.param(5, id="one policy of five"), pytest.param(1, marks=pytest.mark.proof, id="every policy")]
)
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_verdict_is_certain_only_if_it_is_the_same_for_every_value_of_the_key(key: ConditionKey, step: int) -> None:
    asked, all_worlds = request(key, {}), worlds(key)
    # Each key starts at another policy, so that all kinds are met.
    for name, document in list(documents(key))[KEYS.index(key) % step :: step]:
        found = judge(document, asked).verdict
        in_worlds = {judge(document, one).verdict for one in all_worlds}
        assert found is Verdict.DEPENDS or in_worlds == {found}, f"{name}: {found} but {in_worlds}"


def test_the_list_has_every_kind_of_key() -> None:
    names = [key.name.lower() for key in KEYS]
    assert len(names) == len(set(names)) >= 200
    assert {key.source for key in KEYS} == {"global", "s3", "kms"}
    assert {key.type for key in KEYS} >= {"String", "ARN", "Bool", "Numeric", "Date", "IPAddress", "ArrayOfString"}
