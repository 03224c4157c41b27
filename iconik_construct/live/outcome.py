"""What came of one call to AWS: an answer, the answer that there is none, or no answer and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

__all__ = ["Absent", "NotRead", "Outcome", "Read", "Why", "value_of"]


class Why(Enum):
    """Why a call has no answer; the values are for readers."""

    DENIED = "access is denied"
    BUSY = "AWS was too busy to answer"
    SILENT = "AWS did not answer"
    GONE = "it does not exist, or not any more"
    REFUSED = "AWS refused the call"
    NO_CREDENTIALS = "there are no credentials to ask with"
    UNKNOWN = "the installed boto3 does not know the call"


@dataclass(frozen=True, slots=True)
class Read:
    """AWS's answer, as boto3 gives it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Absent:
    """AWS says that nothing of the kind is set."""


@dataclass(frozen=True, slots=True)
class NotRead:
    """No answer.

    Attributes:
        action: the IAM action that the call needs.
        why: the kind of failure.
        says: AWS's own words.
    """

    action: str
    why: Why
    says: str


Outcome = Read | Absent | NotRead


def value_of(outcome: Outcome) -> Any:
    """Return what was read, or None."""
    return outcome.value if isinstance(outcome, Read) else None
