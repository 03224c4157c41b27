"""ARNs part by part: a wildcard in one of the six parts matches within that part.

Source: AWS, IAM User Guide, "IAM JSON policy elements: Resource" and "Amazon Resource Name (ARN) condition operators".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .text import has_unknown, split
from .truth import Truth, all_of
from .wildcards import MANY, ONE, Pattern, matches

__all__ = ["ARN_PARTS", "is_arn", "is_resource", "names_an_account"]

ARN_PARTS: Final = 6
_HEAD: Final = ARN_PARTS - 1
_ACCOUNT_DIGITS: Final = 12


def is_arn(wanted: Pattern, given: str) -> Truth:
    """Compare as `ArnLike` does: "Each of the six colon-delimited components of the ARN is checked separately"."""
    parts, texts = _parts_of(wanted), split(given, ":", _HEAD)
    if len(parts) == len(texts) == ARN_PARTS:
        found = _all_match(parts, texts)
        if found is not False or not (has_unknown(wanted) or has_unknown(given)):
            return found
    # Nothing says what less than six parts match; and what is not known can hold colons.
    return False if matches(wanted, given, wildcards=True) is False else None


def is_resource(wanted: Pattern, given: str) -> Truth:
    """Compare as `Resource` does.

    "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
    boundaries." Of a `*` inside a segment, and of `?`, nothing of that kind is said.
    """
    found = matches(wanted, given, wildcards=True)
    if found is not True or wanted == "*":
        return found
    parts, texts = _parts_of(wanted), split(given, ":", _HEAD)
    if len(parts) == len(texts) and _all_match(parts, texts):
        return True
    keeps_to_parts = all(MANY not in _wild(part)[:-1] and ONE not in _wild(part) for part in parts[:_HEAD])
    return True if keeps_to_parts else None


def _parts_of(wanted: Pattern) -> list[Pattern]:
    """Return the parts of an ARN, at most six."""
    if isinstance(wanted, str):
        return list(wanted.split(":", _HEAD))
    parts: list[list[str]] = [[]]
    for piece in wanted:
        if piece == ":" and len(parts) < ARN_PARTS:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]


def names_an_account(wanted: Pattern) -> bool:
    """Tell whether the part for the account is written out."""
    parts = _parts_of(wanted)
    account = "".join(parts[4]) if len(parts) == ARN_PARTS else ""
    return len(account) == _ACCOUNT_DIGITS and account.isdigit()


def _all_match(parts: list[Pattern], texts: Sequence[str]) -> Truth:
    return all_of(matches(part, text, wildcards=True) for part, text in zip(parts, texts, strict=True))


def _wild(part: Pattern) -> Sequence[str]:
    return [{"*": MANY, "?": ONE}.get(piece, piece) for piece in part]
