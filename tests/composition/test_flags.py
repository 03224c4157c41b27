"""The same resources, ids and access under no feature flags and under all that the CDK recommends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from feature_flags import recommended_feature_flags

from iconik_construct import (
    Adoption,
    Cors,
    IconikBucketAccess,
    IconikKeyAccess,
    IconikPermissions,
    IconikStorage,
    StorageEncryption,
)

TOP = Path(__file__).resolve().parents[2]
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# All that make a template in this process. The rest needs no CDK, or deploys the sample, which has the flags.
CONSTRUCT_TESTS = [
    # This file runs them, and not itself.
    "--ignore=tests/composition/test_flags.py",
    "tests/placement/test_placement.py",
    "tests/composition",
    "tests/registration/test_registration.py",
    "tests/app/test_app_stacks.py",
    "tests/storage/test_mixins.py",
    "tests/storage/test_snapshots.py",
    "tests/storage/test_storage_existing_bucket.py",
    "tests/storage/test_storage_new_bucket.py",
]

# What the flags write as literals or as references.
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
}


def sample_flags() -> dict[str, Any]:
    context = json.loads((TOP / "cdk.json").read_text(encoding="utf-8"))["context"]
    return {name: value for name, value in context.items() if name != "iconik"}


def build(flags: dict[str, Any], **env: str) -> dict[str, Any]:
    """One stack with every kind of storage and both mixins."""
    stack = cdk.Stack(cdk.App(context=flags), "Stack", env=cdk.Environment(**env))

    def storage(name: str, **props: Any) -> None:
        IconikStorage(stack, name, system_domain_id=DOMAIN, **props)

    storage("Plain")
    storage("Dsse", encryption=StorageEncryption.DSSE, permissions=IconikPermissions.admin(), cors=Cors.by_template())
    storage("Kms", encryption=StorageEncryption.KMS, permissions=IconikPermissions.read("a/", "b/"), via_s3_only=True)
    storage("Owned", bucket=s3.Bucket(stack, "Bucket"), encryption_key=kms.Key(stack, "Key"))
    for adoption in Adoption:
        bucket = s3.Bucket.from_bucket_name(
            stack, f"{adoption.name}Bucket", f"acme-{adoption.name.lower()}".replace("_", "-")
        )
        key = kms.Key.from_key_arn(stack, f"{adoption.name}Key", KEY_ARN)
        storage(
            adoption.name,
            bucket=bucket,
            adoption=adoption,
            **({} if adoption is Adoption.TAKE_OVER else {"encryption_key": key}),
        )
    s3.CfnBucket(stack, "L1").with_(IconikBucketAccess(system_domain_id=DOMAIN))
    kms.CfnKey(stack, "L1Key").with_(IconikKeyAccess(system_domain_id=DOMAIN))
    return dict(Template.from_stack(stack).to_json())


def evaluated(value: Any) -> Any:
    """The template with CloudFormation's text functions worked out and lists of actions in order: what it means."""
    if isinstance(value, dict):
        if value.keys() == {"Ref"} and value["Ref"] in PSEUDO:
            return PSEUDO[value["Ref"]]
        if value.keys() == {"Fn::Join"} and isinstance(value["Fn::Join"][1], list):
            parts = [evaluated(part) for part in value["Fn::Join"][1]]
            return value["Fn::Join"][0].join(part if isinstance(part, str) else json.dumps(part) for part in parts)
        return {
            name: sorted(item) if name == "Action" and isinstance(item, list) else evaluated(item)
            for name, item in value.items()
        }
    return [evaluated(item) for item in value] if isinstance(value, list) else value


ENVIRONMENTS = {"anywhere": {}, "somewhere": {"account": "123456789012", "region": "us-east-1"}}


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def templates(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    env = ENVIRONMENTS[request.param]
    return build({}, **env), build(recommended_feature_flags(), **env)


def test_the_sample_has_the_flags_that_the_cdk_recommends():
    assert sample_flags() == recommended_feature_flags()


def test_the_logical_ids_and_types_are_the_same(templates: tuple[dict[str, Any], dict[str, Any]]):
    without, under = ({name: item["Type"] for name, item in found["Resources"].items()} for found in templates)
    assert without == under
    assert templates[0]["Outputs"].keys() == templates[1]["Outputs"].keys()


def test_iconiks_resources_mean_the_same(templates: tuple[dict[str, Any], dict[str, Any]]):
    without, under = ({name: evaluated(item) for name, item in found["Resources"].items()} for found in templates)
    assert without == under


def test_the_flags_are_in_force_in_a_stack_of_known_environment():
    env = ENVIRONMENTS["somewhere"]
    assert build({}, **env) != build(recommended_feature_flags(), **env)


@pytest.mark.proof
def test_every_construct_test_holds_under_all_recommended_flags():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--feature-flags=all", *CONSTRUCT_TESTS]
    result = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)  # noqa: S603
    assert result.returncode == 0, result.stdout
