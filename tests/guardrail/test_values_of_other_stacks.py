"""Outputs, exports and aliases of other stacks: whose they are is known, or the value is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikBucketAccess, IconikKeyAccess
from iconik_construct.assessment import Question
from iconik_construct.templates.assembly import read_app
from iconik_construct.templates.check import check
from iconik_construct.templates.manifest import read_assembly
from tests.guardrail.building import DOMAIN, EVERYONE, KEY_ELSEWHERE, UNRESOLVED

FIRST, SECOND = "111111111111", "222222222222"
HERE = cdk.Environment(account=FIRST, region="eu-west-1")
THERE = cdk.Environment(account=FIRST, region="us-east-1")
OTHER_ACCOUNT = cdk.Environment(account=SECOND, region="eu-west-1")
READER = f"arn:aws:iam::{FIRST}:role/Reader"


def ids(app: cdk.App, folder: Path) -> set[str]:
    app.synth()
    read, _ = read_app(read_assembly(folder).stacks, Question((DOMAIN,)).iconik)
    return {each.id for each in check(read, Question((DOMAIN,)))}


def media(scope: cdk.App | cdk.Stage, reader: str, env: cdk.Environment | None = None) -> None:
    bucket = s3.Bucket(cdk.Stack(scope, "Media", env=env), "Bucket", enforce_ssl=True)
    statement = iam.PolicyStatement(
        principals=[iam.ArnPrincipal(reader)], actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]
    )
    bucket.add_to_resource_policy(statement)


@pytest.mark.parametrize("value", [READER, "*"])
@pytest.mark.parametrize(
    ("stack", "asked", "is_known"),
    [
        ({"env": HERE}, {}, True),
        ({"env": THERE}, {"Region": "us-east-1"}, True),
        ({"env": HERE, "stack_name": "Shared", "id": "Renamed"}, {}, True),
        ({"env": THERE}, {}, False),
        ({"env": THERE}, {"Region": "ap-south-1"}, False),
        ({"env": OTHER_ACCOUNT}, {}, False),
        ({"env": OTHER_ACCOUNT}, {"RoleArn": f"arn:aws:iam::{SECOND}:role/Reads"}, True),
        ({"env": HERE}, {"RoleArn": f"arn:aws:iam::{SECOND}:role/Reads"}, False),
        ({"env": OTHER_ACCOUNT}, {"RoleArn": "{{resolve:ssm:/role}}"}, None),
        ({}, {"RoleArn": "{{resolve:ssm:/role}}"}, None),
        ({"env": HERE, "id": "Unrelated"}, {}, False),
        ({"env": HERE, "stack_name": "SharedOld"}, {}, False),
        ({}, {}, None),
    ],
)
def test_an_output_is_that_of_the_stack_with_the_name_in_the_region_and_account(
    stack: dict[str, Any], asked: dict[str, Any], is_known: bool | None, value: str, tmp_path: Path
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.CfnOutput(cdk.Stack(app, **{"id": "Shared", **stack}), "Who", value=value)
    node = {"Fn::GetStackOutput": {"StackName": "Shared", "OutputName": "Who", **asked}}
    media(app, cdk.Token.as_string(node), HERE)
    # If the account or the Region is not known, it can be that output.
    is_open = value == "*" and is_known is not False
    assert ids(app, tmp_path) == ({EVERYONE} if is_open else set() if is_known else {UNRESOLVED})


@pytest.mark.parametrize(
    ("test", "production", "is_known"),
    [(None, None, False), (None, HERE, False), (OTHER_ACCOUNT, HERE, False), (HERE, HERE, True)],
)
def test_an_export_of_another_stage_is_known_if_it_is_certainly_of_the_same_region_and_account(
    test: cdk.Environment | None, production: cdk.Environment | None, is_known: bool, tmp_path: Path
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.CfnOutput(cdk.Stack(cdk.Stage(app, "Test", env=test), "Shared"), "Who", value=READER, export_name="reader")
    media(cdk.Stage(app, "Production", env=production), cdk.Fn.import_value("reader"))
    assert ids(app, tmp_path) == (set() if is_known else {UNRESOLVED})


@pytest.mark.parametrize("stage", ["Test", "Production"])
def test_an_alias_of_another_stage_may_be_another_one(stage: str, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stages = {name: cdk.Stage(app, name) for name in ("Test", "Production")}
    key = kms.Key(cdk.Stack(stages[stage], "Keys"), "Key", alias="alias/media")
    key.with_(IconikKeyAccess(system_domain_id=DOMAIN))
    stack = cdk.Stack(stages["Production"], "Media")
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/media")
    encryption = {"encryption": s3.BucketEncryption.KMS, "encryption_key": alias}
    s3.Bucket(stack, "Bucket", enforce_ssl=True, **encryption).with_(IconikBucketAccess(system_domain_id=DOMAIN))
    assert ids(app, tmp_path) == (set() if stage == "Production" else {KEY_ELSEWHERE})
