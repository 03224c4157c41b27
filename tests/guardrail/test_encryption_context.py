"""Conditions of a key policy on the bucket for which S3 uses the key, if the bucket gets its name at deployment."""

from __future__ import annotations

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    DOMAIN,
    KEY_ARN,
    Json,
    allow,
    allow_key,
    bucket,
    key_resource,
    pinned,
    with_resources,
)

CONTEXT = "kms:EncryptionContext:aws:s3:arn"
ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
OWN: Json = [{"Fn::GetAtt": ["Media", "Arn"]}, {"Fn::Sub": "${Media.Arn}/*"}]


def rules_of(*statements: Json, name: str | None = None) -> list[str]:
    """The rules that a bucket breaks, encrypted with a key whose policy has the statements."""
    body = with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(*statements))
    properties = body["Resources"]["Media"]["Properties"]
    del properties["BucketName"]
    if name is not None:
        properties["BucketName"] = name
    return [each.id for each in check(App([Template("it.template.json", body)]), Question((DOMAIN,)))]


def deny_but(name: Json) -> Json:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringNotLike": {CONTEXT: name}},
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(OWN, [], id="the own bucket"),
        pytest.param("arn:aws:s3:::*", [], id="any bucket"),
        pytest.param({"Fn::Sub": "arn:aws:s3:::${AWS::StackName}-*"}, ["ICONIK014"], id="the buckets of the stack"),
        pytest.param("arn:aws:s3:::acme-*", ["ICONIK014"], id="the buckets of the owner"),
    ],
)
def test_a_literal_name_can_be_that_of_an_unnamed_bucket(name: Json, expected: list[str]) -> None:
    assert rules_of(allow_key(), deny_but(name)) == expected


def test_a_literal_name_is_not_that_of_a_named_bucket() -> None:
    assert rules_of(allow_key(), deny_but("arn:aws:s3:::other-*"), name="acme-media") == ["ICONIK012"]


def allow_key_for(name: Json) -> Json:
    return allow_key(Action=[*ACTIONS], Condition={**pinned(), "StringLike": {CONTEXT: name}})


def test_an_allow_with_a_context_does_not_lack_the_action_without_one() -> None:
    assert rules_of(allow_key_for(OWN)) == []


def test_an_allow_for_another_bucket_is_a_lock_out() -> None:
    assert rules_of(allow_key_for("arn:aws:s3:::other/*"), name="acme-media") == ["ICONIK008"]


def test_an_allow_for_the_buckets_of_the_owner_may_be_a_lock_out() -> None:
    assert rules_of(allow_key_for("arn:aws:s3:::acme-*")) == ["ICONIK014"]


@pytest.mark.parametrize(
    ("bucket_key", "expected"),
    [
        (False, []),
        ({"Ref": "AWS::NoValue"}, []),
        (True, ["ICONIK014"]),
        ({"Ref": "BucketKey"}, ["ICONIK014"]),
        ({"Fn::If": ["IsOn", {"Ref": "AWS::NoValue"}, False]}, []),
    ],
)
def test_a_bucket_key_that_may_be_on_changes_the_encryption_context(bucket_key: Json, expected: list[str]) -> None:
    objects = {**pinned(), "StringLike": {CONTEXT: [{"Fn::Sub": "${Media.Arn}/*"}]}}
    body = with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(allow_key(Condition=objects)))
    encryption = body["Resources"]["Media"]["Properties"]["BucketEncryption"]
    encryption["ServerSideEncryptionConfiguration"][0]["BucketKeyEnabled"] = bucket_key
    body |= {
        "Parameters": {"BucketKey": {"Type": "String", "AllowedValues": ["true", "false"]}},
        "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "BucketKey"}, "true"]}},
    }
    found = check(App([Template("it.template.json", body)]), Question((DOMAIN,)))
    assert [each.id for each in found] == expected
