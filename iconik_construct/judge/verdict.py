"""The result of an evaluation: a verdict, and the statements and conditions that decide."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Decision", "Reason", "Verdict"]


class Verdict(Enum):
    """Whether the request is allowed, denied, or depends on unknown facts."""

    ALLOWED = "allowed"
    DENIED = "denied"
    DEPENDS = "depends"


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement, or a part of it, that decides.

    Attributes:
        statement: its `Sid`, or `statement 3`, counted from 1; `the policy` if it is not one statement.
        index: its place in the document's list, from 0; -1 if it is not one statement.
        effect: `Allow` or `Deny`; empty if that is unknown.
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
    """The result of an evaluation.

    Attributes:
        verdict: allowed, denied, or depends.
        because: the statements that decide: each Allow, or each Deny. A denial without statements is an implicit Deny.
        unless: with `DEPENDS`, the unknown facts that decide.
    """

    verdict: Verdict
    because: tuple[Reason, ...] = ()
    unless: tuple[Reason, ...] = ()
