"""Assertions on what iconik may do."""

from __future__ import annotations

import copy
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from iconik_construct import Adoption, Cors, IconikPermissions, IconikStorage, StorageEncryption
from iconik_construct.access.permissions import READ_OBJECT_ACTIONS
from iconik_construct.testing import assert_iconik_access

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "a7d9e1c4-1111-4222-8333-444455556666"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PERMISSIONS = [IconikPermissions.read("masters/"), IconikPermissions.write("proxies/")]
TAG = "aws:PrincipalTag/IconikSystemDomainId"


@pytest.fixture(scope="module")
def synthesized() -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Stack")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, permissions=PERMISSIONS, encryption=StorageEncryption.KMS)
    return Template.from_stack(stack).to_json()


@pytest.fixture
def template(synthesized: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(synthesized)


def statement(template: dict[str, Any], sid: str) -> dict[str, Any]:
    for resource in template["Resources"].values():
        for document in ("PolicyDocument", "KeyPolicy"):
            for found in resource["Properties"].get(document, {}).get("Statement", ()):
                if found.get("Sid") == sid:
                    return found
    raise KeyError(sid)


def differences(template: dict[str, Any], **expected: Any) -> list[str]:
    with pytest.raises(AssertionError) as failure:
        assert_iconik_access(template, **{"system_domain_id": DOMAIN, "permissions": PERMISSIONS, **expected})
    first, *lines = str(failure.value).splitlines()
    # The title of the rule is at the end of each line.
    lines = [line.partition(":  ")[0].rpartition(" (ICONIK")[0] for line in lines]
    assert first == "iconik's access to the bucket 'MediaA721A567' is not as expected:"
    return [line.strip() for line in lines]


def test_what_the_storage_was_made_with_is_accepted(template: dict[str, Any]):
    assert_iconik_access(template, system_domain_id=DOMAIN.upper(), permissions=PERMISSIONS)


def test_the_same_meaning_in_other_words_is_accepted(template: dict[str, Any]):
    said = [*PERMISSIONS, IconikPermissions.read("masters/2026/")]
    assert_iconik_access(template, system_domain_id=DOMAIN, permissions=said, bucket="MediaA721A567")


@pytest.mark.parametrize(
    "start",
    [
        {"Fn::Sub": "${MediaA721A567.Arn}"},
        {"Fn::Sub": "arn:aws:s3:::${MediaA721A567}"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "MediaA721A567"}]]},
    ],
)
def test_an_arn_that_is_written_in_another_way_is_accepted(template: dict[str, Any], start: dict[str, Any]):
    written = {"Fn::GetAtt": ["MediaA721A567", "Arn"]}
    template = json.loads(json.dumps(template).replace(json.dumps(written), json.dumps(start)))
    assert json.dumps(start) in json.dumps(template)
    assert_iconik_access(template, system_domain_id=DOMAIN, permissions=PERMISSIONS)


@pytest.mark.parametrize("kind", ["merged", "taken over"])
def test_an_adopted_bucket_is_named_by_its_name(kind: str):
    stack = cdk.Stack(cdk.App(), "Stack")
    IconikStorage(
        stack,
        "Media",
        system_domain_id=DOMAIN,
        permissions=PERMISSIONS,
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "acme-media"),
        encryption=StorageEncryption.S3_MANAGED,
        adoption=Adoption.MERGE if kind == "merged" else Adoption.TAKE_OVER,
    )
    assert_iconik_access(stack, system_domain_id=DOMAIN, permissions=PERMISSIONS, bucket="acme-media")


def test_a_new_bucket_with_an_adopted_key_is_accepted():
    stack = cdk.Stack(cdk.App(), "Stack")
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption_key=key)
    assert_iconik_access(stack, system_domain_id=DOMAIN, permissions=IconikPermissions.read_write())


def test_a_missing_action_is_named_with_its_place(template: dict[str, Any]):
    statement(template, "IconikObjects")["Action"].remove("s3:RestoreObject")
    assert differences(template) == ["bucket policy: nothing allows iconik s3:RestoreObject"]


def test_an_extra_action_is_named_with_its_place(template: dict[str, Any]):
    statement(template, "IconikObjects")["Action"].append("s3:PutObject")
    assert differences(template) == [
        "bucket policy: the statement 'IconikObjects' also allows s3:PutObject on masters/*"
    ]


def test_a_widened_resource_is_named(template: dict[str, Any]):
    objects = statement(template, "IconikObjects")
    objects["Resource"]["Fn::Join"][1][-1] = "/*"
    [difference] = differences(template)
    assert difference.startswith("bucket policy: the statement 'IconikObjects' also allows")
    assert all(f"{action} on *" in difference for action in READ_OBJECT_ACTIONS)


def test_a_widened_listing_is_named(template: dict[str, Any]):
    statement(template, "IconikList")["Condition"]["StringLike"]["s3:prefix"] = ["masters/*", "private/*"]
    assert differences(template) == [
        "bucket policy: the statement 'IconikList' also allows s3:ListBucket below private/"
    ]


def test_a_wrong_domain_is_named(template: dict[str, Any]):
    statement(template, "IconikKey")["Condition"]["StringEquals"][TAG] = OTHER
    missing, wrong = differences(template)
    assert f"'IconikKey' nearly fits: has the domain {OTHER}, not yours" in missing
    assert "the statement 'IconikKey' allows" in wrong
    assert f"the domain {OTHER}, not yours" in wrong


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringLike": {TAG: DOMAIN}},
        {"StringEqualsIfExists": {TAG: DOMAIN}},
        {"ForAllValues:StringEquals": {TAG: DOMAIN}},
        {"StringEquals": {"aws:PrincipalTag/SystemDomainId": DOMAIN}},
    ],
)
def test_a_missing_tag_is_named(template: dict[str, Any], condition: dict[str, Any]):
    statement(template, "IconikBucket")["Condition"] = condition
    [difference] = [each for each in differences(template) if " allows arn:" in each]
    assert difference.startswith("bucket policy: the statement 'IconikBucket' allows")


def test_a_key_without_a_statement_for_iconik_is_named(template: dict[str, Any]):
    statement(template, "IconikKey")["Principal"] = {"AWS": "arn:aws:iam::111122223333:role/Other"}
    [difference] = differences(template)
    assert "key policy of " in difference
    assert "nothing allows iconik kms:Decrypt, kms:DescribeKey" in difference


def test_a_key_that_allows_too_much_is_named(template: dict[str, Any]):
    statement(template, "IconikKey")["Action"].append("kms:ScheduleKeyDeletion")
    [difference] = differences(template)
    assert difference.endswith("the statement 'IconikKey' also allows kms:ScheduleKeyDeletion")


def test_other_cors_writers_are_named(template: dict[str, Any]):
    assert differences(template, cors=Cors.by_template()) == [
        "bucket policy: the statement 'IconikBucket' also allows s3:PutBucketCORS"
    ]


def test_a_template_without_iconik_is_an_error():
    with pytest.raises(AssertionError, match="iconik can use none"):
        assert_iconik_access({"Resources": {}}, system_domain_id=DOMAIN, permissions=PERMISSIONS)


def test_with_several_buckets_one_must_be_named():
    stack = cdk.Stack(cdk.App(), "Stack")
    IconikStorage(stack, "One", system_domain_id=DOMAIN)
    IconikStorage(stack, "Two", system_domain_id=DOMAIN, permissions=IconikPermissions.read())
    with pytest.raises(AssertionError, match=r"'One.*', 'Two.*'"):
        assert_iconik_access(stack, system_domain_id=DOMAIN, permissions=IconikPermissions.read())
