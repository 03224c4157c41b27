"""Props of `s3.Bucket` that cannot be are refused as errors of this library, and nothing is left in the tree."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from iconik_construct import (
    IconikPropError,
    IconikStorage,
    IconikTypeError,
    IconikValueError,
    StorageEncryption,
    archive_after,
)
from iconik_construct.storage.bucket_prop_kinds import prop_kinds, refuse_wrong_kinds
from iconik_construct.storage.bucket_prop_types import BucketProps

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

WRONG_KINDS: list[tuple[str, Any, str]] = [
    ("versioned", "yes", "must be of type bool, got 'yes'. Give a value of this type, or leave it out."),
    ("removal_policy", "DESTROY", "must be of type cdk.RemovalPolicy, got 'DESTROY'. Write RemovalPolicy.DESTROY."),
    ("block_public_access", "BLOCK_ALL", "must be of type s3.BlockPublicAccess, got 'BLOCK_ALL'. Write BlockPub"),
    ("minimum_tls_version", "1.2", "must be of type float, got '1.2'"),
    ("encryption", "KMS", "must be of type StorageEncryption or s3.BucketEncryption, got 'KMS'. Write BucketEncryptio"),
    ("server_access_logs_bucket", "acme-logs", "must be of type s3.IBucket or s3.Bucket, got 'acme-logs'"),
    ("lifecycle_rules", archive_after(30), "must be a list of s3.LifecycleRule or dict[str, Any], got LifecycleRule("),
    ("lifecycle_rules", [archive_after], "must be a list of s3.LifecycleRule or dict[str, Any], got [<function"),
    ("cors", "x", "must be a list of s3.CorsRule or dict[str, Any], got 'x'. Write a list, or leave it out."),
    ("metrics", ["all"], "must be a list of s3.BucketMetrics or dict[str, Any], got ['all']"),
    ("website_redirect", "acme.example", "must be of type s3.RedirectTarget or dict[str, Any], got 'acme.example'"),
]


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))


@pytest.mark.parametrize(("prop", "value", "text"), WRONG_KINDS)
def test_a_value_of_a_wrong_type_is_refused_before_anything_is_made(stack, prop, value, text):
    with pytest.raises(IconikTypeError) as refused:
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_props={prop: value})
    assert str(refused.value).startswith(f"'bucket_props.{prop}' {text}")

    with pytest.raises(IconikTypeError) as refused:
        IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, **{prop: value})
    assert str(refused.value).startswith(f"'{prop}' {text}")

    assert stack.node.children == []


@pytest.mark.parametrize("prop", sorted(BucketProps.__optional_keys__ & prop_kinds().keys()))
def test_every_prop_of_the_installed_bucket_is_checked(prop):
    with pytest.raises(IconikTypeError, match=f"'bucket_props.{prop}' must be "):
        refuse_wrong_kinds({prop: object()}, "bucket_props.")
    refuse_wrong_kinds({prop: None}, "bucket_props.")


def test_the_encryption_of_this_library_is_accepted_in_place_of_a_bucket(stack):
    storage = IconikStorage.in_place_of_bucket(
        stack, "Masters", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS
    )
    assert storage.encryption_key is not None


@pytest.mark.parametrize("prop", ["server_access_logs_bucket", "notifications_handler_role"])
def test_a_resource_of_another_kind_is_refused(stack, prop):
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-123456")
    with pytest.raises(IconikTypeError, match=f"'bucket_props.{prop}' must be of type "):
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_props={prop: key})  # type: ignore[misc]


def test_a_role_and_a_bucket_that_are_imported_are_accepted(stack):
    props: BucketProps = {
        "server_access_logs_bucket": s3.Bucket.from_bucket_name(stack, "Logs", "acme-logs"),
        "notifications_handler_role": cdk.aws_iam.Role.from_role_name(stack, "Role", "acme-notifications"),
    }
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_props=props)


LOCK = s3.ObjectLockRetention.governance(cdk.Duration.days(30))
REFUSED_BY_THE_CDK: list[tuple[dict[str, Any], str]] = [
    ({"versioned": False, "replication_rules": "to Copy"}, "Replication rules require versioning to be enabled"),
    ({"cors": [{"x": 1}]}, "Key 'cors', Index 0: Missing required properties for aws-cdk-lib.aws_s3.CorsRule"),
    ({"website_redirect": {"x": 1}}, "got an unexpected keyword argument 'x'"),
    ({"auto_delete_objects": True}, "Cannot use 'autoDeleteObjects' property on a bucket without setting removal"),
    ({"enforce_ssl": False, "minimum_tls_version": 1.2}, "'enforceSSL' must be enabled for 'minimumTLSVersion'"),
    ({"object_lock_enabled": False, "object_lock_default_retention": LOCK}, "Object Lock must be enabled to config"),
]


def with_copy(stack: cdk.Stack, props: dict[str, Any]) -> dict[str, Any]:
    if "replication_rules" not in props:
        return props
    return {**props, "replication_rules": [s3.ReplicationRule(destination=s3.Bucket(stack, "Copy", versioned=True))]}


@pytest.mark.parametrize(("props", "text"), REFUSED_BY_THE_CDK)
def test_what_the_cdk_refuses_is_an_error_of_this_library_and_leaves_nothing(stack, props, text):
    props = with_copy(stack, props)
    before = len(stack.node.children)

    with pytest.raises(IconikPropError) as refused:
        IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN, **props)

    assert str(refused.value).startswith("'in_place_of_bucket' must have props that s3.Bucket accepts")
    assert text in str(refused.value)
    assert len(stack.node.children) == before
    IconikStorage.in_place_of_bucket(stack, "Masters", system_domain_id=DOMAIN)


@pytest.mark.parametrize(("props", "text"), REFUSED_BY_THE_CDK[:3])
def test_what_the_cdk_refuses_of_a_new_bucket_leaves_neither_its_bucket_nor_its_key(stack, props, text):
    given: Any = with_copy(stack, props)
    before = len(stack.node.children)

    with pytest.raises(IconikPropError, match="'bucket_props' must have props that s3") as refused:
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS, bucket_props=given)

    assert text in str(refused.value)
    assert len(stack.node.children) == before


@pytest.mark.parametrize(
    ("props", "text"),
    [
        ({"auto_delete_objects": True}, "auto_delete_objects' must be left out if the bucket stays when its stack is"),
        ({"enforce_ssl": False, "minimum_tls_version": 1.2}, "minimum_tls_version' must be left out if requests with"),
        ({"object_lock_enabled": False, "object_lock_default_retention": LOCK}, "retention' must be left out if obj"),
        ({"object_lock_enabled": True, "versioned": False}, "versioned' must not be false with Object Lock"),
        ({"website_error_document": "e.html"}, "website_index_document' must be given with website_error_document"),
    ],
)
def test_bucket_props_that_contradict_each_other_are_refused_as_in_a_file_of_storages(stack, props, text):
    with pytest.raises(IconikValueError, match=text):
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_props=props)
    assert stack.node.children == []


def test_objects_are_deleted_with_a_bucket_that_is_deleted(stack):
    IconikStorage(
        stack,
        "Masters",
        system_domain_id=DOMAIN,
        removal_policy=cdk.RemovalPolicy.DESTROY,
        bucket_props={"auto_delete_objects": True},
    )


def test_an_error_of_a_subclass_leaves_nothing(stack):
    class Own(IconikStorage):
        def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
            super().create_bucket(props)
            raise LookupError

    with pytest.raises(LookupError):
        Own(stack, "Masters", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    assert stack.node.children == []
