"""Templates in the text of a resource or in a file asset, in JSON and YAML, and parts that SAM adds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.assembly import read_app
from iconik_construct.templates.check import check
from iconik_construct.templates.template import Template
from tests.guardrail.building import (
    DOMAIN,
    DOMAINS,
    EVERYONE,
    FOREIGN,
    FOREIGN_DOMAIN,
    NO_TAG,
    UNRESOLVED,
    allow,
    bucket,
    parameter,
    pinned,
    resource,
)
from tests.sources.written import as_yaml

Json = Any
QUESTION = Question(tuple(DOMAINS))
OPEN = bucket(allow(Principal="*", Condition=None))
GOOD = bucket(allow())
UNREADABLE, ELSEWHERE = "ICONIK024", "ICONIK028"


def _value(value: Json) -> Json:
    return {"ParameterKey": "Domain", "ParameterValue": value}


def found(body: Json, path: str = "It.template.json") -> set[str]:
    app, unread = read_app([Template(path, body)], QUESTION.iconik)
    return {each.id for each in (*unread, *check(app, QUESTION))}


def stack_set(text: Json) -> Json:
    return resource("AWS::CloudFormation::StackSet", TemplateBody=text)


@pytest.mark.parametrize("written", [json.dumps, as_yaml])
@pytest.mark.parametrize(("body", "expected"), [(OPEN, {EVERYONE}), (GOOD, set())])
def test_the_text_of_a_stack_set_is_read(written: Any, body: Json, expected: set[str]) -> None:
    assert found(stack_set(written(body))) == expected
    assert found(stack_set(written(stack_set(written(body))))) == expected


ASKED = bucket(allow(Condition=pinned({"Ref": "Domain"})), Parameters={"Domain": parameter()})
VALUES: dict[str, tuple[Json, set[str]]] = {
    "the right domain": ({"Parameters": [_value(DOMAIN)]}, set()),
    "another domain": ({"Parameters": [_value(FOREIGN_DOMAIN)]}, {FOREIGN}),
    "another domain in one stack": (
        {"Parameters": [_value(DOMAIN)], "StackInstancesGroup": [{"ParameterOverrides": [_value(FOREIGN_DOMAIN)]}]},
        {FOREIGN},
    ),
    "no value": ({}, {UNRESOLVED}),
    "a value of the deployment": ({"Parameters": [_value({"Ref": "AWS::StackId"})]}, {UNRESOLVED}),
    "values of a function": ({"Parameters": {"Fn::FindInMap": ["a", "b", "c"]}}, {UNRESOLVED}),
    "stacks of a function": ({"StackInstancesGroup": {"Fn::FindInMap": ["a", "b", "c"]}}, {UNRESOLVED}),
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("written", [json.dumps, as_yaml])
def test_a_stack_set_gives_values_to_the_parameters_of_its_template(name: str, written: Any) -> None:
    properties, expected = VALUES[name]
    made = {"TemplateBody": written(ASKED), **properties}
    assert found(resource("AWS::CloudFormation::StackSet", **made)) == expected


@pytest.mark.parametrize(("default", "expected"), [(DOMAIN, set()), (FOREIGN_DOMAIN, {FOREIGN})])
@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"StackInstancesGroup": [{"ParameterOverrides": [_value(DOMAIN)]}, {}]},
        {"Parameters": [_value({"Fn::If": ["IsOther", DOMAIN, {"Ref": "AWS::NoValue"}]})]},
    ],
)
def test_a_default_in_the_template_of_a_stack_set_counts(properties: Json, default: str, expected: set[str]) -> None:
    body = {**ASKED, "Parameters": {"Domain": parameter(default)}}
    made = {"TemplateBody": json.dumps(body), **properties}
    assert found(resource("AWS::CloudFormation::StackSet", **made)) == expected


UNREAD = {
    "no template": "Hello",
    "a wrong indentation": "Resources:\n  A: 1\n B: 2\n",
    "a key twice": "Resources:\n  A: {Type: AWS::S3::Bucket}\nResources: {}\n",
    "a value that is not known": {"Fn::Sub": "Resources:\n  A:\n    Type: A::B::C\nDescription: ${AWS::Region}"},
    "a value of the deployment": {"Ref": "P"},
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_text_that_cannot_be_read_is_refused(name: str) -> None:
    assert found(stack_set(UNREAD[name])) == {UNREADABLE}


def test_without_pyyaml_a_text_in_yaml_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in list(sys.modules):
        if module == "yaml" or module.startswith("iconik_construct.documents"):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert found(stack_set(as_yaml(GOOD))) == {UNREADABLE}
    assert found(stack_set(json.dumps(GOOD))) == set()


def with_asset(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    files = {"a" * 64: {"source": {"path": name, "packaging": "file"}}}
    (folder / "It.assets.json").write_text(json.dumps({"files": files}))
    return folder / "It.template.json"


FILES = {
    "open, in YAML": ("it.yaml", as_yaml(OPEN), {EVERYONE}),
    "open, with another ending": ("it.txt", as_yaml(OPEN), {EVERYONE}),
    "good, in YAML": ("it.yaml", as_yaml(GOOD), set()),
    "a template that cannot be read": ("it.yaml", "Resources:\n  A: 1\n B: 2\n", {UNREADABLE}),
    "YAML for something else": ("it.yaml", "kind: Pod\n---\nkind: Pod\n", set()),
    "prose": ("it.md", "Resources: see below\n\n- a: b\n c", set()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_asset_in_yaml_is_read(name: str, tmp_path: Path) -> None:
    file, text, expected = FILES[name]
    assert found(resource("AWS::S3::Bucket"), str(with_asset(tmp_path, file, text))) == expected


ASSET = {"Fn::Sub": f"https://s3.${{AWS::Region}}.amazonaws.com/cdk-assets/{'a' * 64}.json"}


@pytest.mark.parametrize("kind", ["AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"])
def test_a_given_name_of_a_parameter_in_the_store_is_no_value(kind: str, tmp_path: Path) -> None:
    store = {"Domain": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/domain"}}
    text = json.dumps({**ASKED, "Parameters": store})
    path = with_asset(tmp_path, "it.json", text)
    nested = {"TemplateURL": ASSET, "Parameters": {"Domain": DOMAIN}}
    properties = nested if kind.endswith("Stack") else {"TemplateBody": text, "Parameters": [_value(DOMAIN)]}
    assert found(resource(kind, **properties), str(path)) == {UNRESOLVED}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"Domain": DOMAIN}, set()),
        ({"Domain": {"Fn::If": ["IsOther", DOMAIN, {"Ref": "AWS::NoValue"}]}}, {FOREIGN}),
        ({"Fn::If": ["IsOther", {"Domain": DOMAIN}, {"Ref": "AWS::NoValue"}]}, {UNRESOLVED}),
    ],
)
@pytest.mark.parametrize("in_a_stack_set", [False, True])
def test_a_nested_stack_without_a_value_has_the_default(
    parameters: Json, expected: set[str], in_a_stack_set: bool, tmp_path: Path
) -> None:
    body = {**ASKED, "Parameters": {"Domain": parameter(FOREIGN_DOMAIN)}}
    if in_a_stack_set:
        made = {"TemplateBody": json.dumps(body), "Parameters": [_value({"Ref": "Domain"})]}
        body = {**resource("AWS::CloudFormation::StackSet", **made), "Parameters": body["Parameters"]}
    path = with_asset(tmp_path, "it.json", json.dumps(body))
    nested = resource("AWS::CloudFormation::Stack", TemplateURL=ASSET, Parameters=parameters)
    assert found(nested, str(path)) == expected


PRODUCTS: dict[str, tuple[Json, set[str]]] = {
    "a template of somebody else": ({"Info": {"LoadTemplateFromURL": "https://example.com/it.json"}}, {ELSEWHERE}),
    "the template of a stack": ({"Info": {"ImportFromPhysicalId": "arn:aws:cloudformation:x"}}, {ELSEWHERE}),
    "an asset": ({"Info": {"LoadTemplateFromURL": ASSET}}, set()),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_whose_template_is_elsewhere_is_a_warning(name: str) -> None:
    artifact, expected = PRODUCTS[name]
    kind = "AWS::ServiceCatalog::CloudFormationProduct"
    good = {"Info": {"LoadTemplateFromURL": ASSET}}
    assert found(resource(kind, ProvisioningArtifactParameters=[good, artifact])) == expected


def test_a_product_from_a_repository_is_a_warning() -> None:
    connection = {"ConnectionParameters": {"CodeStar": {"ArtifactPath": "it.yaml"}}, "Type": "CODESTAR"}
    assert found(resource("AWS::ServiceCatalog::CloudFormationProduct", SourceConnection=connection)) == {ELSEWHERE}


def test_a_policy_that_sam_adds_to_every_api_is_read() -> None:
    policy = {"CustomStatements": [allow(Condition=None, Action="execute-api:Invoke", Resource="*")]}
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Api": {"Auth": {"ResourcePolicy": policy}}},
        "Resources": {"Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "prod"}}},
    }
    assert found(body) == {NO_TAG}
    body["Globals"] = {"Api": {"TracingEnabled": True}, "Function": 5}
    assert found(body) == set()
