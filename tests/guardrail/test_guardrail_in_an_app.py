"""The guardrail in a real synthesis: storages pass, others are refused, and a user sees why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
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
from iconik_construct.access.trust import EXAMPLE_SYSTEM_DOMAIN_ID
from iconik_construct.templates.check import REPORTED
from tests.guardrail.apps import careless_bucket, findings, guarded
from tests.guardrail.building import DOMAIN, ROLE, SECOND_DOMAIN


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
        "https://iconik-construct.github.io/iconik-construct/latest/rules.html#iconik001",
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
    assert [rule for rule, _ in findings(app)] == ["ICONIK001", "ICONIK001", "ICONIK011"]


def test_a_stand_in_of_the_own_account_does_not_make_the_account_iconiks():
    app = cdk.App()
    role = "arn:aws:iam::123456789012:role/IconikStandIn"
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN, iconik_role_arn=role))
    stack = cdk.Stack(app, "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    IconikStorage(stack, "Storage", system_domain_id=DOMAIN, iconik_role_arn=role, encryption=StorageEncryption.KMS)
    careless_bucket(stack, "Careless", role)
    assert findings(app) == [("ICONIK001", "Media/Careless/Policy/Resource"), ("ICONIK011", "Media")]


def test_a_finding_about_a_whole_template_names_its_stack(tmp_path: Path):
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    cdk.Stack(cdk.Stage(app, "Prod"), "Media")
    [stack] = app.synth().stacks_recursively
    Path(stack.template_full_path).write_text('{"Resources": {"Fn::Transform": {"Name": "AWS::Include"}}}')
    context = SimpleNamespace(template_paths=[stack.template_full_path])
    report = IconikGuardrail(system_domain_ids=DOMAIN).validate(context)
    [violation] = report.violations
    assert [(one.construct_path, one.resource_logical_id) for one in violation.violating_resources] == [
        ("Prod/Media", None)
    ]


def test_an_id_that_is_an_example_is_a_warning():
    with pytest.warns(UserWarning, match="the domain of another customer"):
        IconikGuardrail(system_domain_ids=EXAMPLE_SYSTEM_DOMAIN_ID)


def test_the_plugin_gives_the_cdk_its_name_version_and_rules():
    guardrail = IconikGuardrail(system_domain_ids=DOMAIN)
    assert guardrail.name == "iconik-guardrail"
    assert guardrail.version
    assert guardrail.rule_ids == [rule.id for rule in REPORTED]


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
    code = "import sys, iconik_construct.templates.check; sys.exit(any(m in sys.modules for m in ('jsii', 'aws_cdk')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
