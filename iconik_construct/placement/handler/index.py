"""The Lambda function behind an adoption: one event of the custom resource, answered.

Apart from the merging and from the calls to AWS, because here is only the order of things: read, read again, merge, ask
what it would be worth, write, look again. Bucket and key policies cannot be written on condition that nobody else has
written since, so what is read is written at once, and ours are looked for again when other writers have had their turn.
Nor is what is read always the latest: before the first write two reads, seconds apart, must say the same.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from .calls import Elsewhere, Gone, Passing, Unsure
from .effect import effect_of, refused
from .merge import Refusal, Statements, merge
from .others import others_let_in
from .patience import LEAST_RESERVE, Context, Patience
from .policies import BucketPolicy, KeyPolicy, Policy
from .watch import look

__all__ = ["on_event"]

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

_TRIES_WHILE_PASSING = 5
_LONGEST_ANSWER = 1_000
"""Characters of `Data`, of which CloudFormation takes 4,096 bytes together with all else."""
_NOTHING = "nothing"


def on_event(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Answer a Create, an Update or a Delete, or look again for a watch.

    An exception is a failure, and its text reaches CloudFormation's events.

    The physical id changes only with the bucket or key, so that CloudFormation takes our statements out of the old
    one. `Data.NotDecided` says what may keep iconik out although it is let in, and which statements of others let in
    other customers of iconik: one attribute, because a stack has 200 outputs.
    """
    try:
        return _answer(event, context)
    except (Refusal, Unsure) as error:
        # The framework between this function and CloudFormation names a log group that does not exist.
        where = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        raise type(error)(f"{error} The log is in {where}." if where else str(error)) from error


def _answer(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    properties = event["ResourceProperties"]
    if "IconikWatch" in event:
        policy = _policy(properties)
        return look(event, policy, lambda gone: _settle(policy, {}, gone, Patience(context), gone))
    wanted: Statements = properties["Statements"]
    physical_id = event.get("PhysicalResourceId")
    if event["RequestType"] == "Delete":
        _leave(properties, wanted, context)
        return {"PhysicalResourceId": str(physical_id)}
    policy = _policy(properties)
    tolerated = properties.get("TolerateDenies", {})
    if policy.physical_id == physical_id:
        # A failure half-way is undone by CloudFormation, which sends an Update back to the old properties: what was
        # tolerated there or here is tolerated, or the way back would be barred.
        former = event["OldResourceProperties"]
        tolerated = {**former.get("TolerateDenies", {}), **tolerated}
        text = _settle(policy, former["Statements"], wanted, Patience(context), tolerated)
    else:
        text = _come(policy, wanted, tolerated, context)
    others = others_let_in(text, wanted, arn=policy.arn, account=policy.account)
    said = _shown(policy, [*others, *_open(policy, text, wanted)])
    return {"PhysicalResourceId": policy.physical_id, "Data": {"NotDecided": said}}


def _policy(properties: Mapping[str, Any]) -> Policy:
    if "KeyArn" in properties:
        return KeyPolicy(properties["KeyArn"], properties["Account"])
    return BucketPolicy(properties["BucketName"], properties["Account"])


def _shown(policy: Policy, found: list[str]) -> str:
    for each in found:
        _log.warning("%s: %s", policy.physical_id, each)
    text = " | ".join(found) or _NOTHING
    return text if len(text) <= _LONGEST_ANSWER else f"{text[:_LONGEST_ANSWER]}… (the rest is in the function's log)"


def _come(policy: Policy, wanted: Statements, tolerated: Mapping[str, str], context: Context) -> str | None:
    """Add our statements; if that fails half-way, take them out again, for CloudFormation sends no Delete then."""
    try:
        return _settle(policy, {}, wanted, Patience(context), tolerated)
    except Exception:
        if policy.touched:
            _take_back(policy, wanted, context)
        raise


def _take_back(policy: Policy, ours: Statements, context: Context) -> None:
    try:
        _settle(policy, ours, {}, Patience(context, reserve=LEAST_RESERVE))
    except (Refusal, Unsure, ClientError):
        _log.exception("Our statements may be left in %s", policy.physical_id)


def _leave(properties: Mapping[str, Any], ours: Statements, context: Context) -> None:
    """Take our statements out, if there still is something to take them out of.

    Whatever the physical id is: a Create that took too long has one of CloudFormation's own, and may have come all the
    same. What goes is only what has our Sids and says what we said.
    """
    try:
        _settle(_policy(properties), ours, {}, Patience(context))
    except (Elsewhere, Gone) as nothing:
        _log.info("Nothing is left to do: %s", nothing)


def _settle(
    policy: Policy, old: Statements, new: Statements, patience: Patience, tolerated: Mapping[str, Any] | None = None
) -> str | None:
    """Merge and look again until the policy holds what is wanted of ours; return the policy then, as it was read.

    Raises:
        Refusal: AWS or the policy says no, or a Deny certainly keeps iconik out.
        Unsure: AWS did not answer, or other writers took our statements away, until patience was at its end.
    """
    while True:
        written = False
        try:
            text = policy.read()
            merged = merge(text, old=old, new=new, kind=policy.kind)
            if not merged.changed:
                _log.info("%s holds what is wanted of ours: %s", policy.physical_id, sorted(new) or "nothing")
                return text
            # All that takes time comes before the last read, so that what it says is written at once.
            if not policy.touched:
                policy.check(text, leaving=not new)
            in_vain = _in_vain(policy, merged.text, new, tolerated or {})
            # No policy may mean that it is not yet to be seen, at any time; and so may an old one at first.
            if (text is None or not policy.touched) and not _is_steady(policy, text, patience):
                continue
            if in_vain is not None:
                raise in_vain
            written = True
            policy.write(merged.text)
            if not new and not _others_may_write(merged.text):
                return merged.text
            outcome: Exception = Unsure(f"Other writers keep undoing what this stack does to the {policy.kind.name}.")
        except Unsure as error:
            outcome = error
        except Passing as error:
            if patience.tries >= _TRIES_WHILE_PASSING or (not new and not error.on_leaving):
                raise
            outcome = error
        if not patience.pause(after_write=written):
            raise outcome


def _is_steady(policy: Policy, text: str | None, patience: Patience) -> bool:
    """Tell whether a second read, seconds later, says the same."""
    if not patience.settle():
        raise Unsure(f"Other writers keep changing the {policy.kind.name}.")
    return policy.read() == text


def _in_vain(policy: Policy, text: str | None, new: Statements, tolerated: Mapping[str, Any]) -> Refusal | None:
    """Return the refusal to write statements that a Deny beside them makes worthless, if one does."""
    found = refused(text, new, tolerated, arn=policy.arn, account=policy.account)
    if not found:
        return None
    return Refusal(
        f"Nothing was written to the {policy.kind.name}: iconik would stay out. {' '.join(found)} "
        "Or deploy with tolerate_denies=True."
    )


def _open(policy: Policy, text: str | None, new: Statements) -> list[str]:
    """Return what keeps iconik out, or may, of a policy that holds our statements."""
    if not new:
        return []
    effect = effect_of(text, new, arn=policy.arn, account=policy.account)
    return [*effect.refused, *effect.open, *policy.settings(text)]


def _others_may_write(text: str | None) -> bool:
    """Tell whether other storages' statements stand there, whose stack may leave in this moment and bring ours back."""
    return text is not None and '"Sid":"Iconik' in text
