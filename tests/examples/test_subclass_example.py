"""The example of a subclass, as it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption, StoragePurpose
from iconik_construct.testing import assert_iconik_access

DIRECTORY = Path(__file__).parents[2] / "examples" / "subclass"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


@pytest.fixture(scope="module")
def media_app() -> Iterator[ModuleType]:
    sys.path.insert(0, str(DIRECTORY))
    try:
        import media_app as example  # noqa: PLC0415 - found only now

        yield example
    finally:
        sys.path.remove(str(DIRECTORY))


@pytest.fixture(scope="module")
def template(media_app: ModuleType) -> Template:
    context = json.loads((DIRECTORY / "cdk.json").read_text(encoding="utf-8"))["context"]
    return Template.from_stack(media_app.build(cdk.App(context=context)))


def resources(template: Template, kind: str, name: str) -> dict[str, Any]:
    return {key: item for key, item in template.find_resources(kind).items() if key.startswith(name)}


def test_the_company_s_access_logs_reach_every_bucket_for_iconik(template: Template):
    for name in ("Originals", "Archive"):
        (bucket,) = resources(template, "AWS::S3::Bucket", name).values()
        assert bucket["Properties"]["LoggingConfiguration"]["LogFilePrefix"] == f"{name}/"


def test_the_company_s_key_has_an_alias_and_is_rotated(template: Template):
    template.has_resource_properties("AWS::KMS::Alias", {"AliasName": "alias/media/originals"})
    (key,) = resources(template, "AWS::KMS::Key", "Originals").values()
    assert key["Properties"]["EnableKeyRotation"] is True


@pytest.mark.parametrize(
    ("name", "permissions"),
    [
        ("Originals", IconikPermissions.read_write()),
        ("Archive", IconikPermissions.for_purpose(StoragePurpose.ARCHIVE)),
    ],
)
def test_iconik_has_the_access_of_the_base_class(template: Template, name: str, permissions: IconikPermissions):
    (bucket,) = resources(template, "AWS::S3::Bucket", name)
    assert_iconik_access(template, system_domain_id=DOMAIN, permissions=permissions, bucket=bucket)


def test_the_company_s_own_role_reads_beside_iconik(template: Template):
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with([Match.object_like({"Action": Match.array_with(["kms:Decrypt"])})])
            }
        },
    )


def test_the_tags_of_the_app_reach_bucket_and_key(template: Template):
    for kind in ("AWS::S3::Bucket", "AWS::KMS::Key"):
        template.all_resources_properties(kind, {"Tags": Match.array_with([{"Key": "team", "Value": "media"}])})


def test_a_subclass_has_the_ids_of_the_storage(media_app: ModuleType):
    def ids(make: Any, **props: Any) -> set[str]:
        stack = cdk.Stack(cdk.App(), "Stack")
        make(stack, "Originals", system_domain_id=DOMAIN, **props)
        template = Template.from_stack(stack).to_json()
        return {name for name, item in template["Resources"].items() if item["Type"] != "AWS::KMS::Alias"}

    def company(stack: cdk.Stack, construct_id: str, **props: Any) -> None:
        logs = s3.Bucket.from_bucket_name(stack, "Logs", "logs")
        media_app.CompanyStorage(stack, construct_id, logs=logs, **props)

    assert ids(company) == ids(IconikStorage, encryption=StorageEncryption.KMS)


def test_the_caller_s_props_win_over_the_company_s_choices(media_app: ModuleType):
    stack = cdk.Stack(cdk.App(), "Stack")
    logs = s3.Bucket(stack, "Logs")
    props = {"server_access_logs_prefix": "mine/"}
    media_app.CompanyStorage(
        stack,
        "Originals",
        logs=logs,
        system_domain_id=DOMAIN,
        encryption=StorageEncryption.S3_MANAGED,
        bucket_props=props,
    )
    found = Template.from_stack(stack)
    found.resource_count_is("AWS::KMS::Key", 0)
    found.has_resource_properties("AWS::S3::Bucket", {"LoggingConfiguration": {"LogFilePrefix": "mine/"}})


def test_an_existing_bucket_goes_through_the_subclass_as_it_is(media_app: ModuleType):
    stack = cdk.Stack(cdk.App(), "Stack")
    bucket = s3.Bucket(stack, "Bucket")
    made = media_app.CompanyStorage(stack, "Originals", logs=bucket, system_domain_id=DOMAIN, bucket=bucket)
    assert made.bucket is bucket
    Template.from_stack(stack).resource_count_is("AWS::S3::Bucket", 1)
