"""Evaluates the answers: who has access that must not, and whether iconik has access.

It is separate from the questions, so that failures can be tested with answers that no good policy gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .questions import CALLERS, Row

__all__ = ["mistakes", "summary"]


def mistakes(answers: Mapping[str, Sequence[Row]]) -> list[str]:
    """Return the errors, one sentence each; nothing if only iconik with the right tag has access.

    Args:
        answers: the rows by the name of the storage.
    """
    errors = []
    for storage, rows in answers.items():
        if not any(row.answers[0].allowed for row in rows):
            errors.append(f"{storage}: iconik itself may do nothing, although its tag is the right one.")
        for number, caller in list(enumerate(CALLERS))[1:]:
            errors += [
                f"{storage}: iconik's role, tagged with {caller}, may {row.label}: "
                f"{row.answers[number].allowed} of {row.answers[number].asked} requests allowed."
                for row in rows
                if row.answers[number].allowed
            ]
    return errors


def summary(answers: Mapping[str, Sequence[Row]]) -> str:
    """Return the number of requests of callers that must not have access, and the number of allowed ones."""
    others = [answer for rows in answers.values() for row in rows for answer in row.answers[1:]]
    asked = sum(answer.asked for answer in others)
    allowed = sum(answer.allowed for answer in others)
    return f"Without the tag of your domain: {allowed} of {asked:,} requests allowed."
