"""Templates without what changes from release to release."""

from __future__ import annotations

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

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
    assert normalized_template({"Resources": {"A": text}}) == {"Resources": {"A": masked}}


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
