"""Builds the access matrix: actions by callers, with the statements that decide each cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ..access.uses import USES, Use
from ..judge import Decision, Verdict
from ..judge.text import AnyText
from .callers import Caller, another_domain, everyone, iconik_session, others, strangers
from .expected import Question
from .reach import SOMEWHERE
from .requests import Ask, domains_in
from .subject import Subject

__all__ = ["CALLERS", "ICONIK", "Answer", "Case", "Cell", "Row", "rows"]


class Answer(Enum):
    """Whether a caller can perform an action."""

    YES = "yes"
    PARTLY = "partly"
    DEPENDS = "depends"
    NO = "no"


ICONIK: Final = "your domain"
CALLERS: Final = (ICONIK, "another domain", "no tag", "another role", "everyone")
"""The columns: iconik for your domain, iconik for others, the other roles of iconik's account, and everyone."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request of one caller, and the decision."""

    who: Caller
    ask: Ask
    decision: Decision


@dataclass(frozen=True, slots=True)
class Cell:
    """The answer, the clauses that decide, and the evaluated requests."""

    answer: Answer
    because: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One use, the policy that decides, whether iconik should be able to do it, and a cell for each caller."""

    use: Use
    subject: AnyText
    is_wanted: bool
    cells: Mapping[str, Cell]


def rows(subject: Subject) -> Iterator[Row]:
    """Yield the rows about one policy."""
    question = subject.question
    callers = _callers(question, subject.policy.document)
    sessions = [iconik_session(each, question.role_arn) for each in question.system_domain_ids]
    for use in USES:
        if use.on_key != (subject.key is not None):
            continue
        asks = subject.asked_by_iconik(use.actions)
        is_wanted = bool(asks)
        cells: dict[str, Cell] = {}
        if is_wanted or use.on_key:
            if not is_wanted:
                asks = [ask for action in use.actions for ask in subject.asked_by_anybody(action)[:1]]
            asks_by_domain = {
                each: subject.of_domain(each).asked_by_iconik(use.actions) for each in question.system_domain_ids
            }
            cases = [
                Case(who, ask, subject.decide_for_iconik(who, ask))
                for each, who in zip(question.system_domain_ids, sessions, strict=True)
                for ask in (asks_by_domain[each] if any(asks_by_domain.values()) else asks)
            ]
            cells[ICONIK] = _cell(_of_all(cases), cases)
        else:
            anything = [ask for action in use.actions for ask in subject.asked_by_anybody(action)]
            cases = [Case(who, ask, subject.decide(who, ask)) for who in sessions for ask in anything]
            cells[ICONIK] = _cell(_of_unwanted(cases), cases)
        by_others = [
            Ask(ask.action, ask.resource, {**place, **ask.context}, ask.absent)
            for action in (*use.actions, *use.also)
            for ask in subject.asked_by_anybody(action)
            for place in SOMEWHERE
        ]
        for column, people in callers.items():
            cases = [Case(who, ask, subject.decide(who, ask)) for who in people for ask in by_others]
            cells[column] = _cell(_of_any(cases), cases)
        yield Row(use, subject.name, is_wanted, cells)


def _callers(question: Question, document: Any) -> dict[str, tuple[Caller, ...]]:
    """Return the callers of each column but the first. A foreign domain in the policy is a caller of its own."""
    ids = question.system_domain_ids
    foreign = [each for each in domains_in(document) if each not in ids]
    _, without, *rest = others([*ids, *foreign], question.role_arn)
    named = tuple(iconik_session(each, question.role_arn) for each in foreign)
    return {
        "another domain": (another_domain([*ids, *foreign], question.role_arn), *named),
        "no tag": (without,),
        "another role": tuple(rest),
        "everyone": (everyone(), *strangers()),
    }


def _of_all(cases: Iterable[Case]) -> Answer:
    """Return the answer for a caller that must be able to do all of it."""
    verdicts = {case.decision.verdict for case in cases}
    if Verdict.DEPENDS in verdicts:
        return Answer.DEPENDS
    if verdicts == {Verdict.ALLOWED}:
        return Answer.YES
    return Answer.PARTLY if Verdict.ALLOWED in verdicts else Answer.NO


def _of_unwanted(cases: Iterable[Case]) -> Answer:
    """Return the answer for access that iconik should not have. Any part of it is too much."""
    verdicts = {case.decision.verdict for case in cases}
    if verdicts == {Verdict.ALLOWED}:
        return Answer.YES
    if Verdict.ALLOWED in verdicts:
        return Answer.PARTLY
    return Answer.DEPENDS if Verdict.DEPENDS in verdicts else Answer.NO


def _of_any(cases: Iterable[Case]) -> Answer:
    """Return the answer for a caller that must not be able to do any of it."""
    verdicts = {case.decision.verdict for case in cases}
    if Verdict.ALLOWED in verdicts:
        return Answer.YES
    return Answer.DEPENDS if Verdict.DEPENDS in verdicts else Answer.NO


def _cell(answer: Answer, cases: Iterable[Case]) -> Cell:
    kept: dict[str, None] = {}
    listed = tuple(cases)
    for case in listed:
        decision = case.decision
        if _decides(answer, decision.verdict):
            reasons = decision.unless if decision.verdict is Verdict.DEPENDS else decision.because
            kept.update(dict.fromkeys(each.text for each in reasons))
            if not reasons:
                kept["nothing allows it"] = None
    return Cell(answer, tuple(kept), listed)


def _decides(answer: Answer, verdict: Verdict) -> bool:
    if answer is Answer.PARTLY:
        return verdict is Verdict.DENIED
    return verdict is {Answer.YES: Verdict.ALLOWED, Answer.NO: Verdict.DENIED}.get(answer, Verdict.DEPENDS)
