"""Runs the commands that read an account against the local AWS."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dev.local_aws import LocalAws, StepFailed
from dev.local_aws.environment import cli_environment
from iconik_construct.errors import counted

__all__ = ["check", "write_report"]


def check(aws: LocalAws, bucket: str, system_domain_id: str) -> str:
    """Return the output of `iconik-construct check` for a bucket: its table, its errors and its verdict.

    Raises:
        StepFailed: the bucket passes, or the command fails.
    """
    arguments = [
        "check",
        bucket,
        "--system-domain-id",
        system_domain_id,
        "--permissions",
        "read",
        "--prefix",
        "masters/",
    ]
    done = _run(aws, arguments)
    if done.returncode != 1:
        raise StepFailed("check the bucket", f"it ended with {done.returncode}", done.stdout + done.stderr)
    blocks = done.stdout.strip().split("\n\n")
    # Further warnings about a hand-made bucket on a local AWS are not the subject here.
    kept = [block for block in blocks if not block.startswith(("WARNING", "NOTE"))]
    left_out = len(blocks) - len(kept)
    note = f"({counted(left_out, 'warning')} left out here.)"
    return "\n\n".join([*kept, note] if left_out else kept)


def write_report(aws: LocalAws, assembly: Path, system_domain_ids: Sequence[str], output: Path) -> None:
    """Write the page to sign for the deployed resources, with any verdict.

    Raises:
        StepFailed: it could not be written.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    ids = [word for each in sorted(set(system_domain_ids)) for word in ("--system-domain-id", each)]
    done = _run(aws, ["report", "--assembly", str(assembly), *ids, "--output", str(output)])
    if done.returncode > 1:
        raise StepFailed("write the report", f"it ended with {done.returncode}", done.stdout + done.stderr)


def _run(aws: LocalAws, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    env = cli_environment(aws.workdir, aws.endpoint, aws.account, aws.region)
    command = [sys.executable, "-m", "iconik_construct", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - this project
