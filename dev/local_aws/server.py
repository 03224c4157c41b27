"""Starts ministack on a free port of this machine alone, waits until it answers, and stops it by its process id.

Apart from the cloud because it knows processes and ports, and nothing of AWS.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from .commands import StepFailed, kill_group

__all__ = ["Server"]

_STEP: Final = "start the local AWS"
_LIFELINE: Final = Path(__file__).with_name("lifeline.py")
_ATTEMPTS: Final = 3
_START_SECONDS: Final = 60.0


class Server:
    """One ministack process; `start` before anything else, `stop` at the end."""

    def __init__(self, workdir: Path, env: Mapping[str, str]) -> None:
        self.log = workdir / "local-aws.log"
        self.port = 0
        self._workdir = workdir
        self._env = dict(env)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The URL under which it serves every AWS service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id, or None when it is not running."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it and return once it answers.

        Raises:
            StepFailed: it ended at once, or does not answer.
        """
        for _ in range(_ATTEMPTS):
            self.port = _free_port()
            if self._answers():
                return
            # Somebody may have taken the port between the look and the start.
            self.stop()
        raise StepFailed(_STEP, "ministack ended before it answered. Is it installed? Run: make setup", self.read_log())

    def stop(self) -> None:
        """Stop it with all its Lambda processes; nothing happens when it is not running."""
        if self._process is not None:
            kill_group(self._process)
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None

    def read_log(self) -> str:
        """Return what it and its Lambda functions logged."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def _answers(self) -> bool:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, run by our own Python
                [sys.executable, "-I", str(_LIFELINE), str(self._workdir)],
                env={**self._env, "GATEWAY_PORT": str(self.port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0"},
                cwd=self._workdir,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            # The log tells that this very process holds the port; another one could answer there.
            if f":{self.port} (CTRL" in self.read_log() and _is_healthy(self.endpoint):
                return True
            time.sleep(0.05)
        raise StepFailed(_STEP, f"ministack did not answer within {_START_SECONDS:g} seconds", self.read_log())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_healthy(endpoint: str) -> bool:
    # Without proxies: this machine's own address may not be on the user's list of exceptions.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_ministack/health", timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False
