"""Runs one command to its end, and leaves nothing of it behind however this program ends.

Apart from the cloud because the server's start, the CDK CLI and the demo share what a failed step looks like.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Completed", "StepFailed", "kill_group", "run"]

_TAIL: Final = 40


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command printed (standard output and standard error in their order) and its exit code."""

    returncode: int
    output: str


class StepFailed(Exception):  # noqa: N818 - reads as what happened
    """A step that did not work; the message names it and ends with the tail of what it printed."""

    def __init__(self, step: str, reason: str, output: str = "") -> None:
        self.step = step
        self.reason = reason
        self.output = output
        tail = [f"  | {line}" for line in output.rstrip().splitlines()[-_TAIL:]]
        super().__init__("\n".join([f"{step}: {reason}", *tail]))


def run(
    step: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, timeout: float, check: bool = True
) -> Completed:
    """Run the command and return what it printed.

    Args:
        step: what the command is for, in words for whoever reads that it failed.
        command: the program and its arguments.
        env: its whole environment; nothing is inherited.
        cwd: where it runs.
        timeout: seconds after which it counts as failed.
        check: whether an exit code other than 0 is a failure.

    Raises:
        StepFailed: the command cannot be started, fails or takes too long.
    """
    try:
        # In its own process group, so that the app and the Node below the CLI end with it.
        process = subprocess.Popen(  # noqa: S603 - our own tools with our own arguments
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise StepFailed(step, f"could not start {command[0]} ({error.strerror}). Run: make setup") from error
    with process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            kill_group(process)
            output, _ = process.communicate()
            raise StepFailed(step, f"did not end within {timeout:g} seconds", output) from None
        except BaseException:
            kill_group(process)
            raise
    if check and process.returncode != 0:
        raise StepFailed(step, f"ended with exit code {process.returncode}", output)
    return Completed(process.returncode, output)


def kill_group(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Kill a process that leads a process group, and all of the group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
