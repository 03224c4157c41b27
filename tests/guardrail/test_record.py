"""The record in a template: acknowledgements with their reasons, and the hash of each policy of a storage."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from dev.bench.kernel_calls import counted_calls
from iconik_construct import (
    IconikBucketAccess,
    IconikGuardrail,
    IconikKeyAccess,
    IconikPermissions,
    IconikStorage,
    IconikTypeError,
    StorageEncryption,
)
from iconik_construct.cli.main import main
from iconik_construct.validation import recording
from tests.guardrail.apps import findings
from tests.guardrail.building import DOMAIN

RULE = "iconik-guardrail::ICONIK006"


@pytest.fixture(autouse=True)
def no_request_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that synthesizes nothing leaves its request; no other test has to ask the kernel about it."""
    monkeypatch.setattr(recording, "_SCOPES", [])


@jsii.implements(cdk.IAspect)
class AddsStatement:
    """An aspect of a security team, which adds a Deny to each bucket policy."""

    def visit(self, node: Any) -> None:
        if isinstance(node, s3.BucketPolicy):
            node.document.add_statements(
                iam.PolicyStatement(
                    sid="Aspect",
                    effect=iam.Effect.DENY,
                    principals=[iam.AnyPrincipal()],
                    actions=["s3:DeleteBucket"],
                    resources=["*"],
                )
            )


def app_of(*, record: bool, aspect: bool = False, asked_last: bool = False) -> tuple[cdk.App, IconikStorage]:
    app = cdk.App(context={"aws:cdk:disable-asset-staging": True}, analytics_reporting=False)

    def ask() -> None:
        guardrail = IconikGuardrail(system_domain_ids=[DOMAIN], record=app if record else None)
        cdk.Validations.of(app).add_plugins(guardrail)

    if not asked_last:
        ask()
    stack = cdk.Stack(app, "Media")
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    if aspect:
        cdk.Aspects.of(app).add(AddsStatement())
    if asked_last:
        ask()
    return app, storage


def record_of(template: dict[str, Any]) -> list[dict[str, Any]]:
    record = template["Metadata"]["iconik-construct"]
    assert record["version"] == 1
    return list(record["storages"])


def template_of(app: cdk.App, name: str = "Media") -> dict[str, Any]:
    return dict(app.synth().get_stack_by_name(name).template)


def sha256(document: Any) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def assert_recorded(template: dict[str, Any], names: set[str]) -> None:
    """Each policy that the record names is in the template with that hash."""
    storages = record_of(template)
    assert {each["name"] for each in storages} == names
    for policy in (policy for each in storages for policy in each["policies"]):
        properties = template["Resources"][policy["logical_id"]]["Properties"]
        document = properties["PolicyDocument" if policy["title"] == "Bucket policy" else "KeyPolicy"]
        assert policy["sha256"] == sha256(document)


@pytest.mark.parametrize("asked_last", [False, True])
def test_the_record_changes_nothing_else_and_is_written_only_where_it_is_asked_for(asked_last):
    with_record = Path(
        app_of(record=True, asked_last=asked_last)[0].synth().get_stack_by_name("Media").template_full_path
    )
    without = Path(app_of(record=False)[0].synth().get_stack_by_name("Media").template_full_path).read_text("utf-8")
    template = json.loads(with_record.read_text("utf-8"))
    assert_recorded(template, {"Media/Masters"})
    del template["Metadata"]
    assert json.dumps(template, indent=1) == without
    assert "Metadata" not in json.loads(without)


def test_a_storage_that_is_added_after_a_synthesis_is_recorded_too():
    app, storage = app_of(record=True)
    assert_recorded(template_of(app), {"Media/Masters"})
    IconikStorage(storage.node.scope, "Later", system_domain_id=DOMAIN)
    assembly = app.synth(force=True)
    assert_recorded(dict(assembly.get_stack_by_name("Media").template), {"Media/Later", "Media/Masters"})


def test_an_app_beside_one_that_is_recorded_makes_no_more_calls_into_the_kernel():
    def calls_of_a_storage() -> int:
        stack = cdk.Stack(cdk.App(), "Media")
        with counted_calls() as calls:
            IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
        return len(calls)

    before = calls_of_a_storage()
    app_of(record=True)[0].synth()
    assert calls_of_a_storage() == before


def test_two_syntheses_write_the_same_bytes():
    paths = [Path(app_of(record=True)[0].synth().get_stack_by_name("Media").template_full_path) for _ in range(2)]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_hash_is_of_the_policy_after_the_aspects():
    plain, changed = (template_of(app_of(record=True, aspect=aspect)[0]) for aspect in (False, True))
    assert_recorded(changed, {"Media/Masters"})
    hashes = [{each["title"]: each["sha256"] for each in record_of(one)[0]["policies"]} for one in (plain, changed)]
    assert hashes[0]["Bucket policy"] != hashes[1]["Bucket policy"]
    assert hashes[0]["Key policy"] == hashes[1]["Key policy"]


