"""Policies can decide by the tags of a key, or of a bucket with ABAC, which its template has."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from iconik_construct import IconikStorage, StorageEncryption
from iconik_construct.assessment import Question
from iconik_construct.templates.assembly import read_app
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    DENIED,
    DEPENDS,
    DOMAIN,
    DOMAINS,
    KEY_ARN,
    KEY_FORGETS,
    allow,
    allow_key,
    bucket,
    key_resource,
    parameter,
    pinned,
    resource,
    with_resources,
)

Json = Any
TEAM = "aws:ResourceTag/Team"
TAGGED = [{"Key": "Owner", "Value": "acme"}, {"Key": "Team", "Value": "media"}]


def ids(tags: Json, *statements: Json, stack_tags: Json = MappingProxyType({})) -> list[str]:
    key = key_resource(*statements)
    if tags is not None:
        key["Properties"]["Tags"] = tags
    body = with_resources(bucket(allow(), key=KEY_ARN, Parameters={"Team": parameter()}), Key=key)
    return [each.id for each in check(App([Template("it", body, stack_tags=stack_tags)]), Question(tuple(DOMAINS)))]


def deny(operator: str) -> Json:
    return allow_key(Effect="Deny", Principal="*", Condition={operator: {TEAM: "media"}})


@pytest.mark.parametrize(
    ("tags", "unless", "only_if"),
    [
        (TAGGED, [], [DENIED]),
        (None, [DENIED], []),
        ([{"Key": "Team", "Value": "other"}], [DENIED], []),
        ([{"Key": "Team", "Value": {"Ref": "Team"}}], [DEPENDS], [DEPENDS]),
        ([{"Key": {"Ref": "Team"}, "Value": "media"}], [DEPENDS], [DEPENDS]),
        ({"Fn::Transform": {"Name": "M"}}, [DEPENDS], [DEPENDS]),
    ],
)
def test_a_deny_by_a_tag_of_the_key(tags: Json, unless: list[str], only_if: list[str]) -> None:
    assert ids(tags, allow_key(), deny("StringNotEquals")) == unless
    assert ids(tags, allow_key(), deny("StringEquals")) == only_if


@pytest.mark.parametrize(("tags", "expected"), [(TAGGED, []), (None, [KEY_FORGETS])])
def test_an_allow_by_a_tag_of_the_key(tags: Json, expected: list[str]) -> None:
    assert ids(tags, allow_key(Condition={**pinned(), "StringLike": {TEAM: "media"}})) == expected


@pytest.mark.parametrize(
    ("abac", "expected"), [("Enabled", []), ("Disabled", [DENIED]), (None, [DENIED]), ({"Ref": "Team"}, [DEPENDS])]
)
def test_a_deny_by_a_tag_of_the_bucket(abac: Json, expected: list[str]) -> None:
    denied = allow(Effect="Deny", Principal="*", Condition={"StringNotEquals": {TEAM: "media"}})
    body = bucket(allow(), denied, Parameters={"Team": parameter()})
    body["Resources"]["Media"]["Properties"] |= {"Tags": TAGGED, **({} if abac is None else {"AbacStatus": abac})}
    assert [each.id for each in check(App([Template("it", body)]), Question(tuple(DOMAINS)))] == expected


@pytest.mark.parametrize(
    ("stack_tags", "expected"),
    [({"Team": "media"}, []), ({"Owner": "acme"}, [DENIED]), (None, [DEPENDS])],
)
def test_cloudformation_adds_the_tags_of_the_stack(stack_tags: Json, expected: list[str]) -> None:
    assert ids(None, allow_key(), deny("StringNotEquals"), stack_tags=stack_tags) == expected
    assert ids(TAGGED, allow_key(), deny("StringNotEquals"), stack_tags=stack_tags) == []


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([{"Key": "Team", "Value": "media"}], []),
        ([{"Key": "Team", "Value": {"Ref": "AWS::Region"}}], [DEPENDS]),
        ({"Fn::Transform": {"Name": "M"}}, [DEPENDS]),
        (None, [DENIED]),
    ],
)
def test_a_nested_stack_has_tags_of_its_own(tags: Json, expected: list[str], tmp_path: Path) -> None:
    key = key_resource(allow_key(), deny("StringNotEquals"))
    body = with_resources(bucket(allow(), key=KEY_ARN), Key=key)
    (tmp_path / "it.json").write_text(json.dumps(body))
    files = {"a" * 64: {"source": {"path": "it.json", "packaging": "file"}}}
    (tmp_path / "It.assets.json").write_text(json.dumps({"files": files}))
    url = f"https://example.com/{'a' * 64}.json"
    nested = resource("AWS::CloudFormation::Stack", TemplateURL=url, **({"Tags": tags} if tags else {}))
    stack = Template(str(tmp_path / "It.template.json"), nested, stack_tags={"Owner": "acme"})
    app, _ = read_app([stack], Question(tuple(DOMAINS)).iconik)
    assert [each.id for each in check(app, Question(tuple(DOMAINS)))] == expected


@pytest.mark.parametrize("tags", [{"Team": "media"}, {}])
def test_an_assembly_has_the_tags_of_its_stacks(tags: dict[str, str]) -> None:
    app = cdk.App()
    storage = IconikStorage(
        cdk.Stack(app, "Stack", tags=tags), "Media", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS
    )
    assert storage.encryption_key is not None
    statement = deny("StringNotEquals") | {"Action": "kms:Decrypt"}
    storage.encryption_key.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
    with nullcontext() if tags else pytest.raises(RuntimeError, match=DENIED):
        app.synth()
