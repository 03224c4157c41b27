"""The app as it is called: by itself and by the real CDK CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.app.running import run

TOP = Path(__file__).resolve().parents[2]
CDK = TOP / "node_modules" / ".bin" / "cdk"
DOMAIN = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))},
    "CDK_VALIDATION": "false",  # see `pytest_configure`
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    "PYTHONPATH": str(TOP),
    "AWS_EC2_METADATA_DISABLED": "true",
    "CDK_DISABLE_CLI_TELEMETRY": "true",
}

BAD: dict[str, tuple[Any, str]] = {
    "no domain": ({"storages": {"a": {}}}, "'storages.a.system_domain_id' must be given"),
    "not a UUID": ({"system_domain_id": "acme"}, "'system_domain_id' must be a UUID, got 'acme'"),
    "unknown role": (
        {"storages": {"a": {"permissions": {"roles": ["OWNER"]}}}},
        "'storages.a.permissions.roles[0]' must be a known choice, got 'OWNER'",
    ),
    "ADMIN with prefixes": (
        {"storages": {"a": {"permissions": {"roles": ["ADMIN"], "prefixes": ["masters/"]}}}},
        "'storages.a.permissions.prefixes' must be empty for the role Admin",
    ),
    "key with S3_MANAGED": (
        {"storages": {"a": {"encryption": "S3_MANAGED", "encryption_key_arn": KEY_ARN}}},
        "'storages.a.encryption_key_arn' must be left out with the encryption S3_MANAGED",
    ),
    "illegal bucket name": (
        {"storages": {"a": {"bucket": {"name": "Acme_Masters"}}}},
        "'storages.a.bucket.name' must be 3 to 63 lower case letters",
    ),
    "empty storages": ({"storages": {}}, "'storages' must not be empty"),
    "duplicate storage name": (
        f'{{"system_domain_id": "{DOMAIN}", "storages": {{"a": {{}}, "a": {{}}}}}}',
        "'storages.a' must be in the document once",
    ),
    "unknown config key": ({"storages": {"a": {"permision": "read"}}}, "Did you mean 'permissions'?"),
    "wrong type": ({"storages": []}, "'storages' must be an object, got []"),
    "not JSON": ("{", "'file' must be a file of JSON in UTF-8"),
    "a key of another account": (
        {"account": "999999999999", "region": "eu-west-1", "storages": {"a": {"encryption_key_arn": KEY_ARN}}},
        "'storages.a.adoption' must be \"HAND_OVER\"",
    ),
    "a region without iconik's role": ({"region": "us-gov-west-1"}, "'region' must be in the partition 'aws'"),
}


def write_config(directory: Path, document: Any) -> Path:
    path = directory / "bad.json"
    if isinstance(document, dict):
        shared = {} if "no-domain" in directory.name else {"system_domain_id": DOMAIN}
        document = json.dumps({**shared, "storages": {"a": {}}, **document})
    path.write_text(document)
    return path


def run_command(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `iconik-construct app`, as a `cdk.json` has it."""
    env = {**ENVIRONMENT, "CDK_OUTDIR": str(cwd / "cdk.out")}
    return subprocess.run(  # noqa: S603 - our own app
        [sys.executable, "-m", "iconik_construct", "app", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def run_cdk(
    cwd: Path, *arguments: str, command: str = "synth", as_a_user: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the CDK CLI; as a user does, with the CDK's own rules on templates."""
    return subprocess.run(  # noqa: S603 - our own CLI
        [str(CDK), command, "--quiet", *arguments],
        cwd=cwd,
        env={**ENVIRONMENT, "CDK_VALIDATION": "true" if as_a_user else "false"},
        capture_output=True,
        text=True,
        check=False,
    )


def files_below(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_error_and_nothing_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    directory = tmp_path / name.replace(" ", "-")
    directory.mkdir()
    monkeypatch.chdir(directory)
    document, expected = BAD[name]
    assert run(write_config(directory, document).name) == 1
    printed = capsys.readouterr()
    header, mistake = printed.err.splitlines()
    assert header in ("The storages of bad.json cannot be built:", "The storages cannot be built:")
    assert "bad.json" in printed.err
    assert expected in mistake
    assert printed.out == ""
    assert files_below(directory).keys() == {"bad.json"}


def test_the_cdk_cli_shows_every_mistake_and_writes_nothing(tmp_path: Path):
    document = {"storages": {"a": {"permissions": "all"}, "b": {"encryption": "SSE"}}}
    result = run_cdk(TOP, "-c", f"config={write_config(tmp_path, document)}", "-o", str(tmp_path / "cdk.out"))
    assert result.returncode == 1
    assert "'storages.a.permissions' must be a known choice, got 'all'" in result.stderr
    assert "'storages.b.encryption' must be a known choice, got 'SSE'" in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert files_below(tmp_path).keys() == {"bad.json"}


def test_a_duplicate_storage_in_cdk_json_is_refused(tmp_path: Path):
    iconik = f'{{"system_domain_id": "{DOMAIN}", "storages": {{"a": {{}}, "a": {{}}}}}}'
    (tmp_path / "cdk.json").write_text(f'{{"app": "python3 {TOP}/app.py", "context": {{"iconik": {iconik}}}}}')
    result = run_cdk(tmp_path)
    assert result.returncode == 1
    assert "'storages.a' must be in the document once" in result.stderr
    assert files_below(tmp_path).keys() == {"cdk.json"}


@pytest.mark.proof
def test_the_sample_gives_the_same_bytes_again_from_another_directory(tmp_path: Path):
    outputs = [tmp_path / name for name in ("first", "elsewhere")]
    for output, cwd in zip(outputs, (TOP, tmp_path), strict=True):
        result = run_cdk(cwd, "-o", str(output), "--app", f"python3 {TOP / 'app.py'}", as_a_user=output.name == "first")
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
    first, elsewhere = map(files_below, outputs)
    assert "Iconik.template.json" in first
    assert first == elsewhere


TEN_MISTAKES = """\
# comments are allowed
system_domain_id: acme
region: europe
storages:
  masters:
    permision: read
    path: masters
    lifecycle: {archive: {after_days: 90, storage_class: GLACIR}}
    tags: {cost: 4711}
  proxies:
    purpose: PROXYS
    bucket_props: {transferAcceleration: true}
    account: 111122223333
    guardrail: on
"""


def test_ten_errors_are_ten_lines_with_their_places(tmp_path: Path):
    (tmp_path / "storages.yaml").write_text(TEN_MISTAKES)
    result = run_command(tmp_path)
    assert result.returncode == 1
    header, *lines = result.stderr.splitlines()
    assert header == "The storages of storages.yaml cannot be built:"
    assert [line.split(": ", 1)[0] for line in lines] == [f"  line {n}" for n in (2, 3, 6, 7, 8, 9, 11, 12, 13, 14)]
    assert files_below(tmp_path).keys() == {"storages.yaml"}


def test_two_files_and_the_cdk_cli_are_enough(tmp_path: Path):
    (tmp_path / "cdk.json").write_text(f'{{\n  "app": "{sys.executable} -m iconik_construct app storages.yaml"\n}}\n')
    storages = f"system_domain_id: {DOMAIN}\nstorages:\n  masters: {{}}\n  proxies: {{encryption: KMS}}\n"
    (tmp_path / "storages.yaml").write_text(storages)
    result = run_cdk(tmp_path, "-o", "out", as_a_user=True)
    assert result.returncode == 0, result.stderr
    template = json.loads((tmp_path / "out" / "Iconik.template.json").read_text())
    assert {"mastersSettings", "proxiesSettings"} <= template["Outputs"].keys()


@pytest.mark.proof
def test_which_stack_holds_which_storage_is_recorded_when_asked_for_and_only_then(tmp_path: Path):
    document = {"record": True, "system_domain_id": DOMAIN, "storages": {f"s{number}": {} for number in range(26)}}
    (tmp_path / "many.json").write_text(json.dumps(document))
    refused = run_command(tmp_path, "many.json")
    assert refused.returncode == 1
    assert "'many.stacks.json' must be there, because 'record' is true" in refused.stderr
    recorded = run_command(tmp_path, "many.json", "--record")
    assert recorded.returncode == 0
    assert "Commit many.stacks.json" in recorded.stderr
    assert files_below(tmp_path).keys() == {"many.json", "many.stacks.json"}
    record = json.loads((tmp_path / "many.stacks.json").read_text())
    assert {stack: len(keys) for stack, keys in record.items()} == {"Iconik": 25, "Iconik-2": 1}

    (tmp_path / "cdk.json").write_text(f'{{"app": "{sys.executable} -m iconik_construct app many.json"}}')
    before = files_below(tmp_path)
    assert run_cdk(tmp_path, "-o", "out", command="list").returncode == 0
    after = files_below(tmp_path)
    assert {name for name in after if not name.startswith("out/")} == before.keys()
    assert {"out/Iconik.template.json", "out/Iconik-2.template.json"} <= after.keys()
    assert all(after[name] == before[name] for name in before)

    moved = {**document, "region": "eu-west-3"}
    (tmp_path / "many.json").write_text(json.dumps(moved))
    result = run_command(tmp_path, "many.json", "--record")
    assert result.returncode == 1
    assert "'storages.s0' must stay in the stack 'Iconik', which has its bucket" in result.stderr
    assert (tmp_path / "many.stacks.json").read_bytes() == before["many.stacks.json"]


def test_the_app_of_the_repository_says_which_environment_it_needs(tmp_path: Path):
    result = subprocess.run(  # noqa: S603 - our own app
        [sys.executable, "-S", str(TOP / "app.py")], cwd=tmp_path, capture_output=True, text=True, check=False, env={}
    )
    assert result.returncode == 1
    assert "make setup" in result.stderr
    assert ". .venv/bin/activate" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("missing", ["pydantic", "yaml"])
def test_without_its_extra_the_command_says_how_to_install_it(missing: str, tmp_path: Path):
    (tmp_path / "storages.yaml").write_text(f"system_domain_id: {DOMAIN}\nstorages: {{a: {{}}}}\n")
    code = f"""
import sys
sys.modules[{missing!r}] = None
from iconik_construct.cli.main import main
sys.exit(main(["app"]))
"""
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr.endswith("Install it with: pip install 'iconik-construct[app]'\n")
    assert "Traceback" not in result.stderr
