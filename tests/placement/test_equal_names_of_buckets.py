"""Two stacks can have buckets of one name, such as with the account of the deployment in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from constructs import Construct

from iconik_construct import IconikBucketAccess, IconikStorage

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
NAME = f"media-{cdk.Aws.ACCOUNT_ID}"


def policies(directory: str) -> dict[str, list[int]]:
    """Return the number of statements of each bucket policy, by template."""
    found: dict[str, list[int]] = {}
    for path in sorted(Path(directory).rglob("*.template.json")):
        resources: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["Resources"].values()
        made = [each["Properties"] for each in resources if each["Type"] == "AWS::S3::BucketPolicy"]
        found[path.name] = [len(each["PolicyDocument"]["Statement"]) for each in made]
    return found


@pytest.mark.parametrize("in_stages", [False, True])
@pytest.mark.parametrize("is_mixin", [False, True])
@pytest.mark.parametrize("enforce_ssl", [False, True])
def test_each_stack_gets_the_statements_of_its_own_bucket(
    in_stages: bool, is_mixin: bool, enforce_ssl: bool, tmp_path: Path
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for name in ("Dev", "Prod"):
        scope: Construct = cdk.Stage(app, name) if in_stages else app
        stack = cdk.Stack(scope, f"{name}Data")
        bucket = s3.Bucket(stack, "Media", bucket_name=NAME, enforce_ssl=enforce_ssl)
        if is_mixin:
            bucket.with_(IconikBucketAccess(system_domain_id=DOMAIN))
        else:
            IconikStorage(stack, "Storage", system_domain_id=DOMAIN, bucket=bucket)
    app.synth()
    counts = list(policies(str(tmp_path)).values())
    assert len(counts) == 2
    assert [len(each) for each in counts] == [1, 1]
    assert counts[0] == counts[1]
    assert counts[0][0] >= 2


def test_a_reference_inside_a_function_is_to_the_bucket_of_the_own_stack(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for name in ("First", "Second"):
        stack = cdk.Stack(app, name)
        arn = cdk.Fn.join("", ["arn:aws:s3:::", s3.Bucket(stack, "Media").bucket_name])
        imported = s3.Bucket.from_bucket_arn(stack, "Imported", arn)
        IconikStorage(stack, "Storage", system_domain_id=DOMAIN, bucket=imported)
    app.synth()
    assert [len(each) for each in policies(str(tmp_path)).values()] == [1, 1]
