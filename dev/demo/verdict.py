"""Says what the answers mean: who gets in that must not, and whether iconik gets in at all.

Apart from the questions so that the demo's failure can be tested on answers that no good policy gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .questions import CALLERS, Row

__all__ = ["mistakes", "summary"]


def mistakes(answers: Mapping[str, Sequence[Row]]) -> list[str]:
    """Return what is wrong, one sentence each; nothing when only iconik with the right tag gets in.

    Args:
        answers: the rows by the name of the storage.
    """
    found = []
    for storage, rows in answers.items():
        if not any(row.answers[0].allowed for row in rows):
            found.append(f"{storage}: iconik itself may do nothing, although its tag is the right one.")
        for number, caller in list(enumerate(CALLERS))[1:]:
            found += [
                f"{storage}: iconik's role, tagged with {caller}, may {row.label}: "
                f"{row.answers[number].allowed} of {row.answers[number].asked} requests allowed."
                for row in rows
                if row.answers[number].allowed
            ]
    return found


def summary(answers: Mapping[str, Sequence[Row]]) -> str:
    """Return how much was asked about those who must not get in, and with what result."""
    others = [answer for rows in answers.values() for row in rows for answer in row.answers[1:]]
    asked = sum(answer.asked for answer in others)
    allowed = sum(answer.allowed for answer in others)
    return f"Without the tag of your domain: {allowed} of {asked:,} requests allowed."
