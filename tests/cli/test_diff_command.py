"""The command `iconik-construct diff`: changes, formats, exit codes, and what it does without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, ROLE, allow, bucket, template

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "results.schema.json").read_text(encoding="utf-8"))
BUCKET = "arn:aws:s3:::media-masters"
TAG = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}
TLS = {
    "Sid": "OnlyTls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [BUCKET, f"{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def reads(**more: Any) -> dict[str, Any]:
    return {
        "Sid": "Iconik",
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": ["s3:GetObject", "s3:GetObjectTagging"],
        "Resource": f"{BUCKET}/masters/*",
        "Condition": TAG,
        **more,
    }


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diff(capsys: pytest.CaptureFixture[str], old: Any, new: Any, *more: str) -> tuple[int, Any]:
    for name, body in (("old.json", old), ("new.json", new)):
        Path(name).write_text(json.dumps(body), encoding="utf-8")
    code = main(["diff", "old.json", "new.json", "--system-domain-id", DOMAIN, "--format", "json", *more])
    said = capsys.readouterr()
    assert said.err == ""
    found = json.loads(said.out) if not more else said.out
    if not more:
        jsonschema.validate(found, SCHEMA)
    return code, found


def changes(found: Any, kind: str) -> dict[str, list[str]]:
    return {each["caller"]: each[kind] for each in found["changes"] if each[kind]}


@pytest.mark.parametrize(
    "new",
    [
        policy(TLS, reads()),
        policy(reads(Sid="Other", Action=["S3:GetObjectTagging", "s3:getobject"]), TLS),
        policy(reads(Action="s3:GetObject"), reads(Action="s3:GetObjectTagging"), {**TLS, "Principal": {"AWS": ["*"]}}),
        policy(reads(Resource=[f"{BUCKET}/masters/*", f"{BUCKET}/masters/2026/*"]), TLS),
        policy(reads(Condition={"StringEquals": {"AWS:principaltag/iconiksystemdomainid": [DOMAIN]}}), TLS),
    ],
    ids=["order", "Sid and case", "split", "within", "list"],
)
def test_another_spelling_is_no_change(new: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(capsys, policy(reads(), TLS), new) == (
        0,
        {"version": 1, "verdict": "good", "findings": [], "changes": []},
    )


def test_a_wider_prefix_is_a_gain_of_iconik_and_a_narrower_one_a_loss(capsys: pytest.CaptureFixture[str]) -> None:
    narrow, wide = policy(reads()), policy(reads(Resource=f"{BUCKET}/*"))

    code, found = diff(capsys, narrow, wide)
    elsewhere = ["s3:GetObject on * without masters/*", "s3:GetObjectTagging on * without masters/*"]
    assert (code, found["verdict"], changes(found, "gained")) == (1, "not_good", {"iconik for your domain": elsewhere})
    assert [each["id"] for each in found["findings"]] == ["ICONIK025"]

    code, found = diff(capsys, wide, narrow)
    assert (code, found["verdict"], changes(found, "lost")) == (0, "good", {"iconik for your domain": elsewhere})
    assert found["findings"] == []


ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
MINE, OWNER = "iconik for your domain", "the account of the resource"


@pytest.mark.parametrize(
    ("old", "new", "kind", "callers"),
    [
        ([reads()], [reads(Condition={})], "gained", {"iconik for another domain", "iconik without a domain"}),
        ([], [reads(Principal={"AWS": "444455556666"}, Condition={})], "gained", {"the account 444455556666"}),
        ([], [reads(Principal="*", Condition=ORGANISATION)], "may_gain", {"others"}),
        ([reads(), TLS], [reads()], "may_gain", {MINE, OWNER}),
        ([reads(), {**TLS, "Condition": {}}], [reads()], "gained", {MINE, OWNER}),
        ([], [reads(Principal={"Federated": "accounts.google.com"})], "may_gain", {"others"}),
        ([], [reads(Principal={"Service": "*"}, Condition={})], "gained", {"*.amazonaws.com"}),
        ([], [reads(Effect="Perhaps", Action="s3:PutObject")], "may_gain", {MINE}),
    ],
    ids=["no tag", "account", "organisation", "http", "Deny", "federated", "services", "effect"],
)
def test_a_caller_that_gains_access_is_named(
    old: Any, new: Any, kind: str, callers: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    kept = reads(Resource=f"{BUCKET}/kept/*")
    code, found = diff(capsys, policy(kept, *old), policy(kept, *new))
    assert (code, set(changes(found, kind))) == (1, callers)


def test_templates_are_compared_by_resource_with_their_acls_and_grants(capsys: pytest.CaptureFixture[str]) -> None:
    one = bucket(allow())
    assert diff(capsys, one, one)[0] == 0
    public = json.loads(json.dumps(one))
    for each in public["Resources"].values():
        if each["Type"] == "AWS::S3::Bucket":
            each.setdefault("Properties", {})["AccessControl"] = "PublicRead"
    code, found = diff(capsys, one, public)
    assert (code, found["verdict"], set(changes(found, "may_gain"))) == (1, "unknown", {"others"})
    assert diff(capsys, public, one)[0] == 0
    _, text = diff(capsys, one, public, "--format", "text")
    assert "others may gain access, because AccessControl changes: it cannot be" in text

    grant = {
        "Type": "AWS::S3::AccessGrant",
        "Properties": {"Grantee": {"GranteeIdentifier": "x"}, "Permission": "READ"},
    }
    granted = {**one, "Resources": {**one["Resources"], "Grant": grant}}
    assert (diff(capsys, one, granted)[0], diff(capsys, granted, granted)[0], diff(capsys, granted, one)[0]) == (
        1,
        0,
        0,
    )


def test_a_new_bucket_is_a_gain_and_a_value_of_the_deployment_is_compared_by_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found = diff(capsys, template({}), bucket(allow()))
    assert (code, list(changes(found, "gained"))) == (1, ["iconik for your domain"])
    imported = bucket(allow(Principal={"AWS": {"Fn::ImportValue": "Role"}}))
    other = bucket(allow(Principal={"AWS": {"Fn::ImportValue": "OtherRole"}}))
    assert (diff(capsys, imported, imported)[0], diff(capsys, imported, other)[0]) == (0, 1)


def test_a_macro_is_never_a_pass(capsys: pytest.CaptureFixture[str]) -> None:
    made = {**bucket(allow()), "Transform": "OurMacro"}
    code, found = diff(capsys, made, made)
    assert (code, found["verdict"]) == (1, "unknown")


def test_text_and_markdown_name_each_action(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = policy(reads()), policy(reads(Action="s3:PutObject"))
    said = {name: diff(capsys, old, new, "--format", name)[1] for name in ("text", "markdown")}
    for text in said.values():
        assert "gains" in text
        assert "loses" in text
    assert "iconik for your domain gains s3:PutObject on masters/*" in said["text"]
    assert "| `BucketPolicy` | iconik for your domain | gains | s3:PutObject on masters/\\* |" in said["markdown"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.json", "good.json"], "missing.json: no such file"),
        (["good.json"], "give OLD and NEW"),
        (["good.json", "good.json", "good.json"], "give OLD and NEW"),
        (["-", "-"], "only one side"),
        (["good.json", "binary"], "a binary file"),
        (["good.json", "deep.json"], "nested too deeply"),
        (["good.json", "empty.yaml"], "empty"),
        (
            ["--bucket", "s3://media", "good.json"],
            "'--bucket' must be the name of the bucket, got 's3://media'. Write 'media'.",
        ),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("good.json").write_text(json.dumps(policy(reads())), encoding="utf-8")
    Path("binary").write_bytes(b"PK\x03\x04\0\0")
    Path("deep.json").write_text("[" * 100_000, encoding="utf-8")
    Path("empty.yaml").write_text("", encoding="utf-8")
    assert main(["diff", *arguments, "--system-domain-id", DOMAIN]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert said in found.err
    assert found.err.count("\n") == 1


def test_it_runs_without_the_cdk(folder: Path) -> None:
    for name in ("aws_cdk", "constructs", "jsii"):
        (folder / f"{name}.py").write_text("raise ImportError('not here')", encoding="utf-8")
    Path("old.json").write_text(json.dumps(policy(reads())), encoding="utf-8")
    command = [sys.executable, "-m", "iconik_construct", "diff", "old.json", "old.json", "--system-domain-id", DOMAIN]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)  # noqa: S603
    assert (done.returncode, done.stdout, done.stderr) == (0, "No change of access.\n", "")


def test_the_policy_of_a_key_is_compared_too(capsys: pytest.CaptureFixture[str]) -> None:
    statement = {**reads(Action="kms:Decrypt", Resource="*")}
    code, found = diff(capsys, policy(statement), policy({**statement, "Action": ["kms:Decrypt", "kms:Encrypt"]}))
    assert (code, changes(found, "gained")) == (1, {"iconik for your domain": ["kms:Encrypt on the key"]})
