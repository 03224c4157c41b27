"""`diff` and what is easily read wrongly: patterns in any place, elements that say what is not meant, and bad files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, ROLE

BUCKET = "arn:aws:s3:::media-masters"
ALL = f"{BUCKET}/*"
VENDOR = "arn:aws:iam::111122223333:root"
MINE = "iconik for your domain"


def allow(**more: Any) -> dict[str, Any]:
    tag = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}
    found = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": ALL, "Condition": tag}
    return {name: value for name, value in {**found, **more}.items() if value is not None}


def deny(**more: Any) -> dict[str, Any]:
    return allow(**{"Effect": "Deny", "Principal": "*", "Condition": None, **more})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diff(capsys: pytest.CaptureFixture[str], *sides: list[dict[str, Any]]) -> tuple[int, dict[str, dict[str, Any]]]:
    for name, statements in zip(("old.json", "new.json"), sides, strict=True):
        document = {"Version": "2012-10-17", "Statement": statements}
        Path(name).write_text(json.dumps(document), encoding="utf-8")
    code = main(["diff", "old.json", "new.json", "--system-domain-id", DOMAIN, "--format", "json"])
    return code, {each["caller"]: each for each in json.loads(capsys.readouterr().out)["changes"]}


WIDER: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a second suffix": (
        {"Resource": f"{BUCKET}/*.mov"},
        {"Resource": [f"{BUCKET}/*.mov", f"{BUCKET}/*.mp4"]},
        "s3:GetObject on *.mp4",
    ),
    "a shorter suffix": ({"Resource": f"{BUCKET}/*.mov"}, {"Resource": f"{BUCKET}/*.m*"}, "s3:GetObject on *.m*"),
    "a question mark": ({"Resource": f"{BUCKET}/a.mov"}, {"Resource": f"{BUCKET}/?.mov"}, "s3:GetObject on ?.mov"),
    "the end of an action": ({}, {"Action": "s3:*Object"}, "s3:PutObject on *"),
    "the middle of an action": ({"Action": "s3:Get*"}, {"Action": "s3:*et*"}, "s3:DeleteObject on *"),
    "any action": ({}, {"Action": "*"}, "s3:DeleteObject on *"),
    "NotAction": (
        {"Action": None, "NotAction": ["s3:Delete*", "s3:Put*"]},
        {"Action": None, "NotAction": "s3:Delete*"},
        "s3:PutObject on *",
    ),
    "NotResource": (
        {"Resource": None, "NotResource": [f"{BUCKET}/a/*", f"{BUCKET}/b/*"]},
        {"Resource": None, "NotResource": f"{BUCKET}/a/*"},
        "s3:GetObject on b/*",
    ),
    "the suffix of a NotResource": (
        {"Resource": None, "NotResource": f"{BUCKET}/*.mov"},
        {"Resource": None, "NotResource": f"{BUCKET}/a*.mov"},
        "s3:GetObject on *.mov",
    ),
}


@pytest.mark.parametrize("name", WIDER)
def test_a_wider_pattern_is_a_gain_and_back_a_loss(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    narrow, wide, gained = WIDER[name]
    code, found = diff(capsys, [allow(**narrow)], [allow(**wide)])
    assert code == 1
    assert gained in found[MINE]["gained"]
    code, found = diff(capsys, [allow(**wide)], [allow(**narrow)])
    assert not found[MINE]["gained"]
    assert gained in found[MINE]["lost"]
    # Two suffixes overlap in names that no list tells apart: that may be a gain.
    assert code == (1 if name == "the suffix of a NotResource" else 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (allow(), allow(Resource=[ALL, f"{BUCKET}/*.mov"])),
        (allow(Action="s3:*Object"), allow(Action=["s3:*object", "s3:GetObject"])),
        (allow(Action=None, NotAction="s3:Delete*"), allow(Action=None, NotAction=["s3:delete*", "s3:DeleteObject"])),
        (
            deny(Principal=None, NotPrincipal={"AWS": [VENDOR]}),
            deny(Principal=None, NotPrincipal={"AWS": "111122223333"}),
        ),
    ],
)
def test_the_same_set_written_otherwise_is_no_change(
    old: dict[str, Any], new: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert diff(capsys, [allow(Sid="Kept"), old], [allow(Sid="Kept"), new]) == (0, {})


@pytest.mark.parametrize(
    ("old", "new", "caller", "kind"),
    [
        (
            deny(Resource=f"{BUCKET}/*.mov"),
            deny(Resource=f"{BUCKET}/a*.mov"),
            MINE,
            "gained",
        ),
        (deny(Action="s3:*Object"), deny(Action="s3:P*Object"), MINE, "gained"),
        (
            deny(Principal=None, NotPrincipal={"AWS": VENDOR}, Action="s3:*"),
            deny(Principal=None, NotPrincipal={"AWS": [VENDOR, ROLE]}, Action="s3:*"),
            MINE,
            "may_gain",
        ),
        (
            deny(Action="s3:DeleteBucket"),
            allow(Principal=None, NotPrincipal={"AWS": VENDOR}, Condition=None),
            "an anonymous caller",
            "gained",
        ),
    ],
    ids=["suffix of a Deny", "action of a Deny", "NotPrincipal of a Deny", "NotPrincipal of an Allow"],
)
def test_a_deny_that_leaves_more_out_and_a_notprincipal_are_gains(
    old: dict[str, Any], new: dict[str, Any], caller: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = diff(capsys, [allow(), old], [allow(), new])
    assert code == 1
    assert found[caller][kind]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
BAD: dict[str, tuple[bytes, str]] = {
    "a bomb": (BOMB.encode(), "aliases refer to more than"),
    "50 MB": (b'{"a": "' + b"x" * 50_000_000 + b'"}', "larger than 20 MB"),
    "binary": (bytes(range(256)), "not text in UTF-8"),
    "zero bytes": (b"{}\0", "a binary file"),
    "deep JSON": (b"[" * 100_000, "nested too deeply"),
    "deep YAML": (b"- " * 5_000 + b"a", "nested too deeply"),
    "nothing": (b"", "empty"),
    "no template": (b'{"name": "x"}', "has no template"),
    "an identity policy": (b'{"Statement": [{"Effect": "Allow", "Action": "*"}]}', "no statement has a principal"),
    "an old plan": (b'{"format_version": "0.1", "terraform_version": "0.11.14"}', "of Terraform 0.11.14"),
}


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("name", [*BAD, "missing", "a directory"])
def test_a_side_that_cannot_be_read_is_one_line_and_exit_code_2(
    name: str, side: int, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("good.json").write_text(json.dumps({"Statement": [allow()]}), encoding="utf-8")
    data, said = BAD.get(name, (None, "no such file" if name == "missing" else "without the manifest.json"))
    if data is not None:
        Path("bad").write_bytes(data)
    elif name == "a directory":
        Path("bad").mkdir()
    sides = ["good.json", "good.json"]
    sides[side] = "bad"
    assert main(["diff", *sides, "--system-domain-id", DOMAIN]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("iconik-construct diff: bad: ")
    assert said in printed.err


@pytest.mark.parametrize("depth", [20, 150])
def test_another_policy_that_is_nested_deeply_is_never_a_pass(depth: int, capsys: pytest.CaptureFixture[str]) -> None:
    for name, inside in (("old.json", ""), ("new.json", "x")):
        deep = '{"Fn::Join": ["", [' * depth + f'"{inside}"' + "]]}" * depth
        resource = f'{{"Type": "AWS::S3::BucketPolicy", "Properties": {{"PolicyDocument": {deep}}}}}'
        Path(name).write_text(f'{{"Resources": {{"A": {resource}}}}}', encoding="utf-8")
    assert main(["diff", "old.json", "new.json", "--system-domain-id", DOMAIN]) in {1, 2}
    assert "Traceback" not in capsys.readouterr().err


def test_a_deny_of_both_sides_hides_no_gain_and_makes_none(capsys: pytest.CaptureFixture[str]) -> None:
    tls = deny(Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    in_other_words = allow(Condition={"StringEqualsIgnoreCase": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}})
    assert diff(capsys, [tls, allow()], [tls, in_other_words]) == (0, {})
    assert diff(capsys, [tls, allow()], [tls, allow(Action="s3:*Object")])[0] == 1
    assert diff(capsys, [tls, allow()], [deny(Action="s3:Put*", Condition=tls["Condition"]), allow()])[0] == 1
