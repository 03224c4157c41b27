"""Collects the values of each condition key of a request: given, derived from the caller, or unknown.

Source: AWS, IAM User Guide, "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from .effort import Effort
from .principals import NAMING, Caller, caller
from .request import AtLeast, ForeignValue, OneOf, OwnerValue, Request
from .scalars import scalar
from .text import MarkedText, is_own, joined, literal, name_of_own, unknown

__all__ = ["ABSENT", "Keys", "State", "value_of_owner"]

ABSENT: Final = None

# A key is missing, or has one text, several texts, a lower bound, or a value of another organisation.
State = MarkedText | tuple[MarkedText, ...] | AtLeast | ForeignValue | OwnerValue | None

_OF_SIGNED_CALLERS: Final = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:username",
    "kms:calleraccount",
)
_OF_SIGNED_REQUESTS: Final = ("aws:principaltag/", "aws:principalorg")


class Keys:
    """The condition keys of one request, by their names in lower case."""

    def __init__(self, request: Request) -> None:
        self.effort: Final = Effort()
        self._given = {str(name).lower(): value for name, value in request.context.items()}
        self._absent = {name.lower() for name in request.absent}
        known = {name: value for name, value in self._given.items() if name in NAMING and isinstance(value, MarkedText)}
        self.caller: Caller = caller(request.principal, known)
        self._derived = dict(_derived(self.caller, request))
        self._known_states: dict[str, tuple[State, ...]] = {}

    def states(self, name: str) -> tuple[State, ...]:
        """Return all possible states of the key. An unknown text means any value."""
        states = self._known_states.get(name)
        if states is None:
            states = self._known_states[name] = self._states(name) or (ABSENT, any_value(name))
        return states

    def _states(self, name: str) -> tuple[State, ...]:
        if name in self._given:
            return tuple(_states(name, self._given[name]))
        if name in self._absent:
            return (ABSENT,)
        if name in self._derived:
            return (self._derived[name],)
        is_of_nobody = self.caller.kind == "Anonymous" and name.startswith(_OF_SIGNED_REQUESTS)
        return (ABSENT,) if is_of_nobody else ()

    def perhaps(self, name: str) -> MarkedText | None:
        """Return another possible text of the key, with an unknown part, if there is one."""
        if name != "aws:principalarn" or name in self._given or name in self._absent:
            return None
        return self.caller.perhaps_arn

    def is_of_caller(self, text: MarkedText) -> bool:
        """Return whether a text is the caller's account, or a value of the caller's that no owner of a bucket has."""
        return text == self.caller.account or any(
            text in (any_value(name), text_of(value, name))
            for name, value in self._given.items()
            if isinstance(value, ForeignValue)
        )


def value_of_owner(account: MarkedText) -> MarkedText | OwnerValue:
    """Return the value of a key for the account of an owner. A literal account can be the own one."""
    return OwnerValue(name_of_own(account)) if is_own(account) else account


def any_value(name: str) -> MarkedText:
    """Return the text of a key with an unknown value."""
    return unknown(f"the request's {name}")


def text_of(value: AtLeast | ForeignValue, name: str) -> MarkedText:
    """Return the known part of a value's text."""
    return any_value(name) if isinstance(value, AtLeast) else joined(value.form, any_value(name))


def _states(name: str, value: Any) -> Iterator[State]:
    if isinstance(value, AtLeast):
        yield value
    elif isinstance(value, (ForeignValue, OwnerValue)):
        yield value
        if value.maybe_absent:
            yield ABSENT
    elif isinstance(value, OneOf):
        yield from map(joined, value.values)
        if value.maybe_absent:
            yield ABSENT
    elif isinstance(value, Sequence) and not isinstance(value, str):
        items = tuple(text if (text := scalar(item)) is not None else any_value(name) for item in value)
        # A key without a value is missing.
        yield items or ABSENT
    else:
        text = scalar(value)
        yield any_value(name) if text is None else text


def _derived(who: Caller, request: Request) -> Iterator[tuple[str, State]]:
    owner = value_of_owner(request.account)
    yield "aws:resourceaccount", owner
    if request.action.lower().startswith("s3:"):
        yield "s3:resourceaccount", owner
    if who.kind == "Anonymous":
        yield "aws:principaltype", literal("Anonymous")
        for name in _OF_SIGNED_CALLERS:
            yield name, ABSENT
    elif who.account is not None:
        yield "aws:principalaccount", who.account
        yield "kms:calleraccount", who.account
        yield "aws:username", who.user
        yield "aws:principalarn", who.arn
        if who.kind != "Other":
            yield "aws:principaltype", literal("AssumedRole" if who.kind == "Role" else who.kind)
