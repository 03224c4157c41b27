"""Looks whether our statements still stand in a policy, puts them back where that is wanted, and tells.

Apart from the custom resource because nobody waits for this answer: it is a metric and a line in the log. How often the
statements were put back is remembered in a parameter, or two owners would undo each other for ever.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3

from .merge import Refusal, Statements, present_and_edited
from .policies import Policy, Unsure

__all__ = ["look"]

_log = logging.getLogger(__name__)

NAMESPACE: Final = "IconikConstruct"
MOST_REPAIRS: Final = 3
PERIOD: Final = 24 * 60 * 60
"""Seconds in which so many repairs are made, for each policy."""

_NAME_LENGTH: Final = 8


def look(event: Mapping[str, Any], policy: Policy, repair: Callable[[Statements], object]) -> dict[str, Any]:
    """Look at one policy, put ours back if that is wanted and not done too often, and tell how many are missing.

    Args:
        event: the input of the rule: `IconikWatch`, the watch; `Repair`, "true" or "false"; `Memory`, the parameter;
            and the `ResourceProperties` of the custom resource.
        policy: the policy.
        repair: merges statements into it.
    """
    wanted: Statements = event["ResourceProperties"]["Statements"]
    try:
        missing, edited = _state(policy, wanted)
    except (Refusal, Unsure):
        # What cannot be seen is not taken for there.
        _tell(event, policy, missing=len(wanted), repaired=0)
        raise
    for sid in sorted(edited):
        _log.warning("%s: the statement %s says something else than ours. It is left as it is.", policy.arn, sid)
    repaired = 0
    if missing:
        _log.warning("%s: gone are %s", policy.arn, ", ".join(sorted(missing)))
        if event["Repair"] == "true" and _may_repair(event["Memory"], policy.arn):
            repair({sid: each for sid, each in wanted.items() if sid in missing})
            repaired, missing = len(missing), set()
            _log.warning("%s: they are in again", policy.arn)
    _tell(event, policy, missing=len(missing) + len(edited), repaired=repaired)
    return {"Missing": sorted(missing), "Edited": sorted(edited), "Repaired": repaired}


def _state(policy: Policy, wanted: Statements) -> tuple[set[str], set[str]]:
    """Return the Sids that are gone, and those under which something else stands."""
    present, edited = present_and_edited(policy.read(), wanted, policy.kind)
    return set(wanted) - present - edited, edited


def _may_repair(parameter: str, arn: str) -> bool:
    """Tell whether the policy may be repaired once more, and remember that it is."""
    ssm = _ssm()
    try:
        memory = json.loads(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
    except ValueError:
        memory = {}
    now = int(time.time())
    name = hashlib.sha256(arn.encode()).hexdigest()[:_NAME_LENGTH]
    recent = [moment for moment in memory.get(name, []) if moment > now - PERIOD]
    if len(recent) >= MOST_REPAIRS:
        _log.error(
            "%s: not repaired, because it was %d times within a day: something else owns this policy and takes our "
            "statements out. Add them there (iconik-construct statements), or deploy again.",
            arn,
            MOST_REPAIRS,
        )
        return False
    kept = {each: moments for each, moments in memory.items() if max(moments, default=0) > now - PERIOD}
    ssm.put_parameter(
        Name=parameter,
        Value=json.dumps({**kept, name: [*recent, now]}, separators=(",", ":")),
        Type="String",
        Overwrite=True,
    )
    return True


def _tell(event: Mapping[str, Any], policy: Policy, *, missing: int, repaired: int) -> None:
    """Write the metrics in CloudWatch's embedded metric format, for which no permission is needed."""
    metrics = [{"Name": name, "Unit": "Count"} for name in ("Missing", "Repaired")]
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [["Watch"]], "Metrics": metrics}],
        },
        "Watch": event["IconikWatch"],
        "Policy": policy.arn,
        "Missing": missing,
        "Repaired": repaired,
    }
    # Alone on its line, as the format wants it.
    print(json.dumps(line), flush=True)  # noqa: T201


@functools.cache
def _ssm() -> Any:
    return boto3.client("ssm")
