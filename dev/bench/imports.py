"""`import iconik_construct` and its storage, over importing what they use of the CDK."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

from .table import table

# The submodules of aws_cdk load on the first use of a name of theirs.
_CDK = """
import aws_cdk, constructs
from aws_cdk import aws_iam, aws_kms, aws_s3
aws_iam.PolicyStatement, aws_kms.Key, aws_s3.Bucket
"""
_LIBRARY = "from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption"
_TIMED = """
import time
{first}
start = time.perf_counter()
{second}
print((time.perf_counter() - start) * 1000)
"""
_TURNS = 9


def report() -> str:
    """Return the table."""
    pairs = {
        "`import iconik_construct`": ("", "import iconik_construct"),
        "what it uses of the CDK": ("", _CDK),
        "`IconikStorage` after what it uses of the CDK": (_CDK, _LIBRARY),
    }
    runs: dict[str, list[float]] = {name: [] for name in pairs}
    with TemporaryDirectory() as compiled:
        # An installed package is compiled once, whatever this process was told about writing bytecode.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(_TURNS):
            for name, (first, second) in pairs.items():
                command = [sys.executable, "-c", _TIMED.format(first=first, second=second)]
                done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)  # noqa: S603
                runs[name].append(float(done.stdout))
    rows = [(name, f"{min(found):.1f}", f"{median(found):.1f}") for name, found in runs.items()]
    return table("Import", ("", "ms, best", "ms, median"), rows)
