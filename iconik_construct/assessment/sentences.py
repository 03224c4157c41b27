"""Writes the answer as a sentence, the same in every tool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..judge.text import shown
from .assess import Assessment
from .finding import Verdict
from .rules import Effect

__all__ = ["other_accounts", "summary"]

_DOUBTS: Final = {Effect.LOCKED_OUT: Effect.MAY_BE_LOCKED_OUT, Effect.OTHERS: Effect.OTHERS_MAY}


def summary(assessment: Assessment) -> str:
    """Return the answer for one bucket in a sentence or two."""
    effects = {finding.effect for finding in assessment.findings}
    # If something is certain, the answer does not also call it possible.
    effects -= {doubt for fact, doubt in _DOUBTS.items() if fact in effects}
    if assessment.verdict is Verdict.GOOD:
        others = (
            "No other iconik customer has access, and no other AWS account except those that are named below."
            if assessment.other_accounts
            else "No other iconik customer and no other AWS account has access."
        )
        return f"OK: iconik has access for your domain. {others}"
    sentences = {
        Effect.LOCKED_OUT: "iconik lacks access that it should have.",
        Effect.OTHERS: "Others have access.",
        Effect.MAY_BE_LOCKED_OUT: "It cannot be determined whether iconik has all the access that it should have.",
        Effect.OTHERS_MAY: "It cannot be determined whether others have access.",
        Effect.UNKNOWN: "A policy or setting that decides who has access could not be read.",
    }
    word = "NOT OK" if assessment.verdict is Verdict.NOT_GOOD else "UNKNOWN"
    return f"{word}: {' '.join(text for effect, text in sentences.items() if effect in effects)}"


def other_accounts(assessment: Assessment) -> Iterator[str]:
    """Yield a line for each account in the policies that is neither the owner's nor iconik's."""
    for each in assessment.other_accounts:
        yield f"{shown(each.account)}, by {each.statement} in {shown(each.where)}: {each.actions}"
