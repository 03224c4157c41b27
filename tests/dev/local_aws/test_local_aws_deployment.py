"""The CDK CLI and boto3 reach the local AWS, and nothing that belongs to the user."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from processes import group_ends

from dev.local_aws import LocalAws, StepFailed
from dev.local_aws.commands import run
from dev.local_aws.environment import base_environment, cli_environment, without_aws_settings

_APP = Path(__file__).with_name("sample_app.py")


def _sample(stack: str, **options: str) -> dict[str, str]:
    return {"SAMPLE": json.dumps({"stack": stack, **options})}


@pytest.mark.proof
@pytest.mark.local_aws
def test_an_app_is_deployed_compared_and_destroyed_with_the_real_cli(local_aws: LocalAws) -> None:
    code = "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Account']"
    assembly = local_aws.synth(_APP, env=_sample("Round", code=code), context={"greeting": "good day"})
    local_aws.deploy(assembly)

    outputs = local_aws.stack_outputs("Round")
    assert outputs["Greeting"] == "good day"
    local_aws.client("s3").put_object(Bucket=outputs["BucketName"], Key="kept", Body=b"content")
    answer = local_aws.client("lambda").invoke(FunctionName=outputs["FunctionName"])
    assert json.loads(answer["Payload"].read()) == local_aws.account

    assert local_aws.diff(assembly).returncode == 0

    stack_id = local_aws.stack_events("Round")[0]["StackId"]
    local_aws.destroy(assembly)
    assert local_aws.stack_events(stack_id)[0]["ResourceStatus"] == "DELETE_COMPLETE"
    with pytest.raises(StepFailed, match="read the outputs of Round: no stack"):
        local_aws.stack_outputs("Round")
    kept = local_aws.client("s3").get_object(Bucket=outputs["BucketName"], Key="kept")
    assert kept["Body"].read() == b"content"


@pytest.mark.local_aws
def test_a_failing_app_is_reported_with_the_step_and_what_it_printed(local_aws: LocalAws) -> None:
    with pytest.raises(StepFailed, match=r"^cdk synth: ended with exit code 1") as failure:
        local_aws.synth(_APP)
    assert "KeyError: 'SAMPLE'" in str(failure.value)


@pytest.mark.local_aws
def test_a_comparison_that_cannot_be_made_is_no_difference_but_a_failure(local_aws: LocalAws) -> None:
    with pytest.raises(StepFailed, match="cdk diff"):
        local_aws.diff(local_aws.workdir / "missing")


@pytest.mark.local_aws
def test_the_cli_needs_neither_a_home_nor_settings_of_the_user(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", "http://127.0.0.1:9")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assembly = tmp_path / "cdk.out"
    assembly.mkdir()
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    (assembly / "Bare.template.json").write_text(json.dumps(template))
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "Bare.template.json"},
    }
    (assembly / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"Bare": artifact}}))

    local_aws.deploy(assembly)

    assert local_aws.client("sns", "us-east-1").list_topics()["Topics"]


def test_programs_get_nothing_of_the_users_aws_settings_and_proxies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "HTTPS_PROXY", "no_proxy", "NODE_OPTIONS", "X"):
        monkeypatch.setenv(name, "the user's")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the user's")
    for found in (base_environment(tmp_path), cli_environment(tmp_path, "http://127.0.0.1:1", "1", "us-east-1")):
        assert "the user's" not in found.values()


@pytest.mark.parametrize("home", [None, "/proc/absent", "/proc"])
def test_a_home_that_cannot_be_used_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: str | None
) -> None:
    monkeypatch.delenv("HOME")
    if home is not None:
        monkeypatch.setenv("HOME", home)
    assert base_environment(tmp_path)["HOME"] == str(tmp_path / "home")


def test_this_process_keeps_its_own_aws_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before = dict(os.environ)
    with without_aws_settings():
        assert "AWS_PROFILE" not in os.environ
    assert dict(os.environ) == before


def test_a_missing_program_is_reported_with_the_step_and_the_fix(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"^draw: could not start .*\. Run: make setup$"):
        run("draw", [str(tmp_path / "absent")], env={}, cwd=tmp_path, timeout=10)


def test_a_step_that_takes_too_long_is_killed_with_all_it_started(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"wait: did not end within \d seconds") as failure:
        run("wait", _endless(), env=dict(os.environ), cwd=tmp_path, timeout=5)
    assert group_ends(int(failure.value.output))


def test_a_step_that_is_interrupted_is_killed_with_all_it_started(tmp_path: Path) -> None:
    started = tmp_path / "started"

    def interrupt() -> None:
        while not (started.exists() and started.read_text()):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    # SIGINT may be ignored where the tests run in the background.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            run("wait", _endless(), env=dict(os.environ), cwd=tmp_path, timeout=60)
    finally:
        signal.signal(signal.SIGINT, before)
    assert group_ends(int(started.read_text()))


def _endless() -> list[str]:
    """A command that says its process group, in its output and in a file, and starts another that does not end."""
    script = """
import os, pathlib, subprocess
print(os.getpid(), flush=True)
pathlib.Path("started").write_text(str(os.getpid()))
subprocess.run(["sleep", "120"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""
    return [sys.executable, "-c", script]
