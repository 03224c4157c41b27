"""The engine's answers on small policies whose meaning AWS documents."""

from __future__ import annotations

from typing import Any

import pytest

from dev.proof.policy_engine import ANONYMOUS, OWNER_ACCOUNT_ID, PolicyEngine, PolicyEngineError, Request

TAG = "aws:PrincipalTag/IconikSystemDomainId"
DOMAIN = "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
SESSION = "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/iconik"
BUCKET = "arn:aws:s3:::media"
KEY = f"arn:aws:kms:eu-west-1:{OWNER_ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def policy(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [BUCKET, f"{BUCKET}/*"],
        "Condition": {"StringEquals": {TAG: DOMAIN}},
    }
    return {"Version": "2012-10-17", "Statement": [{**statement, **changes}]}


def get_object(document: dict[str, Any], **changes: Any) -> Request:
    asked: dict[str, Any] = {
        "policy": document,
        "kind": "s3",
        "principal": SESSION,
        "action": "s3:GetObject",
        "resource": f"{BUCKET}/masters/a.mxf",
        "context": {TAG: DOMAIN},
    }
    return Request(**{**asked, **changes})


def decrypt(document: dict[str, Any], **changes: Any) -> Request:
    return get_object(document, kind="kms", action="kms:Decrypt", resource=KEY, **changes)


def test_the_resource_policy_alone_decides_about_a_session_of_the_role(engine: PolicyEngine) -> None:
    document = policy()
    right, wrong, untagged = engine.verdicts(
        [get_object(document), get_object(document, context={TAG: "other"}), get_object(document, context={})]
    )
    assert [right.result, wrong.result, untagged.result] == ["Allowed", "ImplicitlyDenied", "ImplicitlyDenied"]


def test_a_caller_of_another_account_needs_its_own_side_to_allow(engine: PolicyEngine) -> None:
    [verdict] = engine.verdicts([get_object(policy(), identity_allows=False)])
    assert not verdict.allowed


def test_an_anonymous_caller_is_allowed_by_a_wildcard_principal_only(engine: PolicyEngine) -> None:
    open_to_all = policy(Principal="*", Condition={})
    found = engine.verdicts(
        [get_object(one, principal=ANONYMOUS, context={}) for one in (open_to_all, policy(Condition={}))]
    )
    assert [one.allowed for one in found] == [True, False]


def test_the_name_of_a_tag_is_compared_without_its_case(engine: PolicyEngine) -> None:
    [verdict] = engine.verdicts([get_object(policy(), context={TAG.lower(): DOMAIN})])
    assert verdict.allowed


def test_an_explicit_deny_differs_from_a_missing_allow(engine: PolicyEngine) -> None:
    document = policy()
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"{BUCKET}/*"}
    document["Statement"].append({**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    found = engine.verdicts(
        [get_object(document, context={TAG: DOMAIN, "aws:SecureTransport": value}) for value in ("true", "false")]
    )
    assert [one.result for one in found] == ["Allowed", "ExplicitlyDenied"]


def test_an_s3_context_key_that_the_action_does_not_have_is_an_error(engine: PolicyEngine) -> None:
    with pytest.raises(PolicyEngineError, match="does not have: s3:prefix"):
        engine.verdicts([get_object(policy(), context={TAG: DOMAIN, "s3:prefix": "masters/"})])


def test_an_action_on_the_wrong_kind_of_resource_is_an_error(engine: PolicyEngine) -> None:
    with pytest.raises(PolicyEngineError, match="No resource types found"):
        engine.verdicts([get_object(policy(), resource=BUCKET)])


def test_an_encryption_context_decides_about_a_key(engine: PolicyEngine) -> None:
    name = "kms:EncryptionContext:aws:s3:arn"
    document = policy(Action="kms:Decrypt", Resource="*", Condition={"StringEquals": {TAG: DOMAIN, name: BUCKET}})
    found = engine.verdicts([decrypt(document, context={TAG: DOMAIN, name: value}) for value in (BUCKET, f"{BUCKET}2")])
    assert [one.allowed for one in found] == [True, False]


@pytest.mark.parametrize(("ask", "action"), [(get_object, "s3:GetObjekt"), (decrypt, "kms:Decript")])
def test_an_action_that_does_not_exist_is_an_error(engine: PolicyEngine, ask: Any, action: str) -> None:
    with pytest.raises(PolicyEngineError, match=r"no such action"):
        engine.verdicts([Request(**{**_fields(ask(policy())), "action": action})])


def test_a_policy_that_is_not_valid_is_an_error(engine: PolicyEngine) -> None:
    with pytest.raises(PolicyEngineError, match="not valid"):
        engine.verdicts([get_object(policy(Effect="Permit"))])


def test_an_error_in_one_batch_leaves_the_engine_usable(engine: PolicyEngine) -> None:
    with pytest.raises(PolicyEngineError):
        engine.verdicts([get_object(policy(), action="s3:Nothing")])
    assert engine.verdicts([get_object(policy())])[0].allowed


def test_residuals_name_the_condition_that_an_unknown_caller_must_meet(engine: PolicyEngine) -> None:
    pinned, unconditional, other = engine.residuals(
        [
            get_object(policy(), context={}),
            get_object(policy(Condition={}), context={}),
            get_object(policy(), context={}, principal="arn:aws:iam::444455556666:role/IconikS3AccessRole"),
        ]
    )
    assert [(one["op"], one["key"], one["values"]) for one in pinned] == [("StringEquals", TAG, [DOMAIN])]
    assert unconditional == [{"conditionType": "always"}]
    assert other == []


def test_residuals_look_into_every_part_of_a_wildcard_resource(engine: PolicyEngine) -> None:
    document = policy(Resource=f"{BUCKET}/masters/*")
    document["Statement"].append({**document["Statement"][0], "Resource": f"{BUCKET}/open/*", "Condition": {}})
    [found] = engine.residuals([get_object(document, context={}, resource=f"{BUCKET}/*")])
    assert {"conditionType": "always"} in found


def test_ten_thousand_requests_come_back_in_their_order(engine: PolicyEngine) -> None:
    document = policy()
    tags = [DOMAIN if number % 3 == 0 else str(number) for number in range(10_001)]
    found = engine.verdicts(get_object(document, context={TAG: tag}) for tag in tags)
    assert [one.allowed for one in found] == [tag == DOMAIN for tag in tags]


def _fields(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in Request.__slots__}
