"""A synthesis as a user waits for it: the whole process, import included, beside an app with a bare `s3.Bucket`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from .table import table

_APP = """
import aws_cdk as cdk
{imports}
app = cdk.App(outdir={outdir!r})
stack = cdk.Stack(app, "Media")
{make}
app.synth()
"""
_BARE = ("from aws_cdk import aws_s3 as s3", 's3.Bucket(stack, "Masters")')
_STORAGE = (
    "from iconik_construct import IconikStorage",
    'IconikStorage(stack, "Masters", system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01")',
)


def measure(*, rules: bool, turns: int = 7) -> tuple[list[float], list[float]]:
    """Return the seconds of each run with a bare bucket and with a storage, measured in turns.

    Args:
        rules: whether the CDK's own rules on templates run, which read a bucket policy and a lifecycle too.
        turns: how many runs of each.
    """
    bare, storage = [], []
    for turn in range(-1, turns):
        found = _seconds(*_BARE, rules=rules), _seconds(*_STORAGE, rules=rules)
        if turn >= 0:  # the first run fills the caches of files
            bare.append(found[0])
            storage.append(found[1])
    return bare, storage


def _seconds(imports: str, make: str, *, rules: bool) -> float:
    with tempfile.TemporaryDirectory() as directory:
        code = _APP.format(imports=imports, make=make, outdir=str(Path(directory, "cdk.out")))
        environment = {**os.environ, "CDK_VALIDATION": "true" if rules else "false"}
        command = [sys.executable, "-c", code]
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603 - our own code
        return time.perf_counter() - start


def report() -> str:
    """Return the table."""
    rows = []
    for rules, said in ((False, "without the CDK's own rules"), (True, "with them")):
        bare, storage = measure(rules=rules)
        middle = median(mine / theirs for mine, theirs in zip(storage, bare, strict=True))
        rows += [
            (f"one `s3.Bucket`, {said}", f"{min(bare):.2f}", ""),
            (
                f"one `IconikStorage`, {said}",
                f"{min(storage):.2f}",
                f"{min(storage) / min(bare):.3f} (median {middle:.3f})",
            ),
        ]
    return table("A whole synthesis, from the start of Python to its end", ("", "s, best", "ratio"), rows)
