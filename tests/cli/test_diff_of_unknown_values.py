"""The command `diff` for policies with values that only the deployment knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, allow, bucket

STRANGER = "arn:aws:iam::444455556666:root"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def diff(capsys: pytest.CaptureFixture[str], old: str, new: str) -> dict[str, Any]:
    main(["diff", old, new, "--system-domain-id", DOMAIN, "--format", "json"])
    said = capsys.readouterr()
    assert said.err == ""
    found: dict[str, Any] = json.loads(said.out)
    return found


def file(name: str, body: Any) -> str:
    Path(name).write_text(json.dumps(body), encoding="utf-8")
    return name


def assembly(name: str, stack: str, body: Any) -> str:
    Path(name).mkdir()
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "displayName": stack,
        "properties": {"templateFile": "media.template.json"},
    }
    file(f"{name}/manifest.json", {"version": "36.0.0", "artifacts": {"media": artifact}})
    file(f"{name}/media.template.json", body)
    return name


def without_name(body: Any) -> Any:
    del body["Resources"]["Media"]["Properties"]["BucketName"]
    return body


@pytest.mark.parametrize("stack", ["Media", "Production/Media", "Production/Europe/Media"])
def test_access_to_a_bucket_without_a_name_is_a_gain_in_every_stage(
    stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = allow(Sid="More", Principal={"AWS": STRANGER}, Action="s3:GetObject", Condition=None)
    old = assembly("old", stack, without_name(bucket(allow())))
    new = assembly("new", stack, without_name(bucket(allow(), more)))

    [change] = diff(capsys, old, new)["changes"]
    assert (change["caller"], change["gained"]) == ("the account 444455556666", ["s3:GetObject on *"])


def test_two_accounts_of_parameters_are_two_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    def granted_to(resource: str, parameter: str) -> Any:
        arn = {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": parameter}, resource]]}
        parameters = {name: {"Type": "String"} for name in ("First", "Second")}
        return bucket(
            allow(), allow(Sid="Of", Principal={"AWS": arn}, Condition=None), tls=False, Parameters=parameters
        )

    old, new = file("old.json", granted_to(":root", "First")), file("new.json", granted_to(":role/x", "Second"))
    assert diff(capsys, old, new)["verdict"] == "unknown"


def test_an_action_of_a_parameter_is_written_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    by_parameter = allow(Sid="Of", Principal={"Federated": "x"}, Action={"Ref": "Action"}, Condition=None)
    parameters = {"Action": {"Type": "String"}}
    old = file("old.json", bucket(allow(), Parameters=parameters))
    new = file("new.json", bucket(allow(), by_parameter, Parameters=parameters))

    [change] = diff(capsys, old, new)["changes"]
    [text] = change["may_gain"]
    assert text.isprintable()
    assert text.startswith("${{Ref: Action}}, by 'Of'")


def either(one: Any, other: Any) -> Any:
    return {"Fn::If": ["IsLive", one, other]}


def conditional(*statements: Any, **properties: Any) -> Any:
    body = bucket(*statements)
    body["Conditions"] = {"IsLive": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    body["Resources"]["Media"]["Properties"] |= properties
    return body


FLIPPED: dict[str, tuple[Any, Any]] = {
    "statements": (allow(), allow(Principal="*")),
    "principals": ("*", {"AWS": STRANGER}),
    "principals of a kind": ({"AWS": "111122223333"}, {"AWS": STRANGER}),
    "effects": ("Allow", "Deny"),
    "actions": ("s3:GetObject", "s3:PutObject"),
}


@pytest.mark.parametrize("name", FLIPPED)
def test_two_branches_that_change_places_may_be_a_gain(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    element = {"statements": "", "effects": "Effect", "actions": "Action"}.get(name, "Principal")

    def written(*branches: Any) -> Any:
        return conditional(allow(**{element: either(*branches)}) if element else either(*branches))

    old, new = written(*FLIPPED[name]), written(*reversed(FLIPPED[name]))
    assert diff(capsys, file("old.json", old), file("new.json", new))["verdict"] == "unknown"
    assert diff(capsys, file("old.json", old), file("new.json", old))["changes"] == []


def test_a_loop_over_one_more_value_may_be_a_gain(capsys: pytest.CaptureFixture[str]) -> None:
    def loop(*values: str) -> Any:
        policy = {**bucket(allow())["Resources"]["MediaPolicy"]}
        looped = ["Name", list(values), {"Policy${Name}": policy}]
        return {"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::All": looped}}

    found = diff(capsys, file("old.json", loop("a", "b")), file("new.json", loop("a", "b", "c")))
    assert found["verdict"] == "unknown"
    assert diff(capsys, "old.json", "old.json")["changes"] == []


def test_a_setting_of_a_parameter_with_another_default_may_be_a_gain(capsys: pytest.CaptureFixture[str]) -> None:
    def written(default: str) -> Any:
        block = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": {"Ref": "Block"}}}
        body = conditional(allow(), **block)
        body["Parameters"] = {"Block": {"Type": "String", "AllowedValues": ["true", "false"], "Default": default}}
        return body

    assert diff(capsys, file("old.json", written("true")), file("new.json", written("false")))["verdict"] == "unknown"
    assert diff(capsys, "old.json", "old.json")["changes"] == []


def plan(values: Any, unknown: Any, **data: Any) -> Any:
    """A plan of a bucket policy, which can be the JSON of a data source."""
    place = {"address": "aws_s3_bucket_policy.p", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "p"}
    changes = [{**place, "change": {"actions": ["create"], "after": values, "after_unknown": unknown}}]
    source = {"address": "data.aws_iam_policy_document.d", "mode": "data", "type": "aws_iam_policy_document"}
    if data:
        changes.append({**source, "name": "d", "change": {"actions": ["read"], **data}})
    references = {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}
    configured = {"address": place["address"], "expressions": {"bucket": {}, "policy": references}}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**place, "values": values}]}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": [configured]}},
    }


def by_data(**unknown: Any) -> Any:
    known = {
        "actions": ["s3:GetObject"],
        "principals": [{"type": "AWS", "identifiers": [STRANGER]}],
        "resources": ["*"],
    }
    after_unknown = {"json": True, "statement": [unknown]}
    return plan({"bucket": "media"}, {"policy": True}, after={"statement": [known]}, after_unknown=after_unknown)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(plan({"bucket": "media"}, {"policy": True}), id="a policy"),
        pytest.param(by_data(principals=[{"identifiers": [True]}]), id="a principal"),
        pytest.param(by_data(resources=[True]), id="a resource"),
    ],
)
def test_what_only_an_apply_decides_is_never_the_same(body: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(capsys, file("old.json", body), file("new.json", body))["verdict"] == "unknown"


def test_a_known_policy_of_a_plan_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    known = file("old.json", by_data())
    assert diff(capsys, known, known)["changes"] == []


@pytest.mark.parametrize("old_and_new", [("/partners/a", "/partners/b"), ("x" * 220 + "a", "x" * 220 + "b")])
def test_another_parameter_of_the_store_may_be_a_gain(
    old_and_new: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    def of(parameter: str) -> Any:
        stored = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": parameter}
        partner = allow(Principal={"AWS": {"Ref": "Partner"}}, Condition=None)
        return bucket(partner, Parameters={"Partner": stored})

    old, new = (file(f"{number}.json", of(each)) for number, each in enumerate(old_and_new))
    assert diff(capsys, old, new)["verdict"] == "unknown"
    assert diff(capsys, old, old)["changes"] == []


@pytest.mark.parametrize("value", [{"Fn::GetAtt": ["Lookup", "Arn"]}, {"Fn::GetAtt": "Lookup.Arn"}, "${Lookup.Arn}"])
def test_another_question_of_a_custom_resource_may_be_a_gain(value: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def asking(name: str) -> Any:
        arn = {"Fn::Sub": value} if isinstance(value, str) else value
        body = bucket(allow(Principal={"AWS": arn}, Condition=None))
        body["Resources"]["Lookup"] = {"Type": "Custom::Lookup", "Properties": {"Name": name}}
        return body

    old, new = (file(f"{name}.json", asking(name)) for name in ("a", "b"))
    assert diff(capsys, old, new)["verdict"] == "unknown"
    assert diff(capsys, old, old)["changes"] == []
