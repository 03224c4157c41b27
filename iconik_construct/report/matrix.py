"""Asks the judge about each storage: who may do what, and whether that is certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ..access.permissions import LIST_ACTION
from ..access.uses import BEYOND_NEED, USES, Use, is_on_bucket
from ..judge.iconik import Caller, another_domain, another_role, everyone, iconik_session, stranger, without_tag
from ..judge.questions import answerer
from ..judge.text import shown, unknown
from ..judge.verdict import Decision, Verdict
from .model import Policy, Report, Storage

__all__ = ["CALLERS", "Answer", "Cell", "Matrix", "json_text", "matrix", "may_others"]

CALLERS: Final = ("your domain", "another domain", "no tag", "another role", "a stranger", "everyone")


class Answer(Enum):
    """What a cell says."""

    YES = "yes"
    NO = "no"
    PART = "in part"
    DEPENDS = "depends"
    UNREAD = "not read"
    NONE = "none"


_NOBODY: Final = frozenset({Answer.NO, Answer.NONE, Answer.UNREAD})


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer, and what it rests on.

    Attributes:
        answer: the answer.
        certain: whether the whole policy was read; else a statement that was not could deny or allow more.
        why: for what is not plain, the statements and conditions that decide.
    """

    answer: Answer
    certain: bool = True
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """The answers for one storage: a row a use, a column a caller."""

    rows: tuple[tuple[Use, tuple[Cell, ...]], ...]

    @property
    def gets_in(self) -> bool:
        """Whether iconik for this domain may do something."""
        return any(cells[0].answer in {Answer.YES, Answer.PART} for _, cells in self.rows)

    @property
    def outsiders(self) -> list[tuple[str, str, Cell]]:
        """Whoever else gets in, or may: caller, action, answer."""
        return [
            (caller, use.label, cell)
            for use, cells in self.rows
            for caller, cell in zip(CALLERS[1:], cells[1:], strict=True)
            if cell.answer not in _NOBODY
        ]

    @property
    def beyond_need(self) -> list[str]:
        """What iconik may do that no storage of iconik's needs."""
        return [use.label for use, cells in self.rows if use in BEYOND_NEED and cells[0].answer not in _NOBODY]

    @property
    def unsure(self) -> list[str]:
        """What iconik may do only if something holds that is not known."""
        return [use.label for use, cells in self.rows if cells[0].answer is Answer.DEPENDS]


def matrix(storage: Storage, report: Report) -> Matrix:
    """Return who may do what with a storage."""
    domain = report.system_domain_ids
    outsiders = _outsiders(domain, report.role_arn)
    ours = [iconik_session(one, report.role_arn) for one in domain]
    below = _prefixes(storage.bucket, report.role_arn)
    bucket = _Asked(storage.bucket, storage.account)
    key = None if storage.key is None else _Asked(storage.key, storage.account)
    rows = []
    for use in (*USES, *BEYOND_NEED):
        of = key if use.on_key else bucket
        if of is None:
            unread = use.on_key and storage.key_is_unread
            cells = [Cell(Answer.UNREAD, certain=False) if unread else Cell(Answer.NONE)] * len(CALLERS)
        else:
            cells = [of.cell(use, ours, below), *(of.cell(use, callers, ("",)) for callers in outsiders)]
        rows.append((use, tuple(cells)))
    return Matrix(tuple(rows))


def may_others(policy: Policy, account: str, system_domain_ids: Sequence[str], role_arn: str) -> bool:
    """Tell whether a bucket policy lets in anybody but iconik for its domain, or may."""
    asked = _Asked(policy, account)
    return any(
        asked.cell(use, callers, ("",)).answer is not Answer.NO
        for use in USES
        if not use.on_key
        for callers in _outsiders(system_domain_ids, role_arn)
    )


def _outsiders(system_domain_ids: Sequence[str], role_arn: str) -> tuple[list[Caller], ...]:
    return (
        [another_domain(system_domain_ids, role_arn)],
        [without_tag(role_arn)],
        [another_role(one, role_arn) for one in (*system_domain_ids, None)],
        [stranger()],
        [everyone()],
    )


class _Asked:
    """A policy, which is read once for all that is asked of it."""

    def __init__(self, policy: Policy, account: str) -> None:
        self._policy = policy
        self._account = account
        self._answer = answerer(policy.document)

    def cell(self, use: Use, callers: Iterable[Caller], below: Sequence[str]) -> Cell:
        decisions = [
            self._answer(who.asks(action, resource, self._account, context, ()))
            for who in callers
            for action in (*use.actions, *use.also)
            for resource, context in _asked(self._policy.arn, action, below)
        ]
        return _summed(decisions, certain=self._policy.is_whole)


def _asked(arn: str, action: str, below: Sequence[str]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for prefix in below:
        rest = prefix + unknown("the rest of a key")
        if action.startswith("kms:"):
            yield arn, {}
        elif action == LIST_ACTION:
            yield arn, {"s3:prefix": rest} if prefix else {}
        else:
            yield (arn if is_on_bucket(action) else f"{arn}/{rest}"), {}


def _summed(decisions: Sequence[Decision], *, certain: bool) -> Cell:
    verdicts = {one.verdict for one in decisions}
    why = tuple(
        dict.fromkeys(shown(f"{reason.statement}: {reason.text}") for one in decisions for reason in one.unless)
    )
    if verdicts == {Verdict.ALLOWED}:
        return Cell(Answer.YES, certain)
    if verdicts == {Verdict.DENIED}:
        return Cell(Answer.NO, certain)
    if Verdict.ALLOWED in verdicts:
        return Cell(Answer.PART, certain, why)
    return Cell(Answer.DEPENDS, certain, why)


def _prefixes(bucket: Policy, role_arn: str) -> tuple[str, ...]:
    """Return where iconik's statements reach objects; the whole bucket where they reach all."""
    found = set()
    for statement in bucket.statements:
        if statement.get("Effect") == "Allow" and role_arn in json_text(statement.get("Principal")):
            resources = statement.get("Resource", [])
            for resource in [resources] if isinstance(resources, str) else resources:
                if isinstance(resource, str) and resource.startswith(f"{bucket.arn}/") and resource.endswith("*"):
                    found.add(resource.removeprefix(f"{bucket.arn}/").removesuffix("*"))
    return ("",) if "" in found or not found else tuple(sorted(found))


def json_text(value: Any) -> str:
    """Return all texts of a value, one a line."""
    if isinstance(value, Mapping):
        return "\n".join(json_text(one) for one in value.values())
    return "\n".join(json_text(one) for one in value) if isinstance(value, list) else str(value)
