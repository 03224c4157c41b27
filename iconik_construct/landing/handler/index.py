"""The Lambda function behind an adoption: one event of the custom resource, answered.

Apart from the merging and from the calls to AWS, because here is only the order of things: read, merge, write, look
again. Bucket and key policies cannot be written on condition that nobody else has written since, so what is read is
written at once, and ours are looked for again when other writers have had their turn.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from .merge import Refusal, Statements, merge
from .patience import LEAST_RESERVE, Context, Patience
from .policies import BucketPolicy, Denied, Elsewhere, Gone, KeyPolicy, Policy, Unsure

__all__ = ["on_event"]

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

_TRIES_WHILE_DENIED = 5


def on_event(event: Mapping[str, Any], context: Context) -> dict[str, str]:
    """Answer a Create, an Update or a Delete; an exception is a failure, and its text reaches CloudFormation's events.

    The physical id changes only with the bucket or key, so that CloudFormation takes our statements out of the old
    one.
    """
    properties = event["ResourceProperties"]
    wanted: Statements = properties["Statements"]
    physical_id = event.get("PhysicalResourceId")
    if event["RequestType"] == "Delete":
        _leave(properties, str(physical_id), wanted, context)
        return {"PhysicalResourceId": str(physical_id)}
    policy = _policy(properties)
    if policy.physical_id == physical_id:
        # A failure half-way is undone by CloudFormation, which sends an Update back to the old properties.
        _settle(policy, event["OldResourceProperties"]["Statements"], wanted, Patience(context))
    else:
        _come(policy, wanted, context)
    return {"PhysicalResourceId": policy.physical_id}


def _policy(properties: Mapping[str, Any]) -> Policy:
    if "KeyArn" in properties:
        return KeyPolicy(properties["KeyArn"], properties["Account"])
    return BucketPolicy(properties["BucketName"], properties["Account"])


def _come(policy: Policy, wanted: Statements, context: Context) -> None:
    """Add our statements; if that fails half-way, take them out again, for CloudFormation sends no Delete then."""
    try:
        _settle(policy, {}, wanted, Patience(context))
    except Exception:
        if policy.touched:
            _take_back(policy, wanted, context)
        raise


def _take_back(policy: Policy, ours: Statements, context: Context) -> None:
    try:
        _settle(policy, ours, {}, Patience(context, reserve=LEAST_RESERVE))
    except (Refusal, Unsure, ClientError):
        _log.exception("Our statements may be left in %s", policy.physical_id)


def _leave(properties: Mapping[str, Any], physical_id: str, ours: Statements, context: Context) -> None:
    """Take our statements out, if they ever came and if there still is something to take them out of."""
    try:
        policy = _policy(properties)
        if policy.physical_id == physical_id:
            _settle(policy, ours, {}, Patience(context))
    except (Elsewhere, Gone) as nothing:
        _log.info("Nothing is left to do: %s", nothing)


def _settle(policy: Policy, old: Statements, new: Statements, patience: Patience) -> None:
    """Merge and look again until the policy holds what is wanted of ours.

    Raises:
        Refusal: AWS or the policy says no.
        Unsure: AWS did not answer, or other writers took our statements away, until patience was at its end.
    """
    while True:
        try:
            merged = merge(policy.read(), old=old, new=new, kind=policy.kind)
            if not merged.changed:
                _log.info("%s holds what is wanted of ours: %s", policy.physical_id, sorted(new) or "nothing")
                return
            policy.write(merged.text)
            outcome = Unsure(f"Other writers keep undoing what this stack does to the {policy.kind.name}.")
        except Unsure as error:
            outcome = error
        except Denied:
            if patience.tries >= _TRIES_WHILE_DENIED or not patience.pause():
                raise
            continue
        if not patience.pause():
            raise outcome
