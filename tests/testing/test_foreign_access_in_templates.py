"""No spelling by which somebody gets in beside iconik's role for these domains passes the assertion."""

from __future__ import annotations

import copy
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from hypothesis import given, settings
from hypothesis import strategies as st

from iconik_construct import IconikPermissions, IconikStorage, IconikTypeError
from iconik_construct.testing import assert_iconik_access
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE
from tests.guardrail.kinds import HARMLESS_KINDS, HOSTILE_KINDS
from tests.guardrail.test_malformed_templates import NODES, places

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ACCOUNT = "283217727627"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
PINNED = {"StringEquals": {TAG: DOMAIN}}
PERMISSIONS = IconikPermissions.read("masters/")


@pytest.fixture(scope="module")
def synthesized() -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = kms.Key(stack, "Key")
    storage = IconikStorage(stack, "Media", system_domain_id=DOMAIN, permissions=PERMISSIONS, encryption_key=key)
    s3.CfnAccessPoint(stack, "Point", bucket=storage.bucket.bucket_name)
    cdk.CfnCondition(stack, "Sometimes", expression=cdk.Fn.condition_equals("a", "b"))
    return Template.from_stack(stack).to_json()


ALLOW: dict[str, Any] = {"Sid": "Added", "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"}

WIDENED: dict[str, dict[str, Any]] = {
    "the account": {"Principal": {"AWS": ACCOUNT}},
    "the account as a number": {"Principal": {"AWS": int(ACCOUNT)}},
    "the root": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}},
    "everyone": {"Principal": "*"},
    "everyone, in a list": {"Principal": {"AWS": ["*"]}},
    "everyone, as a list": {"Principal": ["*"]},
    "the role, put together": {"Principal": {"AWS": {"Fn::Sub": ROLE.replace("aws:", "${AWS::Partition}:", 1)}}},
    "the role, joined": {"Principal": {"AWS": {"Fn::Join": ["/", ROLE.split("/")]}}},
    "a session": {"Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/IconikS3AccessRole/x"}},
    "another role": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Other"}},
    "a user": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/x"}},
    "all but one": {"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}},
    "the role without the tag": {"Principal": {"AWS": ROLE}},
    "the role with another tag": {"Principal": {"AWS": ROLE}, "Condition": {"StringLike": {TAG: "*"}}},
    "the role with the tag, all but an action": {
        "Principal": {"AWS": ROLE},
        "Condition": PINNED,
        "Action": None,
        "NotAction": "s3:GetObject",
    },
    "the account with the tag": {"Principal": {"AWS": ACCOUNT}, "Condition": PINNED},
    "everyone with the tag": {"Principal": "*", "Condition": PINNED},
    "everyone whose role is iconik's": {"Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}},
    "the role in a branch": {"Principal": {"AWS": {"Fn::If": ["Sometimes", ROLE, "111122223333"]}}},
    "who only the deployment knows": {"Principal": {"AWS": "{{resolve:ssm:/vendor}}"}},
    "a unique id": {"Principal": {"AWS": "AROAEXAMPLE1234567890"}},
}


ACTIONS = {"AWS::KMS::Key": "kms:ScheduleKeyDeletion"}
DELEGATION: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": "*",
    "Resource": "*",
    "Condition": {"StringEquals": {"s3:DataAccessPointAccount": {"Ref": "AWS::AccountId"}}},
}
"""The statement with which a bucket policy leaves the decision to the access points of its account."""


def _added(changes: dict[str, Any], kind: str = "AWS::S3::BucketPolicy") -> dict[str, Any]:
    statement = {**ALLOW, "Action": ACTIONS.get(kind, ALLOW["Action"]), **changes}
    return {name: value for name, value in statement.items() if value is not None}


