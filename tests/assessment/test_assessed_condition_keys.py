"""Of no condition key is the assessment certain without a proof, for a bucket policy and for a key policy.

The proof is made of the requests that can come: each is judged with every value that it could carry. What rests on an
assumption must say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from iconik_construct.assessment import Assessment, Verdict
from iconik_construct.assessment.rules import Effect
from iconik_construct.judge import Request, judge
from iconik_construct.judge import Verdict as Decided
from tests.assessment.asking import ACCOUNT, ARN, BOTH, DOMAIN, KEY_ARN, OUR_KEY, ROLE, TAG, A, assessed, key
from tests.judge.condition_keys import KEYS, ConditionKey, conditions, values_of

_ICONIK: Final = f"arn:aws:sts::{A}:assumed-role/IconikS3AccessRole/a-session"
_OTHERS: Final = (
    f"arn:aws:sts::{A}:assumed-role/Another/a-session",
    "arn:aws:sts::555566667777:assumed-role/Other/a-session",
    "arn:aws:iam::555566667777:user/somebody",
    "arn:aws:iam::555566667777:root",
    None,
)
_TELL_THEMSELVES: Final = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:resourceaccount",
    "aws:username",
    "kms:calleraccount",
    "s3:resourceaccount",
}
"""What follows from the caller and the resource."""
_OF_SIGNED_REQUESTS: Final = (
    "aws:principal",
    "aws:user",
    "aws:federatedprovider",
    "aws:multifactor",
    "aws:assumedroot",
)
_OF_A_SERVICE: Final = {
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
}
"""Only in requests that a service makes for itself. Source: AWS, "AWS global condition context keys"."""
_THROUGH_AN_ACCESS_POINT: Final = {"s3:accesspointnetworkorigin", "s3:dataaccesspointaccount", "s3:dataaccesspointarn"}
"""Who has access through an access point is asked of the policy of the access point."""
_ROLE_ID: Final = "AROA1111111111111111A"
_USER_IDS: Final[Mapping[str | None, str | None]] = {
    f"arn:aws:sts::{A}:assumed-role/Another/a-session": "AROA3333333333333333C:a-session",
    "arn:aws:sts::555566667777:assumed-role/Other/a-session": "AROA4444444444444444D:a-session",
    "arn:aws:iam::555566667777:user/somebody": "AIDA5555555555555555E",
    "arn:aws:iam::555566667777:root": "555566667777",
    None: None,
}
_KNOWN: Final[Mapping[str, Sequence[str | None]]] = {
    "aws:principalisawsservice": ("false",),
    "aws:viaawsservice": ("false",),
    "aws:multifactorauthpresent": ("false", None),
    "aws:multifactorauthage": (None,),
    "aws:securetransport": ("true",),
    "s3:tlsversion": ("1.2", "1.3"),
    # S3 takes no other ACL where ACLs are off.
    "s3:x-amz-acl": ("bucket-owner-full-control", None),
    **{f"s3:x-amz-grant-{name}": (None,) for name in ("full-control", "read", "read-acp", "write", "write-acp")},
    "aws:userid": (f"{_ROLE_ID}:a-session", "AROA2222222222222222B:a-session"),
    # S3 calls the key, in the region of the bucket.
    "aws:requestedregion": ("eu-west-1",),
    **dict.fromkeys(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"), (None,)),
    # Tags of a bucket are condition keys only with ABAC.
    **dict.fromkeys(("aws:resourcetag/team", "s3:buckettag/team"), (None,)),
    "kms:encryptioncontextkeys": ("aws:s3:arn",),
    # A request comes now or later.
    **dict.fromkeys(
        ("aws:currenttime", "aws:epochtime"),
        ("2026-01-01T00:00:00Z", "2026-11-28T00:00:00Z", "2050-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2200-01-01"),
    ),
    # A session lasts at most 12 hours.
    "aws:tokenissuetime": ("2025-12-31T12:00:00Z", "2026-11-28T00:00:00Z", "2099-01-01T00:00:00Z", "2200-01-01"),
    "s3:authtype": ("REST-HEADER", "REST-QUERY-STRING", "POST"),
    "s3:signatureversion": ("AWS4-HMAC-SHA256", "AWS", "another"),
    "kms:viaservice": ("s3.eu-west-1.amazonaws.com",),
}
"""Values of requests of iconik: a role's session by HTTPS, called by no service, and a key through S3."""


EVERY_POLICY: Final = pytest.param(1, marks=pytest.mark.proof, id="every policy")
SOME_POLICIES: Final = pytest.param(15, id="one policy of fifteen")


def _policies(asked: ConditionKey, step: int) -> Iterator[tuple[str, dict[str, Any]]]:
    where = {"Action": "kms:*", "Resource": "*"} if asked.source == "kms" else {"Action": "s3:*", "Resource": BOTH}
    # Each key starts at another policy, so that all kinds are met.
    for name, condition in list(conditions(asked))[KEYS.index(asked) % step :: step]:
        yield name, {"Sid": "Extra", "Condition": condition, **where}


def _assessed(asked: ConditionKey, statement: Mapping[str, Any]) -> Assessment:
    if asked.source == "kms":
        return assessed(keys=[key(*OUR_KEY_POLICY, statement)])
    return assessed(statement)


OUR_KEY_POLICY: Final = (
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
    OUR_KEY,
)


def _values(asked: ConditionKey) -> list[str | None]:
    values = values_of(asked)
    return [values.own, values.iconik, values.foreign, None]


