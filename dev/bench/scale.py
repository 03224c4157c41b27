"""10, 100 and 1,000 storages in stacks of 100: time for each, and memory at the peak, each in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import aws_cdk as cdk

from .storage import by_library
from .table import table

_COUNTS = (10, 100, 1000)
_STACKS_OF = 100
_TURNS = 3


def measure(storages: int) -> dict[str, float]:
    """Make and synthesize the storages in this process."""
    warm_up = cdk.App()
    by_library(cdk.Stack(warm_up, "Stack"), "Media")
    warm_up.synth()
    app = cdk.App()
    start = time.perf_counter()
    for first in range(0, storages, _STACKS_OF):
        stack = cdk.Stack(app, f"Stack{first}")
        for number in range(min(_STACKS_OF, storages)):
            by_library(stack, f"Media{number}")
    made = time.perf_counter()
    app.synth()
    done = time.perf_counter()
    return {
        "made": (made - start) / storages * 1000,
        "total": (done - start) / storages * 1000,
        # Linux counts in kilobytes; Node is our child only once it has ended, and is read from outside
        "python": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def report() -> str:
    """Return the table: the best of several runs in turns."""
    runs: dict[int, list[dict[str, float]]] = {count: [] for count in _COUNTS}
    for _ in range(_TURNS):
        for count in _COUNTS:
            command = [sys.executable, "-m", "dev.bench.scale", str(count)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            runs[count].append(json.loads(done.stdout.splitlines()[-1]))
    node = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    best = {count: {key: min(run[key] for run in found) for key in found[0]} for count, found in runs.items()}
    hundred = best[100]["total"]
    rows = [
        (
            f"{count:,}",
            f"{found['made']:.2f}",
            f"{found['total']:.2f} ({found['total'] / hundred:.2f})",
            f"{found['python']:.0f}",
        )
        for count, found in best.items()
    ]
    header = (
        "storages",
        "ms to make one",
        "ms to make and synthesize one (ratio to 100)",
        "MB of Python at peak",
    )
    return (
        table("Many storages, in stacks of 100", header, rows) + f"\n\nThe largest process, Node's, took {node:.0f} MB."
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))) + "\n")
