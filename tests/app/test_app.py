"""The app as it is called: by itself and by the real CDK CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).resolve().parents[2]
CDK = TOP / "node_modules" / ".bin" / "cdk"
DOMAIN = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))},
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
    "empty storages": ({"storages": {}}, "'storages' must hold at least one storage"),
    "duplicate storage name": (
        f'{{"system_domain_id": "{DOMAIN}", "storages": {{"a": {{}}, "a": {{}}}}}}',
        "'storages.a' must stand in the document once",
    ),
    "unknown config key": ({"storages": {"a": {"permision": "read"}}}, "Did you mean 'permissions'?"),
    "wrong type": ({"storages": []}, "'storages' must be an object, got []"),
    "not JSON": ("{", "'config' must be a file of JSON in UTF-8"),
    "a key of another account": (
        {"account": "999999999999", "region": "eu-west-1", "storages": {"a": {"encryption_key_arn": KEY_ARN}}},
        "'storages.a.adoption' must be Adoption.HAND_OVER",
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


def run_app(cwd: Path, **context: str) -> subprocess.CompletedProcess[str]:
    """Run the app as the CDK CLI does."""
    env = {**ENVIRONMENT, "CDK_OUTDIR": str(cwd / "cdk.out"), "CDK_CONTEXT_JSON": json.dumps(context)}
    return subprocess.run(  # noqa: S603 - our own app
        [sys.executable, str(TOP / "app.py")], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def run_cdk(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own CLI
        [str(CDK), "synth", "--quiet", *arguments],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


def files_below(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_error_and_nothing_is_written(name: str, tmp_path: Path):
    directory = tmp_path / name.replace(" ", "-")
    directory.mkdir()
    document, expected = BAD[name]
    result = run_app(directory, config=str(write_config(directory, document)))
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert lines[0] == "The storages cannot be built:"
    assert len(lines) == 2
    assert expected in lines[1]
    assert "Traceback" not in result.stderr + result.stdout
    assert files_below(directory).keys() == {"bad.json"}


def test_the_cdk_cli_shows_every_mistake_and_writes_nothing(tmp_path: Path):
    document = {"storages": {"a": {"permissions": "all"}, "b": {"encryption": "SSE"}}}
    result = run_cdk(TOP, "-c", f"config={write_config(tmp_path, document)}", "-o", str(tmp_path / "cdk.out"))
    assert result.returncode == 1
    assert "'storages.a.permissions' must be a known choice, got 'all'" in result.stderr
    assert "'storages.b.encryption' must be a known choice, got 'SSE'" in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert files_below(tmp_path).keys() == {"bad.json"}


def test_a_storage_that_stands_twice_in_cdk_json_is_refused(tmp_path: Path):
    iconik = f'{{"system_domain_id": "{DOMAIN}", "storages": {{"a": {{}}, "a": {{}}}}}}'
    (tmp_path / "cdk.json").write_text(f'{{"app": "python3 {TOP}/app.py", "context": {{"iconik": {iconik}}}}}')
    result = run_cdk(tmp_path)
    assert result.returncode == 1
    assert "'storages.a' must stand in the document once" in result.stderr
    assert files_below(tmp_path).keys() == {"cdk.json"}


def test_the_sample_gives_the_same_bytes_again_and_from_another_directory(tmp_path: Path):
    outputs = [tmp_path / name for name in ("first", "second", "elsewhere")]
    for output, cwd in zip(outputs, (TOP, TOP, tmp_path), strict=True):
        result = run_cdk(cwd, "-o", str(output), "--app", f"python3 {TOP / 'app.py'}")
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
    first, second, elsewhere = map(files_below, outputs)
    assert "Iconik.template.json" in first
    assert first == second
    assert first == elsewhere


def test_a_file_of_many_storages_records_which_stack_holds_which(tmp_path: Path):
    document = {"system_domain_id": DOMAIN, "storages": {f"s{number}": {} for number in range(26)}}
    (tmp_path / "many.json").write_text(json.dumps(document))
    first = run_app(tmp_path, config="many.json")
    assert first.returncode == 0
    assert "commit many.stacks.json" in first.stderr
    record = json.loads((tmp_path / "many.stacks.json").read_text())
    assert {stack: len(keys) for stack, keys in record.items()} == {"Iconik": 25, "Iconik-2": 1}
    assert {"Iconik.template.json", "Iconik-2.template.json"} <= files_below(tmp_path / "cdk.out").keys()
