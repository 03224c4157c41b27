"""Evaluates one policy, which is parsed once, for the requests of each caller."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..judge import Decision, Request, Verdict
from ..judge.document import Document, Unreadable, read
from ..judge.evaluation import Outcome, decide, outcomes, unreadable
from ..judge.text import MarkedText
from .callers import Caller
from .facts import PolicyText, statements_of
from .names import Iconik
from .requests import Ask

__all__ = ["EvaluatedPolicy"]


class EvaluatedPolicy:
    """A policy and its answers.

    For a statement that names iconik, nothing is assumed about iconik's condition keys.

    Args:
        document: the policy.
        account: the account that owns the resource.
        iconik: iconik, as the policy can name it.
    """

    def __init__(self, document: PolicyText, account: MarkedText, iconik: Iconik) -> None:
        self.document = document
        self.account = account
        self.iconik = iconik

    @cached_property
    def statements(self) -> list[Mapping[str, Any]]:
        """The statements, in their order."""
        return statements_of(self.document)

    @cached_property
    def _read(self) -> Document | Unreadable:
        try:
            return read(self.document)
        except Unreadable as error:
            return error

    @property
    def error(self) -> Unreadable | None:
        """Why no statement can be read; None if they can."""
        return self._read if isinstance(self._read, Unreadable) else None

    @cached_property
    def naming(self) -> frozenset[int]:
        """The places of the statements that name iconik, from 0."""
        return frozenset(index for index, statement in enumerate(self.statements) if self.iconik.is_named_in(statement))

    def decide(self, who: Caller, ask: Ask) -> Decision:
        """Return the policy's decision on a caller's request."""
        if isinstance(self._read, Unreadable):
            return Decision(Verdict.DEPENDS, unless=(unreadable(self._read),))
        return decide(self._read, self._request(who, ask), variant=self._cautious(who, ask), variant_at=self.naming)

    def outcomes(self, who: Caller, ask: Ask) -> list[Outcome]:
        """Return the effect of each statement on a caller's request; none if the policy cannot be read."""
        if isinstance(self._read, Unreadable):
            return []
        return outcomes(self._read, self._request(who, ask), variant=self._cautious(who, ask), variant_at=self.naming)

    def alone(self, index: int, statement: Mapping[str, Any]) -> EvaluatedPolicy:
        """Return the policy with the given form of one statement as its only Allow, and every Deny."""
        policy = self._read
        if isinstance(policy, Unreadable):
            raise policy
        kept = [
            statement if place == index else each
            for place, each in enumerate(policy.statements)
            if place == index or not isinstance(each, Mapping) or each.get("Effect") != "Allow"
        ]
        version = {"Version": "2012-10-17"} if policy.variables else {}
        return EvaluatedPolicy({**version, "Statement": kept}, self.account, self.iconik)

    def _request(self, who: Caller, ask: Ask, *, cautious: bool = False) -> Request:
        return who.asks(ask.action, ask.resource, self.account, ask.context, ask.absent, cautious=cautious)

    def _cautious(self, who: Caller, ask: Ask) -> Request | None:
        return self._request(who, ask, cautious=True) if self.naming else None
