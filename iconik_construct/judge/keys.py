"""What is known of each condition key of a request: given, or following from the caller, or nothing.

Source: AWS, IAM User Guide, "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from .principals import Caller, caller
from .request import Elsewhere, OneOf, Request
from .scalars import scalar
from .text import unknown

__all__ = ["ABSENT", "Keys", "State"]

ABSENT: Final = None

# What a key can turn out to be: missing, one text, the texts of a multivalued key, or a value of somebody else's.
State = str | tuple[str, ...] | Elsewhere | None

_OF_SIGNED_REQUESTS: Final = ("aws:principaltag/", "aws:principalorg")


class Keys:
    """The condition keys of one request, by their names in lower case."""

    def __init__(self, request: Request) -> None:
        given = {str(name).lower(): value for name, value in request.context.items()}
        known = {name: value for name, value in given.items() if isinstance(value, str)}
        self.caller: Caller = caller(request.principal, known)
        self._found: dict[str, tuple[State, ...]] = dict(_derived(self.caller, request))
        self._found.update((name.lower(), (ABSENT,)) for name in request.absent)
        self._perhaps = {} if "aws:principalarn" in given else {"aws:principalarn": self.caller.perhaps_arn}
        self._found.update((name, states) for name, value in given.items() if (states := tuple(_states(name, value))))

    def states(self, name: str) -> tuple[State, ...]:
        """Return all that the key can be; an unknown text stands for any value."""
        found = self._found.get(name)
        if found is None:
            found = (ABSENT, any_value(name))
            if self.caller.kind == "Anonymous" and name.startswith(_OF_SIGNED_REQUESTS):
                found = (ABSENT,)
            self._found[name] = found
        return found

    def perhaps(self, name: str) -> str | None:
        """Return another text that the key can have, with an unknown part, beside the one that is likely."""
        return self._perhaps.get(name)


def any_value(name: str) -> str:
    """Return the text of a key of whose value nothing is known."""
    return unknown(f"the request's {name}")


def text_of(value: Elsewhere, name: str) -> str:
    """Return somebody else's value as far as it is known."""
    return value.form + any_value(name)


def _states(name: str, value: Any) -> Iterator[State]:
    if isinstance(value, Elsewhere):
        yield value
        if value.maybe_absent:
            yield ABSENT
    elif isinstance(value, OneOf):
        yield from value.values
        if value.maybe_absent:
            yield ABSENT
    elif isinstance(value, Sequence) and not isinstance(value, str):
        texts = tuple(text if (text := scalar(item)) is not None else any_value(name) for item in value)
        # A key without a value is not there.
        yield texts or ABSENT
    else:
        text = scalar(value)
        yield any_value(name) if text is None else text


def _derived(who: Caller, request: Request) -> Iterator[tuple[str, tuple[State, ...]]]:
    yield "aws:resourceaccount", (request.account,)
    if who.kind == "Anonymous":
        yield "aws:principaltype", ("Anonymous",)
        for name in ("aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:username"):
            yield name, (ABSENT,)
    elif who.account is not None:
        yield "aws:principalaccount", (who.account,)
        yield "kms:calleraccount", (who.account,)
        yield "aws:username", (who.user or ABSENT,)
        if who.arn is not None:
            yield "aws:principalarn", (who.arn,)
        if who.kind != "Other":
            yield "aws:principaltype", ("AssumedRole" if who.kind == "Role" else who.kind,)
