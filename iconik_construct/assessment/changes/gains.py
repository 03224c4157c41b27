"""Finds who gains access by a new Allow or a removed Deny: each is evaluated for every caller and place.

If a result depends on an unknown value, it may be a gain, and is always reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ...judge import OneOf, Verdict, unknown
from ...judge.text import MarkedText, has_unknown_within, shown
from ..callers import Caller
from ..canonical import canonical_statement
from ..expected import Question
from ..facts import PolicyText, statements_of
from ..foreign_access import listed
from ..policy import EvaluatedPolicy
from ..requests import Ask
from ..resolved_actions import kinds_of
from .coverage import is_of_another
from .parties import OTHERS, Party, unnamed
from .places import Place, Places

__all__ = ["Versions", "gains"]

Gains = dict[str, list[str]]

_MOST_QUESTIONS: Final = 200_000
_CALLED_BY_IAM: Final = frozenset({"AWS", "Service"})
_FREE: Final = {
    name: OneOf((unknown(name),), maybe_absent=True)
    for name in (
        "aws:ViaAWSService",
        "s3:AccessPointNetworkOrigin",
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
    )
}
"""Keys with known values in usual requests, and unknown values in other requests."""


@dataclass(frozen=True)
class Versions:
    """A policy before and after, each in the wide and in the strict form.

    Attributes:
        documents: the policies: before, before in the strict form, after, after in the strict form.
        has_variables: whether `${...}` is a variable in both; None if unknown or different.
        account: the account that owns the resource.
        question: the System Domain IDs and iconik's role.
    """

    documents: tuple[PolicyText, PolicyText, PolicyText, PolicyText]
    has_variables: bool | None
    account: MarkedText
    question: Question

    def _read(self, document: PolicyText) -> EvaluatedPolicy:
        return EvaluatedPolicy(document, self.account, self.question.iconik)

    def _read_all(self, documents: Sequence[PolicyText]) -> tuple[EvaluatedPolicy, ...]:
        read = {id(each): self._read(each) for each in documents}
        return tuple(read[id(each)] for each in documents)

    @cached_property
    def _policies(self) -> tuple[EvaluatedPolicy, ...]:
        return self._read_all(self.documents)

    @cached_property
    def _without_common(self) -> tuple[EvaluatedPolicy, ...]:
        """The policies without each Deny that all of them have. Where such a Deny applies, nobody gains."""
        by_id = {id(each): each for each in self.documents if isinstance(each, Mapping)}
        keys = [{_key(each) for each in statements_of(document)} for document in by_id.values()]
        common = set.intersection(*keys) - {None} if keys else set()
        if not common or len(by_id) < len({id(each) for each in self.documents}):
            return self._policies
        less = {
            number: {**document, "Statement": [each for each in statements_of(document) if _key(each) not in common]}
            for number, document in by_id.items()
        }
        return self._read_all([less[id(each)] for each in self.documents])

    @cached_property
    def statements(self) -> list[Mapping[str, Any]]:
        """The statements of both versions."""
        return [each for policy in self._policies for each in policy.statements]

    def alone(self, statement: Mapping[str, Any]) -> EvaluatedPolicy:
        """Return a policy of one statement."""
        version = "2012-10-17" if self.has_variables else "2008-10-17" if self.has_variables is False else "unknown"
        return self._read({"Version": version, "Statement": [{**statement, "Effect": "Allow"}]})

    def gain(self, who: Caller, ask: Ask) -> bool | None:
        """Return whether a caller gains a request; None if it may."""
        gain = self._gain(self._policies, who, ask)
        if gain is None and self._gain(self._without_common, who, ask) is False:
            return False
        return gain

    @staticmethod
    def _gain(policies: tuple[EvaluatedPolicy, ...], who: Caller, ask: Ask) -> bool | None:
        wide, strict, new_wide, new_strict = policies
        after = new_wide.decide(who, ask).verdict
        if after is Verdict.DENIED:
            return False
        before = strict.decide(who, ask).verdict
        if before is Verdict.ALLOWED:
            return False
        if wide is not strict:
            before = wide.decide(who, ask).verdict
        if new_wide is not new_strict:
            after = new_strict.decide(who, ask).verdict
        return True if (before, after) == (Verdict.DENIED, Verdict.ALLOWED) else None


def _key(statement: Mapping[str, Any]) -> str | None:
    """Return the meaning of a Deny as text; None if it is no Deny, or depends on what is not known."""
    text = repr(statement)
    if statement.get("Effect") != "Deny" or has_unknown_within(statement) or "${" in text:
        return None
    return json.dumps(canonical_statement(statement), sort_keys=True, default=str)


def gains(
    versions: Versions,
    wider: Sequence[tuple[Mapping[str, Any], str, list[MarkedText]]],
    places: Places,
    people: Sequence[Party],
    service: str,
) -> tuple[Gains, Gains]:
    """Return the certain and the possible gains of each caller.

    Args:
        versions: the policy before and after.
        wider: the statements that can give access, each with its name and its actions.
        places: the places to compare.
        people: the callers to compare.
        service: the service. For an unknown service, every statement may give access.
    """
    search = _Search(versions, places, people)
    for statement, name, actions in wider:
        is_known = bool(service) and _is_known(statement)
        doubted = [each for each in actions if not is_known or is_of_another(each, service)]
        if doubted or not is_known:
            search.doubt(OTHERS, f"{listed(doubted) or 'something'}, by {name}: this cannot be determined")
        if is_known and len(doubted) < len(actions):
            search.ask(statement, [each for each in actions if each not in doubted], name)
    may = search.as_texts(search.may)
    for party, texts_of_party in search.doubts.items():
        may.setdefault(party, []).extend(texts_of_party)
    return search.as_texts(search.certain), may


def _is_known(statement: Mapping[str, Any]) -> bool:
    """Return whether the statement can be evaluated. Principals other than IAM's cannot."""
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    if not isinstance(principal, Mapping):
        return isinstance(principal, str) and principal == "*"
    return set(principal) <= _CALLED_BY_IAM


