"""Seven kinds of disagreement between tools, each on templates, by `guard`, the kit and `report --assembly`.

1 a key that iconik cannot use, 2 a key through S3 only, 3 a certain Deny, 4 values of which nothing is certain,
5 actions that nobody asks about, 6 an assembly that cannot be read, 7 rules that one tool has and another has not.
The kinds 3 and 6 at synthesis are in the tests of the finished policies and of the plugin.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.access.statements import key_statement
from iconik_construct.placement.handler.advice import advise
from tests.agreement.cases import (
    ACCOUNT,
    ARN,
    DOMAIN,
    ICONIK,
    ORGANISATION,
    OUR_KEY,
    OURS,
    PERMISSIONS,
    REGION,
    ROLE,
    ROOT,
    TLS,
    Case,
    Statement,
    allow,
    deny,
    when,
)  # fmt: skip
from tests.agreement.forms import template_of
from tests.agreement.in_templates import command, verdicts_of_template

RIGHT = (TLS, *OURS)
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOT_ACTION = {k: v for k, v in allow().items() if k != "Action"} | {"NotAction": "s3:DeleteObject"}
NOT_RESOURCE = {k: v for k, v in allow("*").items() if k != "Resource"} | {"NotResource": f"{ARN}/public/*"}
NOT_PRINCIPAL = {k: v for k, v in deny().items() if k != "Principal"} | {
    "NotPrincipal": {"AWS": [ROLE, f"arn:aws:iam::{ACCOUNT}:root"]}
}
THROUGH_S3 = key_statement([PERMISSIONS], [DOMAIN], via_service=f"s3.{REGION}.amazonaws.com")


def assembly(folder: Path, body: Any) -> Path:
    """Write an assembly with one template."""
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Media.template.json"}}
    stack["environment"] = f"aws://{ACCOUNT}/{REGION}"
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"Media": stack}}))
    (folder / "Media.template.json").write_text(json.dumps(body))
    return folder


def verdicts(body: Any, folder: Path) -> set[str]:
    """Return the verdicts of the three tools."""
    file = folder / "report.json"
    arguments = ["--assembly", str(assembly(folder, body)), "--permissions", "read_write", "--json", str(file)]
    command("report", *arguments, "--output", str(folder / "it.html"))
    by_report: str = json.loads(file.read_text(encoding="utf-8"))["verdict"]
    return {by_report, *verdicts_of_template(body, folder)}


def with_second_key(change: str) -> dict[str, Any]:
    """Return a template of which one possible key does not allow iconik."""
    body = template_of(Case("", RIGHT, (ROOT, OUR_KEY)))
    body |= {"Parameters": {"Which": {"Type": "String"}}, "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Which"}, "1"]}}}
    other = copy.deepcopy(body["Resources"]["Key"])
    other["Properties"]["KeyPolicy"]["Statement"].pop()
    body["Resources"]["Other"] = other
    media = body["Resources"]["Media"]["Properties"]
    encryption = media["BucketEncryption"]
    rule = encryption["ServerSideEncryptionConfiguration"][0]
    second = json.loads(json.dumps(encryption).replace('"Key"', '"Other"'))
    arns = [{"Fn::GetAtt": [name, "Arn"]} for name in ("Key", "Other")]
    if change == "the key":
        rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] = {"Fn::If": ["Is", *arns]}
    elif change == "the key, selected":
        rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] = {"Fn::Select": [{"Ref": "Which"}, arns]}
    elif change == "the rule":
        rules = [rule, second["ServerSideEncryptionConfiguration"][0]]
        encryption["ServerSideEncryptionConfiguration"] = [{"Fn::If": ["Is", *rules]}]
    else:
        media["BucketEncryption"] = {"Fn::If": ["Is", encryption, second]}
    return body


def test_1_a_key_that_does_not_allow_iconik_is_no_pass(tmp_path: Path) -> None:
    assert verdicts(template_of(Case("", RIGHT, (ROOT,))), tmp_path) == {"not_good"}


@pytest.mark.parametrize("change", ["the key", "the key, selected", "the rule", "the encryption"])
def test_1_each_possible_key_has_to_allow_iconik(change: str, tmp_path: Path) -> None:
    assert verdicts(with_second_key(change), tmp_path) == {"not_good"}


def test_2_a_key_through_s3_only_is_good(tmp_path: Path) -> None:
    assert verdicts(template_of(Case("", RIGHT, (ROOT, THROUGH_S3))), tmp_path) == {"good"}


@pytest.mark.parametrize("place", ["the bucket policy", "the key policy"])
def test_3_a_certain_deny_is_no_pass(place: str, tmp_path: Path) -> None:
    condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    case = Case("", (*RIGHT, deny(Condition=condition)))
    if place == "the key policy":
        case = Case("", RIGHT, (ROOT, OUR_KEY, deny("kms:Decrypt", "*", Condition=condition)))
    assert verdicts(template_of(case), tmp_path) == {"not_good"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("*", **when("StringEquals", "aws:ResourceOrgID", ORGANISATION)), "not_good"),
        (allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24")), "not_good"),
        (allow(**when("StringEquals", "aws:VpceAccount", ICONIK)), "not_good"),
        (allow(**when("StringEquals", "aws:PrincipalOrgID", ORGANISATION)), "not_good"),
        (deny(**when("StringNotEquals", "aws:VpceAccount", ICONIK)), "unknown"),
        (NOT_PRINCIPAL, "unknown"),
    ],
)
def test_4_a_value_that_only_iconik_knows_decides_nothing(statement: Statement, expected: str, tmp_path: Path) -> None:
    assert verdicts(template_of(Case("", (*RIGHT, statement))), tmp_path) == {expected}


@pytest.mark.parametrize(
    "statement",
    [
        *(allow(action=action) for action in ("s3:GetObjectVersion", "s3:ReplicateObject", "s3:PutObjectAcl")),
        *(allow(action=action, resource=ARN) for action in ("s3:PutBucketAcl", "s3:ListBucketVersions")),
        *(allow("*", action, ARN) for action in ("s3:PutBucketAcl", "s3:ListBucketVersions")),
        NOT_ACTION,
        NOT_RESOURCE,
    ],
)
def test_5_each_action_that_a_statement_allows_counts(statement: Statement, tmp_path: Path) -> None:
    assert verdicts(template_of(Case("", (*RIGHT, statement))), tmp_path) == {"not_good"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [*RIGHT, statement]})
    assert advise(text, {str(each["Sid"]): each for each in OURS}, arn=ARN, account=ACCOUNT).foreign


def test_5_so_does_each_action_of_a_key(tmp_path: Path) -> None:
    for statement in (allow(action="kms:CreateGrant", resource="*"), allow("*", "kms:CreateGrant", "*")):
        assert verdicts(template_of(Case("", RIGHT, (ROOT, OUR_KEY, statement))), tmp_path) == {"not_good"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, OUR_KEY, statement]})
        assert advise(text, {str(OUR_KEY["Sid"]): OUR_KEY}, arn=KEY_ARN, account=ACCOUNT).foreign


@pytest.mark.parametrize("manifest", ["[]", "{}", "{"])
def test_6_an_assembly_that_cannot_be_read_is_no_pass(manifest: str, tmp_path: Path) -> None:
    folder = assembly(tmp_path, template_of(Case("", (*RIGHT, allow()))))
    (folder / "manifest.json").write_text(manifest)
    assert command("guard", str(folder))[0] != 0
    assert command("report", "--assembly", str(folder), "--output", "-")[0] != 0


def test_7_a_bucket_without_tls_is_a_warning_of_guard_and_of_the_report(tmp_path: Path) -> None:
    folder = assembly(tmp_path, template_of(Case("", tuple(OURS))))
    code, text = command("guard", str(folder), "--format", "json")
    assert (code, [each["id"] for each in json.loads(text)["findings"]]) == (0, ["ICONIK007"])
    file = tmp_path / "report.json"
    code, _ = command("report", "--assembly", str(folder), "--output", str(tmp_path / "it.html"), "--json", str(file))
    assert code == 0
    assert "ICONIK007" in [each["id"] for each in json.loads(file.read_text())["findings"]]


@pytest.mark.parametrize(("region", "code"), [("eu-west-1", 0), ("cn-north-1", 2)])
def test_7_statements_through_s3_are_refused_where_the_construct_refuses_them(region: str, code: int) -> None:
    assert command("statements", "--bucket", "media", "--key-arn", KEY_ARN, "--via-s3-only", region)[0] == code


_PARAMETER = {"Ref": "Which"}
_MACRO = {"Name": "AWS::Include", "Parameters": {"Location": "s3://elsewhere/part.json"}}


def _change(body: dict[str, Any], where: str, value: Any) -> None:
    """Put a value in place of an element, which is named by its path below the resources, or below the template."""
    *parents, last = where.split("/")
    target: Any = body if where.startswith("../") else body["Resources"]
    for name in parents:
        target = target if name == ".." else target[int(name) if isinstance(target, list) else name]
    if isinstance(target, list):
        target[int(last)] = value
    else:
        target[last] = value


_RULES = "Media/Properties/BucketEncryption/ServerSideEncryptionConfiguration"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("Key/Properties/Enabled", _PARAMETER),
        ("Key/Properties/Origin", _PARAMETER),
        ("Media/Properties/BucketEncryption", _PARAMETER),
        (_RULES, _PARAMETER),
        (f"{_RULES}/0", _PARAMETER),
        (f"{_RULES}/0/ServerSideEncryptionByDefault", _PARAMETER),
        (f"{_RULES}/0/ServerSideEncryptionByDefault/Fn::Transform", _MACRO),
        ("Media/Properties/BucketEncryption/Fn::Transform", _MACRO),
        ("Media/Properties/Fn::Transform", _MACRO),
        ("Media/Properties", {"Fn::Transform": _MACRO}),
        ("Media/Properties", {"Fn::If": ["Is", {}, {"AccessControl": "PublicRead"}]}),
        ("Media/Properties", "nothing"),
        ("../Transform", "OurMacro"),
        ("Further", "no resource"),
        ("Further", None),
    ],
)
def test_4_what_a_template_does_not_say_is_unknown_to_each_tool(where: str, value: Any, tmp_path: Path) -> None:
    body = template_of(Case("", RIGHT, (ROOT, OUR_KEY)))
    body |= {"Parameters": {"Which": {"Type": "String"}}, "Conditions": {"Is": {"Fn::Equals": [_PARAMETER, "1"]}}}
    _change(body, where, value)
    assert verdicts(body, tmp_path) == {"unknown"}


@pytest.mark.parametrize("place", ["the bucket policy", "the key policy"])
@pytest.mark.parametrize(
    "change",
    [
        {"Principal": None},
        {"Principal": {"AWS": None}},
        {"Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", None]}},
        {"Effect": "Deny", "Principal": "*", "Action": None},
        {"Effect": "Deny", "Principal": "*", "Action": ["s3:DeleteBucket", "kms:PutKeyPolicy", None]},
    ],
)
def test_4_a_null_in_a_statement_is_unknown_to_each_tool(change: Statement, place: str, tmp_path: Path) -> None:
    is_key = place == "the key policy"
    base = allow(action="kms:Decrypt", resource="*") if is_key else allow()
    body = template_of(Case("", RIGHT, (ROOT, OUR_KEY)))
    name, document = ("Key", "KeyPolicy") if is_key else ("MediaPolicy", "PolicyDocument")
    resource = "*" if is_key else {"Fn::Join": ["", [{"Fn::GetAtt": ["Media", "Arn"]}, "/*"]]}
    body["Resources"][name]["Properties"][document]["Statement"].append({**base, "Resource": resource, **change})
    assert verdicts(body, tmp_path) == {"unknown"}


def test_4_an_allow_without_a_principal_is_unknown_to_each_tool(tmp_path: Path) -> None:
    statement = {name: value for name, value in allow().items() if name != "Principal"}
    assert verdicts(template_of(Case("", (*RIGHT, statement))), tmp_path) == {"unknown"}
