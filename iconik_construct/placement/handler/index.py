"""Answer one event of an adoption's custom resource.

This file has only the order of the steps. `writer/` changes policies, `advice/` evaluates a policy for iconik, and
`check_policy` runs the checks of a watch.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from .advice import Settings, advise, domains_of, not_read
from .check_policy import check_policy
from .claim import claim_of, in_policy, with_claim
from .claim_record import ClaimRecord, is_recorded, read_record
from .metric import note_deployment
from .refusal import find_refusal
from .writer.backoff import LEAST_RESERVE, Backoff, Context
from .writer.calls import ResourceNotFound, TransientError, WrongAccountOrRegion
from .writer.lock import PolicyLock
from .writer.merge import MergeError, Statements
from .writer.policies import BucketPolicy, KeyPolicy, Policy
from .writer.reconcile import Reconciled, reconcile

__all__ = ["on_event"]

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

_LONGEST_ANSWER = 1_200
"""The maximum length of `Data` in bytes of JSON. CloudFormation accepts 4,096 for it together with the ids."""
_LONGEST_ERROR = 2_400
"""The maximum bytes of an error in JSON. CloudFormation accepts 4,096 with the framework's trace and ids."""
_NOTHING = "nothing"


def on_event(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Answer a Create, an Update or a Delete, or check the policy for a watch.

    An exception is a failure. CloudFormation's events show its text.

    The physical id changes only with the bucket or key, so that CloudFormation removes the statements from the former
    one. `Data.NotDecided` lists what may block iconik, and the foreign statements that allow other iconik customers.
    It is one attribute, because a stack can have 200 outputs. `Data.NotRead` names the settings that were not read.
    """
    watched = "IconikWatch" in event
    policy = _policy(event["Policy"] if watched else event["ResourceProperties"])
    try:
        return check_policy(event, policy, context) if watched else _answer(event, policy, context)
    except (MergeError, TransientError) as error:
        raise type(error)(_short_error(str(error), policy)) from error
    except ClientError as error:
        raise MergeError(_short_error(f"AWS refused a call of this function: {error}", policy)) from error


def _answer(event: Mapping[str, Any], policy: Policy, context: Context) -> dict[str, Any]:
    properties = event["ResourceProperties"]
    if event["RequestType"] == "Delete":
        with PolicyLock(policy.arn, context) as lock:
            _delete(policy, _Wanted.of(event, properties), lock)
        return {"PhysicalResourceId": str(event.get("PhysicalResourceId"))}
    request = event.get("RequestId", "")
    wanted = _Wanted.of(event, properties)
    is_update = policy.physical_id == event.get("PhysicalResourceId")
    settings = Settings(policy)
    with PolicyLock(policy.arn, context) as lock:
        stored = read_record(wanted.claim) or ClaimRecord(wanted.claim)
        if stored.is_late(request):
            _log.warning("%s: this event was answered before, and so was a later one. Nothing is done.", policy.arn)
            return {"PhysicalResourceId": policy.physical_id, "Data": {"NotDecided": _NOTHING}}
        stored.begin(request)
        record = stored.for_policy(policy.arn)
        record.refuse_too_long(wanted.statements, wanted.tolerated)
        if is_update:
            old = _Wanted.of(event, event["OldResourceProperties"])
            reconciled = _update(policy, old, wanted, record=record, settings=settings, lock=lock)
            open_points = _recorded(policy, reconciled, wanted, record=record, settings=settings)
        else:
            with _rolled_back(policy, [record.wanted, wanted.statements], lock):
                reconciled = _merge(policy, [record.wanted], wanted, record=record, settings=settings, lock=lock)
                open_points = _recorded(policy, reconciled, wanted, record=record, settings=settings)
    if is_update:
        _clean_up(event, policy, context)
    for watch in properties.get("Watches", {}).values():
        note_deployment(watch)
    unread = not_read(policy, domains_of(wanted.statements.values()))
    not_decided = _summary(policy, open_points)
    return {"PhysicalResourceId": policy.physical_id, "Data": {"NotDecided": not_decided, "NotRead": unread}}


def _policy(properties: Mapping[str, Any]) -> Policy:
    if "KeyArn" in properties:
        return KeyPolicy(properties["KeyArn"], properties["Account"])
    return BucketPolicy(properties["BucketName"], properties["Account"])


class _Wanted(NamedTuple):
    """The wanted statements of a custom resource.

    Attributes:
        claim: the claim of the custom resource.
        statements: the statements, by their Sids in the policy.
        tolerated: the Sids that are written although a Deny blocks them.
    """

    claim: str
    statements: Statements
    tolerated: Mapping[str, Any]

    @classmethod
    def of(cls, event: Mapping[str, Any], properties: Mapping[str, Any]) -> _Wanted:
        claim = claim_of(event.get("StackId", ""), event.get("LogicalResourceId", ""))
        tolerated = in_policy(properties.get("TolerateDenies", {}), claim)
        return cls(claim, with_claim(properties["Statements"], claim), tolerated)


def _update(
    policy: Policy, old: _Wanted, new: _Wanted, *, record: ClaimRecord, settings: Settings, lock: PolicyLock
) -> Reconciled:
    """Replace the statements. After a failure, CloudFormation rolls back by an Update to the former properties.

    So a Deny that is tolerated in either version is tolerated. Otherwise the roll back would fail.
    """
    either = new._replace(tolerated={**old.tolerated, **new.tolerated})
    before = [record.wanted, old.statements]
    return _merge(policy, before, either, record=record, settings=settings, lock=lock)


def _merge(
    policy: Policy,
    old: Sequence[Statements],
    new: _Wanted,
    *,
    record: ClaimRecord,
    settings: Settings,
    lock: PolicyLock,
) -> Reconciled:
    def refuse(text: str | None) -> MergeError | None:
        return find_refusal(policy, text, new.statements, new.tolerated, settings)

    backoff = Backoff(lock)
    return reconcile(policy, old=old, new=new.statements, backoff=backoff, advise=refuse, recent=record.is_recent)


@contextlib.contextmanager
def _rolled_back(policy: Policy, added: Sequence[Statements], lock: PolicyLock) -> Iterator[None]:
    """Remove the added statements if a Create fails halfway: CloudFormation sends no Delete then."""
    try:
        yield
    except Exception as error:
        if policy.touched:
            try:
                backoff = Backoff(lock, reserve=LEAST_RESERVE)
                # Recent, because a single read after the failed write can return the policy before it.
                reconcile(policy, old=added, new={}, backoff=backoff, advise=_no_advice, recent=True)
            except (MergeError, TransientError, ClientError) as second:
                _log.exception("Statements of this stack may be left in %s", policy.physical_id)
                left = ", ".join(sorted({sid for version in added for sid in version}))
                raise MergeError(
                    f"The {policy.kind.name} can still have the statements {left} ({second}). Remove them by hand. "
                    f"Before that: {error}"
                ) from error
        raise


def _delete(policy: Policy, wanted: _Wanted, lock: PolicyLock) -> None:
    """Remove the statements of this custom resource, if the bucket or key still exists.

    The physical id does not matter: after a Create that took too long, it is an id of CloudFormation, and the
    statements can be in the policy.
    """
    record = read_record(wanted.claim)
    if record is not None and record.policy == policy.arn:
        # First, so that a watch after a failure halfway restores nothing.
        record.delete()
    else:
        # The custom resource has moved to another bucket or key with the record, or this is the second try.
        record = ClaimRecord(wanted.claim)
    # If a failed rollback was skipped, the policy has what is recorded, and CloudFormation sends older statements.
    old = [record.wanted, wanted.statements]
    try:
        reconcile(policy, old=old, new={}, backoff=Backoff(lock), advise=_no_advice, recent=record.is_recent)
    except (WrongAccountOrRegion, ResourceNotFound) as nothing:
        _log.info("Nothing is left to do: %s", nothing)


def _clean_up(event: Mapping[str, Any], policy: Policy, context: Context) -> None:
    """Remove statements from the policy of another bucket or key, after a failed move to it was rolled back.

    The run that failed removes them. If that was not possible, this is the last event that names the other policy.
    """
    properties = event["OldResourceProperties"]
    other = _policy(properties)
    if other.arn == policy.arn:
        return
    try:
        with PolicyLock(other.arn, context) as lock:
            _delete(other, _Wanted.of(event, properties), lock)
    except (MergeError, TransientError, ClientError):
        _log.exception("Statements of this stack may be left in %s", other.physical_id)


def _no_advice(_text: str | None) -> None:
    return None


def _recorded(
    policy: Policy, reconciled: Reconciled, wanted: _Wanted, *, record: ClaimRecord, settings: Settings
) -> list[str]:
    """Record the answer, and return what blocks iconik, or may.

    The statements are written, so a failure of the advice is reported, not raised. The watches count the certain
    problems until their next check.
    """
    edited = [f"The statement {sid} was edited by others, so it was not removed" for sid in reconciled.edited]
    try:
        ask = partial(advise, reconciled.text, arn=policy.arn, account=policy.account)
        advice = ask(wanted.statements, is_of_another_storage=partial(is_recorded, policy=policy.arn))
        effects = settings.effects(reconciled.text)
        denials = [f"{each.summary} {each.fix}" for each in advice.denials]
        strict = {sid: each for sid, each in wanted.statements.items() if sid not in wanted.tolerated}
        wrong = len(effects.blocking) + len(advice.foreign) + len(ask(strict).denials if denials else ())
        points = [*effects.blocking, *advice.foreign, *denials, *advice.possible, *effects.possible, *edited]
    except Exception as error:  # noqa: BLE001 - the statements are written, whatever the error is
        _log.exception("%s: what may block iconik is not known", policy.arn)
        wrong, points = 1, [f"What may block iconik could not be determined ({type(error).__name__}: {error})", *edited]
    record.answer(wanted.statements, wanted.tolerated, written=policy.touched, wrong=wrong)
    return points


def _summary(policy: Policy, open_points: list[str]) -> str:
    for each in open_points:
        _log.warning("%s: %s", policy.physical_id, _encodable(each))
    return _cut(" | ".join(open_points) or _NOTHING, _LONGEST_ANSWER)


def _short_error(text: str, policy: Policy) -> str:
    """Return an error that CloudFormation accepts. With a longer one the stack would fail without any text."""
    # CloudFormation's event has only a logical id.
    which = "" if policy.arn.rpartition(":")[2] in text else f" (the policy of {policy.arn})"
    # The framework between this function and CloudFormation names a log group that does not exist.
    group = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    where = f" The log is in {group}." if group else ""
    short = _cut(text, _LONGEST_ERROR)
    if short != text:
        _log.error("%s", _encodable(text))
    return f"{short}{which}{where}"


def _cut(text: str, longest: int) -> str:
    """Return the start of a text, with at most so many bytes in JSON. One character can take twelve bytes."""
    text = _encodable(text)
    if len(json.dumps(text)) <= longest:
        return text
    while len(json.dumps(text)) > longest:
        text = text[: len(text) * 9 // 10]
    return f"{text}… (the rest is in the log)"


def _encodable(text: str) -> str:
    """Return the text without lone surrogates. A policy can have them; CloudFormation and logs refuse them."""
    return text.encode(errors="backslashreplace").decode()
