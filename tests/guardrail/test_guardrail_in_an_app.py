"""The guardrail in a real synthesis: what CDK gives it to read, and what a user sees of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from iconik_construct import (
    Adoption,
    IconikGuardrail,
    IconikPermissions,
    IconikStorage,
    IconikTypeError,
    IconikValueError,
    StorageEncryption,
)
from iconik_construct.guardrail.rules import RULES
from tests.guardrail.building import DOMAIN, ROLE, SECOND_DOMAIN, TAG


def guarded(**context: Any) -> cdk.App:
    app = cdk.App(context=context)
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN.upper(), SECOND_DOMAIN]))
    return app


def careless_bucket(scope: cdk.Stack, name: str = "Careless") -> s3.Bucket:
    """A bucket that lets iconik in without the tag, made without this library."""
    bucket = s3.Bucket(scope, name, enforce_ssl=True)
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")], principals=[iam.ArnPrincipal(ROLE)]
        )
    )
    return bucket


def findings(app: cdk.App) -> list[tuple[str, str]]:
    """Synthesize and return rule and construct path of each finding of the guardrail, whether or not it is refused."""
    refused = False
    try:
        app.synth()
    except RuntimeError:
        refused = True
    report = Path(app.outdir, "validation-report.json")
    plugins = json.loads(report.read_text())["pluginReports"] if report.exists() else []
    ours = [one for one in plugins if one["pluginName"] == "iconik-guardrail"]
    found = [
        (violation["ruleName"], construct["constructPath"])
        for plugin in ours
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]
    assert refused == any(one["conclusion"] == "failure" for one in ours)
    return sorted(found)


def test_an_app_of_storages_passes_whatever_they_are():
    app = guarded()
    stack = cdk.Stack(app, "Media")
    IconikStorage(stack, "Plain", system_domain_id=DOMAIN)
    IconikStorage(stack, "Encrypted", system_domain_id=[DOMAIN, SECOND_DOMAIN], encryption=StorageEncryption.KMS)
    IconikStorage(stack, "Admin", system_domain_id=DOMAIN, permissions=IconikPermissions.admin())
    IconikStorage(stack, "Prefixes", system_domain_id=DOMAIN, permissions=IconikPermissions.read("a/", "b/"))
    for adoption in Adoption:
        bucket = s3.Bucket.from_bucket_name(
            stack, f"Imported{adoption.name}", f"media-{adoption.name.lower()}".replace("_", "-")
        )
        if adoption is not Adoption.TAKE_OVER:
            IconikStorage(stack, adoption.name.title(), system_domain_id=DOMAIN, bucket=bucket, adoption=adoption)
    key = kms.Key(stack, "Key")
    owned = s3.Bucket(stack, "Owned", encryption_key=key, enforce_ssl=True)
    IconikStorage(stack, "OfOurOwn", system_domain_id=DOMAIN, bucket=owned)
    imported = kms.Key.from_key_arn(
        stack, "Imported", "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    )
    IconikStorage(stack, "MergedKey", system_domain_id=DOMAIN, encryption_key=imported)
    assert findings(app) == []


def test_a_bucket_policy_taken_over_must_deny_plain_http():
    app = guarded()
    stack = cdk.Stack(app, "Media")
    bucket = s3.Bucket.from_bucket_name(stack, "Imported", "media")
    IconikStorage(stack, "Taken", system_domain_id=DOMAIN, bucket=bucket, adoption=Adoption.TAKE_OVER)
    assert {rule for rule, _ in findings(app)} == {"ICONIK007"}


def test_a_storage_for_a_domain_that_is_not_listed_is_refused():
    app = guarded()
    IconikStorage(cdk.Stack(app, "Media"), "Storage", system_domain_id="77777777-8888-4999-8aaa-bbbbbbbbbbbb")
    assert {rule for rule, _ in findings(app)} == {"ICONIK003"}


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
    cdk.CfnStack(stack, "Nested", template_url=cdk.aws_s3_assets.Asset(stack, "Asset", path=str(file)).http_url)
    assert findings(app) == [("ICONIK009", "Top/Nested")]


def test_a_finding_is_acknowledged_the_way_of_cdk():
    app = guarded()
    stack = cdk.Stack(app, "Media")
    cdk.Validations.of(careless_bucket(stack)).acknowledge(
        cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="public test clips")
    )
    assert findings(app) == []
    careful = guarded()
    stack = cdk.Stack(careful, "Media")
    careless_bucket(stack, "Other")
    cdk.Validations.of(careless_bucket(stack)).acknowledge(
        cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="public test clips")
    )
    assert findings(careful) == [("ICONIK001", "Media/Other/Policy/Resource")]


def test_a_finding_says_where_what_and_how_to_mend_it():
    app = guarded()
    careless_bucket(cdk.Stack(app, "Media"))
    with pytest.raises(RuntimeError) as refused:
        app.synth()
    message = str(refused.value)
    for part in (
        "Media/Careless/Policy/Resource",
        "without a condition on the tag IconikSystemDomainId",
        ROLE,
        "aws:PrincipalTag/IconikSystemDomainId",
        "docs/guardrail.md#iconik001",
        "iconik-guardrail::ICONIK001",
    ):
        assert part in message


def test_a_warning_does_not_stop_the_synthesis():
    app = guarded()
    stack = cdk.Stack(app, "Media")
    key = kms.Key.from_key_arn(
        stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    )
    IconikStorage(stack, "Storage", system_domain_id=DOMAIN, encryption_key=key, adoption=Adoption.HAND_OVER)
    assert {rule for rule, _ in findings(app)} == {"ICONIK010"}


def test_another_role_is_watched_beside_iconiks_own():
    role = "arn:aws:iam::444455556666:role/IconikStandIn"
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN, iconik_role_arn=role))
    stack = cdk.Stack(app, "Media")
    IconikStorage(stack, "Storage", system_domain_id=DOMAIN, iconik_role_arn=role)
    for number, arn in enumerate((role, ROLE)):
        queue = sqs.Queue(stack, f"Queue{number}")
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"], resources=[queue.queue_arn], principals=[iam.ArnPrincipal(arn)]
            )
        )
    assert [rule for rule, _ in findings(app)] == ["ICONIK001", "ICONIK001"]


def test_a_stand_in_of_the_own_account_does_not_make_the_account_iconiks():
    app = cdk.App()
    role = "arn:aws:iam::123456789012:role/IconikStandIn"
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN, iconik_role_arn=role))
    stack = cdk.Stack(app, "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    IconikStorage(stack, "Storage", system_domain_id=DOMAIN, iconik_role_arn=role, encryption=StorageEncryption.KMS)
    assert findings(app) == []


def test_cdk_is_told_name_version_and_rules():
    guardrail = IconikGuardrail(system_domain_ids=DOMAIN)
    assert guardrail.name == "iconik-guardrail"
    assert guardrail.version
    assert guardrail.rule_ids == [rule.id for rule in RULES]


@pytest.mark.parametrize(
    ("props", "error"),
    [
        ({"system_domain_ids": []}, IconikValueError),
        ({"system_domain_ids": "acme"}, IconikValueError),
        ({"system_domain_ids": 7}, IconikTypeError),
        ({"system_domain_ids": "${Token[Domain.1]}"}, IconikValueError),
        ({"system_domain_ids": DOMAIN, "iconik_role_arn": "*"}, IconikValueError),
    ],
)
def test_props_that_cannot_be_are_refused(props: dict[str, Any], error: type[Exception]):
    with pytest.raises(error):
        IconikGuardrail(**props)


def test_the_rules_run_without_jsii():
    code = "import sys, iconik_construct.guardrail.check; sys.exit(any(m in sys.modules for m in ('jsii', 'aws_cdk')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
