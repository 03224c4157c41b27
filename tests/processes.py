"""Looks at processes from outside: which are left of a group, and which work on some files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

# Signals work in the program even where the tests run in the background (SIGINT ignored) or below nohup (SIGHUP).
WITH_CTRL_C = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    " signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
)


def group_ends(group: int) -> bool:
    """Whether no process of the group is left within a generous while."""
    return _becomes_true(lambda: not _has_members(group))


def none_works_below(directory: Path) -> bool:
    """Whether, within a generous while, no process is left whose temporary files lie below the directory."""
    setting = f"TMPDIR={directory}".encode()
    return _becomes_true(lambda: not any(setting in environ for environ in _read_all("environ")))


def _becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def _has_members(group: int) -> bool:
    if not Path("/proc/self/stat").exists():
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True
    # A container's first process may never collect the dead ones, so they are told apart here.
    found = [stat.rpartition(b")")[2].split() for stat in _read_all("stat")]
    return any(fields[0] not in b"ZX" and int(fields[2]) == group for fields in found if fields)


def _read_all(name: str) -> list[bytes]:
    return [_read(file) for file in Path("/proc").glob(f"[0-9]*/{name}")]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        # The process has ended, or belongs to somebody else.
        return b""
