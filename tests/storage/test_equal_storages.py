"""Equal storages of an app are assessed once at synthesis, and what differs counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikGuardrail, IconikKeyAccess, IconikPermissions, IconikStorage
from iconik_construct.testing import assert_iconik_access

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
    return {(rule, construct) for rule, construct, severity in reported(tmp_path, app) if severity == "error"}


def reported(tmp_path: Path, app: cdk.App) -> set[tuple[str, str, str]]:
    """Synthesize, and return the rule, the construct and the severity of each finding."""
    with suppress(RuntimeError):
        app.synth()
    path = tmp_path / "validation-report.json"
    report: Any = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"pluginReports": []}
    return {
        (violation["ruleName"], each["constructPath"], violation["severity"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for each in violation["violatingConstructs"]
    }


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


NAMES: dict[str, Callable[[cdk.Stack], str]] = {
    "the stack's name": lambda _: f"{cdk.Aws.STACK_NAME}-media",
    "a parameter": lambda stack: cdk.CfnParameter(stack, "Name").value_as_string,
}


@pytest.mark.parametrize("name", NAMES)
def test_denies_that_are_tolerated_in_one_stack_are_errors_in_another_one(name: str, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for stack_name, tolerate_denies in (("First", True), ("Second", False)):
        stack = cdk.Stack(app, stack_name)
        bucket = s3.Bucket(stack, "Bucket", bucket_name=NAMES[name](stack))
        IconikStorage(stack, "Media", system_domain_id=DOMAIN, bucket=bucket, tolerate_denies=tolerate_denies)
        deny = iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:*"],
            resources=[bucket.arn_for_objects("*")],
        )
        bucket.add_to_resource_policy(deny)
    assert refused(tmp_path, app) == {("ICONIK012", "Second/Bucket/Policy/Resource")}


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_policy_is_not_hidden_by_that_of_another_stack(name: str, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for stack_name in ("First", "Second"):
        stack = cdk.Stack(app, stack_name)
        made = IconikStorage(stack, "Media", system_domain_id=DOMAIN, bucket_name=NAMES[name](stack))
        if stack_name == "Second":
            made.bucket.node.try_remove_child("Policy")
    # Another policy can have the name that a parameter has.
    rule = ("ICONIK014", "warning") if name == "a parameter" else ("ICONIK013", "error")
    assert (rule[0], "Second/Media/Default/Resource", rule[1]) in reported(tmp_path, app)


@pytest.mark.parametrize("parameter", ["Domain", "Other"])
def test_the_domain_of_another_stack_is_not_that_of_the_own_parameter(parameter: str, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    cdk.CfnParameter(second, parameter)
    domain = cdk.CfnParameter(first, "Domain").value_as_string
    policy = IconikStorage(second, "Media", system_domain_id=domain).bucket.policy
    assert policy is not None
    written = policy.node.default_child
    assert isinstance(written, s3.CfnBucketPolicy)
    for number in (2, 3):
        tag = f"PolicyDocument.Statement.{number}.Condition.StringEquals.{TAG}"
        written.add_property_override(tag, {"Ref": parameter})
    assert "ICONIK009" in {rule for rule, _, _ in reported(tmp_path, app)}


def test_a_statement_of_one_bucket_is_not_said_by_a_warning_about_another_one(tmp_path: Path) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"},
        "Action": "s3:GetObject",
        "Resource": "*",
    }
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Media")
    first, second = (IconikStorage(stack, name, system_domain_id=DOMAIN) for name in ("First", "Second"))
    first.bucket.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
    assert second.bucket.policy is not None
    written = second.bucket.policy.node.default_child
    assert isinstance(written, s3.CfnBucketPolicy)
    written.add_property_override("PolicyDocument.Statement.4", statement)
    untagged = {construct for rule, construct, _ in reported(tmp_path, app) if rule == "ICONIK001"}
    assert untagged == {"Media/Second/Default/Policy/Resource"}


def test_the_policy_of_another_bucket_of_that_logical_id_does_not_count_as_the_own_one(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    made = IconikStorage(first, "Media", system_domain_id=DOMAIN).bucket.node.default_child
    other = s3.CfnBucket(second, "Media")
    assert isinstance(made, s3.CfnBucket)
    other.override_logical_id(first.resolve(made.logical_id))
    # The policy of the second stack's bucket is in the first stack, and can go with it.
    policy = s3.CfnBucketPolicy(first, "OfSecond", bucket=other.ref, policy_document={"Statement": []})
    policy.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
    assert not {place for rule, place, _ in reported(tmp_path, app) if rule == "ICONIK161"}


@pytest.mark.parametrize("with_guardrail", [True, False])
@pytest.mark.parametrize("with_other_bucket", [True, False])
def test_a_key_is_judged_alone_if_only_buckets_of_others_use_it(
    with_other_bucket: bool, with_guardrail: bool, tmp_path: Path
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    if with_guardrail:
        cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN))
    stack = cdk.Stack(app, "Media")
    key = kms.Key(stack, "Key")
    key.with_(IconikKeyAccess(system_domain_id=DOMAIN))
    role = iam.ArnPrincipal("arn:aws:iam::283217727627:role/IconikS3AccessRole")
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, principals=[role], actions=["kms:*"], resources=["*"])
    key.add_to_resource_policy(deny)
    if with_other_bucket:
        s3.Bucket(stack, "Logs", encryption_key=key, enforce_ssl=True)
    assert refused(tmp_path, app) == {("ICONIK012", "Media/Key/Resource")}


class WithReader(cdk.NestedStack):
    """A nested stack whose template file is the same for all readers."""

    def __init__(self, scope: cdk.Stack, name: str, reader: str) -> None:
        super().__init__(scope, name, parameters={"Reader": reader})
        given = cdk.CfnParameter(self, "Reader").value_as_string
        self.storage = IconikStorage(self, "Media", system_domain_id=DOMAIN)
        statement = iam.PolicyStatement(
            principals=[iam.ArnPrincipal(given)],
            actions=["s3:GetObject"],
            resources=[self.storage.bucket.arn_for_objects("*")],
        )
        self.storage.bucket.add_to_resource_policy(statement)


READERS = ("arn:aws:iam::999999999999:root", "*")


@pytest.mark.parametrize("readers", [READERS, READERS[::-1]])
def test_the_kit_finds_the_nested_stack_that_it_is_given(readers: tuple[str, str], tmp_path: Path) -> None:
    top = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Top")
    outer = [cdk.NestedStack(top, f"Outer{number}") for number in range(2)]
    made = [WithReader(each, "Inner", reader) for each, reader in zip(outer, readers, strict=True)]
    for nested, reader in zip(made, readers, strict=True):
        permissions = IconikPermissions.read_write()
        expected = pytest.raises(AssertionError, match="ICONIK004") if reader == "*" else nullcontext()
        with expected:
            assert_iconik_access(nested, system_domain_id=DOMAIN, permissions=permissions, bucket=nested.storage)


def test_the_kit_finds_the_storage_among_stacks_of_one_class(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    storages = [IconikStorage(cdk.Stack(app, name), "Media", system_domain_id=DOMAIN) for name in ("First", "Second")]
    for each in storages:
        assert_iconik_access(app, system_domain_id=DOMAIN, permissions=IconikPermissions.read_write(), bucket=each)


@pytest.mark.parametrize("acknowledged", [0, 1])
def test_the_acknowledgement_of_one_nested_stack_is_not_for_the_other_one(acknowledged: int, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN))
    top = cdk.Stack(app, "Top")
    nested = [WithReader(top, f"Nested{number}", reader) for number, reader in enumerate(READERS)]
    accepted = cdk.Acknowledgment(id="iconik-guardrail::ICONIK004", reason="it is public")
    cdk.Validations.of(nested[acknowledged]).acknowledge(accepted)
    is_open = READERS[acknowledged] != "*"
    assert refused(tmp_path, app) == (
        {("ICONIK004", "Top/Nested1/Media/Default/Policy/Resource")} if is_open else set()
    )
