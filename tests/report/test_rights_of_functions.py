"""The rights that a report shows of a function are those of its role, in whichever stack the role is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from iconik_construct.cli.main import main

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


def role(stack: cdk.Stack, action: str, name: str | None = None) -> iam.Role:
    # With one logical id in all stacks.
    made = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), role_name=name)
    made.add_to_policy(iam.PolicyStatement(actions=[action], resources=["*"]))
    return made


def function(stack: cdk.Stack, role_arn: str) -> None:
    lambda_.CfnFunction(
        stack,
        "Function",
        runtime="python3.13",
        handler="index.handler",
        role=role_arn,
        code=lambda_.CfnFunction.CodeProperty(zip_file="1"),
    )


def of_another_stack(app: cdk.App) -> None:
    media, roles = cdk.Stack(app, "Media"), cdk.Stack(app, "Roles")
    role(media, "s3:Other")
    function(media, role(roles, "s3:Own").role_arn)


def of_a_nested_stack(app: cdk.App) -> None:
    media = cdk.Stack(app, "Media")
    role(media, "s3:Other")
    function(media, role(cdk.NestedStack(media, "Nested"), "s3:Own").role_arn)


def of_a_condition(app: cdk.App) -> None:
    media = cdk.Stack(app, "Media")
    condition = cdk.CfnCondition(media, "Production", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
    other = iam.Role(media, "Another", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    own = role(media, "s3:Own")
    function(media, cdk.Fn.condition_if(condition.logical_id, other.role_arn, own.role_arn).to_string())


def by_a_policy_of_one_role(app: cdk.App) -> None:
    media = cdk.Stack(app, "Media")
    own = iam.Role(media, "Own", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Own", "Resource": "*"}]}
    iam.CfnRolePolicy(media, "Policy", policy_name="own", role_name=own.role_name, policy_document=document)
    function(media, own.role_arn)


def page(make: Callable[[cdk.App], None], folder: Path) -> str:
    app = cdk.App(outdir=str(folder))
    make(app)
    app.synth()
    output = folder / "report.html"
    main(["report", "--assembly", str(folder), "--system-domain-id", DOMAIN, "--output", str(output)])
    text = re.sub("<[^>]+>", " ", output.read_text(encoding="utf-8"))
    return text.partition("Code that runs in the account")[2].partition("Accepted findings")[0]


@pytest.mark.parametrize("make", [of_another_stack, of_a_nested_stack, of_a_condition, by_a_policy_of_one_role])
def test_the_rights_of_a_function_are_those_of_its_role(make: Callable[[cdk.App], None], tmp_path: Path) -> None:
    shown = page(make, tmp_path)
    assert "s3:Own" in shown
    assert "s3:Other" not in shown
    assert "not read" not in shown


def test_rights_that_are_not_in_the_app_are_said_to_be_unread(tmp_path: Path) -> None:
    def make(app: cdk.App) -> None:
        function(cdk.Stack(app, "Media"), "arn:aws:iam::123456789012:role/Elsewhere")

    assert "not read: the role is not in this app" in page(make, tmp_path)
