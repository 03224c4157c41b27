"""The guardrail works in every supported release of the CDK, and an internal error refuses the app."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import aws_cdk as cdk
import pytest

from iconik_construct import IconikGuardrail
from iconik_construct.guardrail import plugin
from iconik_construct.validation import plugin_context
from tests.guardrail.apps import careless_bucket, findings, guarded
from tests.guardrail.building import DOMAIN

ROOT = Path(__file__).parents[2]
CDK = ROOT / "node_modules/.bin/cdk"
BROKEN_APP = f"""
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from iconik_construct import IconikGuardrail
from iconik_construct.guardrail import plugin
from iconik_construct.validation import plugin_context

def check(app, iconik):
    raise RuntimeError("out of order")

plugin.check = check
app = cdk.App()
cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids="{DOMAIN}"))
cdk.Validations.of(app).acknowledge(cdk.Acknowledgment(id="iconik-guardrail::ICONIK023", reason="never mind"))
s3.Bucket(cdk.Stack(app, "Media"), "Bucket")
app.synth()
"""


@pytest.fixture
def assembly(tmp_path: Path) -> cdk.cx_api.CloudAssembly:
    """Two stacks, one of them in a stage, each with a bucket that iconik can use without the tag."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    environment = cdk.Environment(account="123456789012", region="eu-west-1")
    careless_bucket(cdk.Stack(app, "Media", env=environment))
    careless_bucket(cdk.Stack(cdk.Stage(app, "Prod", env=environment), "Media"))
    return app.synth()


def reported(context: SimpleNamespace) -> list[tuple[str, str | None, str]]:
    report = IconikGuardrail(system_domain_ids=DOMAIN).validate(context)
    assert not report.success
    return [
        (violation.rule_name, resource.resource_logical_id, resource.template_path)
        for violation in report.violations
        for resource in violation.violating_resources
    ]


def test_a_context_of_any_release_gives_the_same_findings(assembly: cdk.cx_api.CloudAssembly) -> None:
    stacks = [
        SimpleNamespace(
            template_path=stack.template_full_path, stack_construct_path=stack.hierarchical_id, region="eu-west-1"
        )
        for stack in assembly.stacks_recursively
    ]
    paths = [stack.template_path for stack in stacks]
    newest = [SimpleNamespace(**vars(stack), account_id="123456789012") for stack in stacks]
    expected = reported(SimpleNamespace(template_paths=paths, stack_templates=newest))
    assert [rule for rule, _, _ in expected] == ["ICONIK001", "ICONIK001"]
    # 2.262 to 2.268 name no account, and earlier releases name only the paths.
    assert reported(SimpleNamespace(template_paths=paths, stack_templates=stacks)) == expected
    assert reported(SimpleNamespace(template_paths=paths)) == expected
    # For a plugin that was read from policy_validation_beta1.
    assert reported(SimpleNamespace(template_paths=paths, stack_templates=[])) == expected


def test_a_plugin_that_one_app_read_from_another_one_refuses_too(tmp_path: Path) -> None:
    first = cdk.App()
    cdk.Validations.of(first).add_plugins(IconikGuardrail(system_domain_ids=DOMAIN))
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), policy_validation_beta1=first.policy_validation_beta1)
    careless_bucket(cdk.Stack(app, "Media"))
    assert findings(app) == [("ICONIK001", "Media/Careless/Policy/Resource")]


def test_the_manifest_gives_the_accounts_that_an_old_context_leaves_out(assembly: cdk.cx_api.CloudAssembly) -> None:
    stacks = plugin_context._stacks([stack.template_full_path for stack in assembly.stacks_recursively])
    assert [(stack.stack_path, stack.account, stack.region) for stack in stacks] == [
        ("Media", "123456789012", "eu-west-1"),
        ("Prod/Media", "123456789012", "eu-west-1"),
    ]


def test_an_internal_error_is_a_violation_on_a_resource_of_each_template(
    assembly: cdk.cx_api.CloudAssembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_order(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(plugin, "check", out_of_order)
    paths = [stack.template_full_path for stack in assembly.stacks_recursively]
    assert [(rule, path) for rule, resource, path in reported(SimpleNamespace(template_paths=paths)) if resource] == [
        ("ICONIK023", path) for path in paths
    ]


def test_an_internal_error_is_reported_for_a_template_that_cannot_be_read(tmp_path: Path) -> None:
    unreadable = str(tmp_path / "Media.template.json")
    assert reported(SimpleNamespace(template_paths=[unreadable])) == [("ICONIK023", "Resources", unreadable)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"Resources": ' + "[" * 100_000 + "]" * 100_000 + "}", id="nested too deeply"),
        pytest.param('{"Resources": [{"Type": "AWS::S3::Bucket"}]}', id="a list of resources"),
        pytest.param("5", id="a number"),
    ],
)
def test_an_internal_error_is_reported_for_a_template_of_another_form(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_order(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(plugin, "check", out_of_order)
    file = tmp_path / "Media.template.json"
    file.write_text(text)
    assert reported(SimpleNamespace(template_paths=[str(file)])) == [("ICONIK023", "Resources", str(file))]


def test_an_internal_error_refuses_the_app_and_cannot_be_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_order(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(plugin, "check", out_of_order)
    app = guarded()
    bucket = careless_bucket(cdk.Stack(app, "Media"))
    for construct in (app, bucket):
        cdk.Validations.of(construct).acknowledge(
            cdk.Acknowledgment(id="iconik-guardrail::ICONIK023", reason="never mind")
        )
    assert [rule for rule, _ in findings(app)] == ["ICONIK023"]


def test_the_cdk_cli_fails_on_an_internal_error_and_prints_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BROKEN_APP)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(  # noqa: PLW1510, S603
        [CDK, "synth", "--quiet", "--app", f"{sys.executable} app.py"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "The check failed, so nothing was checked: RuntimeError: out of order" in done.stderr + done.stdout
