"""Limits the cost of the comparisons for one request, so that no policy blocks a program.

A policy and a request within AWS's limits cost far less. Beyond the limit, the result of a comparison is unknown.
"""

from __future__ import annotations

from typing import Final

from .text import LONG, MarkedText, is_plain
from .wildcards import Pattern

__all__ = ["Effort", "is_quick", "steps"]

_MOST: Final = 40_000


class Effort:
    """The remaining budget, in steps of about one microsecond."""

    def __init__(self) -> None:
        self._left = _MOST

    def allows(self, count: int) -> bool:
        """Subtract the steps, and return whether the budget was large enough."""
        self._left -= count
        return self._left >= 0


def is_quick(text: MarkedText) -> bool:
    """Return whether many comparisons with the text cost very little."""
    return len(text) < LONG and is_plain(text)


def steps(pattern: Pattern | MarkedText, text: MarkedText) -> int:
    """Return the steps of a comparison. A pattern with wildcards costs more."""
    if not isinstance(pattern, tuple) and is_plain(pattern) and "?" not in pattern and is_plain(text):
        return 1 + (len(text) >> 10)
    walked = len(text) if len(text) > LONG else len(text) >> 2
    return 1 + walked * (1 + (len(pattern) >> 12)) + (len(pattern) >> 3)
