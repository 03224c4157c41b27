"""Whatever cannot be read is refused in one line that says what and why; nothing of it passes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.cli.main import main

DOMAIN = "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "blanks": (b" \n \n", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "not text in UTF-8"),
    "zero bytes": (b"{}\0", "a binary file, not text"),
    "a plan as Terraform stores it": (b"PK\x03\x04\x14\0", "terraform show -json FILE"),
    "no JSON": (b'{"Resources": ', "not JSON: line 1"),
    "no YAML": (b"a: [b\nc: ]d", "not YAML that can be read: line"),
    "a bomb": (BOMB.encode(), "aliases refer to more than 100,000 values"),
    "an alias in itself": (b"a: &a [*a]", "an alias refers to a value that contains it"),
    "deep JSON": (b"[" * 100_000, "nested too deeply"),
    "deep YAML": (b"- " * 5_000 + b"a", "nested too deeply"),
    "deep flow YAML": (b"a: " + b"[" * 5_000, "nested too deeply"),
    "several documents": (b"a: 1\n---\nb: 2\n", "not YAML that can be read"),
    "an object of Python": (
        b"a: !!python/object/apply:os.system [id]",
        "the tag !!python/object/apply:os.system is not",
    ),
    "a tag that is no name": (b"a: !<x/y> b", "the tag x/y is not read"),
    "a text": (b"hello", "has no template"),
    "a number": (b"7", "has no template"),
    "a list": (b"[]", "has no template"),
    "something else": (b'{"name": "x"}', "has no template"),
    "a key twice, in JSON": (b'{"Resources": {"A": {}, "A": {}}}', "the key 'A' occurs twice"),
    "a key twice, in YAML": (b"Resources:\n  A: {}\n  A: {}\n", "the key 'A' occurs twice in one object, at line 3"),
    "a policy of an identity": (
        b'{"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}',
        "no statement has a principal",
    ),
    "a plan of an old Terraform": (
        b'{"format_version": "0.1", "terraform_version": "0.11.14"}',
        "of Terraform 0.11.14",
    ),
    "a state of an old Terraform": (b'{"version": 3, "terraform_version": "0.11.14"}', "of Terraform 0.11.14"),
    "a state file": (b'{"version": 4, "terraform_version": "1.9.5", "resources": []}', "terraform show -json"),
    "a plan with an error": (
        b'{"format_version": "1.2", "errored": true, "planned_values": {}}',
        "ended with an error",
    ),
    "no values": (b'{"format_version": "1.2", "terraform_version": "1.9.5", "x": 1}', "no planned_values"),
    "a plan without lists": (
        b'{"format_version": "1.2", "planned_values": {"root_module": {"resources": "x"}}}',
        "not a list",
    ),
    "a plan without objects": (b'{"format_version": "1.2", "planned_values": {"root_module": 7}}', "is not an object"),
    "a plan of numbers": (
        b'{"format_version": "1.2", "planned_values": {}, "resource_changes": [7]}',
        "not a list of objects",
    ),
    "20 MB": (b'{"a": "' + b"x" * 20_000_000 + b'"}', "larger than 20 MB"),
}


def call(*paths: str) -> int:
    return main(["guard", *paths, "--system-domain-id", DOMAIN, "--format", "json"])


def refused(code: int, capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith("iconik-construct guard: ")
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, said = BAD[name]
    path = tmp_path / "given"
    path.write_bytes(data)
    line = refused(call(str(path)), capsys)
    assert str(path) in line
    assert said in line


@pytest.mark.parametrize("short", ["!Base64 a", "!GetAZs a", "!ToJsonString {a: b}", "!GetAtt A.Arn", "!Sub 'a'"])
def test_each_short_function_of_cloudformation_is_read(
    short: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "it.yaml").write_text(f"Resources:\n  A:\n    Type: A::B::C\n    Properties:\n      D: {short}\n")
    assert call(str(tmp_path / "it.yaml")) == 0, capsys.readouterr().err


def test_what_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such file" in refused(call(str(tmp_path / "missing.json")), capsys)
    assert "run cdk synth" in refused(call(str(tmp_path)), capsys)
    assert "embedded null" in refused(call("a\0b"), capsys)


@pytest.mark.parametrize("manifest", ["", "[]", "{", '{"artifacts": {}}', '{"artifacts": {"a": {"type": 7}}}'])
def test_an_assembly_that_cannot_be_read_is_refused(
    manifest: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    assert "the assembly" in refused(call(str(tmp_path)), capsys)


def test_one_bad_file_among_good_ones_is_named_and_nothing_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.json").write_text('{"Resources": {}}', encoding="utf-8")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    assert "bad.json" in refused(call(str(tmp_path / "good.json"), str(tmp_path / "bad.json")), capsys)


@pytest.mark.parametrize("options", [["--system-domain-id", "acme"], ["--iconik-role-arn", "x"]])
def test_a_wrong_option_is_refused(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["guard", str(tmp_path), "--system-domain-id", DOMAIN, *options])
    assert options[0] in refused(code, capsys)


@pytest.mark.parametrize(
    "body",
    [
        {"Transform": "Acme::Macro", "Resources": {}},
        {"Resources": {"Fn::Transform": {"Name": "AWS::Include"}}},
        {"Resources": []},
        {"Resources": {"A": "text"}},
    ],
)
def test_a_template_with_macros_or_without_readable_resources_is_unknown(
    body: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    assert call(str(path)) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "unknown"


def test_a_template_that_is_nested_as_deep_as_json_goes_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "template.json"
    deep = '{"Fn::Join": ["", [' * 150 + '""' + "]]}" * 150
    policy = f'{{"Type": "AWS::S3::BucketPolicy", "Properties": {{"PolicyDocument": {deep}}}}}'
    path.write_text(f'{{"Resources": {{"A": {policy}}}}}', encoding="utf-8")
    assert call(str(path)) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "unknown"


def test_an_internal_error_is_one_line_and_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @property
        def buffer(self) -> io.BytesIO:
            raise RuntimeError("two\nlines")

    monkeypatch.setattr(sys, "stdin", Broken())
    assert call("-") == 3
    printed = capsys.readouterr()
    said = "iconik-construct guard: an internal error, so nothing was determined: RuntimeError: two lines\n"
    assert (printed.out, printed.err) == ("", said)
