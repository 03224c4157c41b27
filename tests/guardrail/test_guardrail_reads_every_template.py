"""Which templates of an app the guardrail reads, and what it knows of values that cross between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sqs as sqs

from iconik_construct import (
    IconikGuardrail,
    IconikStorage,
)
from tests.guardrail.apps import careless_bucket, findings, guarded
from tests.guardrail.building import DOMAIN, FOREIGN_DOMAIN, ROLE, TAG


@pytest.mark.parametrize("synthesizer", [None, "legacy"])
def test_every_template_of_the_app_is_read(synthesizer: str | None):
    app = guarded()

    def stack(scope: Any, name: str) -> cdk.Stack:
        given = {"synthesizer": cdk.LegacyStackSynthesizer()} if synthesizer else {}
        return cdk.Stack(scope, name, **given)

    top = stack(app, "Top")
    stage = cdk.Stage(app, "Prod")
    inner = stack(stage, "Inner")
    nested = cdk.NestedStack(top, "Nested")
    deep = cdk.NestedStack(nested, "Deep")
    in_stage = cdk.NestedStack(inner, "Nested")
    for scope in (top, inner, nested, deep, in_stage):
        careless_bucket(scope)
    paths = ["Prod/Inner", "Prod/Inner/Nested", "Top", "Top/Nested", "Top/Nested/Deep"]
    assert findings(app) == [("ICONIK001", f"{path}/Careless/Policy/Resource") for path in paths]


def test_a_guardrail_on_a_stage_reads_that_stage_only():
    app = cdk.App()
    stage = cdk.Stage(app, "Prod")
    cdk.Validations.of(stage).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN))
    careless_bucket(cdk.Stack(app, "Outside"))
    careless_bucket(cdk.Stack(stage, "Inside"))
    assert findings(app) == [("ICONIK001", "Prod/Inside/Careless/Policy/Resource")]


class WithParameter(cdk.NestedStack):
    """A nested stack whose template file is the same for all domains."""

    def __init__(self, scope: cdk.Stack, name: str, domain: str) -> None:
        super().__init__(scope, name, parameters={"Domain": domain})
        given = cdk.CfnParameter(self, "Domain")
        bucket = s3.Bucket(self, "Media", enforce_ssl=True)
        statement = iam.PolicyStatement(
            principals=[iam.ArnPrincipal(ROLE)],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*")],
            conditions={"StringEquals": {TAG: given.value_as_string}},
        )
        bucket.add_to_resource_policy(statement)


@pytest.mark.parametrize(
    "domains", [(DOMAIN, FOREIGN_DOMAIN), (FOREIGN_DOMAIN, DOMAIN), (DOMAIN, DOMAIN, FOREIGN_DOMAIN)]
)
def test_nested_stacks_of_one_template_file_are_told_apart(domains: tuple[str, ...]):
    app = guarded()
    top = cdk.Stack(app, "Top")
    for number, domain in enumerate(domains):
        WithParameter(top, f"Nested{number}", domain)
    assert [rule for rule, _ in findings(app)] == ["ICONIK003"]


@pytest.mark.parametrize("acknowledged", range(4))
def test_a_finding_in_one_of_several_equal_nested_stacks_can_be_acknowledged_there(acknowledged: int):
    app = guarded()
    top = cdk.Stack(app, "Top")
    outer = [top, cdk.NestedStack(top, "Outer"), cdk.NestedStack(top, "Other")]
    stacks = [cdk.NestedStack(around, name) for around in outer for name in ("One", "Two")]
    for number, stack in enumerate(stacks):
        bucket = careless_bucket(stack)
        if number == acknowledged:
            reason = cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="it is empty")
            cdk.Validations.of(bucket).acknowledge(reason)
    paths = [f"{stack.node.path}/Careless/Policy/Resource" for stack in stacks]
    assert findings(app) == sorted(("ICONIK001", path) for number, path in enumerate(paths) if number != acknowledged)


def test_a_nested_stack_of_an_earlier_synthesis_is_not_read(tmp_path: Path):
    for name in ("Careless", "Careful"):
        app = cdk.App(outdir=str(tmp_path))
        cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN))
        nested = cdk.NestedStack(cdk.Stack(app, "Top"), name)
        if name == "Careless":
            careless_bucket(nested)
            assert len(findings(app)) == 1
        else:
            IconikStorage(nested, "Storage", system_domain_id=DOMAIN)
            assert findings(app) == []


def test_a_role_passed_to_a_nested_stack_is_resolved():
    app = guarded()
    top = cdk.Stack(app, "Top")
    own = iam.Role(top, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    vendor = cdk.CfnParameter(top, "Vendor", default=ROLE)
    nested = cdk.NestedStack(top, "Nested")
    for name, arn in (("Own", own.role_arn), ("Vendors", vendor.value_as_string)):
        bucket = s3.Bucket(nested, name)
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")], principals=[iam.ArnPrincipal(arn)]
            )
        )
    assert findings(app) == [
        ("ICONIK001", "Top/Nested/Vendors/Policy/Resource"),
        ("ICONIK007", "Top/Nested/Vendors/Policy/Resource"),
    ]


@pytest.mark.parametrize("references", ["strong", "weak"])
def test_values_from_other_stacks_are_resolved(references: str):
    app = guarded(**{"@aws-cdk/core:defaultCrossStackReferences": references})
    keys = cdk.Stack(app, "Keys")
    role = iam.Role(keys, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    forgetful = kms.Key(keys, "Forgetful")
    media = cdk.Stack(app, "Media")
    bucket = s3.Bucket(media, "Bucket", encryption_key=forgetful, enforce_ssl=True)
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*")],
            principals=[iam.ArnPrincipal(role.role_arn)],
        )
    )
    policies = cdk.Stack(app, "Policies")
    s3.CfnBucketPolicy(
        policies,
        "Policy",
        bucket=bucket.bucket_name,
        policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket.bucket_arn, bucket.arn_for_objects("*")],
                    "Condition": {"Bool": {"aws:SecureTransport": False}},
                },
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": ROLE},
                    "Action": "s3:GetObject",
                    "Resource": bucket.arn_for_objects("*"),
                    "Condition": {"StringEquals": {TAG: DOMAIN}},
                },
            ],
        },
    )
    assert findings(app) == [("ICONIK008", "Policies/Policy")]


def test_a_role_of_another_region_is_resolved():
    app = guarded()
    account = "123456789012"
    here = cdk.Stack(
        app, "Here", env=cdk.Environment(account=account, region="eu-west-1"), cross_region_references=True
    )
    there = cdk.Stack(
        app, "There", env=cdk.Environment(account=account, region="us-east-1"), cross_region_references=True
    )
    role = iam.Role(here, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    queue = sqs.Queue(there, "Queue")
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sqs:SendMessage"], resources=[queue.queue_arn], principals=[iam.ArnPrincipal(role.role_arn)]
        )
    )
    assert findings(app) == []


def test_a_nested_template_that_is_no_json_is_not_taken_for_safe(tmp_path: Path):
    app = guarded()
    stack = cdk.Stack(app, "Top")
    file = tmp_path / "nested.yaml"
    file.write_text("Resources: {}\n")
    cdk.CfnStack(stack, "Nested", template_url=s3_assets.Asset(stack, "Asset", path=str(file)).http_url)
    assert findings(app) == [("ICONIK024", "Top/Nested")]
