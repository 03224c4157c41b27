"""Decide whether statements are written: not if AWS refuses the policy, or if iconik would have no access."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from .advice import Denial, Settings, advise
from .writer.merge import MergeError, Statements
from .writer.policies import Policy

__all__ = ["find_refusal"]

_log = logging.getLogger(__name__)


def find_refusal(
    policy: Policy, text: str | None, wanted: Statements, tolerated: Mapping[str, Any], settings: Settings
) -> MergeError | None:
    """Return why our statements would have no effect in a policy, or None.

    Args:
        policy: of the bucket or key.
        text: the policy with our statements in it.
        wanted: our statements, by Sid.
        tolerated: the Sids of those that are written although a Deny blocks them.
        settings: of the bucket or key.

    Raises:
        MergeError: AWS would refuse the policy, or what it means is not known.
    """
    settings.refuse(text)
    try:
        denials = advise(text, wanted, arn=policy.arn, account=policy.account).denials
        if denials and tolerated:
            strict = {sid: each for sid, each in wanted.items() if sid not in tolerated}
            denials = advise(text, strict, arn=policy.arn, account=policy.account).denials
    except Exception as error:
        _log.exception("%s: what this policy means for iconik is not known", policy.arn)
        raise MergeError(
            f"Nothing was written to the {policy.kind.name}: what it means for iconik could not be determined "
            f"({type(error).__name__}: {error}). The trace is in the function's log."
        ) from error
    return _blocked(policy, denials) if denials else None


def _blocked(policy: Policy, denials: Sequence[Denial]) -> MergeError:
    """Name all Denies first: the fixes are long, and a text that is too long is cut at its end."""
    for each in denials:
        _log.warning("%s: %s %s", policy.arn, each.summary, each.fix)
    return MergeError(
        f"Nothing was written to the {policy.kind.name}, because iconik would have no access. "
        f"{' '.join(each.summary for each in denials)} Exempt iconik's role, or deploy with tolerate_denies=True. "
        f"{' '.join(each.fix for each in denials)}"
    )
