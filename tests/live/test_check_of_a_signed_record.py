"""`check --signed` compares the live policies with the record of a report, made of the account or of templates."""

import json

import pytest
import yaml
from situations import ACCOUNT, ARN, DOMAIN, NAME, ROOT, World, allow, granted, key_granted
from test_diff_of_a_bucket import template

from iconik_construct.cli.main import main
from iconik_construct.templates.record import sha256_of_policy

IDS = ("--system-domain-id", DOMAIN)


def record_of_account(folder):
    main(
        ["report", "--bucket", NAME, *IDS, "--output", str(folder / "page.html"), "--json", str(folder / "signed.json")]
    )
    return folder / "signed.json"


def record_of_templates(folder, body):
    body["Resources"]["Media"]["Properties"] = {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "Key"}}}
            ]
        }
    }
    properties = {"templateFile": "Media.template.json"}
    stack = {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region"}

    (folder / "manifest.json").write_text(
        json.dumps({"version": "1.0.0", "artifacts": {"Media": {**stack, "properties": properties}}})
    )
    root = json.dumps({"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]})
    text = json.dumps(body).replace(f'"arn:aws:iam::{ACCOUNT}:root"', root)
    (folder / "Media.template.json").write_text(text)
    page = str(folder / "page.html")
    main(["report", "--assembly", str(folder), *IDS, "--output", page, "--json", str(folder / "signed.json")])
    return folder / "signed.json"


def template_with_record(folder, body, wrap=lambda found: found):
    """The template as a synthesis with IconikGuardrail(record=app) writes it."""
    record_of_templates(folder, body)
    found = json.loads((folder / "Media.template.json").read_text())
    documents = {"Policy": "PolicyDocument", "Key": "KeyPolicy"}
    policies = [
        {"logical_id": name, "sha256": sha256_of_policy(found["Resources"][name]["Properties"][prop])}
        for name, prop in documents.items()
    ]
    found["Metadata"] = {"iconik-construct": {"version": 1, "storages": [{"name": "Media", "policies": policies}]}}
    file = folder / "deployed.json"
    file.write_text(json.dumps(wrap(found)))
    return file


WRAPPED = {
    "a template that carries it": lambda found: found,
    "get-template": lambda found: {"TemplateBody": found},
    "get-template of JSON text": lambda found: {"TemplateBody": json.dumps(found, indent=1)},
    "get-template of YAML": lambda found: {"TemplateBody": yaml.safe_dump(found), "StagesAvailable": ["Original"]},
}


def check(capsys, record):
    capsys.readouterr()
    code = main(["check", NAME, *IDS, "--json", "--signed", str(record)])
    return code, json.loads(capsys.readouterr().out)["differs_from_signed"]


@pytest.mark.parametrize("of", ["account", "templates", *WRAPPED])
def test_the_same_policies_are_as_signed_and_a_statement_that_changes_is_named(aws, capsys, tmp_path, of):
    world = World(aws, key=True)
    if of == "account":
        record = record_of_account(tmp_path)
    elif of == "templates":
        record = record_of_templates(tmp_path, template(aws, world))
    else:
        record = template_with_record(tmp_path, template(aws, world), WRAPPED[of])
    policy = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    reformatted = {**policy, "Statement": [{**each, "Sid": f"A{at}"} for at, each in enumerate(policy["Statement"])]}
    aws("s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps(reformatted, indent=3))
    assert check(capsys, record) == (0, [])

    gone = policy["Statement"].pop(0)
    added = {"Sid": "Added", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    policy["Statement"].append({**added, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{NAME}/*"})
    aws("s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps(policy))
    code, differs = check(capsys, record)
    assert code == 1
    assert differs == [
        f"the bucket policy: '{gone['Sid']}' is not there as it was signed",
        "the bucket policy: 'Added' was not signed",
    ]


def test_a_key_that_was_not_signed_is_named(aws, capsys, tmp_path):
    world = World(aws)
    record = record_of_account(tmp_path)
    world.encrypt(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    )
    code, differs = check(capsys, record)
    assert (code, differs) == (1, [f"the key policy of {world.key} is not in the signed record"])


def test_the_record_of_another_bucket_is_a_wrong_call(aws, capsys, tmp_path):
    World(aws)
    record = record_of_account(tmp_path)
    record.write_text(record.read_text().replace(NAME, "other-media"))
    capsys.readouterr()

    assert main(["check", NAME, *IDS, "--signed", str(record)]) == 2
    assert f"no storage of it is {NAME}" in capsys.readouterr().err


def test_another_key_with_the_same_policy_was_not_signed(aws, capsys, tmp_path):
    world = World(aws)
    world.encrypt(ROOT, key_granted())
    record, before = record_of_account(tmp_path), world.key
    world.encrypt(ROOT, key_granted())

    assert check(capsys, record)[1] == [
        f"the key policy of {world.key} is not in the signed record",
        f"the key policy of {before} was signed, and was not found",
    ]


def test_a_policy_with_the_text_that_stands_for_a_name_was_not_signed(aws, capsys, tmp_path):
    """KMS accepts any resource. This one is a variable, and matches nothing."""
    world = World(aws)
    away = {"Sid": "Away", "Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy"}
    away["Condition"] = {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    world.encrypt(ROOT, key_granted(), {**away, "Resource": "*"})
    policy = {"Version": "2012-10-17", "Statement": [ROOT, key_granted(), {**away, "Resource": world.key}]}
    aws("kms").put_key_policy(KeyId=world.key, PolicyName="default", Policy=json.dumps(policy))
    record = record_of_account(tmp_path)
    assert check(capsys, record)[1] == []
    text = json.dumps(policy).replace(f'"{world.key}"', '"${key}"')
    aws("kms").put_key_policy(KeyId=world.key, PolicyName="default", Policy=text)

    assert [each.rpartition(": ")[2] for each in check(capsys, record)[1]] == [
        "'Away' is not there as it was signed",
        "'Away' was not signed",
    ]


def test_the_version_of_a_policy_without_variables_does_not_differ(aws, capsys, tmp_path):
    World(aws)
    record = record_of_account(tmp_path)
    policy = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    aws("s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps({**policy, "Version": "2008-10-17"}))

    assert check(capsys, record) == (0, [])


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_the_version_of_a_policy_decides_what_a_variable_means(aws, capsys, tmp_path, version):
    world = World(aws)
    mine = allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Resource=f"{ARN}/${{aws:username}}/*")
    world.policy(*granted(), mine)
    record = record_of_account(tmp_path)
    policy = {**json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"]), "Version": version}
    text = json.dumps({name: value for name, value in policy.items() if value})
    aws("s3").put_bucket_policy(Bucket=NAME, Policy=text)

    assert check(capsys, record) == (
        1,
        ["the bucket policy: 'Theirs' is not there as it was signed", "the bucket policy: 'Theirs' was not signed"],
    )


def test_a_value_that_only_the_deployment_knows_cannot_be_determined(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    statement = body["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]
    statement["Principal"] = {"AWS": {"Fn::ImportValue": "Somebody"}}
    code, differs = check(capsys, record_of_templates(tmp_path, body))
    assert (code, differs) == (1, ["whether the bucket policy is as signed cannot be determined"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "notes",
        "a: &a [*a]",
        '{"TemplateBody": "x"}',
        '{"version": 1, "storages": [{}]}',
        '{"version": 1, "storages": []}',
        '{"version": 1, "storages": [{"name": "", "policies": [{"arn": "x", "statements": [1]}]}]}',
    ],
)
def test_another_file_is_a_wrong_call(aws, capsys, tmp_path, text):
    World(aws)
    (tmp_path / "signed.json").write_text(text, encoding="utf-8")
    assert main(["check", NAME, *IDS, "--signed", str(tmp_path / "signed.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda body: body.pop("Metadata"), "has no record"),
        (lambda body: body["Metadata"]["iconik-construct"].pop("version"), "the record cannot be read"),
        (lambda body: body["Metadata"].update({"iconik-construct": []}), "the record cannot be read"),
        (
            lambda body: body["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"].pop(),
            "the policy in Policy is not the policy that was recorded",
        ),
        (lambda body: body["Resources"].pop("Key"), "the policy in Key is not the policy that was recorded"),
    ],
)
def test_a_template_whose_record_is_missing_or_of_other_policies_is_a_wrong_call(aws, capsys, tmp_path, change, why):
    file = template_with_record(tmp_path, template(aws, World(aws, key=True)))
    body = json.loads(file.read_text())
    change(body)
    file.write_text(json.dumps(body))
    capsys.readouterr()
    assert main(["check", NAME, *IDS, "--signed", str(file)]) == 2
    assert why in capsys.readouterr().err


def test_a_bucket_that_the_record_of_a_template_does_not_name_is_a_wrong_call(aws, capsys, tmp_path):
    file = template_with_record(tmp_path, template(aws, World(aws, key=True)))
    body = json.loads(file.read_text())
    body["Metadata"]["iconik-construct"]["storages"][0]["policies"] = []
    file.write_text(json.dumps(body))
    assert main(["check", NAME, *IDS, "--signed", str(file)]) == 2
