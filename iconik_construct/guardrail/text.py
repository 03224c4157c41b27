"""Resolved text: what is known of it, what only the deployment knows, and what nobody here can know.

Two kinds of marked spans stand inside ordinary text, so that `arn:aws:iam::<own account>:role/x` and
`arn:aws:iam::<unresolved>:role/x` stay as precise as they can be: an *own* value is made by this app's own deployment
(an ARN of a resource, the account id) and so can never be iconik's; an *unresolved* one can be anything.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

__all__ = ["bare", "has_own", "has_unresolved", "own", "own_at_end", "regex", "shown", "unresolved"]

_OWN: Final = "\x01"
_UNRESOLVED: Final = "\x00"
_SPAN = re.compile(f"{_OWN}([^{_OWN}]*){_OWN}|{_UNRESOLVED}([^{_UNRESOLVED}]*){_UNRESOLVED}")


def own(name: str) -> str:
    """Return the mark of a value that the deployment of this app makes."""
    return f"{_OWN}{name}{_OWN}"


def unresolved(source: str) -> str:
    """Return the mark of a value that cannot be resolved; equal sources are equal values."""
    return f"{_UNRESOLVED}{source}{_UNRESOLVED}"


def has_own(text: str) -> bool:
    return _OWN in text


def has_unresolved(text: str) -> bool:
    return _UNRESOLVED in text


def bare(text: str) -> str:
    """Return the text with each marked span as one character."""
    return _SPAN.sub(lambda span: span[0][0], text)


def shown(text: str) -> str:
    """Return the text for a message."""
    return _SPAN.sub(lambda span: "${" + (span[1] or span[2]).rpartition("#")[2] + "}", text)


def own_at_end(text: str) -> str | None:
    """Return the name of the own value that the text ends with."""
    found = re.search(f"{_OWN}([^{_OWN}]*){_OWN}$", text)
    return found[1] if found else None


@cache
def regex(text: str, *, wildcards: bool) -> re.Pattern[str]:
    """Return what the text can be: an unresolved span is anything, and `*` and `?` too where they are wildcards."""
    return re.compile("".join(_piece(piece, wildcards) for piece in re.split(_PIECES, text)), re.DOTALL)


_PIECES = re.compile(f"([*?]|{_UNRESOLVED}[^{_UNRESOLVED}]*{_UNRESOLVED})")


def _piece(piece: str, wildcards: bool) -> str:
    if piece.startswith(_UNRESOLVED) or (wildcards and piece == "*"):
        return ".*"
    return "." if wildcards and piece == "?" else re.escape(piece)
