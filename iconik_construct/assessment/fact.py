"""Defines a fact: found, not configured, or unknown with a reason.

Facts come from calls to AWS, from templates, or from the event of a merge. An unread fact never counts as absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

__all__ = ["Fact", "Found", "NotConfigured", "Unknown", "Why", "value_of", "value_within"]


class Why(Enum):
    """Why a fact is unknown. The values are for readers."""

    DENIED = "access is denied"
    THROTTLED = "AWS throttled the call"
    NO_ANSWER = "AWS did not answer"
    NOT_FOUND = "it does not exist"
    REFUSED = "AWS refused the call"
    NO_CREDENTIALS = "there are no valid credentials"
    UNKNOWN_CALL = "the installed boto3 does not know the call"
    NOT_HERE = "it is not in the templates"
    UNREADABLE = "it cannot be read"
    CALLED = "a call of the AWS API changes it"


@dataclass(frozen=True, slots=True)
class Found:
    """The value, in the shape of boto3's answer."""

    value: Any


@dataclass(frozen=True, slots=True)
class NotConfigured:
    """The setting is not configured."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value is unknown.

    Attributes:
        action: the IAM action that is needed to read it; empty if no call can read it.
        why: the kind of failure.
        says: the message of AWS, or the place that could not be read.
    """

    action: str
    why: Why
    says: str


Fact = Found | NotConfigured | Unknown


def value_of(fact: Fact) -> Any:
    """Return the value that was found, or None."""
    return fact.value if isinstance(fact, Found) else None


def value_within(fact: Fact, *names: str) -> Any:
    """Return a part of the value that was found, by the names on the way to it; None if one of them is not there."""
    value = value_of(fact)
    for name in names:
        value = (value or {}).get(name)
    return value
