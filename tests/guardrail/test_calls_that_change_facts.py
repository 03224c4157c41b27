"""Calls of the AWS API in a template that change a policy or setting of the same template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.cli.main import main
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    DOMAIN,
    DOMAINS,
    KEY_ARN,
    ROLE,
    allow,
    allow_key,
    bucket,
    key_resource,
    with_resources,
)

Json = Any
OF_BUCKET = [
    "deleteBucketEncryption",
    "deleteBucketOwnershipControls",
    "deleteBucketPolicy",
    "deletePublicAccessBlock",
    "putBucketAbac",
    "putBucketAcl",
    "putBucketEncryption",
    "putBucketOwnershipControls",
    "putBucketPolicy",
    "putBucketRequestPayment",
    "putPublicAccessBlock",
]
OF_KEY = ["deleteImportedKeyMaterial", "disableKey", "putKeyPolicy", "scheduleKeyDeletion"]
GOOD = with_resources(
    bucket(allow(), key=KEY_ARN),
    Key=key_resource(allow_key()),
    Other={"Type": "AWS::S3::Bucket"},
    OtherKey=key_resource(),
    Alias={"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/media", "TargetKeyId": {"Ref": "Key"}}},
)


def custom(call: str, parameter: str, name: Json) -> Json:
    parts = [f'{{"service":"x","action":"{call}","parameters":{{"{parameter}":"', name, '"}}']
    return {"Type": "Custom::AWS", "Properties": {"ServiceToken": "t", "Create": {"Fn::Join": ["", parts]}}}


def command(call: str, parameter: str, name: Json) -> Json:
    return custom(f"{call[0].upper()}{call[1:]}Command", parameter, name)


def scheduled(call: str, parameter: str, name: Json) -> Json:
    made = {"Fn::Sub": [f'{{"{parameter}":"${{It}}"}}', {"It": name}]}
    target = {"Arn": f"arn:aws:scheduler:::aws-sdk:x:{call}", "Input": made}
    return {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": target}}


def documented(call: str, parameter: str, name: Json) -> Json:
    step = {"action": "aws:executeAwsApi", "inputs": {"Api": f"{call[0].upper()}{call[1:]}", parameter: name}}
    return {"Type": "AWS::SSM::Document", "Properties": {"Content": {"mainSteps": [step]}}}


def state(call: str, parameter: str, name: Json) -> Json:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:x:{call}", "Arguments": {parameter: name}}
    definition = {"StartAt": "A", "States": {"A": task}}
    return {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": definition}}


def serialized(call: str, parameter: str, name: Json) -> Json:
    definition = state(call, parameter, name)["Properties"]["Definition"]
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"DefinitionString": {"Fn::ToJsonString": definition}},
    }


def planned_schedule(call: str, parameter: str, name: Json) -> Json:
    made = scheduled(call, parameter, name)["Properties"]["Target"]
    properties = {"target": [{"arn": made["Arn"], "input": made["Input"]}]}
    return {"Type": "Terraform::aws_scheduler_schedule", "Properties": properties}


def planned_state(call: str, parameter: str, name: Json) -> Json:
    definition = state(call, parameter, name)["Properties"]["Definition"]
    return {"Type": "Terraform::aws_sfn_state_machine", "Properties": {"definition": json.dumps(definition)}}


def planned_document(call: str, parameter: str, name: Json) -> Json:
    content = documented(call, parameter, name)["Properties"]["Content"]
    return {"Type": "Terraform::aws_ssm_document", "Properties": {"content": json.dumps(content)}}


def findings(caller: Json) -> list[tuple[str, str]]:
    app = App([Template("", with_resources(GOOD, Caller=caller))])
    return [(each.id, str(each.text)) for each in check(app, Question(tuple(DOMAINS)))]


FORMS = [
    custom,
    command,
    scheduled,
    documented,
    state,
    serialized,
    planned_schedule,
    planned_state,
    planned_document,
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("call", [*OF_BUCKET, *OF_KEY])
def test_what_a_call_changes_is_unknown(call: str, form: Any) -> None:
    parameter, own, other = ("Bucket", "Media", "Other") if call in OF_BUCKET else ("KeyId", "Key", "OtherKey")
    [(rule, text)] = findings(form(call, parameter, {"Ref": own}))
    assert rule == "ICONIK190"
    assert "Caller calls" in text
    assert not findings(form(call, parameter, {"Ref": other}))


def test_a_grant_by_a_schedule_of_a_plan_is_refused() -> None:
    assert [rule for rule, _ in findings(planned_schedule("createGrant", "GranteePrincipal", ROLE))] == ["ICONIK020"]


def test_a_key_is_found_by_its_alias() -> None:
    assert [rule for rule, _ in findings(custom("disableKey", "KeyId", "alias/media"))] == ["ICONIK190"]
    assert not findings(custom("disableKey", "KeyId", "alias/other"))


@pytest.mark.parametrize("call", ["getBucketPolicy", "putObject", "putBucketTagging", "describeKey", "enableKey"])
def test_other_calls_change_nothing(call: str) -> None:
    for parameter, name in (("Bucket", "Media"), ("KeyId", "Key")):
        assert not findings(custom(call, parameter, {"Ref": name}))


@pytest.mark.parametrize("call", ["putBucketPolicy", "deletePublicAccessBlock", "disableKey"])
def test_diff_reports_an_added_call(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    parameter, own = ("KeyId", "Key") if call in OF_KEY else ("Bucket", "Media")
    called = with_resources(GOOD, Caller=custom(call, parameter, {"Ref": own}))
    Path("old.json").write_text(json.dumps(GOOD))
    Path("new.json").write_text(json.dumps(called))
    assert main(["diff", "old.json", "new.json", "--system-domain-id", DOMAIN]) == 1
    assert "Caller" in capsys.readouterr().out
    assert main(["diff", "new.json", "new.json", "--system-domain-id", DOMAIN]) == 0
