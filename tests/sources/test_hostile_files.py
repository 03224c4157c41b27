"""Templates, policies and assemblies that are odd, incomplete or wrong: none passes, and none ends with a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, ROLE

READS = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::media/*"}
BAD = {"Statement": [READS]}
OWNED = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "media", "PolicyDocument": BAD}}
FLOW = json.dumps(OWNED)
LOOP = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Loop: "


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, Any]) -> None:
    for name, body in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")


def guard(capsys: pytest.CaptureFixture[str], *paths: str) -> tuple[int, str]:
    """Return the exit code and the ids of the findings, or the one line of the error."""
    code = main(["guard", *paths, "--system-domain-id", DOMAIN, "--format", "json"])
    said = capsys.readouterr()
    if code == 2:
        assert (said.out, said.err.count("\n")) == ("", 1)
        return 2, said.err
    return code, " ".join(sorted({each["id"] for each in json.loads(said.out)["findings"]}))


TEMPLATES = {
    "a loop": (f"{LOOP}[A, [b], {{'P${{A}}': {FLOW}}}]", "ICONIK001 ICONIK007"),
    "a loop in a loop": (
        f"{LOOP}[A, [b], {{'Fn::ForEach::B': [B, [c], {{'P${{B}}': {FLOW}}}]}}]",
        "ICONIK001 ICONIK007",
    ),
    "a loop over a parameter": (f"{LOOP}[A, !Ref List, {{'P${{A}}': {FLOW}}}]", "ICONIK001 ICONIK007"),
    "a loop without resources": (f"{LOOP}[A, [b]]", "ICONIK009"),
    "a loop over what a reference says": (f"{LOOP}[A, [b], !Ref Resources]", "ICONIK009"),
    "a loop that is an object": (f"{LOOP}{{A: b}}", "ICONIK009"),
    "a resource in a loop that cannot be read": (f"{LOOP}[A, [b], {{'P${{A}}': 7}}]", "ICONIK009"),
    "a resource without a type": ("Resources: {A: {Properties: {}}}", "ICONIK009"),
    "a resource that is null": ("Resources: {A: }", "ICONIK009"),
    "a resource of another tool": ("Resources:\n  A: !Rain::Module other.yaml", "ICONIK009"),
    "a type that a reference says": (
        "Resources: {A: {Type: !Ref Kind, Properties: {PolicyDocument: !Ref P}}}",
        "ICONIK009",
    ),
    "a macro in a policy": (
        "Resources: {A: {Type: 'AWS::S3::BucketPolicy', Properties: {PolicyDocument: !Transform {Name: M}}}}",
        "ICONIK009",
    ),
    "a macro in the properties": (
        "Resources: {A: {Type: 'AWS::S3::BucketPolicy', Properties: {'Fn::Transform': {Name: 'AWS::Include'}}}}",
        "ICONIK009",
    ),
    "a macro in a resource": (
        "Resources: {A: {Type: 'AWS::S3::BucketPolicy', 'Fn::Transform': {Name: 'AWS::Include'}}}",
        "ICONIK009",
    ),
    "a grant to a parameter": (
        "Resources: {A: {Type: 'AWS::S3::AccessGrant', Properties: {Grantee: {GranteeIdentifier: !Ref Who}}}}",
        "ICONIK009",
    ),
    "an anchor": (f"x: &a {FLOW}\nResources: {{A: *a}}", "ICONIK001 ICONIK007"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_hides_a_policy_does_not_pass(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, ids = TEMPLATES[name]
    write({"template.yaml": text})
    assert guard(capsys, "template.yaml") == (1, ids)


def test_the_finding_about_a_resource_that_cannot_be_read_names_the_resource(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(
        {"template.yaml": "Resources:\n  Network: {Type: !Rain::Module a.yaml}\n  Site: {Type: !Rain::Module b.yaml}"}
    )
    main(["guard", "template.yaml", "--system-domain-id", DOMAIN])
    text = " ".join(capsys.readouterr().out.split())
    assert [text.count(f"the resource {name} has no Type that can be read") for name in ("Network", "Site")] == [1, 1]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([READS], "has no template"),
        (READS, "has no template"),
        ({"Statement": "x"}, "no statement has a principal"),
        ({"Statement": [{"effect": "Allow", "principal": "*"}]}, "no statement has a principal"),
        ({"Policy": "{"}, "has no template"),
        ({"Policy": '{"Statement": [{}], "Statement": []}'}, "a key occurs twice"),
        ({"Policy": json.dumps(BAD)[:-1] + ', "Statement": []}'}, "a key occurs twice"),
        ('{"Resources": {},}', "not JSON"),
        ("\ufeff{", "not JSON"),
    ],
)
def test_a_policy_that_is_none_is_refused(body: Any, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policy.json": body})
    code, line = guard(capsys, "policy.json")
    assert code == 2
    assert said in line


@pytest.mark.parametrize("statement", [7, "text"])
def test_a_statement_that_cannot_be_read_beside_others_is_unknown(
    statement: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tagged = {**READS, "Condition": {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}}
    write({"policy.json": {"Statement": [tagged, statement]}})
    code, ids = guard(capsys, "policy.json")
    assert (code, "ICONIK009" in ids) == (1, True)


def manifest(**artifacts: Any) -> dict[str, Any]:
    return {"version": "48.0.0", "artifacts": artifacts}


def stack(file: str) -> dict[str, Any]:
    environment = "aws://unknown-account/unknown-region"
    return {"type": "aws:cloudformation:stack", "environment": environment, "properties": {"templateFile": file}}


def stage(folder: str) -> dict[str, Any]:
    return {"type": "cdk:cloud-assembly", "properties": {"directoryName": folder}}


HASH = "a" * 64
NESTED = {
    "Resources": {
        "Nested": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": {"Fn::Sub": f"https://s3.${{AWS::Region}}.amazonaws.com/assets/{HASH}.json"}},
        }
    }
}


def assets(path: str) -> dict[str, Any]:
    return {"files": {HASH: {"source": {"path": path, "packaging": "file"}, "destinations": {}}}}


GOOD = {"A.template.json": {"Resources": {}}}
ASSEMBLIES: dict[str, tuple[dict[str, Any], str]] = {
    "no template": ({"manifest.json": manifest(A=stack("A.template.json"))}, "ICONIK024"),
    "no file": ({"manifest.json": manifest(A={"type": "aws:cloudformation:stack"})}, "ICONIK024"),
    "a template that is no JSON": ({"manifest.json": manifest(A=stack("A")), "A": "Resources: {}"}, "ICONIK024"),
    "a template in a stage": (
        {
            "manifest.json": manifest(S=stage("s")),
            "s/manifest.json": manifest(A=stack("A")),
            "s/A": {"Resources": {"P": OWNED}},
        },
        "ICONIK001 ICONIK007",
    ),
    "no stage": ({"manifest.json": manifest(A=stack("A.template.json"), S=stage("s")), **GOOD}, "ICONIK024"),
    "a stage without a folder": (
        {"manifest.json": manifest(A=stack("A.template.json"), S={"type": "cdk:cloud-assembly"}), **GOOD},
        "ICONIK024",
    ),
    "a stage that cannot be read": (
        {"manifest.json": manifest(A=stack("A.template.json"), S=stage("s")), "s/manifest.json": "{", **GOOD},
        "ICONIK024",
    ),
    "an artifact that is none": (
        {"manifest.json": manifest(S=stage("s"), A=stack("A.template.json")), "s/manifest.json": manifest(A=7), **GOOD},
        "ICONIK024",
    ),
    "a nested stack": (
        {
            "manifest.json": manifest(A=stack("A.template.json")),
            "A.template.json": NESTED,
            "A.assets.json": assets("nested.json"),
            "nested.json": {"Resources": {"P": OWNED}},
        },
        "ICONIK001 ICONIK007",
    ),
    "a nested stack without a file": (
        {
            "manifest.json": manifest(A=stack("A.template.json")),
            "A.template.json": NESTED,
            "A.assets.json": assets("nested.json"),
        },
        "ICONIK024",
    ),
    "a nested stack without a list of assets": (
        {"manifest.json": manifest(A=stack("A.template.json")), "A.template.json": NESTED},
        "ICONIK024",
    ),
}


@pytest.mark.parametrize("name", ASSEMBLIES)
def test_an_assembly_of_which_a_part_is_missing_does_not_pass(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    files, ids = ASSEMBLIES[name]
    write({f"cdk.out/{path}": body for path, body in files.items()})
    assert guard(capsys, "cdk.out") == (1, ids)


def test_a_stage_that_names_itself_is_read_once(capsys: pytest.CaptureFixture[str]) -> None:
    write({"cdk.out/manifest.json": manifest(A=stack("A"), S=stage("."), T=stage("../cdk.out"))})
    write({"cdk.out/A": {"Resources": {"P": OWNED}}})
    assert guard(capsys, "cdk.out") == (1, "ICONIK001 ICONIK007")


def test_files_of_several_kinds_are_read_together_and_each_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    write({"cdk.out/manifest.json": manifest(A=stack("A")), "cdk.out/A": {"Resources": {}}, "bad.json": BAD})
    for paths in (("cdk.out", "bad.json"), ("bad.json", "cdk.out"), ("bad.json", "bad.json")):
        main(["guard", *paths, "--system-domain-id", DOMAIN, "--format", "json"])
        found = json.loads(capsys.readouterr().out)
        assert {each["resource"] for each in found["findings"]} == {"bad.json#BucketPolicy"}


@pytest.mark.parametrize("name", ["loop.json", f"{300 * 'x'}.json", "cdk.out/manifest.json"])
def test_a_file_that_the_system_does_not_open_is_refused(capsys: pytest.CaptureFixture[str], name: str) -> None:
    Path("loop.json").symlink_to("loop.json")
    Path("cdk.out").symlink_to("cdk.out")
    code, line = guard(capsys, name)
    assert (code, line.startswith("Error: ") or name in line) == (2, True)


def test_the_uri_of_a_finding_is_relative_to_the_working_directory(capsys: pytest.CaptureFixture[str]) -> None:
    write({"here/a b.json": BAD, "here/sub/x": ""})
    os.chdir("here")
    given = {"a b.json": "a%20b.json", "sub/../a b.json": "a%20b.json", str(Path.cwd() / "a b.json"): "a%20b.json"}
    os.chdir("sub")
    outside = {"../a b.json": Path("../a b.json").resolve().as_uri()}
    for start, cases in (("..", given), ("sub", outside)):
        os.chdir(start)
        for path, uri in cases.items():
            main(["guard", path, "--system-domain-id", DOMAIN, "--format", "sarif"])
            results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
            assert {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results} == {uri}


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "junit", "markdown"])
def test_names_that_no_encoding_can_write_end_with_the_verdict(format_: str) -> None:
    action = "s3:Get\\ud800\\u202e"
    text = json.dumps({"Resources": {"A@": OWNED}}).replace("A@", "A\\ud800\\u0000").replace("s3:GetObject", action)
    write({"template.json": text})
    command = [sys.executable, "-m", "iconik_construct", "guard", "template.json", "--system-domain-id", DOMAIN]
    done = subprocess.run([*command, "--format", format_], capture_output=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"ICONIK001" in done.stdout


@pytest.mark.parametrize("command", [["guard", "bad.json"], ["diff", "bad.json", "bad.json"]])
def test_a_reader_that_ends_early_is_no_internal_error(command: list[str]) -> None:
    write({"bad.json": BAD})
    reader, writer = os.pipe()
    os.close(reader)
    given = [sys.executable, "-m", "iconik_construct", *command, "--system-domain-id", DOMAIN]
    done = subprocess.run(given, stdout=writer, stderr=subprocess.PIPE, check=False)  # noqa: S603
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_closed_standard_input_is_a_file_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    code, line = guard(capsys, "-")
    assert (code, "standard input: closed" in line) == (2, True)
