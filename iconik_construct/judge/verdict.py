"""What the judge answers: a verdict, and the statements and conditions that decide it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Decision", "Reason", "Verdict"]


class Verdict(Enum):
    """Whether the request goes through: yes, no, or not to be told from what is known."""

    ALLOWED = "allowed"
    DENIED = "denied"
    DEPENDS = "depends"


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement, or one part of it, that decides.

    Attributes:
        statement: its `Sid`, or `statement 3`, counted from 1; `the policy` where it is not one statement.
        index: its place in the document's list, from 0; -1 where it is not one statement.
        effect: `Allow` or `Deny`; empty where that is not known.
        part: empty for the whole statement, else for example `Principal` or `Condition StringEquals aws:SourceIp`.
        text: one clause for a reader.
    """

    statement: str
    index: int
    effect: str
    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The judge's answer.

    Attributes:
        verdict: allowed, denied, or depends.
        because: the statements that decide: each Allow that lets in, or each Deny that keeps out. Empty for a denial
            means that nothing allows the request.
        unless: with `DEPENDS`, what is not known and decides.
    """

    verdict: Verdict
    because: tuple[Reason, ...] = ()
    unless: tuple[Reason, ...] = ()
