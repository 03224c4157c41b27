"""What a name means: a resource of the own Region, account and stage, and each one that it can mean."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.assembly import read_app
from iconik_construct.templates.check import check
from iconik_construct.templates.manifest import read_assembly
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    DENIED,
    DOMAINS,
    EVERYONE,
    KEY_FORGETS,
    NO_TAG,
    ROLE,
    allow,
    allow_key,
    document,
)
from tests.guardrail.test_equal_names import encrypted_with
from tests.guardrail.test_equal_resources import key, objects_of, resources

Json = Any
FIRST, SECOND = "111111111111", "222222222222"
QUESTION = Question(tuple(DOMAINS))


def found(*templates: Template) -> set[tuple[str, str, str]]:
    places = [(each.id, each.place) for each in check(App(templates), QUESTION)]
    return {(rule, place.template_path, place.logical_id) for rule, place in places if place is not None}


def in_app(app: App) -> set[str]:
    return {each.id for each in check(app, QUESTION)}


def of_import(*statements: Json) -> Json:
    name = {"Fn::ImportValue": "data:Media"}
    arn = {"Fn::Join": ["", ["arn:aws:s3:::", name]]}
    objects = {"Fn::Join": ["", ["arn:aws:s3:::", name, "/*"]]}
    https = {"Bool": {"aws:SecureTransport": "false"}}
    http = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, objects], "Condition": https}
    listed = [{**each, "Resource": objects} for each in statements]
    properties = {"Bucket": name, "PolicyDocument": document(http, *listed)}
    return {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}


@pytest.mark.parametrize("accounts", [(FIRST, SECOND), (None, None)])
@pytest.mark.parametrize("kind_of_path", [PurePosixPath, PureWindowsPath])
def test_an_export_of_one_name_is_that_of_the_own_account_or_stage(
    accounts: tuple[str | None, str | None], kind_of_path: type[PurePath], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("iconik_construct.templates.template.Path", kind_of_path)
    deny = {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:*"}
    templates = []
    for stage, account, statements in (("dev", accounts[0], []), ("prod", accounts[1], [deny])):
        export = {"Name": {"Value": {"Ref": "Media"}, "Export": {"Name": "data:Media"}}}
        data = {"Resources": {"Media": {"Type": "AWS::S3::Bucket", "Properties": {}}}, "Outputs": export}
        access = {"Resources": of_import(allow(), *statements)}
        for name, body in (("data", data), ("access", access)):
            path = str(kind_of_path(stage, name))
            templates.append(Template(path, body, account=account, region="eu-west-1"))
    for order in permutations(templates):
        assert found(*order) == {(DENIED, str(kind_of_path("prod", "access")), "Policy")}


@pytest.mark.parametrize(
    ("region", "of_key", "is_another"),
    [("eu-west-1", "us-east-1", True), ("eu-west-1", "eu-west-1", False), (None, "us-east-1", False)],
)
def test_a_key_in_another_region_than_the_bucket_is_a_finding(region: str | None, of_key: str, is_another: bool):
    encryption = encrypted_with(f"arn:aws:kms:{of_key}:{FIRST}:key/6f0e4d57")
    media = resources("Media", allow(Resource=objects_of("Media")), **encryption)
    rules = {rule for rule, *_ in found(Template("media", {"Resources": media}, account=FIRST, region=region))}

    assert ("ICONIK111" in rules) is is_another


@pytest.mark.parametrize("stages", [("dev/", "prod/"), ("", "")])
def test_a_policy_by_name_is_judged_for_each_bucket_that_it_can_mean(stages: tuple[str, str]):
    name = {"Fn::Sub": "media-${AWS::AccountId}"}
    objects = {"Fn::Sub": "arn:aws:s3:::media-${AWS::AccountId}/*"}
    root = {"Effect": "Allow", "Principal": {"AWS": FIRST}, "Action": "kms:*", "Resource": "*"}
    bad = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(root)}}}
    good = key("Key")
    templates = []
    for number, (stage, of_key) in enumerate(zip(stages, (good, bad), strict=True)):
        settings = {"BucketName": name, **encrypted_with({"Fn::GetAtt": ["Key", "Arn"]})}
        data = {"Media": {"Type": "AWS::S3::Bucket", "Properties": settings}, **of_key}
        properties = {"Bucket": name, "PolicyDocument": document(allow(Resource=objects))}
        policy = {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}
        templates.append(Template(f"{stage}data{number}", {"Resources": data}))
        templates.append(Template(f"{stage}access{number}", {"Resources": policy}))
    for order in permutations(templates):
        forgotten = {path for rule, path, _ in found(*order) if rule == KEY_FORGETS}
        assert forgotten == ({"prod/access1"} if stages[0] else {"access0", "access1"})


def test_an_alias_is_that_of_the_own_stage():
    def stage(name: str, *of_key: Json, tagged: bool) -> list[Template]:
        made = {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(*of_key)}},
            "Alias": {
                "Type": "AWS::KMS::Alias",
                "Properties": {"AliasName": "alias/media", "TargetKeyId": {"Ref": "Key"}},
            },
        }
        statements = [allow(Resource=objects_of("Media"))] if tagged else []
        media = resources("Media", *statements, **encrypted_with("alias/media"))
        return [Template(f"{name}/keys", {"Resources": made}), Template(f"{name}/media", {"Resources": media})]

    both = [*stage("dev", tagged=False), *stage("prod", allow_key(), tagged=True)]
    for order in permutations(both):
        assert KEY_FORGETS not in {rule for rule, *_ in found(*order)}


NAMES_OF_ALIASES: dict[str, Json] = {
    "the name of the stack": {"Fn::Sub": "alias/${AWS::StackName}"},
    "the name of a resource": {"Fn::Sub": "alias/${Topic.TopicName}"},
    "a text": "alias/media",
}


@pytest.mark.parametrize("name", NAMES_OF_ALIASES)
@pytest.mark.parametrize("key", [{"Ref": "Alias"}, None])
@pytest.mark.parametrize("path", ["media", "media.template.json"])
def test_an_alias_leads_to_its_key_whatever_its_name_is(name: str, key: Json, path: str):
    written = NAMES_OF_ALIASES[name]
    root = {"Effect": "Allow", "Principal": {"AWS": FIRST}, "Action": "kms:*", "Resource": "*"}
    for statements, rules in (([root], {KEY_FORGETS}), ([root, allow_key()], set())):
        made = {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(*statements)}},
            "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": written, "TargetKeyId": {"Ref": "Key"}}},
            **resources("Media", allow(Resource=objects_of("Media")), **encrypted_with(key or written)),
        }
        assert in_app(App([Template(path, {"Resources": made})])) == rules


@pytest.mark.parametrize(("account", "is_one"), [(FIRST, True), (SECOND, False), (None, False)])
def test_a_dynamic_reference_is_one_value_in_one_region_and_account(account: str | None, is_one: bool):
    name = "{{resolve:ssm:/media/bucket:1}}"
    root = {"Effect": "Allow", "Principal": {"AWS": FIRST}, "Action": "kms:*", "Resource": "*"}
    data = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(root)}},
        "Media": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": name, **encrypted_with({"Fn::GetAtt": ["Key", "Arn"]})},
        },
    }
    properties = {"Bucket": name, "PolicyDocument": document(allow(Resource=f"arn:aws:s3:::{name}/*"))}
    access = {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}
    templates = (
        Template("data/data", {"Resources": data}, account=FIRST, region="eu-west-1"),
        Template("access/access", {"Resources": access}, account=account, region="eu-west-1"),
    )
    for order in permutations(templates):
        assert (KEY_FORGETS in {rule for rule, *_ in found(*order)}) is is_one


def test_a_shared_key_behind_an_alias_that_names_one_bucket_locks_the_other_one_out():
    condition = {**allow_key()["Condition"], "StringLike": {"kms:EncryptionContext:aws:s3:arn": objects_of("First")}}
    of_key = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(allow_key(Condition=condition))}},
        "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/media", "TargetKeyId": {"Ref": "Key"}}},
    }
    first, second = (
        resources(name, allow(Resource=objects_of(name)), **encrypted_with("alias/media"))
        for name in ("First", "Second")
    )
    for together in ({**first, **second, **of_key}, {**second, **first, **of_key}):
        assert found(Template("it", {"Resources": together})) == {(KEY_FORGETS, "it", "SecondPolicy")}


def test_two_loops_with_one_pattern_of_ids_are_both_read():
    def loop(name: str, *statements: Json) -> Json:
        objects = {"Fn::Sub": "arn:aws:s3:::${X}-media/*"}
        listed = [{**each, "Resource": objects} for each in statements]
        made = {
            "Bucket${X}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${X}-media"}}},
            "Policy${X}": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "Bucket${X}"}, "PolicyDocument": document(*listed)},
            },
        }
        return {f"Fn::ForEach::{name}": ["X", [name], made]}

    good, bad = loop("Good", allow()), loop("Bad", allow(Condition=None))
    for together in ({**good, **bad}, {**bad, **good}):
        rules = in_app(App([Template("it", {"Transform": "AWS::LanguageExtensions", "Resources": together})]))
        assert NO_TAG in rules


@pytest.mark.parametrize("values", [["prod", "test"], ["test", "prod"]])
def test_an_allow_for_one_of_the_names_of_a_bucket_is_found(values: list[str]):
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::test-*"}
    body = {
        "Parameters": {"Env": {"Type": "String", "AllowedValues": values}},
        "Resources": resources("Media", everyone, BucketName={"Fn::Sub": "${Env}-media"}),
    }
    assert found(Template("it", body)) == {(EVERYONE, "it", "MediaPolicy")}


def with_reader(default: str) -> Json:
    reader = {"Effect": "Allow", "Principal": {"AWS": {"Ref": "Who"}}, "Action": "s3:GetObject", "Resource": "*"}
    parameters = {"Who": {"Type": "String", "Default": default}}
    return {"Parameters": parameters, "Resources": resources("Media", reader)}


def test_each_body_of_a_stack_set_is_read():
    good, bad = (json.dumps(with_reader(who)) for who in ("arn:aws:iam::999999999999:root", "*"))
    for bodies in ((good, bad), (bad, good)):
        properties = {"TemplateBody": {"Fn::If": ["IsProduction", *bodies]}}
        condition = {"IsProduction": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
        made = {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}
        app, _ = read_app([Template("it", {"Conditions": condition, "Resources": made})], QUESTION.iconik)
        assert EVERYONE in in_app(app)


def test_a_product_of_the_file_of_a_nested_stack_is_read(tmp_path: Path):
    asset = "a" * 64
    (tmp_path / "inner.json").write_text(json.dumps(with_reader("*")), encoding="utf-8")
    files = {"files": {asset: {"source": {"path": "inner.json", "packaging": "file"}}}}
    (tmp_path / "S.assets.json").write_text(json.dumps(files), encoding="utf-8")
    given = {"TemplateURL": f"s3/{asset}.json", "Parameters": {"Who": "arn:aws:iam::999999999999:root"}}
    nested = {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": given}}
    artifacts = {"ProvisioningArtifactParameters": [{"Info": {"LoadTemplateFromURL": f"s3/{asset}.json"}}]}
    product = {"Product": {"Type": "AWS::ServiceCatalog::CloudFormationProduct", "Properties": artifacts}}
    for made, is_open in ((nested, False), ({**nested, **product}, True)):
        (tmp_path / "S.template.json").write_text(json.dumps({"Resources": made}), encoding="utf-8")
        app, _ = read_app([Template(str(tmp_path / "S.template.json"), {})], QUESTION.iconik)
        assert (EVERYONE in in_app(app)) is is_open


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        ("Media Dev", "Media Dev"),
        ("Prod/Media (Prod-Media)", "Prod/Media"),
        ("Media", "Media"),
        ("Media (EU)", "Media (EU)"),
    ],
)
def test_the_path_of_a_stack_can_have_blanks(shown: str, path: str, tmp_path: Path):
    properties = {"templateFile": "T.json", "stackName": "Prod-Media"}
    artifact = {"type": "aws:cloudformation:stack", "displayName": shown, "properties": properties}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Media": artifact}}), encoding="utf-8")
    (tmp_path / "T.json").write_text("{}", encoding="utf-8")
    assert [each.stack_path for each in read_assembly(tmp_path).stacks] == [path]
