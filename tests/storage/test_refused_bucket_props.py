"""Props of `s3.Bucket` that cannot be are refused as errors of this library, and nothing is left in the tree."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikStorage, IconikTypeError, StorageEncryption, archive_after
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


def test_a_role_and_a_bucket_that_are_imported_are_accepted(stack):
    props: BucketProps = {
        "server_access_logs_bucket": s3.Bucket.from_bucket_name(stack, "Logs", "acme-logs"),
        "notifications_handler_role": cdk.aws_iam.Role.from_role_name(stack, "Role", "acme-notifications"),
    }
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_props=props)
