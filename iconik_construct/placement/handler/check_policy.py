"""Check for a watch whether iconik has access by a policy, restore missing statements, and write a metric.

Every check writes a data point, also if it fails. A failed check counts as a problem.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from .advice import Settings, advise, domains_of, not_read
from .claim import claim_of
from .claim_record import MOST_REPAIRS, ClaimRecord, is_recorded, read_record, read_records
from .metric import MISSING, REPAIRED, note_check
from .refusal import find_refusal
from .writer import backoff
from .writer.backoff import Backoff, Context
from .writer.calls import TransientError
from .writer.lock import PolicyLock
from .writer.merge import MergeError, Statements, present_and_edited
from .writer.policies import Policy
from .writer.reconcile import reconcile

__all__ = ["check_policy"]

_log = logging.getLogger(__name__)

_LATE = 60 * 60
"""The seconds by which a check may be late."""


def check_policy(event: Mapping[str, Any], policy: Policy, context: Context) -> dict[str, Any]:
    """Check one policy, restore missing statements if that is wanted and not too frequent, and report.

    Args:
        event: the input of the rule: `IconikWatch`, the dimension of the metric; `Repair`, "true" or "false"; `Every`,
            the seconds between two checks; `StackId` and `LogicalResourceId` of the custom resource that merged; and
            `Resources`, the logical ids of all custom resources of the watch.
        policy: the policy.
        context: the context of the run.
    """
    check = _Check(event, policy)
    try:
        with PolicyLock(policy.arn, context) as lock:
            check.run(lock)
        total = check.wrong + _problems_of_other_policies(event, check.claim)
    except Exception:
        note_check(event["IconikWatch"], policy.arn, missing=max(check.wrong, 1), repaired=check.repaired)
        raise
    note_check(event["IconikWatch"], policy.arn, missing=total, repaired=check.repaired)
    return {
        MISSING: sorted(check.missing),
        "Edited": sorted(check.edited),
        "KeptOut": check.blocking,
        "Foreign": check.foreign,
        "NotRead": check.unread,
        REPAIRED: check.repaired,
    }


class _Check:
    """One check of one policy, and its results."""

    def __init__(self, event: Mapping[str, Any], policy: Policy) -> None:
        self.claim = claim_of(event["StackId"], event["LogicalResourceId"])
        self.wrong = 0
        self.repaired = 0
        self.missing: set[str] = set()
        self.edited: set[str] = set()
        self.blocking: list[str] = []
        self.foreign: list[str] = []
        self.unread = ""
        self._repairs = event["Repair"] == "true"
        self._policy = policy
        self._settings = Settings(policy)

    def run(self, lock: PolicyLock) -> None:
        record = read_record(self.claim)
        if record is None or record.policy != self._policy.arn:
            raise MergeError(
                f"No deployment wants statements in the policy of {self._policy.arn} for this watch, so nothing is "
                "restored. If the storage is still deployed, deploy it again with another adoption_trigger."
            )
        # An unreadable policy counts as missing statements.
        self.wrong = len(record.wanted)
        try:
            text = self._read(record, lock)
            self._assess(text, record)
            if self.missing and self._repairs and self._may_repair(record):
                self._restore(record, lock)
        except Exception:
            with contextlib.suppress(Exception):
                record.note(max(self.wrong, 1))
            raise
        record.note(self.wrong)

    def _read(self, record: ClaimRecord, lock: PolicyLock) -> str | None:
        patience = Backoff(lock)
        text = self._read_patiently(patience)
        if record.is_recent and patience.settle():
            text = self._read_patiently(patience)
        return text

    def _read_patiently(self, patience: Backoff) -> str | None:
        """Return the policy. Retry while AWS is busy, so that this causes no alarm."""
        while True:
            try:
                return self._policy.read()
            except TransientError:  # noqa: PERF203 - a wait is longer
                if not patience.retry():
                    raise

    def _assess(self, text: str | None, record: ClaimRecord) -> None:
        wanted = record.wanted
        present, self.edited = present_and_edited(text, wanted, self._policy.kind)
        self.missing = set(wanted) - present - self.edited
        self.unread = not_read(self._policy, domains_of(wanted.values()))
        _log.info("%s: %s", self._policy.arn, self.unread)
        granted = {sid: each for sid, each in wanted.items() if sid in present}
        advice = advise(
            text,
            granted or wanted,
            arn=self._policy.arn,
            account=self._policy.account,
            is_of_another_storage=partial(is_recorded, policy=self._policy.arn),
        )
        strict = {sid: each for sid, each in wanted.items() if sid not in record.tolerated}
        denials = advise(text, strict, arn=self._policy.arn, account=self._policy.account).denials
        effects = self._settings.effects(text)
        self.blocking = [*(f"{each.summary} {each.fix}" for each in denials), *effects.blocking]
        self.foreign = [*advice.foreign]
        self.wrong = len(self.missing) + len(self.edited) + len(self.blocking) + len(self.foreign)
        for sid in sorted(self.edited):
            self._warn(f"the statement {sid} was edited. It is not changed.")
        for each in [*self.blocking, *self.foreign, *advice.possible, *effects.possible]:
            self._warn(each)
        if self.missing:
            self._warn(f"missing are {', '.join(sorted(self.missing))}")

    def _may_repair(self, record: ClaimRecord) -> bool:
        if record.may_repair():
            return True
        _log.error(
            "%s: not repaired, because it was repaired %d times within a day: another owner of this policy removes the "
            "statements. Add them there (iconik-construct statements), or deploy again.",
            self._policy.arn,
            MOST_REPAIRS,
        )
        return False

    def _restore(self, record: ClaimRecord, lock: PolicyLock) -> None:
        missing: Statements = {sid: each for sid, each in record.wanted.items() if sid in self.missing}

        def refuse(text: str | None) -> MergeError | None:
            # A Deny is reported. The statements are restored anyway.
            return find_refusal(self._policy, text, missing, missing, self._settings)

        reconcile(self._policy, old=(), new=missing, backoff=Backoff(lock), advise=refuse)
        self.repaired = len(missing)
        self.wrong -= len(missing)
        self.missing = set()
        self._warn("they were restored")

    def _warn(self, text: str) -> None:
        _log.warning("%s: %s", self._policy.arn, text)


def _problems_of_other_policies(event: Mapping[str, Any], own: str) -> int:
    """Return the number of problems with the other policies of the watch. An unchecked policy counts as a problem."""
    claims = {claim_of(event["StackId"], each) for each in event["Resources"]} - {own}
    records = read_records(sorted(claims))
    oldest = backoff.now() - 2 * float(event["Every"]) - _LATE
    late = [claim for claim in claims if claim not in records or records[claim].looked < oldest]
    return len(late) + sum(record.wrong for claim, record in records.items() if claim not in late)
