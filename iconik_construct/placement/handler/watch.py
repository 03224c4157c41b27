"""Looks whether our statements stand in a policy and let iconik in, puts them back where that is wanted, and tells.

Apart from the custom resource because nobody waits for this answer: it is a metric and a line in the log.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from .calls import Unsure
from .effect import refused
from .memory import MOST_REPAIRS, PERIOD, Memory
from .merge import Refusal, Statements, present_and_edited
from .metric import DIMENSION, MISSING, NAMESPACE, REPAIRED
from .policies import Policy

__all__ = ["look"]

_log = logging.getLogger(__name__)


def look(event: Mapping[str, Any], policy: Policy, repair: Callable[[Statements], object]) -> dict[str, Any]:
    """Look at one policy, put ours back if that is wanted and not done too often, and tell what is wrong.

    Args:
        event: the input of the rule: `IconikWatch`, the watch; `Repair`, "true" or "false"; `Memory`, the parameter;
            `Every`, the seconds between two looks (default: a day); and the custom resource's `ResourceProperties`.
        policy: the policy.
        repair: merges statements into it.
    """
    properties = event["ResourceProperties"]
    wanted: Statements = properties["Statements"]
    memory = Memory(event["Memory"], policy.arn, every=float(event.get("Every", PERIOD)))
    try:
        text = policy.read()
        present, edited = present_and_edited(text, wanted, policy.kind)
    except (Refusal, Unsure):
        # What cannot be seen is not taken for there.
        _tell(event, policy, missing=memory.wrong(len(wanted)), repaired=0)
        raise
    for sid in sorted(edited):
        _log.warning("%s: the statement %s says something else than ours. It is left as it is.", policy.arn, sid)
    kept_out = refused(text, wanted, properties.get("TolerateDenies", {}), arn=policy.arn, account=policy.account)
    for each in kept_out:
        _log.warning("%s: %s", policy.arn, each)
    missing = set(wanted) - present - edited
    repaired = 0
    if missing:
        _log.warning("%s: gone are %s", policy.arn, ", ".join(sorted(missing)))
        if event["Repair"] == "true" and _may_repair(memory, policy):
            repair({sid: each for sid, each in wanted.items() if sid in missing})
            repaired, missing = len(missing), set()
            _log.warning("%s: they are in again", policy.arn)
    wrong = memory.wrong(len(missing) + len(edited) + len(kept_out))
    _tell(event, policy, missing=wrong, repaired=repaired)
    return {MISSING: sorted(missing), "Edited": sorted(edited), "KeptOut": [*kept_out], REPAIRED: repaired}


def _may_repair(memory: Memory, policy: Policy) -> bool:
    if memory.may_repair():
        return True
    if memory.is_lost:
        return False
    _log.error(
        "%s: not repaired, because it was %d times within a day: something else owns this policy and takes our "
        "statements out. Add them there (iconik-construct statements), or deploy again.",
        policy.arn,
        MOST_REPAIRS,
    )
    return False


def _tell(event: Mapping[str, Any], policy: Policy, *, missing: int, repaired: int) -> None:
    """Write the metrics in CloudWatch's embedded metric format, for which no permission is needed."""
    metrics = [{"Name": name, "Unit": "Count"} for name in (MISSING, REPAIRED)]
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}],
        },
        DIMENSION: event["IconikWatch"],
        "Policy": policy.arn,
        MISSING: missing,
        REPAIRED: repaired,
    }
    # Alone on its line, as the format wants it.
    print(json.dumps(line), flush=True)  # noqa: T201
