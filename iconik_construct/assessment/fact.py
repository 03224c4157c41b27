"""One fact: found, not configured, or unknown and why.

Source of a fact: a call to AWS, a template, or the event of a merge. What was not read is never taken for absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

__all__ = ["Fact", "Found", "NotConfigured", "Unknown", "Why", "value_of"]


class Why(Enum):
    """Why a fact is unknown; the values are for readers."""

    DENIED = "access is denied"
    BUSY = "AWS was too busy to answer"
    SILENT = "AWS did not answer"
    GONE = "it does not exist"
    REFUSED = "AWS refused the call"
    NO_CREDENTIALS = "there are no credentials"
    UNKNOWN_CALL = "the installed boto3 does not know the call"
    NOT_HERE = "it is not in the templates"
    UNREADABLE = "it cannot be read"


@dataclass(frozen=True, slots=True)
class Found:
    """The value, in the shape of boto3's answer."""

    value: Any


@dataclass(frozen=True, slots=True)
class NotConfigured:
    """Nothing of the kind is set."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value is not known.

    Attributes:
        action: the IAM action that a call needs to read it; empty where no call can.
        why: the kind of failure.
        says: AWS's own words, or the place that could not be read.
    """

    action: str
    why: Why
    says: str


Fact = Found | NotConfigured | Unknown


def value_of(fact: Fact) -> Any:
    """Return the value that was found, or None."""
    return fact.value if isinstance(fact, Found) else None
