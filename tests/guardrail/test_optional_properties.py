"""Properties that `AWS::NoValue` removes, in one branch of a condition too: AWS uses its default."""

from __future__ import annotations

from pathlib import Path

import pytest

from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.assessment import Question
from iconik_construct.sources.comparing import compare_sources
from iconik_construct.sources.reading import Source
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import DOMAIN, KEY_ARN, Json, allow, allow_key, bucket, key_resource, with_resources

NO_VALUE: Json = {"Ref": "AWS::NoValue"}
QUESTION = Question((DOMAIN,), role_arn=ICONIK_ROLE_ARN)
BY_KEY = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}}


def maybe(value: Json) -> Json:
    return {"Fn::If": ["IsSet", value, NO_VALUE]}


@pytest.mark.parametrize(
    ("encryption", "enabled"),
    [
        (maybe({"ServerSideEncryptionConfiguration": [BY_KEY]}), True),
        ({"ServerSideEncryptionConfiguration": [maybe(BY_KEY)]}, True),
        ({"ServerSideEncryptionConfiguration": [BY_KEY]}, maybe(True)),
        ({"ServerSideEncryptionConfiguration": [BY_KEY]}, NO_VALUE),
    ],
)
def test_a_property_without_a_value_is_known(encryption: Json, enabled: Json) -> None:
    body = with_resources(bucket(allow()), Key=key_resource(allow_key()))
    body["Resources"]["Media"]["Properties"]["BucketEncryption"] = encryption
    body["Resources"]["Key"]["Properties"]["Enabled"] = enabled
    body["Parameters"] = {"Set": {"Type": "String", "AllowedValues": ["yes", "no"]}}
    body["Conditions"] = {"IsSet": {"Fn::Equals": [{"Ref": "Set"}, "yes"]}}
    assert list(check(App([Template("it.template.json", body)]), QUESTION)) == []


def test_the_text_none_is_no_missing_value() -> None:
    body = with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(allow_key()))
    body["Resources"]["Key"]["Properties"]["Enabled"] = "None"
    assert [each.id for each in check(App([Template("it.template.json", body)]), QUESTION)] == ["ICONIK190"]


@pytest.mark.parametrize(
    ("kind", "name", "old"),
    [("AWS::S3::AccessPoint", "VpcConfiguration", {"VpcId": "vpc-1"}), ("AWS::KMS::Key", "Enabled", False)],
)
def test_a_property_that_loses_its_value_may_give_access(kind: str, name: str, old: Json, tmp_path: Path) -> None:
    policy = (
        {"KeyPolicy": key_resource()["Properties"]["KeyPolicy"]} if kind == "AWS::KMS::Key" else {"Name": "editors"}
    )
    sides = [
        Source(templates=(Template(str(tmp_path), {"Resources": {"It": {"Type": kind, "Properties": properties}}}),))
        for properties in ({**policy, name: old}, {**policy, name: NO_VALUE})
    ]
    assert [each.id for each in compare_sources(*sides, QUESTION).findings] == ["ICONIK026"]
