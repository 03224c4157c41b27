"""What the checks add to a synthesis of 100 storages: `python -m dev.bench.synthesis_checks`.

The syntheses run in turns, and the median of the ratios of one turn counts. Only the ratios compare across machines.
A process of its own, as `cdk synth` starts one, includes the start of Python and of Node, and the imports.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from statistics import median
from unittest import mock

import aws_cdk as cdk

from iconik_construct import IconikGuardrail, IconikStorage, StorageEncryption

from .table import table

__all__ = ["Run", "measure", "report"]

_DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_STACKS = 4
_CHECK = "iconik_construct.storage.construct.check_when_finished"
_NO_CHECK, _CHECKED, _GUARDED = "no check", "the check of owned policies", "that check and the guardrail"


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds to make the storages, and then to synthesize them; and of a process that does only this."""

    made: float
    synthesized: float
    alone: float = 0.0

    @property
    def total(self) -> float:
        """Seconds of both."""
        return self.made + self.synthesized


def measure(storages: int = 100, turns: int = 9) -> dict[str, list[Run]]:
    """Return the runs of each kind, with half plain and half KMS-encrypted storages in four stacks."""
    runs: dict[str, list[Run]] = {_NO_CHECK: [], _CHECKED: [], _GUARDED: []}
    # The first synthesis of a process loads the library's JavaScript.
    _run(_STACKS, _GUARDED)
    for _ in range(turns):
        for kind, found in runs.items():
            found.append(replace(_run(storages, kind), alone=_alone(storages, kind)))
    return runs


def _alone(storages: int, kind: str) -> float:
    code = f"from dev.bench.synthesis_checks import _run; _run({storages}, {kind!r})"
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)  # noqa: S603 - our own code
    return time.perf_counter() - start


def _run(storages: int, kind: str) -> Run:
    start = time.perf_counter()
    app = cdk.App()
    if kind == _GUARDED:
        cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=_DOMAIN))
    stacks = [cdk.Stack(app, f"Media{number}") for number in range(_STACKS)]
    without: AbstractContextManager[object] = mock.patch(_CHECK) if kind == _NO_CHECK else nullcontext()
    with without:
        for number in range(storages):
            encryption = StorageEncryption.KMS if number % 2 else StorageEncryption.S3_MANAGED
            stack = stacks[number * _STACKS // storages]
            IconikStorage(stack, f"Storage{number}", system_domain_id=_DOMAIN, encryption=encryption)
        made = time.perf_counter()
        app.synth()
    return Run(made - start, time.perf_counter() - made)


def report(runs: dict[str, list[Run]] | None = None) -> str:
    """Return the table. Default: of new runs."""
    runs = measure() if runs is None else runs
    columns = {
        "synthesized": "ms of `app.synth()`",
        "total": "ms to make and synthesize",
        "alone": "ms of a process that does only this",
    }
    rows = [(kind, *(_cell(found, runs[_NO_CHECK], name) for name in columns)) for kind, found in runs.items()]
    return table("The checks of 100 storages in four stacks", ("best (median ratio)", *columns.values()), rows)


def _cell(found: list[Run], others: list[Run], name: str) -> str:
    compared = zip(found, others, strict=True)
    ratio = median(getattr(run, name) / getattr(other, name) for run, other in compared)
    return f"{min(getattr(run, name) for run in found) * 1000:,.0f} ({ratio:.2f})"


if __name__ == "__main__":
    sys.stdout.write(f"{report()}\n")
