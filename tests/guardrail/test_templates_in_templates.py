"""Templates that CDK names to no plugin, and the guardrail as an assertion over a whole assembly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_servicecatalog as servicecatalog
from aws_cdk import custom_resources
from constructs import Construct, IConstruct

from iconik_construct import IconikStorage
from iconik_construct.assessment import Question
from iconik_construct.errors import IconikTypeError, IconikValueError
from iconik_construct.templates.assembly import read_app
from iconik_construct.templates.template import Template
from iconik_construct.testing import assert_guardrail
from tests.guardrail.apps import careless_bucket, findings, guarded
from tests.guardrail.building import DOMAIN, ROLE, allow, bucket, document

HOSTILE = json.dumps(bucket(allow(Condition=None)))


class Product(servicecatalog.ProductStack):
    def __init__(self, scope: Any, name: str) -> None:
        super().__init__(scope, name)
        careless_bucket(self)


def _product(stack: cdk.Stack, _: Path) -> None:
    servicecatalog.CloudFormationProduct(
        stack,
        "Product",
        product_name="Media",
        owner="x",
        product_versions=[
            servicecatalog.CloudFormationProductVersion(
                cloud_formation_template=servicecatalog.CloudFormationTemplate.from_product_stack(
                    Product(stack, "Careless")
                )
            )
        ],
    )


def _stack_set(stack: cdk.Stack, **props: Any) -> None:
    cdk.CfnStackSet(stack, "Set", permission_model="SELF_MANAGED", stack_set_name="Media", **props)


def _by_file(stack: cdk.Stack, directory: Path, name: str, text: str) -> None:
    (directory / name).write_text(text, encoding="utf-8")
    asset = s3_assets.Asset(stack, "Template", path=str(directory / name))
    _stack_set(stack, template_url=asset.http_url)


def _call(stack: cdk.Stack, _: Path) -> None:
    call = custom_resources.AwsSdkCall(
        service="S3",
        action="putBucketPolicy",
        parameters={"Bucket": "media", "Policy": json.dumps(document(allow(Condition=None, Resource="*")))},
        physical_resource_id=custom_resources.PhysicalResourceId.of("x"),
    )
    custom_resources.AwsCustomResource(
        stack,
        "Put",
        on_create=call,
        on_update=call,
        policy=custom_resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
    )


def _grant(stack: cdk.Stack, _: Path) -> None:
    custom_resources.AwsCustomResource(
        stack,
        "Grant",
        on_create=custom_resources.AwsSdkCall(
            service="KMS",
            action="createGrant",
            parameters={"KeyId": "k", "GranteePrincipal": ROLE, "Operations": ["Decrypt"]},
            physical_resource_id=custom_resources.PhysicalResourceId.of("x"),
        ),
        policy=custom_resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
    )


PLACES: dict[str, Callable[[cdk.Stack, Path], None]] = {
    "a product": _product,
    "a stack set's text": lambda stack, _: _stack_set(stack, template_body=HOSTILE),
    "a stack set's text, in YAML": lambda stack, _: _stack_set(stack, template_body=f"Resources:\n  B: {ROLE}\n"),
    "a stack set's file": lambda stack, directory: _by_file(stack, directory, "it.json", HOSTILE),
    "a stack set's file, in YAML": lambda stack, directory: _by_file(
        stack, directory, "it.yaml", f"Resources:\n  B:\n    Properties: {ROLE}\n"
    ),
    "a stack set in a stack set": lambda stack, _: _stack_set(
        stack,
        template_body=json.dumps(
            {"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": HOSTILE}}}}
        ),
    ),
    "a call of AwsCustomResource": _call,
    "a grant of AwsCustomResource": _grant,
}


@pytest.mark.parametrize("place", PLACES)
def test_what_cdk_names_to_no_plugin_is_read_all_the_same(place: str, tmp_path: Path) -> None:
    app = guarded()
    PLACES[place](cdk.Stack(app, "Media"), tmp_path)
    assert findings(app)


def _staged(*careless: str, acknowledged: str = "") -> cdk.App:
    app = cdk.App()
    for name in ("Test", "Production"):
        stack = cdk.Stack(cdk.Stage(app, name), "Media")
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
        if name in careless:
            careless_bucket(cdk.NestedStack(stack, "Inner") if name == "Test" else stack)
    if acknowledged:
        construct = app.node.find_child(acknowledged).node.find_child("Media")
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="a test"))
    return app


@pytest.mark.parametrize("name", ["Test", "Production"])
def test_every_stage_and_every_nested_stack_counts(name: str) -> None:
    with pytest.raises(AssertionError, match=rf"ICONIK001 at {name}/Media/(Inner/)?Careless/Policy/Resource"):
        assert_guardrail(_staged(name), system_domain_ids=[DOMAIN])


def test_an_app_in_order_passes_and_what_is_acknowledged_does_too() -> None:
    assert_guardrail(_staged(), system_domain_ids=[DOMAIN])
    assert_guardrail(_staged("Production", acknowledged="Production"), system_domain_ids=DOMAIN)
    with pytest.raises(AssertionError):
        assert_guardrail(_staged("Production", acknowledged="Test"), system_domain_ids=DOMAIN)


@pytest.mark.parametrize("acknowledged", ["", "Production", "Production/Group", "Production/Group/Media"])
def test_an_acknowledgement_above_the_stack_counts_as_for_the_plugin(acknowledged: str) -> None:
    app = guarded()
    stage = cdk.Stage(app, "Production")
    careless_bucket(cdk.Stack(Construct(stage, "Group"), "Media"))
    construct: IConstruct = app
    for name in filter(None, acknowledged.split("/")):
        construct = construct.node.find_child(name)
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="a test"))
    assert findings(app) == []
    assert_guardrail(app, system_domain_ids=DOMAIN)
    assert_guardrail(stage, system_domain_ids=DOMAIN)


def test_an_assembly_and_its_directory_are_read_as_the_app_is(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    careless_bucket(cdk.Stack(app, "Media"))
    assembly = app.synth()
    for source in (assembly, assembly.directory, Path(assembly.directory)):
        with pytest.raises(AssertionError, match="ICONIK001 at Media/Careless"):
            assert_guardrail(source, system_domain_ids=[DOMAIN])


def test_a_text_that_is_no_app_is_reported(tmp_path: Path) -> None:
    with pytest.raises(IconikValueError, match=r"must be a directory with the manifest\.json"):
        assert_guardrail(tmp_path, system_domain_ids=[DOMAIN])
    with pytest.raises(IconikTypeError, match="must be an app, a stage, an assembly"):
        assert_guardrail(object(), system_domain_ids=[DOMAIN])  # type: ignore[arg-type]
    with pytest.raises(IconikValueError, match="system_domain_ids"):
        assert_guardrail(tmp_path, system_domain_ids=["x"])


def test_any_json_as_a_template_is_read_or_said_not_to_be(tmp_path: Path) -> None:
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "it.template.json"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Media": stack}}))
    for text in ("[]", "null", "{", '{"Resources": 3}', '{"Resources": {"a": 3}}', "[" * 100_000):
        (tmp_path / "it.template.json").write_text(text)
        with pytest.raises(AssertionError, match=r"ICONIK009|ICONIK024"):
            assert_guardrail(tmp_path, system_domain_ids=[DOMAIN])


def _without_type(artifact: dict[str, Any]) -> None:
    del artifact["type"]


def _of_other_type(artifact: dict[str, Any]) -> None:
    if artifact["type"] in {"aws:cloudformation:stack", "cdk:cloud-assembly"}:
        artifact["type"] += "2"


MANIFESTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no artifacts": dict.clear,
    "artifacts without a type": lambda artifacts: [_without_type(each) for each in artifacts.values()],
    "stacks and stages of another type": lambda artifacts: [_of_other_type(each) for each in artifacts.values()],
}


@pytest.mark.parametrize("name", MANIFESTS)
@pytest.mark.parametrize("place", ["a stack", "a stage", "a stage beside a good stack"])
def test_an_assembly_whose_stacks_cannot_be_found_fails(name: str, place: str, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    careless_bucket(cdk.Stack(app if place == "a stack" else cdk.Stage(app, "Production"), "Media"))
    if place == "a stage beside a good stack":
        cdk.Stack(app, "Good")
    app.synth()
    file = tmp_path / "cdk.out/manifest.json"
    manifest = json.loads(file.read_text())
    good = json.loads(json.dumps({name: each for name, each in manifest["artifacts"].items() if name == "Good"}))
    MANIFESTS[name](manifest["artifacts"])
    if name != "no artifacts":
        manifest["artifacts"] |= good
    file.write_text(json.dumps(manifest))
    with pytest.raises((AssertionError, IconikValueError), match=r"ICONIK024|that has a stack"):
        assert_guardrail(tmp_path / "cdk.out", system_domain_ids=DOMAIN)


LISTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "an empty object": lambda _: {},
    "no files": lambda listed: {**listed, "files": {}},
    "null": lambda listed: {**listed, "files": None},
    "written by a command": lambda listed: {
        **listed,
        "files": {
            name: {**each, "source": {"executable": ["make", "it"], "packaging": "file"}}
            for name, each in listed["files"].items()
        },
    },
}


@pytest.mark.parametrize("name", LISTS)
def test_a_product_that_no_list_of_assets_has_fails(name: str, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    stack = cdk.Stack(app, "Media")
    _product(stack, tmp_path)
    app.synth()
    file = tmp_path / "cdk.out/Media.assets.json"
    with pytest.raises(AssertionError, match="ICONIK001"):
        assert_guardrail(tmp_path / "cdk.out", system_domain_ids=DOMAIN)
    file.write_text(json.dumps(LISTS[name](json.loads(file.read_text()))))
    with pytest.raises(AssertionError, match="ICONIK024"):
        assert_guardrail(tmp_path / "cdk.out", system_domain_ids=DOMAIN)


def test_a_template_that_another_stack_lists_is_not_missing(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_text('{"Resources": {}}')
    app = cdk.App()
    asset = s3_assets.Asset(cdk.Stack(app, "Shared"), "Template", path=str(tmp_path / "it.json"))
    media = cdk.Stack(app, "Media")
    _stack_set(media, template_url=asset.http_url)
    assert_guardrail(app, system_domain_ids=DOMAIN)
    # The CDK CLI gives a plugin only the stacks that a command selects.
    path = Path(app.synth().directory) / media.template_file
    assert read_app([Template(str(path), {})], Question((DOMAIN,)).iconik)[1] == []
