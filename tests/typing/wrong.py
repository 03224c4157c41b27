"""Callers' code that both type checkers refuse, each line that says so and no other. Nothing runs it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from typing_extensions import Unpack

import iconik_construct
from iconik_construct import (
    Adoption,
    Cors,
    IconikBucketAccess,
    IconikGuardrail,
    IconikPermissions,
    IconikStorage,
    IconikStorageProps,
    StorageEncryption,
)
from iconik_construct import IconikBucket  # expect-error

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


class MediaStorage(IconikStorage):
    def __init__(self, scope: Construct, id: str, **props: Unpack[IconikStorageProps]) -> None:
        props["versioned"] = True  # expect-error
        super().__init__(scope, id, **props)


def names() -> None:
    iconik_construct.IconikBucket  # expect-error
    Adoption.REPLACE  # expect-error


def props(scope: Construct) -> None:
    IconikStorage(scope, "Storage")  # expect-error
    IconikStorage(scope, "Storage", DOMAIN)  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, versioned=True)  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, permissions="admin")  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, encryption="KMS")  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, encryption=s3.BucketEncryption.KMS)  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, encryption_key="alias/aws/s3")  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, cors=["https://app.iconik.io"])  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, bucket="media")  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, bucket=kms.Key(scope, "Key"))  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, adoption="merge")  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, removal_policy="DESTROY")  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, bucket_props={"versionned": True})  # expect-error
    IconikStorage(scope, "Storage", system_domain_id=DOMAIN, bucket_props={"versioned": "yes"})  # expect-error
    IconikStorage.in_place_of_bucket(scope, "S", system_domain_id=DOMAIN, versionned=True)  # expect-error
    IconikStorage.in_place_of_bucket(scope, "S", system_domain_id=DOMAIN, versioned="yes")  # expect-error
    IconikStorage.in_place_of_bucket(scope, "S", system_domain_id=DOMAIN, bucket_props={"cor": []})  # expect-error
    MediaStorage(scope, "Storage", system_domain_id=DOMAIN, bucket_props={"versionned": True})  # expect-error
    MediaStorage(scope, "Storage")  # expect-error
    MediaStorage(scope, "Storage", system_domain_id=DOMAIN, via_s3_only="yes")  # expect-error
    MediaStorage(scope, "Storage", system_domain_id=DOMAIN, any_principal=True)  # expect-error


def values(storage: IconikStorage, permissions: IconikPermissions, bucket: s3.Bucket, app: cdk.App) -> None:
    IconikPermissions.read(["masters/"])  # expect-error
    IconikPermissions(prefixes=("masters/",))  # expect-error
    IconikPermissions.admin("masters/")  # expect-error
    Cors.by_template(origins=[443])  # expect-error
    permissions.delete = False  # expect-error
    storage.placements[0].how = None  # expect-error
    storage.encryption_key.key_arn  # expect-error
    storage.bucket = bucket  # expect-error
    storage.settings(name="Masters", purpose="FILES")  # expect-error
    storage.settings(name="Masters", glacier_timeout=3)  # expect-error
    storage.settings(name="Masters", glacier_restore_timeout="3")  # expect-error
    storage.output_settings()  # expect-error
    storage.output_settings(name="Masters", scan_ignore="*.tmp", read="no")  # expect-error
    StorageEncryption.KMS.uses_key = False  # expect-error
    bucket.with_(IconikBucketAccess())  # expect-error
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[1]))  # expect-error
    IconikGuardrail(system_domain_ids=[DOMAIN], record=True)  # expect-error
