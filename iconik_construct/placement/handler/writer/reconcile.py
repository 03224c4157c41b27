"""Bring a policy to the wanted state: read, plan, advise, confirm, write, verify.

AWS has no conditional write for bucket policies and key policies, and a read can return a policy that is seconds old.
So two reads, seconds apart, must agree before each write, and a read verifies each write. The caller holds the lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from .backoff import Backoff
from .calls import EventualConsistencyError, TransientError
from .merge import Merged, MergeError, Statements, merge
from .policies import Policy

__all__ = ["Advise", "Reconciled", "reconcile"]

_log = logging.getLogger(__name__)

_TRIES_AFTER_ERRORS = 5

Advise = Callable[[str | None], MergeError | None]
"""Returns the reason not to write the given policy, or None."""


@dataclass(frozen=True)
class Reconciled:
    """A policy in the wanted state.

    `edited` has the Sids of unwanted statements that stay, because somebody has edited them.
    """

    text: str | None
    edited: tuple[str, ...]


def reconcile(
    policy: Policy,
    *,
    old: Sequence[Statements],
    new: Statements,
    backoff: Backoff,
    advise: Advise,
    recent: bool = False,
) -> Reconciled:
    """Replace the old own statements by the new ones, until the policy has them.

    Args:
        policy: the policy of the bucket or key.
        old: the versions of the own statements that can be in the policy, each by Sid.
        new: the wanted statements, by Sid; empty for a Delete.
        backoff: limits the tries.
        advise: called before each write.
        recent: whether the own statements were written seconds ago, so that one read can still return the former ones.

    Raises:
        MergeError: the policy, AWS or the advice refuses.
        TransientError: AWS did not answer, or other writers undid each write, until no time was left.
        ClientError: an error that this function does not know; in a removal, until no time was left.
    """
    while True:
        try:
            text = policy.read()
            plan = merge(text, old=old, new=new, kind=policy.kind)
            if not plan.changed and (not recent or _confirm(policy, text, backoff)):
                return _done(policy, plan, new)
            if plan.changed:
                # Before the second read, so that the result of this read is written at once.
                refusal = advise(plan.text)
                if not _confirm(policy, text, backoff):
                    continue
                if refusal is not None:
                    raise refusal
                policy.write(plan.text)
                after = _verify(policy, old, new, backoff)
                if not after.changed:
                    return _done(policy, after, new)
            outcome: Exception = TransientError(
                f"Other writers keep reverting this stack's changes of the {policy.kind.name}. Hand over instead."
            )
        except TransientError as error:
            outcome = error
        except EventualConsistencyError as error:
            if backoff.tries >= _TRIES_AFTER_ERRORS or (not new and not error.retried_on_delete):
                raise
            outcome = error
        except ClientError as error:
            # An unknown error. A removal is tried again: after it, nobody looks for statements that are left.
            if backoff.tries >= _TRIES_AFTER_ERRORS or new:
                raise
            outcome = error
        if not backoff.retry():
            raise outcome


def _confirm(policy: Policy, text: str | None, backoff: Backoff) -> bool:
    """Return whether a second read, seconds later, returns the same policy."""
    _settle(policy, backoff)
    return policy.read() == text


def _verify(policy: Policy, old: Sequence[Statements], new: Statements, backoff: Backoff) -> Merged:
    """Return the remaining changes, seconds after the write."""
    _settle(policy, backoff)
    return merge(policy.read(), old=old, new=new, kind=policy.kind)


def _settle(policy: Policy, backoff: Backoff) -> None:
    if not backoff.settle():
        raise TransientError(f"Other writers keep changing the {policy.kind.name}. Deploy again later.")


def _done(policy: Policy, plan: Merged, new: Statements) -> Reconciled:
    _log.info("%s has the wanted statements: %s", policy.physical_id, sorted(new) or "nothing")
    for sid in plan.edited:
        _log.warning("%s: somebody has edited the statement %s, so it was not removed", policy.physical_id, sid)
    return Reconciled(plan.text, plan.edited)
