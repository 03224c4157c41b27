"""How much the comparisons of one request may cost, so that no policy stops whoever asks about it.

A policy and a request within AWS's own limits stay far below. Beyond it, what is not compared is not known.
"""

from __future__ import annotations

from typing import Final

from .text import LONG, is_marked
from .wildcards import Pattern

__all__ = ["Effort", "is_quick", "steps"]

_MOST: Final = 40_000


class Effort:
    """What is left to spend, in steps of about a microsecond."""

    def __init__(self) -> None:
        self._left = _MOST

    def allows(self, count: int) -> bool:
        """Spend some steps, and tell whether there were as many."""
        self._left -= count
        return self._left >= 0


def is_quick(text: str) -> bool:
    """Tell whether to compare with a text, many times too, costs next to nothing."""
    return len(text) < LONG and not is_marked(text)


def steps(pattern: Pattern, text: str) -> int:
    """Return how many steps a comparison takes: more where it walks through the text."""
    if isinstance(pattern, str) and "?" not in pattern and not is_marked(pattern) and not is_marked(text):
        return 1 + (len(text) >> 10)
    walked = len(text) if len(text) > LONG else len(text) >> 2
    return 1 + walked * (1 + (len(pattern) >> 12)) + (len(pattern) >> 3)
