"""Equal storages of an app are assessed once at synthesis, and what differs counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikStorage

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER_DOMAIN = "77777777-8888-4999-8aaa-bbbbbbbbbbbb"
TAG = "aws:PrincipalTag/IconikSystemDomainId"


def named(stack: cdk.Stack, name: str) -> IconikStorage:
    storage = IconikStorage(stack, name, system_domain_id=DOMAIN, bucket_props={"bucket_name": f"{name.lower()}-media"})
    deny = iam.PolicyStatement(
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=["s3:GetObject"],
        resources=["arn:aws:s3:::prod-*"],
    )
    storage.bucket.add_to_resource_policy(deny)
    return storage


def refused(tmp_path: Path, app: cdk.App) -> set[tuple[str, str]]:
    """Return the rule and the construct of each error of the synthesis."""
    try:
        app.synth()
    except RuntimeError:
        report: Any = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
        return {
            (violation["ruleName"], each["constructPath"])
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            if violation["severity"] == "error"
            for each in violation["violatingConstructs"]
        }
    return set()


def test_one_deny_for_all_buckets_by_a_pattern_blocks_only_the_buckets_that_it_matches(tmp_path: Path) -> None:
    for order in (("Test", "Prod"), ("Prod", "Test")):
        app = cdk.App(outdir=str(tmp_path))
        stack = cdk.Stack(app, "Media")
        for name in order:
            named(stack, name)
        assert refused(tmp_path, app) == {("ICONIK012", "Media/Prod/Default/Policy/Resource")}


def test_equal_policies_do_not_hide_that_one_of_them_should_have_another_domain(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Media")
    IconikStorage(stack, "First", system_domain_id=DOMAIN)
    policy = IconikStorage(stack, "Second", system_domain_id=OTHER_DOMAIN).bucket.policy
    assert policy is not None
    written = policy.node.default_child
    assert isinstance(written, s3.CfnBucketPolicy)
    for number in (2, 3):
        written.add_property_override(f"PolicyDocument.Statement.{number}.Condition.StringEquals.{TAG}", DOMAIN)
    assert refused(tmp_path, app) == {("ICONIK013", "Media/Second/Default/Policy/Resource")}
