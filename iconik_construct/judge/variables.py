"""Replaces policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.

Source: AWS, IAM User Guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

from collections.abc import Sequence

from .keys import ABSENT, Keys, any_value, text_of
from .request import AtLeast, ForeignValue, OwnerValue
from .text import MarkedText, is_own, is_plain, joined, literal, own, tokens, unknown
from .wildcards import WILDCARDS, Pattern, pattern_tokens

__all__ = ["VARIABLE", "resolved"]

VARIABLE = literal("${")
"""The start of a policy variable."""

_SHOWN = 40
_COMMA = literal(", ")
_DOLLAR, _OPEN, _CLOSE, _QUOTE = map(literal, "${}'")
_SPECIAL = {*WILDCARDS, _DOLLAR}


def resolved(text: MarkedText, keys: Keys, *, wildcards: bool, variables: bool | None) -> Pattern | None:
    """Return the pattern of a text in a policy, or None if a variable in it has no value.

    "If a variable that has no value is used …, the value is effectively null. There is no equal or like value."
    A variable's value is literal text: a `*` in a tag's value is not a wildcard.
    """
    if variables is False or VARIABLE not in text:
        return text if is_plain(text) else pattern_tokens(text, wildcards=wildcards)
    if variables is None:
        return (unknown(joined(text, " in a policy whose version is not known")),)
    pieces = tokens(text)
    resolved_pieces: list[MarkedText] = []
    at = 0
    while at < len(pieces):
        if pieces[at] == _DOLLAR and at + 1 < len(pieces) and pieces[at + 1] == _OPEN:
            end = _end(pieces, at + 2)
            if end < 0:
                resolved_pieces.extend(_wildcards(pieces[at:], wildcards))
                break
            name = joined(*pieces[at + 2 : end])
            value = [name] if name in _SPECIAL else _value_of(name, keys)
            if value is None:
                return None
            if not keys.effort.allows(1 + (len(value) >> 5)):
                return (unknown(joined(text[:_SHOWN], "…, which is too long")),)
            resolved_pieces.extend(value)
            at = end + 1
        else:
            resolved_pieces.extend(_wildcards(pieces[at : at + 1], wildcards))
            at += 1
    return tuple(resolved_pieces)


def _wildcards(pieces: Sequence[MarkedText], wildcards: bool) -> Sequence[MarkedText]:
    if not wildcards:
        return pieces
    return [WILDCARDS.get(piece, piece) for piece in pieces]


def _end(pieces: Sequence[MarkedText], start: int) -> int:
    """Return the place of the closing brace that is not inside a quoted default, or -1."""
    quoted = False
    for at in range(start, len(pieces)):
        if pieces[at] == _QUOTE:
            quoted = not quoted
        elif pieces[at] == _CLOSE and not quoted:
            return at
    return -1


def _value_of(text: MarkedText, keys: Keys) -> Sequence[MarkedText] | None:
    name, default = _name_and_default(text)
    if not is_plain(name) or not name or " " in name or "'" in name:
        # AWS does not say how it reads such a name.
        return [unknown(joined("the variable ", name))]
    key = name.lower()
    states = keys.states(key)
    values = [state for state in states if state is not ABSENT]
    value = values[0] if len(values) == 1 else None
    if isinstance(value, OwnerValue):
        value = own(value.name)
    if isinstance(value, MarkedText) and is_own(value):
        # It equals no other value, also if the key is missing.
        return tokens(value)
    if len(states) > 1:
        return tokens(any_value(key))
    if isinstance(value, (AtLeast, ForeignValue)):
        return tokens(text_of(value, key))
    if isinstance(value, MarkedText):
        return tokens(value)
    # "any single-valued condition key": several values count as no value.
    return None if default is None else tokens(default)


def _name_and_default(text: MarkedText) -> tuple[MarkedText, MarkedText | None]:
    comma = text.find(_COMMA)
    rest = text[comma + len(_COMMA) :].strip()
    if comma >= 0 and len(rest) > 1 and rest[0] == rest[-1] == _QUOTE:
        return text[:comma].strip(), rest[1:-1]
    return text, None
