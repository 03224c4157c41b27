"""`diff` and what a policy names: its own bucket or key in any spelling, and actions of other services."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, ROLE

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MINE = "iconik for your domain"
TAG_KEY = "aws:PrincipalTag/IconikSystemDomainId"
TAG = {"StringEquals": {TAG_KEY: DOMAIN}}
HOLDER = {
    "s3": ("AWS::S3::BucketPolicy", "PolicyDocument", {"Bucket": {"Ref": "Media"}}),
    "kms": ("AWS::KMS::Key", "KeyPolicy", {}),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def allow(action: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": action,
        "Resource": resource,
        "Condition": TAG,
        **more,
    }


def bare(_: str, *statements: Any) -> Any:
    return {"Version": "2012-10-17", "Statement": statements}


def template(service: str, *statements: Any) -> Any:
    """A policy of a bucket or a key whose name only the deployment knows."""
    kind, element, more = HOLDER[service]
    resource = {"Type": kind, "Properties": {**more, element: bare(service, *statements)}}
    return {"Resources": {"Media": {"Type": "AWS::S3::Bucket"}, "Policy": resource}}


def diff(capsys: pytest.CaptureFixture[str], old: Any, new: Any) -> tuple[int, dict[str, dict[str, Any]]]:
    for name, body in (("old.json", old), ("new.json", new)):
        Path(name).write_text(json.dumps(body), encoding="utf-8")
    code = main(["diff", "old.json", "new.json", "--system-domain-id", DOMAIN, "--format", "json"])
    return code, {each["caller"]: each for each in json.loads(capsys.readouterr().out)["changes"]}


def with_policy_id(logical_id: str, action: str, bucket: str = "Media") -> Any:
    body = template("s3", allow(action, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}))
    resources = {bucket: body["Resources"]["Media"], logical_id: body["Resources"]["Policy"]}
    resources[logical_id]["Properties"]["Bucket"] = {"Ref": bucket}
    return {"Resources": resources}


def test_the_policy_of_a_bucket_can_get_another_logical_id(capsys: pytest.CaptureFixture[str]) -> None:
    old = with_policy_id("Policy", "s3:GetObject")
    assert diff(capsys, old, with_policy_id("MediaPolicy", "s3:GetObject")) == (0, {})
    code, found = diff(capsys, old, with_policy_id("MediaPolicy", "s3:PutObject"))
    assert (code, found[MINE]["gained"], found[MINE]["lost"]) == (1, ["s3:PutObject on *"], ["s3:GetObject on *"])
    code, found = diff(capsys, old, with_policy_id("OtherPolicy", "s3:GetObject", "Other"))
    assert (code, bool(found[MINE])) == (1, True)


@pytest.mark.parametrize("form", [bare, template])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::media-*"),
        ("s3:GetObject", "arn:aws:s3:::media-*/*"),
        ("s3:GetObject", "arn:aws:s3:::*-masters/*"),
        ("s3:GetObject", "arn:aws:s3:::medi?/*"),
        ("s3:GetObject", "arn:aws-cn:s3:::media/*"),
        ("s3:GetObject", "arn:aws-us-gov:s3:::media-*/*"),
        ("s3:GetObject", "arn:*:s3:::media/*"),
        ("kms:Decrypt", "arn:aws:kms:*:111122223333:key/*"),
        ("kms:Decrypt", "arn:aws-us-gov:kms:*:*:*"),
    ],
)
def test_the_own_bucket_or_key_is_meant_in_any_spelling(
    form: Any, action: str, resource: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service = action.partition(":")[0]
    own = allow(f"{service}:PutBucketPolicy" if service == "s3" else "kms:PutKeyPolicy", Effect="Deny")
    old, new = form(service, own), form(service, own, allow(action, resource))
    code, found = diff(capsys, old, new)
    assert code == 1
    assert f"{action} on {'*' if service == 's3' else 'the key'}" in found[MINE]["gained"]
    code, found = diff(capsys, new, old)
    assert (code, bool(found[MINE]["lost"])) == (0, True)


@pytest.mark.parametrize("form", [bare, template])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_the_name_of_a_key_in_its_policy_can_be_that_of_another_key(
    form: Any, effect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = allow("kms:Decrypt", KEY, Effect=effect)
    old = form("kms", allow("kms:DescribeKey"), *([named] if effect == "Allow" else []))
    new = form("kms", allow("kms:DescribeKey"), allow("kms:Decrypt"), *([named] if effect == "Deny" else []))
    code, found = diff(capsys, old, new)
    assert code == 1
    assert "kms:Decrypt on the key" in found[MINE]["may_gain"]
    assert diff(capsys, new, new) == (0, {})


@pytest.mark.parametrize("form", [bare, template])
def test_a_not_resource_can_name_another_bucket(form: Any, capsys: pytest.CaptureFixture[str]) -> None:
    own = allow("s3:GetObject", "arn:aws:s3:::media/*" if form is bare else {"Fn::Sub": "${Media.Arn}/*"})
    others = allow("s3:GetObject", Principal="*", NotResource="arn:aws:s3:::other/*")
    del others["Resource"], others["Condition"]
    code, found = diff(capsys, form("s3", own), form("s3", own, others))
    assert code == 1
    assert "s3:GetObject on *" in found["an anonymous caller"]["may_gain"]


def test_a_prefix_in_a_bucket_whose_name_is_a_pattern_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    old = bare("s3", allow("s3:GetObject", "arn:aws:s3:::media-*/a/*"))
    new = bare("s3", allow("s3:GetObject", ["arn:aws:s3:::media-*/a/*", "arn:aws:s3:::media-*/b/*"]))
    code, found = diff(capsys, old, new)
    assert code == 1
    assert "s3:GetObject on b/*" in found[MINE]["gained"]


@pytest.mark.parametrize("form", [bare, template])
@pytest.mark.parametrize("action", ["s3express:CreateSession", "sqs:SendMessage", "s3-outposts:*", "sts:AssumeRole"])
def test_actions_of_another_service_are_never_a_pass(
    form: Any, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own = allow("s3:DeleteBucket", Effect="Deny")
    code, found = diff(capsys, form("s3", own), form("s3", own, allow(action)))
    assert code == 1
    assert action in found["others"]["may_gain"][0]
    assert diff(capsys, form("s3", own, allow(action)), form("s3", own))[0] == 0


def test_services_that_call_a_key_are_told_apart_without_the_values_of_null(
    capsys: pytest.CaptureFixture[str],
) -> None:
    directly = {**TAG, "Null": {"kms:ViaService": "true"}}
    through_s3 = {**TAG, "StringEquals": {**TAG["StringEquals"], "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    some = bare("kms", allow("kms:Decrypt", Condition=directly))
    every = bare("kms", allow("kms:Decrypt"))
    code, found = diff(capsys, some, every)
    assert (code, found[MINE]["gained"]) == (1, ["kms:Decrypt on the key, through another service"])
    both = bare("kms", allow("kms:Decrypt", Condition=directly), allow("kms:Decrypt", Condition=through_s3))
    code, found = diff(capsys, both, every)
    assert (code, found[MINE]["gained"]) == (1, ["kms:Decrypt on the key, through another service"])


@pytest.mark.parametrize(
    ("operator", "key", "wide", "narrow"),
    [
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", ["10.1.0.0/16", "10.2.0.1"]),
        ("IpAddress", "aws:SourceIp", ["192.0.2.0/24", "2001:db8::/32"], "2001:db8:1::/48"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abcdefghij/r-a/*", "o-abcdefghij/r-a/ou-1/*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::in-*", ["arn:aws:s3:::in-a", "arn:aws:s3:::in-b*"]),
    ],
)
def test_values_inside_other_values_are_no_gain(
    operator: str, key: str, wide: Any, narrow: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = (
        bare("s3", allow("s3:GetObject", Principal="*", Condition={operator: {key: values}}))
        for values in (wide, narrow)
    )
    assert diff(capsys, old, new)[0] == 0
    assert diff(capsys, new, old)[0] == 1


SECRET = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
CALL = {"service": "S3", "action": "putBucketPolicy", "parameters": {"Policy": json.dumps(bare("s3", SECRET))}}


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("AWS::SecretsManager::ResourcePolicy", {}, {"ResourcePolicy": bare("s3", SECRET)}),
        ("Custom::AWS", {"Create": "{}"}, {"Create": json.dumps(CALL)}),
        ("AWS::CloudFormation::Stack", {"TemplateURL": "https://a/1"}, {"TemplateURL": "https://a/2"}),
    ],
)
def test_another_resource_that_names_iconik_or_a_template_is_never_a_pass(
    kind: str, old: Any, new: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = ({"Resources": {"It": {"Type": kind, "Properties": each}}} for each in (old, new))
    code, found = diff(capsys, first, second)
    assert (code, bool(found["others"]["may_gain"])) == (1, True)
    assert diff(capsys, second, second) == (0, {})


READS = bare("s3", allow("s3:GetObject"))
TARGETS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "access point": ("AWS::S3::AccessPoint", {"Name": "a", "Policy": READS, "Bucket": "one"}, {"Bucket": "two"}),
    "topics": ("AWS::SNS::TopicPolicy", {"PolicyDocument": READS, "Topics": ["one"]}, {"Topics": ["one", "two"]}),
    "alias": ("AWS::KMS::Alias", {"AliasName": "alias/a", "TargetKeyId": "one"}, {"TargetKeyId": "two"}),
    "multi-region": (
        "AWS::S3::MultiRegionAccessPoint",
        {"Regions": [{"Bucket": "one"}]},
        {"Regions": [{"Bucket": "one"}, {"Bucket": "two"}]},
    ),
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_same_policy_for_another_bucket_or_topic_may_be_a_gain(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind, old, change = TARGETS[name]
    first, second = ({"Resources": {"It": {"Type": kind, "Properties": each}}} for each in (old, {**old, **change}))
    code, found = diff(capsys, first, second)
    assert (code, bool(found["others"]["may_gain"])) == (1, True)
    assert diff(capsys, second, second) == (0, {})


def test_a_policy_that_moves_to_another_bucket_of_both_sides_is_a_gain_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def of(name: str) -> Any:
        body = template("s3", allow("s3:GetObject", {"Fn::Sub": f"${{{name}.Arn}}/*"}))
        body["Resources"]["Archive"] = {"Type": "AWS::S3::Bucket"}
        body["Resources"]["Policy"]["Properties"]["Bucket"] = {"Ref": name}
        return body

    code, found = diff(capsys, of("Media"), of("Archive"))
    assert (code, found[MINE]["gained"]) == (1, ["s3:GetObject on *"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"StringNotLike": "1297*"}, {}),
        ({"StringEquals": "editor"}, {"StringEquals": ["editor", "guest"]}),
        ({"StringLike": "a*"}, {"StringLike": ["a*", "b?"]}),
    ],
)
def test_another_value_of_the_tag_is_a_gain_of_callers_that_choose_it(
    old: Any, new: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = {"AWS": "arn:aws:iam::444455556666:root"}
    conditions = [{name: {TAG_KEY: values} for name, values in each.items()} for each in (old, new)]
    first, second = (bare("s3", allow("s3:GetObject", Principal=stranger, Condition=each)) for each in conditions)
    code, found = diff(capsys, first, second)
    assert (code, found["the account 444455556666"]["gained"]) == (1, ["s3:GetObject on *"])
    assert diff(capsys, second, first)[0] == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("OwnershipControls", {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
        (
            "PublicAccessBlockConfiguration",
            dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True),
        ),
    ],
)
def test_a_protection_that_is_removed_may_be_a_gain(
    setting: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, protected = (
        {"Resources": {"Media": {"Type": "AWS::S3::Bucket", "Properties": properties}}}
        for properties in ({}, {setting: value})
    )
    code, changes = diff(capsys, protected, plain)
    assert code == 1
    assert changes["others"]["may_gain"]
    assert diff(capsys, plain, protected) == (0, {})
    assert diff(capsys, protected, {"Resources": {}}) == (0, {})
