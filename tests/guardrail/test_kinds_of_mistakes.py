"""Kinds of mistakes that the guardrail once made, each with the templates that show it."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.judge.text import shown
from iconik_construct.templates.assembly import read_app
from iconik_construct.templates.check import check, is_refused
from iconik_construct.templates.intrinsics import Scope
from iconik_construct.templates.manifest import read_assembly
from iconik_construct.templates.policies import Case, Resolved, resolved
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    ACCOUNT,
    BUCKET_ARN,
    DOMAIN,
    DOMAINS,
    FOREIGN_DOMAIN,
    KEY_ARN,
    OBJECTS_ARN,
    ROLE,
    TAG,
    Json,
    allow,
    allow_key,
    bucket,
    deny_http,
    document,
    everyone,
    key,
    key_resource,
    parameter,
    resource,
    with_resources,
)

QUESTION = Question(tuple(DOMAINS))
OPEN = document(allow(Condition=None, Resource="*"))
CONDITIONS = {"Conditions": {"C": {"Fn::Equals": ["a", "b"]}, "Exists": {"Fn::Equals": ["a", "a"]}}}


def found(body: Json) -> dict[str, bool]:
    """Return the ids of the findings, and whether each is refused."""
    return {one.id: is_refused(one) for one in check(App([Template("it.template.json", body)]), QUESTION)}


def refused(body: Json) -> set[str]:
    return {rule for rule, is_error in found(body).items() if is_error}


def _machine(definition: Any) -> Json:
    return resource("AWS::StepFunctions::StateMachine", DefinitionString=json.dumps(definition))


@pytest.mark.parametrize(
    "definition",
    [
        {"States": {"Put": {"Parameters": {"Policy": OPEN}}}},
        {"States": [{"Put": {"Parameters": {"Policy": json.dumps(OPEN)}}}]},
        {"States": {"Put": {"Parameters": {"Statement": allow(Condition=None, Resource="*")}}}},
        {"Deep": json.dumps({"Deeper": json.dumps({"Policy": OPEN})})},
        {"Deep": [allow(Condition=None, Resource="*")]},
        {"Policy": json.dumps(OPEN).replace("Effect", "\\u0045ffect")},
    ],
)
def test_a_policy_inside_json_text_is_found_at_any_depth_and_in_any_form(definition: Any) -> None:
    assert refused(_machine(definition)) == {"ICONIK001"}


def test_what_is_inserted_into_a_state_machine_is_read_in_its_place() -> None:
    definition = json.dumps({"Policy": OPEN}).replace(ROLE, "${Who}")
    for properties in ({"DefinitionString": definition}, {"Definition": json.loads(definition)}):
        inserted = {**properties, "DefinitionSubstitutions": {"Who": {"Fn::Sub": ROLE}}}
        assert refused(resource("AWS::StepFunctions::StateMachine", **inserted)) == {"ICONIK001"}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Lambda::Permission", {"Principal": "*", "FunctionUrlAuthType": "NONE"}),
        ("AWS::Lambda::Permission", {"Principal": "*", "PrincipalOrgID": "o-acme123456"}),
        ("AWS::Events::EventBusPolicy", {"Principal": "*", "Condition": {"Key": "aws:PrincipalOrgID"}}),
        ("AWS::Lambda::LayerVersionPermission", {"Principal": "*", "OrganizationId": "o-acme123456"}),
        ("AWS::EC2::VPCEndpointServicePermissions", {"AllowedPrincipals": ["*"]}),
    ],
)
def test_everybodys_star_in_a_grant_does_not_name_iconik(kind: str, properties: dict[str, Any]) -> None:
    assert found(resource(kind, **properties)) == {}


def test_an_optional_principal_under_a_conditional_resource_is_read() -> None:
    partner = {"Fn::If": ["C", "arn:aws:iam::444455556666:root", {"Ref": "AWS::NoValue"}]}
    body = bucket(allow(Principal={"AWS": partner}, Condition=None), **CONDITIONS)
    body["Resources"]["MediaPolicy"]["Condition"] = "Exists"
    assert found(body) == {}
    optional = {"Fn::If": ["C", ROLE, {"Ref": "AWS::NoValue"}]}
    body = bucket(allow(Principal={"AWS": optional}, Condition=None), **CONDITIONS)
    body["Resources"]["MediaPolicy"]["Condition"] = "Exists"
    assert refused(body) == {"ICONIK001"}


@pytest.mark.parametrize("star", [{"Fn::Sub": "*"}, {"Ref": "Everyone"}, {"AWS": {"Ref": "Everyone"}}])
def test_a_deny_of_plain_http_is_seen_however_its_principal_is_written(star: Json) -> None:
    body = bucket(deny_http(Principal=star), allow(), tls=False, Parameters={"Everyone": parameter("*")})
    assert found(body) == {}


@pytest.mark.parametrize("actions", [["S3:*"], ["s3:Get*", "s3:Put*"], ["s3:GetObject", "s3:PutObject"]])
def test_a_deny_of_plain_http_counts_for_the_actions_that_it_holds(actions: list[str]) -> None:
    assert found(bucket(deny_http(Action=actions), allow(), tls=False)) == {}


def test_a_deny_of_plain_http_for_other_actions_does_not_count() -> None:
    assert found(bucket(deny_http(Action="s3:Get*"), allow(), tls=False)) == {"ICONIK007": False}


@pytest.mark.parametrize(
    "ranges",
    [
        ["0.0.0.0/1", "128.0.0.0/1"],
        ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
        [f"{n}.0.0.0/8" for n in range(256)],
    ],
)
def test_ranges_that_together_are_every_address_are_everyone(ranges: list[str]) -> None:
    assert refused(everyone({"IpAddress": {"aws:SourceIp": ranges}})) == {"ICONIK004"}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {TAG: DOMAIN, TAG.lower(): FOREIGN_DOMAIN}},
        {"StringEquals": {TAG: DOMAIN}, "stringEquals": {TAG: FOREIGN_DOMAIN}},
    ],
)
def test_a_tag_in_two_spellings_may_allow_either_domain(condition: Json) -> None:
    assert "ICONIK009" in refused(bucket(allow(Condition=condition)))
    assert "ICONIK009" in refused(key(allow_key(Condition=condition)))


@pytest.mark.parametrize("key_of_objects", ["${$}RECYCLE.BIN/*", "${*}/*", "a${?}b", "${*}"])
def test_objects_whose_key_has_a_special_character_are_objects(key_of_objects: str) -> None:
    objects = f"arn:aws:s3:::media-of-acme/{key_of_objects}"
    assert refused(bucket(allow(Principal="*", Condition=None, Resource=objects))) == {"ICONIK009"}


def test_a_policy_text_with_a_key_twice_is_not_read_by_its_last_one() -> None:
    text = json.dumps(document(allow(Resource="*"))).replace('"Effect": "Allow"', '"Effect": "Allow", "Effect": "Deny"')
    assert "ICONIK009" in refused(bucket(policy=text))
    assert refused(resource("AWS::Logs::ResourcePolicy", PolicyDocument=text)) == {"ICONIK009"}
    assert refused(_machine({"Policy": text})) == {"ICONIK009"}
    assert found(resource("AWS::Logs::ResourcePolicy", PolicyDocument=text.replace(ROLE, "a"))) == {}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::CodeBuild::Project", {"Source": {"BuildSpec": f"aws s3api put-bucket-policy --policy {ROLE}"}}),
        ("AWS::Foo::Sharing", {"AwsAccountWhitelist": [ACCOUNT]}),
        ("AWS::Foo::Sharing", {"Accounts": {ACCOUNT: {"Level": "read"}}}),
        ("AWS::S3::Bucket", {"ReplicationConfiguration": {"Rules": [{"Destination": {"Account": ACCOUNT}}]}}),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": f"s3.put_bucket_policy(Policy=policy_for('{ROLE}'))"}}),
        ("AWS::CloudFormation::Stack", {"TemplateURL": f"{'0' * 64}.json", "Parameters": {"Role": ROLE}}),
    ],
)
def test_a_mention_of_iconiks_account_without_a_known_purpose_is_a_warning(kind: str, properties: Json) -> None:
    assert found(resource(kind, **properties)) == {"ICONIK021": False}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"ROLE": ROLE}}}),
        ("AWS::IAM::Policy", {"PolicyDocument": {"Statement": {"Effect": "Allow", "Resource": ROLE}}}),
        ("AWS::IAM::RolePolicy", {"PolicyDocument": {"Statement": {"Effect": "Allow", "Resource": ROLE}}}),
        ("AWS::CloudWatch::Alarm", {"AlarmDescription": f"iconik ({ACCOUNT}) is denied"}),
        ("AWS::Events::Rule", {"EventPattern": {"detail": {"userIdentity": {"accountId": [ACCOUNT]}}}}),
        ("AWS::Logs::MetricFilter", {"FilterPattern": f'{{ $.userIdentity.accountId = "{ACCOUNT}" }}'}),
        ("AWS::S3::Bucket", {"Tags": [{"Key": "owner", "Value": ACCOUNT}]}),
    ],
)
def test_a_mention_that_gives_nobody_access_is_no_finding(kind: str, properties: Json) -> None:
    assert found(resource(kind, **properties)) == {}


_GRANT = {"GranteePrincipal": ROLE, "KeyId": "k"}
_TASK = {"Resource": "arn:aws:states:::aws-sdk:kms:createGrant", "Parameters": _GRANT}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::StepFunctions::StateMachine", {"DefinitionString": json.dumps({"States": {"Grant": _TASK}})}),
        ("AWS::StepFunctions::StateMachine", {"Definition": {"States": {"Grant": _TASK}}}),
        (
            "AWS::Scheduler::Schedule",
            {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:kms:createGrant", "Input": json.dumps(_GRANT)}},
        ),
        (
            "AWS::SSM::Document",
            {"Content": {"mainSteps": [{"inputs": {"Service": "kms", "Api": "CreateGrant", **_GRANT}}]}},
        ),
    ],
)
def test_a_call_that_gives_iconik_access_is_refused(kind: str, properties: Json) -> None:
    assert refused(resource(kind, **properties)) == {"ICONIK020"}


def test_every_finding_has_the_full_address_of_its_rule() -> None:
    [finding] = check(App([Template("it.template.json", bucket(allow(Condition=None)))]), QUESTION)
    assert finding.rule.url == "https://iconik-construct.github.io/iconik-construct/latest/rules.html#iconik001"


@pytest.mark.parametrize("length", [20_000, 200_000])
def test_a_long_name_of_an_action_takes_linear_time(length: int) -> None:
    call = json.dumps({"action": "put" * (length // 3), "parameters": {"GranteePrincipal": ROLE}})
    start = time.process_time()
    found(resource("Custom::AWS", ServiceToken="t", Create=call))
    assert time.process_time() - start < 1


def test_a_deny_in_the_policy_of_the_bucket_or_the_key_that_blocks_iconik_is_refused() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    assert refused(bucket(allow(), deny)) == {"ICONIK012"}
    deny_key = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    body = with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(allow_key(), deny_key))
    assert refused(body) == {"ICONIK012"}


def test_a_deny_that_may_block_iconik_is_a_warning() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET_ARN, OBJECTS_ARN]}
    deny["Condition"] = {"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0", "aws:PrincipalTag/x": "y"}}
    assert found(bucket(allow(), deny)) in ({"ICONIK014": False}, {"ICONIK012": True})
    unknown = {**deny, "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
    assert found(bucket(allow(), unknown)) == {"ICONIK014": False}


def test_a_region_that_is_written_out_may_be_the_region_of_a_template_without_one() -> None:
    statement = allow_key()
    statement["Condition"] = {"StringEquals": {TAG: DOMAIN, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    body = with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(statement))
    assert found(body) == {"ICONIK014": False}


_REGIONS = {"M": {"eu-west-1": {"n": "a-media"}, "us-east-1": {"n": "b-media"}}}


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ({"Ref": "N"}, {"Parameters": {"N": parameter("a-media", AllowedValues=["a-media", "b-media"])}}),
        ({"Fn::Sub": "media-${E}"}, {"Parameters": {"E": parameter("dev", AllowedValues=["dev", "prod"])}}),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "n"]}, {"Mappings": _REGIONS}),
        ({"Fn::If": ["C", "a-media", "b-media"]}, CONDITIONS),
    ],
)
@pytest.mark.parametrize("is_made", [True, False])
def test_a_bucket_with_several_possible_names_is_each_of_them_in_its_policy(
    name: Json, sections: Json, is_made: bool
) -> None:
    for start in (BUCKET_ARN, {"Fn::Join": ["", ["arn:aws:s3:::", name]]})[not is_made :]:
        objects = {"Fn::Join": ["", [start, "/*"]]}
        statements = [deny_http(Resource=[start, objects]), allow(Resource=objects)]
        body = bucket(*statements, tls=False, **sections)
        body["Resources"]["Media"]["Properties"]["BucketName"] = name
        if not is_made:
            del body["Resources"]["Media"]
            body["Resources"]["MediaPolicy"]["Properties"]["Bucket"] = name
        assert set(found(body)) <= {"ICONIK010", "ICONIK190"}
        held = body["Resources"]["MediaPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        held.append(deny_http(Resource=objects, Condition={}))
        assert "ICONIK012" in refused(body)


@pytest.mark.parametrize(
    "node", [{"Fn::If": ["C", KEY_ARN, "aws/s3"]}, {"Fn::Select": [{"Ref": "N"}, [KEY_ARN, "aws/s3"]]}]
)
def test_a_key_that_depends_on_a_condition_is_all_its_possible_keys(node: Json) -> None:
    node = json.loads(json.dumps(node).replace('"aws/s3"', '"alias/aws/s3"'))
    sections = {**CONDITIONS, "Parameters": {"N": {"Type": "Number"}}}
    body = with_resources(bucket(allow(), key=node, **sections), Key=key_resource(allow_key()))
    assert refused(body) == {"ICONIK008"}


def test_a_disabled_key_is_refused() -> None:
    key = key_resource(allow_key())
    key["Properties"]["Enabled"] = False
    assert refused(with_resources(bucket(allow(), key=KEY_ARN), Key=key)) == {"ICONIK110"}


def _assembly(folder: Path, body: Json, **files: str) -> Path:
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Media.template.json"}}
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "Media.assets.json"}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"Media": stack, "Media.assets": assets}}))
    (folder / "Media.template.json").write_text(json.dumps(body))
    (folder / "Media.assets.json").write_text('{"files": {}}')
    for name, text in files.items():
        (folder / f"{name.replace('_', '.')}.json").write_text(text)
    return folder


def _of_assembly(folder: Path) -> set[str]:
    assembly = read_assembly(folder)
    app, unread = read_app(assembly.stacks, QUESTION.iconik)
    return {one.id for one in (*assembly.findings, *unread, *check(app, QUESTION)) if is_refused(one)}


def test_a_list_of_assets_that_cannot_be_read_is_never_no_assets(tmp_path: Path) -> None:
    folder = _assembly(tmp_path, bucket(allow()))
    assert _of_assembly(folder) == set()
    for text in ('{"files": ', "[]", ""):
        (folder / "Media.assets.json").write_text(text)
        assert _of_assembly(folder) == {"ICONIK024"}
    (folder / "Media.assets.json").unlink()
    assert _of_assembly(folder) == {"ICONIK024"}
    asset = {"files": {"a" * 64: {"source": {"path": "gone.json", "packaging": "file"}}}}
    (folder / "Media.assets.json").write_text(json.dumps(asset))
    assert _of_assembly(folder) == {"ICONIK024"}


def test_a_directory_of_code_that_is_missing_hides_no_template(tmp_path: Path) -> None:
    folder = _assembly(tmp_path, bucket(allow()))
    asset = {"files": {"a" * 64: {"source": {"path": f"asset.{'a' * 64}", "packaging": "zip"}}}}
    (folder / "Media.assets.json").write_text(json.dumps(asset))
    assert _of_assembly(folder) == set()


@pytest.mark.parametrize(("file", "expected"), [("zip", set()), ("json", {"ICONIK024"}), ("yaml", {"ICONIK024"})])
def test_a_template_without_its_assembly_is_refused_where_it_names_a_file_that_can_be_a_template(
    file: str, expected: set[str], tmp_path: Path
) -> None:
    url = {"Fn::Sub": f"https://cdk-assets.s3.${{AWS::Region}}.amazonaws.com/{'a' * 64}.{file}"}
    artifact = {"Info": {"LoadTemplateFromURL": url}}
    product = {
        "Type": "AWS::ServiceCatalog::CloudFormationProduct",
        "Properties": {"Name": "A", "ProvisioningArtifactParameters": [artifact]},
    }
    body = with_resources(bucket(allow(), Parameters={"BootstrapVersion": parameter()}), Product=product)
    (tmp_path / "Media.template.json").write_text(json.dumps(body))
    app, unread = read_app([Template(str(tmp_path / "Media.template.json"), body)], QUESTION.iconik)
    assert {one.id for one in (*unread, *check(app, QUESTION)) if is_refused(one)} == expected


@pytest.mark.parametrize("text", ["[]", "{}", "null", '{"artifacts": []}'])
def test_a_manifest_that_names_nothing_is_never_an_empty_app(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no stack"):
        _of_assembly(_assembly(tmp_path, bucket(allow(Condition=None)), manifest=text))


@pytest.mark.parametrize("text", ["[]", "null", "{", "7"])
def test_a_template_that_is_no_object_is_refused(text: str, tmp_path: Path) -> None:
    folder = _assembly(tmp_path, {})
    (folder / "Media.template.json").write_text(text)
    assert _of_assembly(folder) == {"ICONIK024"}


ELSEWHERE = {
    "a nested stack": {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://example.com/x.json"},
    },
    "a URL of a parameter": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Ref": "Where"}}},
    "a stack set": {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateURL": "https://example.com/x"}},
    "an application": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "https://example.com/x"}},
    "a module": {"Type": "Acme::Media::Bucket::MODULE"},
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_template_that_is_not_among_the_files_is_a_warning(name: str) -> None:
    body = {"Resources": {"Other": ELSEWHERE[name]}}
    [finding] = check(App([Template("it.template.json", body)]), QUESTION)
    assert (finding.id, finding.severity) == ("ICONIK028", "warning")
    assert finding.place is not None
    assert finding.place.logical_id == "Other"


def test_a_nested_stack_that_is_read_is_no_warning(tmp_path: Path) -> None:
    url = {"Fn::Sub": f"https://example.com/{'0' * 64}.json"}
    nested = {"Resources": {"Other": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}}
    assert "ICONIK028" not in {each.id for each in check(App([Template("it.template.json", nested)]), QUESTION)}


def test_messages_show_no_marks() -> None:
    body = bucket(allow(Principal={"AWS": {"Ref": "Who"}}, Condition=None), Parameters={"Who": parameter()})
    [finding] = check(App([Template("it.template.json", body)]), QUESTION)
    assert "\x00" not in shown(finding.text)


COMMAND = f"aws s3api put-bucket-policy --bucket media --policy '{json.dumps(OPEN)}'"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("around", ["{}", "echo {} | base64 -d | sh", "powershell -EncodedCommand {}"])
@pytest.mark.parametrize("length", range(4))
def test_a_mention_of_iconik_in_base64_is_a_warning(around: str, encoding: str, length: int):
    def user_data(command: str) -> Json:
        encoded = base64.b64encode(command.encode(encoding)).decode()
        return resource("AWS::EC2::Instance", UserData=around.format(encoded))

    for command in (COMMAND, f"{'#' * length}--account-id {ACCOUNT}"):
        assert found(user_data(command)) == {"ICONIK021": False}
    assert found(user_data(COMMAND.replace(ROLE, "arn:aws:iam::444455556666:root"))) == {}


@pytest.mark.parametrize("more", [[], [{"Fn::If": [f"C{number}", "a", "b"]} for number in range(6)]])
def test_a_mention_of_iconik_late_in_a_function_that_is_not_evaluated_is_a_warning(more: list[Json]) -> None:
    def user_data(command: str) -> Json:
        return resource("AWS::EC2::Instance", UserData={"Fn::Base64": {"Fn::Join": ["", ["a" * 300, *more, command]]}})

    assert found(user_data(COMMAND)) == {"ICONIK021": False}
    assert found(user_data(COMMAND.replace(ROLE, "arn:aws:iam::444455556666:root"))) == {}


@pytest.mark.parametrize("text", [json.dumps(OPEN), {"Fn::Sub": json.dumps(OPEN).replace(ROLE, "${Role}")}])
def test_a_policy_in_base64_is_read(text: Json) -> None:
    body = resource("Custom::Writer", Policy={"Fn::Base64": text})
    assert refused({**body, "Parameters": {"Role": parameter(ROLE)}}) == {"ICONIK001"}


def test_a_reference_in_json_text_that_is_no_policy_is_a_mention() -> None:
    body = resource("AWS::Of::Tomorrow", Who={"Fn::ToJsonString": {"Arn": {"Ref": "Role"}}})
    assert found({**body, "Parameters": {"Role": parameter(ROLE)}}) == {"ICONIK021": False}


def test_a_policy_that_a_function_writes_as_json_is_read() -> None:
    assert found(bucket(policy={"Fn::ToJsonString": document(deny_http(), allow())})) == {}
    assert refused(bucket(policy={"Fn::ToJsonString": document(deny_http(), allow(Condition=None))})) == {"ICONIK001"}
    assert "ICONIK009" in refused(bucket(policy={"Fn::ToJsonString": {"Ref": "Policy"}}))


@pytest.mark.parametrize(
    ("commands", "rule"),
    [({"a": {"command": COMMAND}}, "ICONIK021"), ({"a": {"policy": json.dumps(OPEN)}}, "ICONIK001")],
)
def test_what_an_instance_runs_by_its_metadata_is_read(commands: Json, rule: str):
    body = resource("AWS::EC2::Instance", ImageId="ami-1")
    made = next(iter(body["Resources"].values()))
    made["Metadata"] = {"AWS::CloudFormation::Init": {"config": {"commands": commands}}}
    assert list(found(body)) == [rule]
    made["Metadata"] = {"Notes": commands}
    assert found(body) == {}


@pytest.mark.parametrize(
    "document_of_other_case",
    [
        {"statement": OPEN["Statement"]},
        {"Statement": [{name.lower(): value for name, value in OPEN["Statement"][0].items()}]},
        {"Statement": [{**OPEN["Statement"][0], "condition": {}}]},
    ],
)
def test_an_element_of_a_policy_in_other_letters_is_refused(document_of_other_case: Json):
    assert "ICONIK009" in refused(bucket(policy=document_of_other_case))
    assert "ICONIK009" in refused(bucket(policy=json.dumps(document_of_other_case)))


def test_the_effect_of_a_statement_that_may_not_exist_names_the_conditions() -> None:
    body, template = allow(), Template("it.template.json", {})
    case = Case(body, "Properties", Scope(App([template]), template), {"Production": True, "Test": False})
    _, strict = resolved(Resolved((case,)))
    named = "it has this content only if the CloudFormation condition 'Production' is true and 'Test' is false"
    assert shown(strict[0]["Effect"]) == f"${{{named}}}"