def _requests(
    asked: ConditionKey, principal: str | None, sent: Sequence[str | None], tag: str | None
) -> Iterator[Request]:
    action, resource = ("kms:Decrypt", KEY_ARN) if asked.source == "kms" else ("s3:GetObject", f"{ARN}/a")
    for value in sent:
        context: dict[str, Any] = {"aws:PrincipalArn": ROLE} if principal == _ICONIK else {}
        if tag:
            context[TAG] = tag
        if value is not None:
            context[asked.name] = [value] if asked.is_list else value
        yield Request(
            action=action,
            resource=resource,
            account=ACCOUNT,
            principal=principal,
            context=context,
            absent=frozenset({asked.name} if value is None else ()),
        )


def _of_iconik(asked: ConditionKey) -> Iterator[Request]:
    """Yield the requests that iconik may send."""
    name = asked.name.lower()
    if name in _TELL_THEMSELVES:
        yield from map(_without, _requests(asked, _ICONIK, [None], DOMAIN))
        return
    unknown = [None] if name in _OF_A_SERVICE | _THROUGH_AN_ACCESS_POINT else _values(asked)
    yield from _requests(asked, _ICONIK, _KNOWN.get(name, unknown), DOMAIN)


def _of_each_action(asked: ConditionKey) -> Iterator[Iterator[Request]]:
    """Yield the requests of iconik that can carry the key, and those of actions that never carry it."""
    yield _of_iconik(asked)
    of_some_objects = asked.action != "s3:GetObject" or asked.name.startswith("s3:ExistingObjectTag/")
    # kms:DescribeKey has no encryption context.
    if asked.name.startswith("kms:EncryptionContext") or (asked.source == "s3" and of_some_objects):
        yield _requests(asked, _ICONIK, [None], DOMAIN)


def _of_others(asked: ConditionKey) -> Iterator[Request]:
    """Yield the requests that other callers may send."""
    name = asked.name.lower()
    for principal in _OTHERS:
        if name in _TELL_THEMSELVES:
            yield from map(_without, _requests(asked, principal, [None], None))
            continue
        if name == "aws:userid":
            yield from _requests(asked, principal, [_USER_IDS[principal]], None)
            continue
        is_left_out = principal is None and name.startswith(_OF_SIGNED_REQUESTS)
        if is_left_out or name in _OF_A_SERVICE | _THROUGH_AN_ACCESS_POINT:
            yield from _requests(asked, principal, [None], None)
        elif name == "aws:principalisawsservice":
            yield from _requests(asked, principal, _KNOWN[name], None)
        else:
            yield from _requests(asked, principal, [*_KNOWN.get(name, ()), *_values(asked)], None)


def _without(request: Request) -> Request:
    """Return the request with what follows from it left to the judge."""
    return Request(
        action=request.action,
        resource=request.resource,
        account=request.account,
        principal=request.principal,
        context=request.context,
    )


def _answers(statement: Mapping[str, Any], requests: Iterator[Request]) -> set[Decided]:
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {judge(document, one).verdict for one in requests}


def _is_assumed(assessment: Assessment, asked: ConditionKey) -> bool:
    return any(asked.name.lower() in text.lower() for text in assessment.assumptions)


@pytest.mark.parametrize("step", [SOME_POLICIES, EVERY_POLICY])
@pytest.mark.parametrize("asked", KEYS, ids=lambda asked: asked.name)
def test_an_allow_that_names_iconik_without_its_tag_is_never_good(asked: ConditionKey, step: int) -> None:
    for name, statement in _policies(asked, step):
        found = _assessed(asked, {**statement, "Effect": "Allow", "Principal": {"AWS": ROLE}})
        assert found.verdict is Verdict.NOT_GOOD, name


@pytest.mark.parametrize("step", [SOME_POLICIES, EVERY_POLICY])
@pytest.mark.parametrize("asked", KEYS, ids=lambda asked: asked.name)
def test_an_allow_for_everyone_is_good_only_if_nobody_else_can_meet_it(asked: ConditionKey, step: int) -> None:
    for name, statement in _policies(asked, step):
        allow = {**statement, "Effect": "Allow", "Principal": "*"}
        found = _assessed(asked, allow)
        if found.verdict is Verdict.GOOD and not _is_assumed(found, asked):
            assert _answers(allow, _of_others(asked)) == {Decided.DENIED}, name


@pytest.mark.parametrize("step", [SOME_POLICIES, EVERY_POLICY])
@pytest.mark.parametrize("asked", KEYS, ids=lambda asked: asked.name)
@pytest.mark.parametrize("named", [{"AWS": ROLE}, "*"], ids=["iconik", "everyone"])
def test_a_deny_is_certain_only_if_iconik_can_send_nothing_else(asked: ConditionKey, named: Any, step: int) -> None:
    for name, statement in _policies(asked, step):
        deny = {**statement, "Effect": "Deny", "Principal": named}
        found = _assessed(asked, deny)
        hits = [_answers({**deny, "Effect": "Allow"}, requests) for requests in _of_each_action(asked)]
        is_spared = all(hit == {Decided.DENIED} for hit in hits)
        assert found.verdict is not Verdict.GOOD or is_spared or _is_assumed(found, asked), name
        is_certain = any(each.effect is Effect.LOCKED_OUT for each in found.findings)
        assert not is_certain or {Decided.ALLOWED} in hits or _is_assumed(found, asked), name
