"""Write the metrics of a watch in CloudWatch's embedded metric format. The function needs no permission for it.

Standard library only. The alarm uses the metric names of this file.
"""

from __future__ import annotations

import json
import time
from typing import Final

__all__ = ["CHECKS", "DIMENSION", "MISSING", "NAMESPACE", "REPAIRED", "note_check", "note_deployment"]

NAMESPACE: Final = "IconikConstruct"
DIMENSION: Final = "Watch"
MISSING: Final = "Missing"
REPAIRED: Final = "Repaired"
CHECKS: Final = "Checks"


def note_check(watch: str, policy: str, *, missing: int, repaired: int) -> None:
    """Write the results of one check of a policy."""
    _write(watch, {MISSING: missing, REPAIRED: repaired, CHECKS: 1}, {"Policy": policy})


def note_deployment(watch: str) -> None:
    """Write that a deployment was verified. This counts as a check, so the alarm need not wait for the first one."""
    _write(watch, {CHECKS: 1}, {})


def _write(watch: str, values: dict[str, int], more: dict[str, str]) -> None:
    metrics = [{"Name": name, "Unit": "Count"} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        DIMENSION: watch,
        **more,
        **values,
    }
    # Alone on its line, as the format requires.
    print(json.dumps(line), flush=True)  # noqa: T201
