"""What an organisation does to all of its constructs reaches the bucket and the key, and iconik still gets in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from constructs import Construct, IConstruct
from dependencies import circles

from iconik_construct import IconikGuardrail, IconikPermissions, IconikStorage, PlacementKind, StorageEncryption
from iconik_construct.testing import assert_iconik_access

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BUCKETS = s3.Bucket.PROPERTY_INJECTION_ID
KEYS = kms.Key.PROPERTY_INJECTION_ID

More = Callable[[Construct], Mapping[str, Any]]


@jsii.implements(cdk.IPropertyInjector)
class Injector:
    """An organisation's own defaults for a construct. Python gets and gives the props by their names in JSON."""

    def __init__(self, construct: str, more: More) -> None:
        self._construct = construct
        self._more = more

    @property
    def construct_unique_id(self) -> str:
        return self._construct

    def inject(self, original_props: Any, *, scope: Construct, id: str) -> Any:  # noqa: A002 - the name CDK gives it
        return {**original_props, **self._more(scope)}


@jsii.implements(cdk.IAspect)
class Accelerated:
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, s3.CfnBucket):
            node.accelerate_configuration = s3.CfnBucket.AccelerateConfigurationProperty(acceleration_status="Enabled")


def synthesized(*injectors: Injector, **props: Any) -> tuple[IconikStorage, Template]:
    app = cdk.App(property_injectors=list(injectors))
    stack = cdk.Stack(app, "Stack")
    storage = IconikStorage(stack, "Media", **{"system_domain_id": DOMAIN, **props})
    found = Template.from_stack(stack)
    assert circles(app) == []
    assert_iconik_access(found, system_domain_id=DOMAIN, permissions=IconikPermissions.read_write())
    return storage, found


@pytest.mark.parametrize("encryption", [StorageEncryption.S3_MANAGED, StorageEncryption.KMS])
def test_a_property_injector_reaches_the_bucket(encryption: StorageEncryption):
    injector = Injector(BUCKETS, lambda _: {"transferAcceleration": True})
    _, found = synthesized(injector, encryption=encryption)
    found.has_resource_properties("AWS::S3::Bucket", {"AccelerateConfiguration": {"AccelerationStatus": "Enabled"}})


def test_a_property_injector_reaches_the_key():
    injector = Injector(KEYS, lambda _: {"multiRegion": True})
    _, found = synthesized(injector, encryption=StorageEncryption.KMS)
    found.has_resource_properties("AWS::KMS::Key", {"MultiRegion": True})


@pytest.mark.parametrize("encryption", [None, StorageEncryption.KMS])
@pytest.mark.parametrize("wanted", ["KMS", "DSSE"])
def test_the_key_of_a_bucket_that_an_injector_encrypts_allows_iconik(encryption: Any, wanted: str):
    storage, found = synthesized(Injector(BUCKETS, lambda _: {"encryption": wanted}), encryption=encryption)
    found.resource_count_is("AWS::KMS::Key", 1)
    assert storage.encryption_key is not None
    assert [placement.resource for placement in storage.placements] == ["bucket", "key"]


@pytest.mark.parametrize("encryption", [None, StorageEncryption.KMS])
def test_the_key_that_an_injector_sets_allows_iconik(encryption: Any):
    def companys_key(scope: Construct) -> dict[str, Any]:
        return {"encryption": "KMS", "encryptionKey": kms.Key(cdk.Stack.of(scope), "CompanysKey")}

    storage, _ = synthesized(Injector(BUCKETS, companys_key), encryption=encryption)
    assert storage.encryption_key is not None
    assert storage.encryption_key.node.path == "Stack/CompanysKey"
    (statement,) = storage.key_policy_statements
    assert str(statement.sid).startswith("IconikKey"), "another storage may add to the same key"
    assert statement.sid != "IconikKey"


def test_the_imported_key_that_an_injector_gives_the_bucket_is_merged_into():
    def securitys_key(scope: Construct) -> dict[str, Any]:
        return {"encryption": "KMS", "encryptionKey": kms.Key.from_key_arn(scope, "SecuritysKey", KEY_ARN)}

    storage, _ = synthesized(Injector(BUCKETS, securitys_key))
    assert [placement.how for placement in storage.placements] == [PlacementKind.OWNED, PlacementKind.MERGED]


def test_the_guardrail_refuses_the_key_that_an_injector_takes_away(tmp_path: Path):
    app = cdk.App(property_injectors=[Injector(BUCKETS, lambda _: {"encryption": "KMS_MANAGED"})], outdir=str(tmp_path))
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))
    IconikStorage(cdk.Stack(app, "Stack"), "Media", system_domain_id=DOMAIN)
    with pytest.raises(RuntimeError, match="Validation"):
        app.synth()
    assert "ICONIK008" in (tmp_path / "validation-report.json").read_text(encoding="utf-8")


def test_an_aspect_reaches_the_bucket():
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN)
    cdk.Aspects.of(app).add(Accelerated())
    found = Template.from_stack(stack)
    found.has_resource_properties("AWS::S3::Bucket", {"AccelerateConfiguration": {"AccelerationStatus": "Enabled"}})


def test_tags_reach_the_bucket_and_the_key():
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    cdk.Tags.of(app).add("CostCentre", "4711")
    found = Template.from_stack(stack)
    for kind in ("AWS::S3::Bucket", "AWS::KMS::Key"):
        found.has_resource_properties(kind, {"Tags": [{"Key": "CostCentre", "Value": "4711"}]})


def test_a_permissions_boundary_reaches_every_role_of_an_adoption():
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "acme-masters")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    boundary = "arn:aws:iam::123456789012:policy/Boundary"
    iam.PermissionsBoundary.of(app).apply(iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", boundary))
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role")
    assert len(roles) >= 2
    assert {role["Properties"].get("PermissionsBoundary") for role in roles.values()} == {boundary}
