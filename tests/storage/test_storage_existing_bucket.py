"""`IconikStorage` with a bucket or a key that exists already."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from iconik_construct import (
    Adoption,
    Cors,
    IconikStorage,
    IconikTypeError,
    IconikValueError,
    PlacementKind,
    StorageEncryption,
)

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


def storage(stack: cdk.Stack, name: str = "Media", **props: Any) -> IconikStorage:
    return IconikStorage(stack, name, **{"system_domain_id": DOMAIN, **props})


def hows(found: IconikStorage) -> list[tuple[str, PlacementKind]]:
    return [(placement.resource, placement.how) for placement in found.placements]


def warnings(place: cdk.Stack) -> list[str]:
    return [str(w.entry.data) for w in Annotations.from_stack(place).find_warning("*", Match.any_value())]


def sids(template: Template, kind: str, document: str) -> list[str]:
    return [
        statement["Sid"]
        for resource in template.find_resources(kind).values()
        for statement in resource["Properties"][document]["Statement"]
        if statement.get("Sid", "").startswith("Iconik")
    ]


def test_a_bucket_and_a_key_of_the_same_stack_get_the_statements_without_a_lambda(stack: cdk.Stack):
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key)
    made = storage(stack, bucket=bucket, encryption_key=key)
    template = Template.from_stack(stack)
    assert hows(made) == [("bucket", PlacementKind.OWNED), ("key", PlacementKind.OWNED)]
    assert len(sids(template, "AWS::S3::BucketPolicy", "PolicyDocument")) == 2
    assert len(sids(template, "AWS::KMS::Key", "KeyPolicy")) == 1
    template.resource_count_is("AWS::Lambda::Function", 0)


def test_a_bucket_that_knows_its_key_needs_no_key_said_twice(stack: cdk.Stack):
    made = storage(stack, bucket=s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS))
    assert hows(made) == [("bucket", PlacementKind.OWNED), ("key", PlacementKind.OWNED)]
    assert len(sids(Template.from_stack(stack), "AWS::KMS::Key", "KeyPolicy")) == 1


def test_a_bucket_and_a_key_made_as_l1_get_the_statements(stack: cdk.Stack):
    l1_key = kms.CfnKey(stack, "Key", key_policy={"Version": "2012-10-17", "Statement": []})
    l1_bucket = s3.CfnBucket(stack, "Bucket")
    made = storage(stack, bucket=s3.Bucket.from_cfn_bucket(l1_bucket), encryption_key=kms.Key.from_cfn_key(l1_key))
    template = Template.from_stack(stack)
    assert hows(made) == [("bucket", PlacementKind.OWNED), ("key", PlacementKind.OWNED)]
    assert len(sids(template, "AWS::KMS::Key", "KeyPolicy")) == 1
    assert len(sids(template, "AWS::S3::BucketPolicy", "PolicyDocument")) == 2


def test_a_bucket_of_another_stack_gets_the_statements_there():
    app = cdk.App()
    there, here = cdk.Stack(app, "There"), cdk.Stack(app, "Here")
    s3.Bucket(here, "Other")  # under CDK's recommended flags no template may be without a resource
    made = storage(here, bucket=s3.Bucket(there, "Bucket"))
    assert hows(made) == [("bucket", PlacementKind.OWNED)]
    assert len(sids(Template.from_stack(there), "AWS::S3::BucketPolicy", "PolicyDocument")) == 2
    Template.from_stack(here).resource_count_is("AWS::S3::BucketPolicy", 0)


def test_two_storages_on_one_bucket_have_sids_of_their_own(stack: cdk.Stack):
    bucket = s3.Bucket(stack, "Bucket")
    storage(stack, "One", bucket=bucket)
    storage(stack, "Two", bucket=bucket)
    found = sids(Template.from_stack(stack), "AWS::S3::BucketPolicy", "PolicyDocument")
    assert len(found) == len(set(found)) == 4


def test_an_imported_bucket_and_key_are_merged_into_at_deployment(stack: cdk.Stack):
    made = storage(
        stack,
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "media"),
        encryption_key=kms.Key.from_key_arn(stack, "Key", KEY_ARN),
    )
    assert hows(made) == [("bucket", PlacementKind.MERGED), ("key", PlacementKind.MERGED)]
    Template.from_stack(stack).resource_count_is("AWS::S3::BucketPolicy", 0)
    assert warnings(stack) == []


def test_a_new_bucket_can_have_an_imported_key(stack: cdk.Stack):
    made = storage(stack, encryption_key=kms.Key.from_key_arn(stack, "Key", KEY_ARN))
    assert hows(made) == [("bucket", PlacementKind.OWNED), ("key", PlacementKind.MERGED)]


def test_an_imported_bucket_of_unknown_encryption_causes_a_warning_with_the_symptom(stack: cdk.Stack):
    storage(stack, bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "media"))
    (text,) = warnings(stack)
    assert "AccessDenied on kms:Decrypt" in text


def test_saying_that_the_bucket_needs_no_key_answers_the_warning(stack: cdk.Stack):
    storage(stack, bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "media"), encryption=StorageEncryption.S3_MANAGED)
    assert warnings(stack) == []


@pytest.mark.parametrize("kind", ["imported", "of this app"])
def test_a_bucket_with_a_key_does_not_encrypt_without_it(stack: cdk.Stack, kind: str):
    if kind == "imported":
        key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
        bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="media", encryption_key=key)
    else:
        bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS)
    with pytest.raises(IconikValueError, match=r"'encryption' must be .*: the bucket has the key .*, got Sto"):
        storage(stack, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    assert stack.node.try_find_child("Media") is None


@pytest.mark.parametrize("kind", ["imported", "of this app"])
def test_a_key_that_is_refused_leaves_nothing_in_the_policy_of_the_bucket(stack: cdk.Stack, kind: str):
    of_others = s3.Bucket.from_bucket_name(stack, "Imported", "media")
    bucket = of_others if kind == "imported" else s3.Bucket(stack, "Own")
    alias = kms.Alias.from_alias_name(stack, "Key", "alias/media")
    before = [child.node.id for child in stack.node.children]

    with pytest.raises(IconikValueError, match="'encryption_key' must be a key, not the alias"):
        storage(stack, bucket=bucket, encryption_key=alias)

    assert [child.node.id for child in stack.node.children] == before
    assert "IconikS3AccessRole" not in json.dumps(Template.from_stack(stack).to_json())


def test_cors_by_template_leaves_an_existing_buckets_rules_alone(stack: cdk.Stack):
    storage(stack, bucket=s3.Bucket(stack, "Bucket"), cors=Cors.by_template())
    (bucket,) = Template.from_stack(stack).find_resources("AWS::S3::Bucket").values()
    assert "CorsConfiguration" not in bucket.get("Properties", {})


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"bucket_name": "acme"}, IconikValueError, "'bucket_name' must be left out"),
        ({"bucket_props": {"versioned": True}}, IconikValueError, "'bucket_props' must be left out"),
        ({"removal_policy": cdk.RemovalPolicy.DESTROY}, IconikValueError, "'removal_policy' must be left out"),
        ({"encryption": StorageEncryption.KMS}, IconikValueError, "must be given for an existing bucket with SSE-KMS"),
        ({"adoption": "MERGE"}, IconikTypeError, "Use Adoption.MERGE"),
    ],
)
def test_what_only_a_new_bucket_can_have_is_refused(
    stack: cdk.Stack, props: dict[str, Any], error: type[Exception], message: str
):
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "media")
    with pytest.raises(error, match=message):
        storage(stack, bucket=bucket, **props)
    assert [child.node.id for child in stack.node.children] == ["Bucket"]


def test_an_l1_bucket_is_refused_with_how_to_wrap_it(stack: cdk.Stack):
    with pytest.raises(IconikTypeError, match="from_cfn_bucket"):
        storage(stack, bucket=s3.CfnBucket(stack, "Bucket"))


@pytest.mark.parametrize("adoption", [Adoption.MERGE, Adoption.TAKE_OVER])
def test_a_bucket_in_another_account_can_only_be_handed_over(adoption: Adoption):
    here = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account="123456789012", region="us-east-1"))
    bucket = s3.Bucket.from_bucket_attributes(here, "Bucket", bucket_name="media", account="999999999999")
    with pytest.raises(IconikValueError, match=r"Adoption\.HAND_OVER"):
        storage(here, bucket=bucket, adoption=adoption)


@pytest.mark.parametrize("level", ["L1", "L2"])
def test_a_key_policy_that_others_fill_is_measured_when_it_is_finished(stack: cdk.Stack, level: str):
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Decrypt", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Sid": f"Other{n}"} for n in range(400)]}
    if level == "L1":
        key = kms.Key.from_cfn_key(kms.CfnKey(stack, "Key", key_policy=document))
    else:
        key = kms.Key(stack, "Key", policy=cdk.aws_iam.PolicyDocument.from_json(document))
    storage(stack, encryption_key=key)
    with pytest.raises(RuntimeError, match=r"key policy of 'Stack/Media' takes up to [\d,]+ bytes"):
        Template.from_stack(stack)
