"""`guard` and `diff` as a user waits for them: the whole process, beside Python that does nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements

from .table import table

__all__ = ["report"]

_DOMAIN: Final = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_BUCKET: Final = "arn:aws:s3:::media-masters"
_TURNS: Final = 15
_NAMED: Final = ("-m", "iconik_construct")
_COMMANDS: Final = {
    "Python that does nothing": ("-c", "pass"),
    "`guard` of a policy": (*_NAMED, "guard", "policy.json", "--system-domain-id", _DOMAIN),
    "`diff` of two policies": (*_NAMED, "diff", "policy.json", "other.json", "--system-domain-id", _DOMAIN),
}


def report() -> str:
    """Return the table."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in _COMMANDS}
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": f"{folder}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
        statements = bucket_statements([IconikPermissions.read_write()], [_DOMAIN], _BUCKET, cors_by_iconik=True)
        for name, listed in (("policy.json", statements), ("other.json", statements[::-1])):
            document = {"Version": "2012-10-17", "Statement": listed}
            Path(folder, name).write_text(json.dumps(document), encoding="utf-8")
        for turn in range(-1, _TURNS):
            for name, arguments in _COMMANDS.items():
                found = _seconds(arguments, folder, environment)
                if turn >= 0:  # the first run compiles
                    runs[name].append(found)
    rows = [
        (name, f"{min(wall):.2f}", f"{median(wall):.2f}", f"{min(processor):.2f}")
        for name, (wall, processor) in ((name, tuple(zip(*found, strict=True))) for name, found in runs.items())
    ]
    return table("A command that reads files, from the start of Python to its end", _HEADER, rows)


_HEADER: Final = ("", "s, best", "s, median", "s of the processor, best")


def _seconds(arguments: tuple[str, ...], folder: str, environment: dict[str, str]) -> tuple[float, float]:
    """Return the time of the clock and of the processor of one run."""
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, cwd=folder, env=environment
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime
