"""The same name in two templates, Regions or accounts is not the same resource."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.assembly import read_app
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    DOMAINS,
    EVERYONE,
    KEY_ELSEWHERE,
    KEY_FORGETS,
    NO_TLS,
    OWN_ACCOUNT,
    allow,
    allow_key,
    document,
)
from tests.guardrail.test_equal_resources import objects_of, resources

Json = Any
Place = tuple[str, str, str]
PUBLIC_ACL = "ICONIK103"
MRK = "arn:aws:kms:{}:{}:key/mrk-12345678123412341234123456789012"
ALIAS = "arn:aws:kms:{}:{}:alias/media"


def found(*templates: tuple[str, Json, str | None, str | None]) -> set[Place]:
    app = App([Template(path, {"Resources": made}, path, account, region) for path, made, account, region in templates])
    places = [(each.id, each.place) for each in check(app, Question(tuple(DOMAINS)))]
    return {(rule, place.template_path, place.logical_id) for rule, place in places if place is not None}


def in_each_order(*templates: tuple[str, Json, str | None, str | None]) -> list[set[Place]]:
    return [found(*order) for order in permutations(templates)]


def encrypted_with(key: Json) -> Json:
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": by_default}]}}


def media(key: Json) -> Json:
    return resources("Media", allow(Resource=objects_of("Media")), **encrypted_with(key))


def alias(*statements: Json) -> Json:
    return {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(*statements)}},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/media", "TargetKeyId": {"Fn::GetAtt": ["Key", "Arn"]}},
        },
    }


def merge(arn: str) -> Json:
    properties = {"KeyArn": arn, "Statements": {"IconikKey12345678": allow_key(Sid="IconikKey12345678")}}
    return {"Merge": {"Type": "Custom::IconikKeyPolicyStatements", "Properties": properties}}


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", None])
def test_an_alias_is_that_of_the_own_stack(region: str | None):
    good = ("good", {**media("alias/media"), **alias(allow_key())}, OWN_ACCOUNT, "eu-west-1")
    bad = ("bad", {**media("alias/media"), **alias()}, OWN_ACCOUNT, region)
    expected = {(KEY_FORGETS, "bad", "MediaPolicy")}
    assert in_each_order(good, bad) == [expected, expected]


def test_an_alias_of_another_stack_is_every_key_that_it_can_be():
    bucket = ("bucket", media("alias/media"), OWN_ACCOUNT, None)
    good = ("good", alias(allow_key()), OWN_ACCOUNT, "eu-west-1")
    bad = ("bad", alias(), OWN_ACCOUNT, "us-east-1")
    assert all((KEY_FORGETS, "bucket", "MediaPolicy") in each for each in in_each_order(bucket, good, bad))
    here = ("bucket", media("alias/media"), OWN_ACCOUNT, "eu-west-1")
    assert all((KEY_FORGETS, "bucket", "MediaPolicy") not in each for each in in_each_order(here, good, bad))


@pytest.mark.parametrize("arn", [MRK, ALIAS])
@pytest.mark.parametrize(
    ("region", "account", "is_the_key"),
    [
        ("eu-west-1", OWN_ACCOUNT, True),
        ("us-east-1", OWN_ACCOUNT, False),
        ("eu-west-1", "999988887777", False),
    ],
)
def test_a_merge_into_the_key_of_another_region_or_account_does_not_count(
    arn: str, region: str, account: str, is_the_key: bool
):
    made = {**media(arn.format("eu-west-1", OWN_ACCOUNT)), **merge(arn.format(region, account))}
    missing = (KEY_ELSEWHERE, "it", "MediaPolicy")
    assert (missing in found(("it", made, OWN_ACCOUNT, "eu-west-1"))) is not is_the_key


def test_an_alias_in_another_account_is_not_the_own_one():
    made = {**media(ALIAS.format("eu-west-1", "999988887777")), **alias(allow_key())}
    assert (KEY_ELSEWHERE, "it", "MediaPolicy") in found(("it", made, OWN_ACCOUNT, "eu-west-1"))


@pytest.mark.parametrize("accounts", [(None, None), (OWN_ACCOUNT, "999988887777")])
@pytest.mark.parametrize("with_policy", [False, True])
def test_a_public_bucket_is_found_beside_one_of_the_same_name(
    accounts: tuple[str | None, str | None], with_policy: bool
):
    def bucket(**properties: Json) -> Json:
        name = (
            {"BucketName": {"Fn::Sub": "media-${AWS::AccountId}"}} if accounts[0] is None else {"BucketName": "media"}
        )
        return {"Media": {"Type": "AWS::S3::Bucket", "Properties": {**name, **properties}}}

    acls = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}, "AccessControl": "PublicRead"}
    private = ("private", {**bucket(), **(policy_of_media() if with_policy else {})}, accounts[0], None)
    public = ("public", bucket(**acls), accounts[1], None)
    assert (PUBLIC_ACL, "public", "Media") in found(public)
    assert all((PUBLIC_ACL, "public", "Media") in each for each in in_each_order(private, public))


def policy_of_media() -> Json:
    return {"MediaPolicy": resources("Media", allow(Resource=objects_of("Media")))["MediaPolicy"]}


def test_two_policies_of_one_bucket_are_rivals_in_their_own_template_only():
    name = {"BucketName": {"Fn::Sub": "media-${AWS::AccountId}"}}
    one = {
        "Media": {"Type": "AWS::S3::Bucket", "Properties": name},
        "MediaPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Media"}, "PolicyDocument": document(allow(Resource=objects_of("Media")))},
        },
    }
    rivals = {**one, "Second": one["MediaPolicy"]}
    for each in in_each_order(("one", one, None, None), ("rivals", rivals, None, None)):
        assert {place for place in each if place[1] == "one"} == {(NO_TLS, "one", "MediaPolicy")}


PARAMETER = {"Name": {"Type": "String"}}


def with_parameter(path: str, made: Json) -> Template:
    return Template(path, {"Parameters": PARAMETER, "Resources": made})


def found_in(*templates: Template) -> set[tuple[str, str]]:
    places = [(each.id, each.place) for each in check(App(templates), Question(tuple(DOMAINS)))]
    return {(rule, place.logical_id) for rule, place in places if place is not None}


def test_parameters_of_one_name_in_two_templates_are_two_values():
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    properties = {"Bucket": {"Ref": "Name"}, "Policy": document(everyone)}
    point = with_parameter("point", {"Point": {"Type": "AWS::S3::AccessPoint", "Properties": properties}})
    made = resources("Media", allow(Resource=objects_of("Media")), BucketName={"Ref": "Name"})
    assert (EVERYONE, "Point") in found_in(with_parameter("bucket", made), point)


def test_merges_into_keys_by_parameters_of_one_name_are_merges_into_two_keys():
    def storage(*actions: str) -> Json:
        sid = "12345678"
        statement = allow_key(Sid=f"IconikKey{sid}", Action=list(actions))
        of_bucket = allow(Sid=f"Iconik{sid}", Resource="arn:aws:s3:::media/*")
        properties = {"BucketName": "media", "Statements": {of_bucket["Sid"]: of_bucket}}
        of_key = {"KeyArn": {"Ref": "Name"}, "Statements": {statement["Sid"]: statement}}
        return {
            "Bucket": {"Type": "Custom::IconikBucketPolicyStatements", "Properties": properties},
            "Key": {"Type": "Custom::IconikKeyPolicyStatements", "Properties": of_key},
        }

    whole, half = storage("kms:Decrypt", "kms:GenerateDataKey*"), storage("kms:GenerateDataKey*")
    alone = found_in(with_parameter("half", half))
    assert alone
    assert found_in(with_parameter("whole", whole), with_parameter("half", half)) == alone


def test_the_order_of_nested_stacks_does_not_decide_their_parameters(tmp_path: Path):
    given, asking = "a" * 64, "b" * 64
    reader = {"Effect": "Allow", "Principal": {"AWS": {"Ref": "Who"}}, "Action": "s3:GetObject", "Resource": "*"}
    bodies: dict[str, Json] = {
        given: {
            "Parameters": {"Name": {"Type": "String", "Default": "arn:aws:iam::999999999999:root"}},
            "Resources": {},
            "Outputs": {"Who": {"Value": {"Ref": "Name"}}},
        },
        asking: {"Parameters": {"Who": {"Type": "String"}}, "Resources": resources("Media", reader)},
    }
    stack = "AWS::CloudFormation::Stack"
    who = {"Fn::GetAtt": ["Given", "Outputs.Who"]}
    nested: dict[str, Json] = {
        "Given": {"Type": stack, "Properties": {"TemplateURL": f"s3/{given}.json", "Parameters": {"Name": "*"}}},
        "Asking": {"Type": stack, "Properties": {"TemplateURL": f"s3/{asking}.json", "Parameters": {"Who": who}}},
    }
    for name, body in bodies.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
    files = {name: {"source": {"path": f"{name}.json", "packaging": "file"}} for name in bodies}
    (tmp_path / "S.assets.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    for order in permutations(nested):
        text = json.dumps({"Resources": {name: nested[name] for name in order}})
        (tmp_path / "S.template.json").write_text(text, encoding="utf-8")
        question = Question(tuple(DOMAINS))
        app, _ = read_app([Template(str(tmp_path / "S.template.json"), {}, "S")], question.iconik)
        assert EVERYONE in {each.id for each in check(app, question)}
