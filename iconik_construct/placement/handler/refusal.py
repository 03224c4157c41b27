"""Decide whether to write statements: not if AWS refuses the policy, or if iconik would have no access."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from .advice import Denial, Settings, advise, wrong_domains
from .writer.merge import MergeError, Statements
from .writer.policies import Policy

__all__ = ["find_refusal"]

_log = logging.getLogger(__name__)


def find_refusal(
    policy: Policy, text: str | None, wanted: Statements, tolerated: Mapping[str, Any], settings: Settings
) -> MergeError | None:
    """Return why the statements would have no effect in a policy, or None.

    Args:
        policy: the policy of the bucket or key.
        text: the policy with the statements.
        wanted: the statements, by Sid.
        tolerated: the Sids that are written although a Deny blocks them.
        settings: the settings of the bucket or key.

    Raises:
        MergeError: AWS would refuse the policy, or its effect on iconik cannot be determined.
    """
    settings.refuse(text)
    try:
        if wrong := wrong_domains(wanted.values()):
            return _unusable(policy, wrong)
        denials = advise(text, wanted, arn=policy.arn, account=policy.account).denials
        if denials and tolerated:
            strict = {sid: each for sid, each in wanted.items() if sid not in tolerated}
            denials = advise(text, strict, arn=policy.arn, account=policy.account).denials
    except Exception as error:
        _log.exception("%s: the effect of this policy on iconik cannot be determined", policy.arn)
        raise MergeError(
            f"Nothing was written to the {policy.kind.name}: its effect on iconik could not be determined "
            f"({type(error).__name__}: {error}). The trace is in the function's log."
        ) from error
    return _blocked(policy, denials) if denials else None


def _unusable(policy: Policy, domains: Sequence[str]) -> MergeError:
    return MergeError(
        f"Nothing was written to the {policy.kind.name}, because iconik would have no access: "
        f"{' and '.join(map(repr, domains))} is not a System Domain ID. Give the id as iconik shows it under "
        "Admin > Settings > System Settings: a UUID in lower case."
    )


def _blocked(policy: Policy, denials: Sequence[Denial]) -> MergeError:
    """Return the error. It names all Denies first, because the fixes are long and the end of a long text is cut."""
    for each in denials:
        _log.warning("%s: %s %s", policy.arn, each.summary, each.fix)
    return MergeError(
        f"Nothing was written to the {policy.kind.name}, because iconik would have no access. "
        f"{' '.join(each.summary for each in denials)} Exempt iconik's role, or deploy with tolerate_denies=True. "
        f"{' '.join(each.fix for each in denials)}"
    )