def test_what_is_acknowledged_on_around_and_in_a_storage_is_recorded_with_its_reason():
    app, storage = app_of(record=True)
    for construct, reason in ((app, "of all"), (storage, "of the storage"), (storage.bucket, "of the bucket")):
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=RULE, reason=reason))
    cdk.Validations.of(storage).acknowledge(cdk.Acknowledgment(id="cdk-nag::AwsSolutions-S1", reason="of others"))
    other = IconikStorage(storage.node.scope, "Other", system_domain_id=DOMAIN)
    cdk.Validations.of(other).acknowledge(
        cdk.Acknowledgment(id="iconik-construct:UntaggedStatement", reason="an annotation")
    )
    found = {each["name"]: each["acknowledged"] for each in record_of(template_of(app))}
    assert found == {
        "Media/Masters": [{"id": RULE, "reason": f"of {what}"} for what in ("all", "the bucket", "the storage")],
        "Media/Other": [
            {"id": "Annotation::iconik-construct:UntaggedStatement", "reason": "an annotation"},
            {"id": RULE, "reason": "of all"},
        ],
    }


def test_every_stack_that_holds_a_policy_carries_its_record():
    app = cdk.App()
    IconikGuardrail(system_domain_ids=[DOMAIN], record=app)
    keys = cdk.Stack(app, "Keys")
    key = kms.Key(keys, "Key")
    media = cdk.Stack(app, "Media")
    IconikStorage(media, "Masters", system_domain_id=DOMAIN, encryption_key=key)
    bucket = s3.CfnBucket(media, "Plain")
    s3.CfnBucketPolicy(media, "Policy", bucket=bucket.ref, policy_document={"Version": "2012-10-17", "Statement": []})
    cdk.Mixins.of(bucket).apply(IconikBucketAccess(system_domain_id=DOMAIN, permissions=IconikPermissions.read()))
    l1_key = kms.CfnKey(media, "PlainKey")
    cdk.Mixins.of(l1_key).apply(IconikKeyAccess(system_domain_id=DOMAIN))
    nested = cdk.NestedStack(media, "Nested")
    IconikStorage(nested, "Inner", system_domain_id=DOMAIN)
    stage = cdk.Stage(app, "Production")
    IconikStorage(cdk.Stack(stage, "Media"), "Masters", system_domain_id=DOMAIN)
    assembly = app.synth()
    templates = {
        path.name: json.loads(path.read_text("utf-8")) for path in Path(assembly.directory).rglob("*.template.json")
    }
    names = {name: {each["name"] for each in record_of(template)} for name, template in templates.items()}
    assert sorted(map(sorted, names.values())) == [
        ["Media/Masters"],
        ["Media/Masters", "Media/Plain", "Media/PlainKey"],
        ["Media/Nested/Inner"],
        ["Production/Media/Masters"],
    ]
    for name, template in templates.items():
        assert_recorded(template, names[name])
    # The parent uploads the nested template by a hash that covers the record.
    assets = json.loads((Path(assembly.directory) / "Media.assets.json").read_text("utf-8"))
    file = next(name for name in templates if "nested" in name)
    asset = next(key for key, each in assets["files"].items() if each["source"]["path"] == file)
    text = json.dumps(templates[file], separators=(",", ":"), ensure_ascii=False)
    assert asset == hashlib.sha256(text.encode()).hexdigest()


def test_only_the_scope_that_asks_carries_a_record():
    app = cdk.App()
    stages = [cdk.Stage(app, name) for name in ("Test", "Production")]
    IconikGuardrail(system_domain_ids=[DOMAIN], record=stages[1])
    for stage in stages:
        IconikStorage(cdk.Stack(stage, "Media"), "Masters", system_domain_id=DOMAIN)
    app.synth()
    carried = ["Metadata" in stage.synth().stacks[0].template for stage in stages]
    assert carried == [False, True]


def test_an_override_after_the_record_is_refused():
    app, storage = app_of(record=True)
    policy = storage.bucket.policy
    assert policy is not None
    policy.node.default_child.add_property_override("PolicyDocument.Statement.0.Sid", "Overridden")
    assert ("ICONIK027", "Media/Masters/Default/Policy/Resource") in findings(app)


@pytest.mark.parametrize("value", [True, "app", cdk.Aspects])
def test_the_record_needs_the_app(value):
    with pytest.raises(IconikTypeError, match=r"'record' must be the app.*Write record=app"):
        IconikGuardrail(system_domain_ids=[DOMAIN], record=value)


@pytest.mark.parametrize("is_edited", [False, True])
def test_guard_compares_the_record_of_an_assembly_with_its_policies(is_edited, capsys):
    assembly = app_of(record=True)[0].synth()
    file = Path(assembly.get_stack_by_name("Media").template_full_path)
    template = json.loads(file.read_text("utf-8"))
    if is_edited:
        (name,) = [key for key, each in template["Resources"].items() if each["Type"] == "AWS::S3::BucketPolicy"]
        template["Resources"][name]["Properties"]["PolicyDocument"]["Statement"][0]["Sid"] = "Edited"
        file.write_text(json.dumps(template), "utf-8")
    code = main(["guard", assembly.directory, "--system-domain-id", DOMAIN, "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert (code, [each["id"] for each in found["findings"]]) == ((1, ["ICONIK027"]) if is_edited else (0, []))
