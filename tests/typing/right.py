"""Callers' code that both type checkers take. Nothing runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from typing_extensions import Unpack, assert_type

from iconik_construct import (
    ICONIK_ROLE_ARN,
    Adoption,
    Cors,
    IconikBucketAccess,
    IconikGuardrail,
    IconikKeyAccess,
    IconikPermissions,
    IconikRegistration,
    IconikStorage,
    IconikStorageProps,
    IconikTypeError,
    IconikValueError,
    Placement,
    PlacementKind,
    StorageEncryption,
    StoragePurpose,
    StorageRole,
    archive_after,
)
from iconik_construct.storage.bucket_prop_types import BucketProps

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


class MediaStorage(IconikStorage):
    """A subclass that passes its props on, and makes bucket and key by other constructs."""

    def __init__(self, scope: Construct, id: str, *, team: str, **props: Unpack[IconikStorageProps]) -> None:
        props.setdefault("encryption", StorageEncryption.KMS)
        super().__init__(scope, id, **props)
        cdk.Tags.of(self).add("team", team)

    def create_key(self) -> kms.Key:
        return kms.Key(self, "Key", enable_key_rotation=True)

    def create_bucket(self, props: dict[str, Any]) -> s3.Bucket:
        return s3.Bucket(self, "Default", **props)


def new_buckets(scope: Construct) -> None:
    IconikStorage(scope, "Least", system_domain_id=DOMAIN)
    IconikStorage(scope, "Several", system_domain_id=[DOMAIN, DOMAIN], permissions=[IconikPermissions.read("a/")])
    storage = IconikStorage(
        scope,
        "Most",
        system_domain_id=DOMAIN,
        permissions=IconikPermissions(roles={StorageRole.READ, StorageRole.WRITE}, prefixes=("masters/",)),
        bucket_name="acme-media",
        encryption=StorageEncryption.DSSE,
        encryption_key=kms.Key(scope, "Key"),
        cors=Cors.by_template(origins=["https://app.iconik.io"]),
        removal_policy=cdk.RemovalPolicy.DESTROY,
        bucket_props={"transfer_acceleration": True},
        via_s3_only=True,
        iconik_role_arn=ICONIK_ROLE_ARN,
    )
    assert_type(storage.bucket, s3.Bucket)
    storage.bucket.add_lifecycle_rule(prefix="scratch/", expiration=cdk.Duration.days(30))
    assert_type(storage.encryption_key, kms.IKey | None)
    assert_type(storage.placements, tuple[Placement, ...])
    assert_type(storage.placements[0].how, PlacementKind)
    assert_type(storage.settings(name="Masters", purpose=StoragePurpose.ARCHIVE), dict[str, Any])
    assert_type(storage.settings(name="Masters", glacier_restore_timeout=3, scan_ignore=["*.tmp"]), dict[str, Any])
    assert_type(storage.output_settings(name="Masters", path="masters/", scan=False), cdk.CfnOutput)
    MediaStorage(scope, "Media", team="post", system_domain_id=DOMAIN, adoption=Adoption.MERGE)
    archive_after(90, s3.StorageClass.DEEP_ARCHIVE)
    archive_after(90, "GLACIER")
    props: BucketProps = {"versioned": True, "encryption_key": kms.Key(scope, "OwnKey"), "minimum_tls_version": 1}
    IconikStorage(scope, "ByVariable", system_domain_id=DOMAIN, bucket_props=props)
    IconikStorage.in_place_of_bucket(
        scope,
        "InPlace",
        system_domain_id=DOMAIN,
        encryption=s3.BucketEncryption.KMS,
        cors=[s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=["*"])],
        lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(30)), {"expiration": cdk.Duration.days(1)}],
        block_public_access=None,
    )


def existing_buckets(
    scope: Construct, bucket: s3.IBucket, own: s3.Bucket, key: kms.IKey, secret: secretsmanager.ISecret
) -> None:
    storage = IconikStorage(scope, "Imported", system_domain_id=DOMAIN, bucket=bucket, encryption_key=key)
    IconikStorage(scope, "Own", system_domain_id=DOMAIN, bucket=own, adoption=Adoption.HAND_OVER)
    IconikStorage(
        scope,
        "ByArn",
        system_domain_id=DOMAIN,
        bucket=s3.Bucket.from_bucket_name(scope, "Bucket", "media"),
        encryption_key=kms.Key.from_key_arn(scope, "Key", "arn"),
    )
    IconikRegistration(
        scope, "Registration", storage=storage, credentials=secret, name="Masters", purpose=StoragePurpose.FILES
    )


def policies_of_others(app: cdk.App, bucket: s3.Bucket, bucket_l1: s3.CfnBucket, key: kms.Key) -> None:
    bucket.with_(IconikBucketAccess(system_domain_id=DOMAIN, permissions=IconikPermissions.read()))
    bucket_l1.with_(IconikBucketAccess(system_domain_id=[DOMAIN]))
    key.with_(IconikKeyAccess(system_domain_id=DOMAIN))
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN], record=app))


def errors(scope: Construct, domain: str | Sequence[str]) -> None:
    try:
        IconikStorage(scope, "Storage", system_domain_id=domain)
    except IconikValueError as error:
        assert_type(error, IconikValueError)
        value_error: ValueError = error
        print(value_error)
    except IconikTypeError as error:
        type_error: TypeError = error
        print(type_error)
