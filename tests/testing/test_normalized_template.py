"""Templates without what changes from release to release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import pipelines
from aws_cdk.assertions import Template
from constructs import Construct

from iconik_construct import IconikStorage, IconikTypeError, StorageEncryption
from iconik_construct.testing import normalized_template

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


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"{HASH}.zip", "[asset hash].zip"),
        (f"prefix/{HASH}.json", "prefix/[asset hash].json"),
        (f"asset.{HASH}", "asset.[asset hash]"),
        (f"1.dkr.ecr.aws/a:{HASH}", "1.dkr.ecr.aws/a:[asset hash]"),
        (f"sha256 is {HASH}", f"sha256 is {HASH}"),
        (f"{HASH}0", f"{HASH}0"),
        (f"x{HASH}.zip", f"x{HASH}.zip"),
    ],
)  # fmt: skip
def test_an_asset_hash_is_known_by_its_form(text: str, masked: str):
    given, expected = ({"Resources": {"A": {"Properties": {"Code": {"S3Key": one}}}}} for one in (text, masked))
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
        {"Properties": {"Statement": {"Effect": "Allow", "Principal": HASH}}},
        {"Properties": {"KeyPolicy": {"Statement": [{"Resource": f"arn:aws:s3:::a/{HASH}"}]}}},
        {"Properties": {"Image": f"registry.example.com/a@sha256:{HASH}"}},
        {"Properties": {"Tags": [{"Key": "digest", "Value": HASH}]}},
        {"Properties": {"Environment": {"Variables": {"DIGEST": HASH}}}},
        {"Properties": {"Description": f"asset.{HASH}"}},
        {"Properties": {"BuildSpec": f"sha256sum {HASH}"}},
    ],
)
def test_what_is_no_asset_of_cdks_is_left_alone(body: Any):
    given = {"Resources": {"A": body}, "Parameters": {"P": {"Type": "String", "Default": HASH}}}
    assert normalized_template(given) == given


def _stack(scope: Construct, code: str, directory: Path, **props: Any) -> cdk.Stack:
    (directory / code).mkdir(exist_ok=True)
    (directory / code / "index.py").write_text(f"# {code}", encoding="utf-8")
    (directory / code / "Dockerfile").write_text(f"FROM scratch\n# {code}", encoding="utf-8")
    stack = cdk.Stack(scope, "Stack", **props)
    for place in (stack, cdk.NestedStack(stack, "Nested")):
        lambda_.Function(
            place,
            "Function",
            code=lambda_.Code.from_asset(str(directory / code)),
            handler="index.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
        )
        lambda_.DockerImageFunction(
            place, "Image", code=lambda_.DockerImageCode.from_image_asset(str(directory / code))
        )
        lambda_.LayerVersion(place, "Layer", code=lambda_.Code.from_asset(str(directory / code)))
    return stack


@pytest.mark.parametrize("kind", ["default", "legacy"])
def test_new_code_moves_no_snapshot_whoever_uploads_it(kind: str, tmp_path: Path):
    found = []
    for code in ("before", "after"):
        props = {"synthesizer": cdk.LegacyStackSynthesizer()} if kind == "legacy" else {}
        stack = _stack(cdk.App(), code, tmp_path, **props)
        template = Template.from_stack(stack).to_json()
        found.append((json.dumps(template), json.dumps(normalized_template(template))))
    (plain, masked), (plain_after, masked_after) = found
    assert plain != plain_after
    assert masked == masked_after


def test_new_code_moves_no_snapshot_of_a_pipeline(tmp_path: Path):
    found = []
    for code in ("before", "after"):
        app = cdk.App()
        pipeline_stack = cdk.Stack(app, "Pipeline", env=cdk.Environment(account="123456789012", region="us-east-1"))
        source = pipelines.CodePipelineSource.connection(
            "acme/media", "main", connection_arn="arn:aws:codestar-connections:us-east-1:123456789012:connection/x"
        )
        pipeline = pipelines.CodePipeline(
            pipeline_stack, "Pipeline", synth=pipelines.ShellStep("Synth", input=source, commands=["cdk synth"])
        )
        stage = cdk.Stage(pipeline_stack, "Production", env=cdk.Environment(account="123456789012", region="us-east-1"))
        _stack(stage, code, tmp_path)
        pipeline.add_stage(stage)
        template = Template.from_stack(pipeline_stack).to_json()
        found.append((json.dumps(template), json.dumps(normalized_template(template))))
    (plain, masked), (plain_after, masked_after) = found
    assert plain != plain_after
    assert masked == masked_after
