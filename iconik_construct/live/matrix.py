"""The table: who may do what, of all that iconik does, with what decides each cell.

A cell is what the policy says, then what lets in beside it (an ACL, a grant), then what keeps out whatever they say (a
setting of the bucket, the state of a key, a policy of the organisation).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ..access.permissions import IconikPermissions
from ..access.trust import ICONIK_ROLE_ARN
from ..access.uses import USES, Use
from ..judge import Decision, Verdict
from ..judge.iconik import Caller, another_domain, everyone, iconik_session, others, stranger
from .requests import Ask, domains_in, is_wanted
from .subject import Subject

__all__ = [
    "CALLERS",
    "ICONIK",
    "Answer",
    "Case",
    "Cell",
    "Cells",
    "Line",
    "Question",
    "callers",
    "cases_beyond",
    "cases_of_others",
    "cells",
]


class Answer(Enum):
    """Whether somebody may."""

    YES = "yes"
    PARTLY = "partly"
    DEPENDS = "depends"
    NO = "no"


ICONIK: Final = "your domain"
CALLERS: Final = (ICONIK, "another domain", "no tag", "another role", "everyone")
"""The columns: iconik for your domain, iconik for others, the rest of iconik's account, and whoever else there is."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be found out, whatever is there.

    Args:
        system_domain_ids: whose iconik is meant to get in.
        permissions: what it is meant to do.
        cors_by_iconik: whether it is meant to write the CORS rules.
        role_arn: the role that it comes as.
    """

    system_domain_ids: tuple[str, ...]
    permissions: IconikPermissions
    cors_by_iconik: bool = True
    role_arn: str = ICONIK_ROLE_ARN

    def wants_some_of(self, row: Use) -> bool:
        return any(map(self.wants, row.actions))

    def wants(self, action: str) -> bool:
        return is_wanted(action, self.permissions, cors_by_iconik=self.cors_by_iconik)


@dataclass(frozen=True, slots=True)
class Case:
    """One caller, one request, and what came of it."""

    who: Caller
    ask: Ask
    decision: Decision


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether somebody may, and the statements or conditions that decide."""

    answer: Answer
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: what is done, whether it is wanted of iconik, and a cell a caller."""

    row: Use
    subject: str
    is_wanted: bool
    cells: Mapping[str, Cell]


def callers(question: Question, document: Any) -> dict[str, tuple[Caller, ...]]:
    """Return who stands behind each column but the first; a foreign domain that the policy names is asked by name."""
    ids = question.system_domain_ids
    foreign = [one for one in domains_in(document) if one not in ids]
    _, without, *rest = others([*ids, *foreign], question.role_arn)
    named = tuple(iconik_session(one, question.role_arn) for one in foreign)
    return {
        "another domain": (another_domain([*ids, *foreign], question.role_arn), *named),
        "no tag": (without,),
        "another role": tuple(rest),
        "everyone": (everyone(), stranger()),
    }


def cases_of_iconik(question: Question, subject: Subject, row: Use) -> list[Case]:
    """Return what comes of all that iconik asks for a row, for each domain."""
    asked = subject.asked(row.actions, question.permissions.prefixes)
    sessions = [iconik_session(one, question.role_arn) for one in question.system_domain_ids]
    return [Case(who, ask, subject.decide(who, ask)) for who in sessions for ask in asked]


def cases_beyond(question: Question, subject: Subject, row: Use) -> list[Case]:
    """Return what comes of what iconik could ask for a row and is not meant to: elsewhere in the bucket, or at all."""
    prefixes = question.permissions.prefixes
    if row.on_key or (not prefixes and all(map(question.wants, row.actions))):
        return []
    sessions = [iconik_session(one, question.role_arn) for one in question.system_domain_ids]
    asked = [
        ask
        for action in row.actions
        for ask in subject.asked_by_others(action)
        if not question.wants(action) or (prefixes and not _is_below(ask, subject.bucket.arn, prefixes))
    ]
    return [Case(who, ask, subject.decide(who, ask)) for who in sessions for ask in asked]


def _is_below(ask: Ask, arn: str, prefixes: Iterable[str]) -> bool:
    """Tell whether a request is about what lies below the prefixes, or about the bucket as such."""
    listed = ask.context.get("s3:prefix")
    if ask.resource == arn:
        return not isinstance(listed, str) or listed.startswith(tuple(prefixes))
    return ask.resource.startswith(tuple(f"{arn}/{prefix}" for prefix in prefixes))


def cases_of_others(people: Mapping[str, Iterable[Caller]], subject: Subject, row: Use) -> dict[str, list[Case]]:
    """Return what comes of all that others could ask for a row."""
    asked = [ask for action in row.actions for ask in subject.asked_by_others(action)]
    return {
        column: [Case(who, ask, subject.decide(who, ask)) for who in group for ask in asked]
        for column, group in people.items()
    }


def of_all(cases: Iterable[Case]) -> Answer:
    """Return the answer for somebody who must be able to do all of it."""
    verdicts = {case.decision.verdict for case in cases}
    if Verdict.DEPENDS in verdicts:
        return Answer.DEPENDS
    if verdicts == {Verdict.ALLOWED}:
        return Answer.YES
    return Answer.PARTLY if Verdict.ALLOWED in verdicts else Answer.NO


def of_what_is_not_meant(cases: Iterable[Case]) -> Answer:
    """Return the answer for what iconik is not meant to do: some of it is some too much."""
    verdicts = {case.decision.verdict for case in cases}
    if verdicts == {Verdict.ALLOWED}:
        return Answer.YES
    if Verdict.ALLOWED in verdicts:
        return Answer.PARTLY
    return Answer.DEPENDS if Verdict.DEPENDS in verdicts else Answer.NO


def of_any(cases: Iterable[Case]) -> Answer:
    """Return the answer for somebody who must not be able to do any of it."""
    verdicts = {case.decision.verdict for case in cases}
    if Verdict.ALLOWED in verdicts:
        return Answer.YES
    return Answer.DEPENDS if Verdict.DEPENDS in verdicts else Answer.NO


def cell(answer: Answer, cases: Iterable[Case]) -> Cell:
    """Return the cell for an answer, with the clauses of the decisions that make it."""
    kept: dict[str, None] = {}
    for case in cases:
        decision = case.decision
        if _speaks_for(answer, decision.verdict):
            reasons = decision.unless if decision.verdict is Verdict.DEPENDS else decision.because
            kept.update(dict.fromkeys(one.text for one in reasons))
            if not reasons:
                kept["nothing allows it"] = None
    return Cell(answer, tuple(kept))


def _speaks_for(answer: Answer, verdict: Verdict) -> bool:
    if answer is Answer.PARTLY:
        return verdict is Verdict.DENIED
    return verdict is {Answer.YES: Verdict.ALLOWED, Answer.NO: Verdict.DENIED}.get(answer, Verdict.DEPENDS)


Cells = tuple[Use, dict[str, tuple[Cell, list[Case]]]]
"""A row, and a cell a caller with what was asked for it."""


def cells(question: Question, subject: Subject) -> Iterator[Cells]:
    """Yield, for each row about the policy, what it and the policies above it say to each caller."""
    people = callers(question, subject.document)
    for row in USES:
        if row.on_key != (subject.key is not None):
            continue
        mine = cases_of_iconik(question, subject, row)
        if question.wants_some_of(row) or row.on_key:
            found = {ICONIK: (cell(of_all(mine), mine), mine)}
        else:
            beyond = cases_beyond(question, subject, row)
            found = {ICONIK: (cell(of_what_is_not_meant(beyond), beyond), beyond)}
        for column, cases in cases_of_others(people, subject, row).items():
            found[column] = (cell(of_any(cases), cases), cases)
        yield row, found
