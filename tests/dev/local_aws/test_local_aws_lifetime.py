"""The local AWS leaves nothing behind, whichever way the program ends that started it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from processes import WITH_CTRL_C, group_ends

from dev.local_aws import LocalAws, StepFailed

pytestmark = pytest.mark.local_aws

_TOP = Path(__file__).parents[3]
_OWNER = f"""{WITH_CTRL_C}
import json, time
from dev.local_aws import LocalAws
with LocalAws() as aws:
    try:
        print(json.dumps([aws.server.pid, str(aws.workdir), aws.endpoint]), flush=True)
        while True:  # a signal that comes just before signal.pause() would wait for another one
            time.sleep(0.1)
    finally:
        print("unwound", flush=True)
"""


@contextmanager
def _owner() -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A program that has started a local AWS and waits: the program, the server's process id, the files."""
    command = [sys.executable, "-c", _OWNER]
    with subprocess.Popen(command, cwd=_TOP, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603
        assert program.stdout is not None
        pid, workdir, endpoint = json.loads(program.stdout.readline())
        assert "Running on " + endpoint in (Path(workdir) / "local-aws.log").read_text()
        try:
            yield program, pid, Path(workdir)
        finally:
            program.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_its_owner_stops_the_server_and_removes_its_files(number: signal.Signals) -> None:
    with _owner() as (program, pid, workdir):
        program.send_signal(number)
        assert program.stdout is not None
        assert program.stdout.read() == "unwound\n"
        assert program.wait(20) != 0
        assert group_ends(pid)
        assert not workdir.exists()


def test_the_server_and_its_files_go_even_when_its_owner_is_killed() -> None:
    with _owner() as (program, pid, workdir):
        program.kill()
        assert group_ends(pid)
        assert not workdir.exists()


def test_a_failure_inside_the_block_stops_the_server_and_removes_its_files() -> None:
    def fail() -> None:
        with LocalAws() as aws:
            owned.update(pid=aws.server.pid, workdir=aws.workdir)
            raise ValueError("a mistake")

    owned: dict[str, Any] = {}
    with pytest.raises(ValueError, match="a mistake"):
        fail()
    assert group_ends(owned["pid"])
    assert not owned["workdir"].exists()


def test_a_server_that_cannot_start_says_so_with_its_log_and_leaves_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(StepFailed, match="start the local AWS: ministack ended") as failure:
        LocalAws(server_environment={"LOG_LEVEL": "NONSENSE"}).__enter__()
    assert "NONSENSE" in str(failure.value)
    assert list(tmp_path.iterdir()) == []


def test_it_answers_on_this_machine_only() -> None:
    with LocalAws() as aws:
        assert aws.endpoint == f"http://127.0.0.1:{aws.server.port}"
        assert "Running on http://127.0.0.1:" in aws.logs


def test_two_run_side_by_side_and_share_nothing() -> None:
    with LocalAws() as one, LocalAws() as other:
        one.client("s3").create_bucket(Bucket="only-in-one")
        assert one.endpoint != other.endpoint
        assert other.client("s3").list_buckets()["Buckets"] == []


def test_it_can_be_used_from_another_thread_than_the_main_one() -> None:
    found: list[str] = []

    def use() -> None:
        with LocalAws() as aws:
            found.append(aws.client("sts").get_caller_identity()["Account"])

    thread = threading.Thread(target=use)
    thread.start()
    thread.join(60)
    assert found == ["123456789012"]


def test_sigterm_is_as_before_afterwards() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with LocalAws():
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_nothing_of_it_can_be_used_once_it_is_stopped() -> None:
    with LocalAws() as aws:
        pass
    with pytest.raises(StepFailed, match="it is not running"):
        aws.client("s3")
