"""Templates without what changes from release to release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from iconik_construct import IconikStorage, IconikTypeError, StorageEncryption
from iconik_construct.testing import normalized_template
from tests.testing import changing_apps as apps

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
HASH = "0123456789abcdef" * 4


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


def test_the_bootstrap_parameter_and_rule_are_gone(stack: cdk.Stack):
    IconikStorage(stack, "Media", system_domain_id=DOMAIN)
    plain = Template.from_stack(stack).to_json()
    assert "BootstrapVersion" in plain["Parameters"]
    assert "CheckBootstrapVersion" in plain["Rules"]
    assert normalized_template(stack).keys() == plain.keys() - {"Parameters", "Rules"}


def test_other_parameters_stay(stack: cdk.Stack):
    cdk.CfnParameter(stack, "Domain")
    assert list(normalized_template(stack)["Parameters"]) == ["Domain"]


def test_nothing_but_asset_hashes_is_masked_in_an_adopting_stack(stack: cdk.Stack):
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "media")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    plain = Template.from_stack(stack).to_json()["Resources"]
    masked = normalized_template(stack)["Resources"]
    assert masked.keys() == plain.keys()
    changed = [name for name in plain if masked[name] != plain[name]]
    assert {plain[name]["Type"] for name in changed} == {"AWS::Lambda::Function"}
    keys = {masked[name]["Properties"]["Code"]["S3Key"] for name in changed}
    assert keys == {"[asset hash].zip"}


BUCKET = {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/cdk-acme-container-assets-123456789012-us-east-1"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"S3Bucket": BUCKET, "S3Key": f"{HASH}.zip"}, {"S3Bucket": BUCKET, "S3Key": "[asset hash].zip"}),
        ({"Bucket": "cdk-acme-assets-1", "Key": f"a/{HASH}"}, {"Bucket": "cdk-acme-assets-1", "Key": "a/[asset hash]"}),
        ({"ImageUri": f"{REPOSITORY}:{HASH}"}, {"ImageUri": f"{REPOSITORY}:[asset hash]"}),
        ({"Image": f"1.dkr.ecr/aws-cdk/assets:{HASH}"}, {"Image": "1.dkr.ecr/aws-cdk/assets:[asset hash]"}),
        ({"aws:asset:path": f"asset.{HASH}.zip"}, {"aws:asset:path": "asset.[asset hash].zip"}),
        ({"Fn::Join": ["", [BUCKET, f"/{HASH}.py"]]}, {"Fn::Join": ["", [BUCKET, "/[asset hash].py"]]}),
        ({"S3Bucket": BUCKET, "S3Key": f"{HASH}0"}, {"S3Bucket": BUCKET, "S3Key": f"{HASH}0"}),
    ],
)  # fmt: skip
def test_an_asset_of_a_template_is_known_by_its_bucket_or_repository(given: Any, expected: Any):
    given, expected = ({"Resources": {"A": {"Properties": one}}} for one in (given, expected))
    assert normalized_template(given) == expected


def test_a_stack_a_template_and_a_dict_give_the_same(stack: cdk.Stack):
    IconikStorage(stack, "Media", system_domain_id=DOMAIN)
    template = Template.from_stack(stack)
    of_stack, of_template, of_dict = map(normalized_template, (stack, template, template.to_json()))
    assert json.dumps(of_stack) == json.dumps(of_template) == json.dumps(of_dict)


def test_the_dict_that_was_given_is_left_as_it_was():
    given = {"Parameters": {"BootstrapVersion": {}}, "Resources": {}}
    normalized_template(given)
    assert given == {"Parameters": {"BootstrapVersion": {}}, "Resources": {}}


def test_anything_else_is_refused():
    with pytest.raises(IconikTypeError, match=r"normalized_template\(stack\)"):
        normalized_template("Stack.template.json")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        {"Properties": {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"CanonicalUser": HASH}}]}}},
        {"Properties": {"KeyPolicy": {"Statement": [{"Resource": f"arn:aws:s3:::a/{HASH}"}]}}},
        {"Properties": {"Code": {"S3Bucket": "artifacts", "S3Key": HASH}}},
        {"Properties": {"Code": {"S3Bucket": {"Ref": "Bucket"}, "S3Key": f"{HASH}.zip"}}},
        {"Properties": {"TemplateURL": f"https://artifacts.s3.amazonaws.com/{HASH}.json"}},
        {"Properties": {"Image": f"registry.example.com/a@sha256:{HASH}"}},
        {"Properties": {"ImageUri": f"1.dkr.ecr.aws/a:{HASH}"}},
        {"Properties": {"Tags": [{"Key": "digest", "Value": HASH}]}},
        {"Properties": {"Environment": {"Variables": {"DIGEST": HASH}}}},
        {"Properties": {"Description": f"asset.{HASH}"}},
        {"Properties": {"BuildSpec": f"sha256sum {HASH}"}},
        {"Properties": {"UserData": {"Fn::Base64": f"echo {HASH} | sha256sum -c"}}},
        {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}},
    ],
)
def test_what_is_no_asset_of_cdks_is_left_alone(body: Any):
    given = {"Resources": {"A": body}, "Parameters": {"P": {"Type": "String", "Default": HASH}}}
    assert normalized_template(given) == given


def test_a_users_key_of_64_digits_is_shown_beside_an_asset(tmp_path: Path):
    stack = cdk.Stack(cdk.App(), "Stack")
    apps.function(stack, apps.code(tmp_path, "code"))
    artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "artifacts")
    runtime = lambda_.Runtime.PYTHON_3_13
    theirs = lambda_.Code.from_bucket(artifacts, f"{HASH}.zip")
    lambda_.Function(stack, "Theirs", code=theirs, handler="index.handler", runtime=runtime)
    cdk.CfnStack(stack, "Template", template_url=f"https://artifacts.s3.amazonaws.com/{HASH}.json")
    shown = json.dumps(normalized_template(stack))
    assert shown.count(HASH) == 2
    assert shown.count("[asset hash]") == 1


def test_principals_and_conditions_are_shown_although_an_asset_has_the_same_hash():
    statement = {
        "Effect": "Allow",
        "Principal": {"CanonicalUser": HASH},
        "Condition": {"StringEquals": {"s3:prefix": HASH}},
        "Resource": f"arn:aws:s3:::cdk-acme-assets-1/{HASH}.zip",
    }
    policy = {"PolicyDocument": {"Id": HASH, "Statement": [statement]}}
    expected = {"Id": HASH, "Statement": [{**statement, "Resource": "arn:aws:s3:::cdk-acme-assets-1/[asset hash].zip"}]}
    assert normalized_template({"Resources": {"A": policy}})["Resources"]["A"]["PolicyDocument"] == expected


def test_what_cdk_reports_of_itself_is_gone():
    app = cdk.App(analytics_reporting=True)
    stack = cdk.Stack(app, "Stack")
    s3.Bucket(stack, "Bucket")
    plain = Template.from_stack(stack).to_json()
    assert plain["Resources"]["CDKMetadata"]["Type"] == "AWS::CDK::Metadata"
    assert "CDKMetadataAvailable" in plain["Conditions"]
    assert normalized_template(stack) == {
        "Resources": {name: body for name, body in plain["Resources"].items() if name != "CDKMetadata"}
    }


def test_what_only_has_the_name_of_cdks_own_stays():
    given = {
        "Parameters": {"BootstrapVersion": {"Type": "String", "Default": "3"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": []}},
        "Conditions": {"CDKMetadataAvailable": True},
        "Resources": {"CDKMetadata": {"Type": "AWS::S3::Bucket"}},
    }
    assert normalized_template(given) == given


@pytest.mark.parametrize("synthesizer", apps.SYNTHESIZERS)
@pytest.mark.parametrize("app", apps.APPS)
def test_new_code_moves_no_snapshot(app: str, synthesizer: str, tmp_path: Path):
    plain, of_stacks, of_templates = [], [], []
    for text in ("before", "after"):
        stacks = apps.stacks(app, synthesizer, apps.code(tmp_path, text))
        templates = [Template.from_stack(stack).to_json() for stack in stacks]
        plain.append(templates)
        of_stacks.append([json.dumps(normalized_template(stack)) for stack in stacks])
        of_templates.append([json.dumps(normalized_template(template)) for template in templates])
    assert plain[0] != plain[1], "the code is in no template"
    assert of_stacks[0] == of_stacks[1]
    if synthesizer in {"default", "legacy"}:
        assert of_templates[0] == of_templates[1]
        assert of_templates == of_stacks


@pytest.mark.parametrize("synthesizer", [*apps.SYNTHESIZERS, *apps.WITHOUT_ASSETS])
def test_a_stack_without_assets_is_the_same_with_every_synthesizer(synthesizer: str):
    def shown(made: cdk.IStackSynthesizer) -> str:
        stack = cdk.Stack(cdk.App(analytics_reporting=True), "Stack", env=apps.ENVIRONMENT, synthesizer=made)
        IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
        inline = lambda_.Code.from_inline("def handler(event, context): pass")
        runtime = lambda_.Runtime.PYTHON_3_13
        made_function = lambda_.Function(stack, "Inline", code=inline, handler="index.handler", runtime=runtime)
        cdk.CfnOutput(stack, "Version", value=made_function.current_version.function_arn)
        return json.dumps(normalized_template(stack))

    synthesizers = {**apps.SYNTHESIZERS, **apps.WITHOUT_ASSETS}
    assert shown(synthesizers[synthesizer]()) == shown(cdk.DefaultStackSynthesizer())
