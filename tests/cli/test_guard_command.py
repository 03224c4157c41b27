"""The command `iconik-construct guard`: its formats, its exit codes, and what it does without."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from iconik_construct.access.trust import EXAMPLE_SYSTEM_DOMAIN_ID
from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, ROLE, allow, bucket, key, template, with_resources

GOOD = bucket(allow())
BAD = bucket(allow(Condition=None))
WARNED = bucket(allow(), key="arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab")
UNKNOWN = bucket(allow(Principal={"AWS": {"Fn::ImportValue": "Role"}}, Condition=None))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> int:
    return main(["guard", *arguments, "--system-domain-id", DOMAIN])


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = call(*arguments)
    said = capsys.readouterr()
    assert said.err == ""
    return code, said.out


def write(name: str, body: Any) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(json.dumps(body, indent=1), encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("body", "verdict", "ids"),
    [
        (GOOD, "good", []),
        (WARNED, "unknown", ["ICONIK010"]),
        (BAD, "not_good", ["ICONIK001"]),
        (UNKNOWN, "unknown", ["ICONIK009"]),
        (template({}), "good", []),
    ],
)
def test_json_is_one_object_with_a_version_a_verdict_and_findings(
    body: Any, verdict: str, ids: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, text = printed(capsys, write("media.json", body), "--format", "json")
    found = json.loads(text)
    # What may block iconik is a warning.
    assert ended == (1 if body in (BAD, UNKNOWN) else 0)
    assert set(found) == {"version", "verdict", "findings"}
    assert (found["version"], found["verdict"]) == (1, verdict)
    assert [one["id"] for one in found["findings"]] == ids
    for one in found["findings"]:
        assert set(one) == {"id", "severity", "message", "resource", "fix"}
        assert one["resource"] == "media.json#MediaPolicy"
        assert all(isinstance(value, str) and value for value in one.values())


def test_sarif_is_of_version_2_1_0_and_has_what_code_scanning_asks_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("a folder/media.json", BAD)
    _, text = printed(capsys, path, str(folder / write("known.json", WARNED)), "--format", "sarif")
    Sarif.model_validate_json(text)
    (run,) = json.loads(text)["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert rule["helpUri"].startswith("https://")
        assert rule["helpUri"].endswith(f"#{rule['id'].lower()}")
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    places = [(one["level"], one["locations"][0]["physicalLocation"]) for one in run["results"]]
    line = next(number for number, text in enumerate(Path(path).read_text().splitlines(), 1) if '"MediaPolicy"' in text)
    region = {"startLine": line}
    assert ("error", {"artifactLocation": {"uri": "a%20folder/media.json"}, "region": region}) in places
    assert ("warning", "known.json") in [(level, place["artifactLocation"]["uri"]) for level, place in places]


def test_junit_has_a_case_for_each_rule_and_resource(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = with_resources(BAD, **{"<&\x07": BAD["Resources"]["MediaPolicy"]})
    code, text = printed(capsys, write("media.json", other), write("known.json", WARNED), "--format", "junit")
    (suite,) = ElementTree.fromstring(text)  # noqa: S314 - our own
    cases = {one.attrib["name"]: one for one in suite}
    failed = [name for name, one in cases.items() if one.find("failure") is not None]
    assert code == 1
    assert failed == ["ICONIK001 media.json#MediaPolicy", "ICONIK001 media.json#<&\N{REPLACEMENT CHARACTER}"]
    assert (suite.attrib["failures"], suite.attrib["tests"]) == ("2", str(len(cases)))
    assert cases["ICONIK010 known.json#MediaPolicy"].find("system-out") is not None
    assert len(cases["ICONIK004 every resource"]) == 0


@pytest.mark.parametrize("form", ["junit", "markdown"])
def test_a_format_for_programs_is_utf_8_whatever_the_code_page_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, encoding="cp437"))

    call(write("médias.json", BAD), "--format", form)

    assert "médias" in output.getvalue().decode("utf-8")


def test_markdown_shows_names_as_they_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "a|b`c\n@you <b>"
    body = template({name: BAD["Resources"]["MediaPolicy"], "Media": BAD["Resources"]["Media"]})
    _, text = printed(capsys, write("media.json", body), "--format", "markdown")
    assert text.startswith("### iconik: refused\n\n1 error.\n")
    (row,) = [line for line in text.splitlines() if "ICONIK001" in line]
    assert "`media.json#a\\|b'c\N{REPLACEMENT CHARACTER}@you <b>, line 3`" in row
    assert "(https://iconik-construct.github.io/" in row


@pytest.mark.parametrize("resource", ["*", ["*"]])
def test_a_policy_of_all_actions_on_the_resource_star_is_a_key_policy(
    folder: Path, capsys: pytest.CaptureFixture[str], resource: Any
) -> None:
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": resource}
        for principal in (root, {"AWS": ROLE})
    ]
    _, text = printed(capsys, write("key.json", {"Statement": statements}), "--format", "json")
    assert {each["resource"] for each in json.loads(text)["findings"]} == {"key.json#KeyPolicy"}


def test_text_names_the_place_the_reason_and_the_fix(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, text = printed(capsys, write("media.json", BAD))
    assert text.startswith("error ICONIK001: media.json#MediaPolicy, line ")
    assert "  Fix: Add" in text
    assert text.endswith("\n1 error.\n")
    assert printed(capsys, write("media.json", GOOD)) == (0, "No finding.\n")
    tag = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": {"Fn::ImportValue": "Domain"}}}
    _, text = printed(capsys, write("media.json", bucket(allow(Condition=tag))))
    assert "the value of the tag is not known: ${{Fn::ImportValue: Domain}}" in " ".join(text.split())


def test_an_id_that_is_an_example_is_a_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(write("media.json", GOOD), "--system-domain-id", EXAMPLE_SYSTEM_DOMAIN_ID)
    assert "iconik-construct guard: warning: 'system_domain_id' 1297c8b6" in capsys.readouterr().err


def test_a_template_in_a_text_has_no_line_of_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = {name: each for name, each in BAD["Resources"].items() if each["Type"] == "AWS::S3::BucketPolicy"}
    stack_set = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": json.dumps(BAD)}}
    outer = {"Set": stack_set, **{name: {"Type": "AWS::SNS::Topic"} for name in inner}}
    _, text = printed(capsys, write("outer.json", {"Resources": outer}))
    [place] = [line for line in text.splitlines() if line.startswith("error ICONIK001: outer.json#Set#")]
    assert ", line" not in place


def test_standard_input_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for format_ in ("json", "sarif", "junit", "markdown", "text"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(BAD).encode("utf-16"))))
        code, text = printed(capsys, "-", "--format", format_)
        assert code == 1
        assert "ICONIK001" in text


def test_a_key_in_another_file_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = key(Outputs={"Key": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": "Key"}}})
    media = bucket(allow(), key={"Fn::ImportValue": "Key"})
    _, alone = printed(capsys, write("media.json", media), "--format", "json")
    code, both = printed(capsys, "media.json", write("key.json", exported), "--format", "json")
    assert {one["id"] for one in json.loads(alone)["findings"]} == {"ICONIK010"}
    assert code == 1
    assert {one["id"] for one in json.loads(both)["findings"]} == {"ICONIK008"}


def assembly(**acknowledged: str) -> str:
    """An assembly as any CDK language writes it, with a stage."""
    write("cdk.out/stage/Media.template.json", BAD)
    metadata = {
        "/App/Stage/Media/Masters/Policy/Resource": [
            {"type": "aws:cdk:logicalId", "data": "MediaPolicy"},
            {"type": "aws:cdk:acknowledged-rules", "data": acknowledged},
        ]
    }
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://123456789012/eu-west-1",
        "properties": {"templateFile": "Media.template.json"},
        "metadata": metadata,
        "displayName": "Stage/Media",
    }
    write("cdk.out/stage/manifest.json", {"version": "48.0.0", "artifacts": {"Media": stack}})
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "stage"}}
    write("cdk.out/manifest.json", {"version": "48.0.0", "artifacts": {"Stage": nested}})
    return "cdk.out"


def test_an_assembly_is_read_with_its_stages_and_its_acknowledgements(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = printed(capsys, assembly(), "--format", "json")
    (found,) = json.loads(text)["findings"]
    assert (code, found["id"], found["resource"]) == (1, "ICONIK001", "App/Stage/Media/Masters/Policy/Resource")
    acknowledged = assembly(**{"iconik-guardrail::ICONIK001": "a test"})
    assert printed(capsys, acknowledged) == (0, "No finding.\n")


BLOCKED = """\
import sys
for name in {names!r}: sys.modules[name] = None
from iconik_construct.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def blocked(*arguments: str, names: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    code = BLOCKED.format(names=names)
    command = [sys.executable, "-c", code, "guard", *arguments, "--system-domain-id", DOMAIN]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603


@pytest.mark.parametrize("name", ["template.json", "template.yaml", "policy.json", "plan.json", "cdk.out"])
def test_it_runs_where_neither_the_cdk_nor_boto3_can_be_imported(name: str, folder: Path) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "*"}]}
    role = {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r"}
    values = {"root_module": {"resources": [{**role, "values": {"assume_role_policy": json.dumps(policy)}}]}}
    bodies = {"policy.json": policy, "plan.json": {"format_version": "1.0", "values": values}}
    given = assembly() if name == "cdk.out" else write(name, bodies.get(name, BAD))
    done = blocked(given, names=("aws_cdk", "constructs", "jsii", "boto3", "botocore", "pydantic"))
    assert (done.returncode, done.stderr) == (1, "")
    assert "ICONIK001" in done.stdout


def test_yaml_asks_for_the_extra_where_pyyaml_is_missing(folder: Path) -> None:
    Path("template.yaml").write_text("Resources: {}", encoding="utf-8")
    done = blocked("template.yaml", names=("yaml",))
    assert done.returncode == 2
    assert "pip install 'iconik-construct[guard]'" in done.stderr
    assert blocked(write("template.json", GOOD), names=("yaml",)).returncode == 0


LOADED = """\
import sys
from iconik_construct.cli.main import main
sys.stdout.flush()
code = main(sys.argv[1:])
print("\\n" + " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(code)
"""
NOT_TO_START = {"aws_cdk", "boto3", "botocore", "constructs", "jinja2", "jsii", "pydantic", "yaml"}
"""What takes longer to load than the command needs; `dev/bench/commands.py` has the time."""


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "junit", "markdown"])
@pytest.mark.parametrize("command", ["guard", "diff"])
def test_it_loads_neither_the_cdk_nor_any_extra(command: str, format_: str, folder: Path) -> None:
    if command == "diff" and format_ in {"sarif", "junit"}:
        format_ = "text"
    paths = [write("template.json", BAD), write("other.json", GOOD)]
    arguments = [command, *paths, "--system-domain-id", DOMAIN, "--format", format_]
    done = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "iconik_construct" in loaded
    assert not loaded & NOT_TO_START
    assert done.stderr == ""