def _documents(template: dict[str, Any], kind: str) -> dict[str, Any]:
    for resource in template["Resources"].values():
        if resource["Type"] == kind:
            properties = resource["Properties"]
            if kind == "AWS::S3::AccessPoint":
                properties["Policy"] = {"Version": "2012-10-17", "Statement": []}
            found: dict[str, Any] = next(
                properties[one] for one in ("PolicyDocument", "KeyPolicy", "Policy") if one in properties
            )
            return found
    raise KeyError(kind)


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::S3::AccessPoint"])
@pytest.mark.parametrize("wrapped", [False, True], ids=["", "inside Fn::If"])
@pytest.mark.parametrize("name", WIDENED)
def test_a_statement_that_allows_more_is_a_difference(
    synthesized: dict[str, Any], name: str, kind: str, wrapped: bool
) -> None:
    template = copy.deepcopy(synthesized)
    statement = _added(WIDENED[name], kind)
    if kind == "AWS::S3::AccessPoint":
        _documents(template, "AWS::S3::BucketPolicy")["Statement"].append(DELEGATION)
    added = {"Fn::If": ["Sometimes", statement, {"Ref": "AWS::NoValue"}]} if wrapped else statement
    _documents(template, kind)["Statement"].append(added)
    with pytest.raises(AssertionError, match="is not as expected"):
        assert_iconik_access(template, system_domain_id=DOMAIN, permissions=PERMISSIONS)


HARMLESS_ADDITIONS = {
    "another account": {"Principal": {"AWS": "111122223333"}},
    "a service": {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
    "everyone of the organisation": {
        "Principal": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}},
    },
    "a Deny of plain HTTP": {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
}


@pytest.mark.parametrize("name", HARMLESS_ADDITIONS)
def test_what_others_may_is_no_difference(synthesized: dict[str, Any], name: str) -> None:
    template = copy.deepcopy(synthesized)
    _documents(template, "AWS::S3::BucketPolicy")["Statement"].append(_added(HARMLESS_ADDITIONS[name]))
    assert_iconik_access(template, system_domain_id=DOMAIN, permissions=PERMISSIONS)


def test_a_deny_that_blocks_iconik_is_a_difference(synthesized: dict[str, Any]) -> None:
    template = copy.deepcopy(synthesized)
    deny = _added({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"})
    _documents(template, "AWS::S3::BucketPolicy")["Statement"].append(deny)
    with pytest.raises(AssertionError, match=r"the statement 'Added' denies iconik s3:GetObject"):
        assert_iconik_access(template, system_domain_id=DOMAIN, permissions=PERMISSIONS)


def test_a_storage_a_bucket_and_a_logical_id_name_the_same() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    one = IconikStorage(stack, "One", system_domain_id=DOMAIN)
    IconikStorage(stack, "Two", system_domain_id=DOMAIN, permissions=PERMISSIONS)
    logical_id = stack.get_logical_id(one.bucket.node.default_child)  # type: ignore[arg-type]
    for bucket in (one, one.bucket, logical_id):
        assert_iconik_access(stack, system_domain_id=DOMAIN, permissions=IconikPermissions.read_write(), bucket=bucket)


def test_an_unknown_bucket_is_answered_with_those_there_are() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    IconikStorage(stack, "One", system_domain_id=DOMAIN)
    s3.Bucket(stack, "Other")
    with pytest.raises(AssertionError, match=r"has no bucket 'media'. Its buckets are 'One.*', 'Other.*'"):
        assert_iconik_access(stack, system_domain_id=DOMAIN, permissions=PERMISSIONS, bucket="media")
    with pytest.raises(IconikTypeError, match="must be a storage, a bucket"):
        assert_iconik_access(stack, system_domain_id=DOMAIN, permissions=PERMISSIONS, bucket=3)  # type: ignore[arg-type]


TEMPLATES = [
    *HARMLESS.values(),
    *(body for body, _ in HOSTILE.values()),
    *HARMLESS_KINDS.values(),
    *HOSTILE_KINDS.values(),
]


def _asserted(template: Any, bucket: str | None) -> bool:
    try:
        assert_iconik_access(template, system_domain_id=DOMAIN, permissions=PERMISSIONS, bucket=bucket)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("bucket", [None, "Media", "media-of-acme"])
def test_any_template_passes_or_fails_as_an_assertion(bucket: str | None) -> None:
    assert not all(_asserted(template, bucket) for template in TEMPLATES)


@pytest.mark.filterwarnings("ignore:The policy of the key .* is in no template")
@settings(max_examples=150)
@given(data=st.data())
def test_nothing_in_a_template_stops_the_assertion(data: st.DataObject) -> None:
    body = copy.deepcopy(data.draw(st.sampled_from(TEMPLATES)))
    path = data.draw(st.sampled_from(list(places(body))))
    target = body
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = data.draw(NODES)
    assert _asserted(body, None) in {True, False}
