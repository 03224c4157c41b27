"""Compares ARNs part by part. A wildcard in one of the six parts matches within that part.

Source: AWS, IAM User Guide, "IAM JSON policy elements: Resource" and "Amazon Resource Name (ARN) condition operators".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .text import MarkedText, has_unknown, is_own, joined, literal, split
from .truth import Truth, all_of
from .wildcards import MANY, ONE, WILDCARDS, Pattern, matches, pattern_tokens

__all__ = ["ARN_PARTS", "is_arn", "is_resource", "names_an_account"]

ARN_PARTS: Final = 6
_HEAD: Final = ARN_PARTS - 1
_ACCOUNT_DIGITS: Final = 12
_COLON: Final = literal(":")


def is_arn(wanted: Pattern, given: MarkedText) -> Truth:
    """Compare as `ArnLike`: "Each of the six colon-delimited components of the ARN is checked separately"."""
    parts, given_parts = _parts_of(wanted), split(given, ":", _HEAD)
    if len(parts) == len(given_parts) == ARN_PARTS:
        truth = _all_match(parts, given_parts)
        if truth is not False or not (has_unknown(wanted) or has_unknown(given)):
            return truth
    # AWS does not say what fewer than six parts match. An unknown value can contain colons.
    return False if matches(wanted, given, wildcards=True) is False else None


def is_resource(wanted: Pattern, given: MarkedText) -> Truth:
    """Compare as the element `Resource`.

    "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
    boundaries." AWS does not say this of a `*` inside a segment, nor of `?`.
    """
    truth = matches(wanted, given, wildcards=True)
    if truth is not True or wanted == "*":
        return truth
    parts, given_parts = _parts_of(wanted), split(given, ":", _HEAD)
    if len(parts) == len(given_parts) and _all_match(parts, given_parts):
        return True
    keeps_to_parts = all(MANY not in _wild(part)[:-1] and ONE not in _wild(part) for part in parts[:_HEAD])
    return True if keeps_to_parts else None


def _parts_of(wanted: Pattern) -> list[Pattern]:
    """Return at most six parts of an ARN."""
    if isinstance(wanted, str):
        return list(wanted.split(":", _HEAD))
    parts: list[list[MarkedText]] = [[]]
    for piece in wanted:
        if piece == _COLON and len(parts) < ARN_PARTS:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]


def names_an_account(wanted: Pattern) -> bool:
    """Return whether the part for the account is a complete account number, or the own account."""
    parts = _parts_of(wanted)
    account = joined(*pattern_tokens(parts[4], wildcards=False)) if len(parts) == ARN_PARTS else _COLON
    return is_own(account) or (len(account) == _ACCOUNT_DIGITS and account.isdigit())


def _all_match(parts: list[Pattern], given_parts: Sequence[MarkedText]) -> Truth:
    return all_of(matches(part, given, wildcards=True) for part, given in zip(parts, given_parts, strict=True))


def _wild(part: Pattern) -> Sequence[MarkedText]:
    return [WILDCARDS.get(piece, piece) for piece in pattern_tokens(part, wildcards=False)]