class _Search:
    def __init__(self, versions: Versions, places: Places, people: Sequence[Party]) -> None:
        self._versions = versions
        self._places = places
        self._people = people
        self._left = _MOST_QUESTIONS
        self.certain: dict[str, dict[MarkedText, dict[Place, None]]] = {}
        self.may: dict[str, dict[MarkedText, dict[Place, None]]] = {}
        self.doubts: Gains = {}

    def doubt(self, party: str, text: str) -> None:
        """Record a possible gain, in words."""
        self.doubts.setdefault(party, []).append(text)

    def ask(self, statement: Mapping[str, Any], actions: Sequence[MarkedText], name: str) -> None:
        """Evaluate who gains by one statement."""
        alone = self._versions.alone(statement)
        has_gained = False
        for kind in self._kinds(actions):
            for party in self._people:
                for place, ask in self._places.of(kind[0]):
                    gain = self._best(alone, party.callers, ask)
                    if gain is not False:
                        has_gained = True
                        into = self.certain if gain else self.may
                        for action in kind:
                            into.setdefault(party.name, {}).setdefault(action, {})[place] = None
        if self._left < 0:
            self.doubt(OTHERS, f"something, by {name}: the policies are too large to compare")
        elif not has_gained:
            self._ask_about_any_request(alone, statement, actions, name)

    def _ask_about_any_request(
        self, alone: EvaluatedPolicy, statement: Mapping[str, Any], actions: Sequence[MarkedText], name: str
    ) -> None:
        """Evaluate whether somebody may gain by unusual requests, such as those without TLS."""
        is_for_any = "Principal" not in statement or "*" in str(statement["Principal"])
        # The conditions of an Allow for everyone limit its callers. A removed Deny also concerns callers of other
        # statements.
        named = [] if is_for_any and statement.get("Effect") == "Allow" else self._people
        has_gained = False
        for party in (*named, *([unnamed()] if is_for_any else [])):
            if has_gained and party.name == OTHERS:
                break
            kept = [
                kind
                for kind in self._kinds(actions)
                for _, ask in self._places.of(kind[0])
                if self._best(alone, party.any, Ask(ask.action, ask.resource, {**_FREE, **ask.context})) is not False
            ]
            if kept:
                has_gained = True
                kept_actions = listed(list(dict.fromkeys(action for kind in kept for action in kind)))
                self.doubt(party.name, f"{kept_actions}, in requests that {name} is about")

    def _kinds(self, actions: Sequence[MarkedText]) -> Iterator[list[MarkedText]]:
        for kind in kinds_of(actions, self._versions.statements):
            for is_listing in (False, True):
                if some := [each for each in kind if self._places.is_listing(each) is is_listing]:
                    yield some

    def _best(self, alone: EvaluatedPolicy, callers: Sequence[Caller], ask: Ask) -> bool | None:
        """Return the largest gain of some callers by one statement."""
        best: bool | None = False
        for who in callers:
            self._left -= 1
            if self._left < 0 or all(each.applies is False for each in alone.outcomes(who, ask)):
                continue
            gain = self._versions.gain(who, ask)
            if gain:
                return True
            best = best if gain is False else None
        return best

    def as_texts(self, gained: Mapping[str, Mapping[MarkedText, Mapping[Place, None]]]) -> Gains:
        """Return the gains as texts."""
        return {
            party: [
                f"{shown(action)} on {where}"
                for action, places in by_action.items()
                for where in self._places.described(action, places)
            ]
            for party, by_action in gained.items()
        }
