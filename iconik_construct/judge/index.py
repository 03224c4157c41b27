"""Finds the patterns that can match a text, by their first and last characters."""

from __future__ import annotations

from collections.abc import Sequence

from .operators import Incomparable, Operator
from .text import is_marked
from .wildcards import Pattern

__all__ = ["Index"]


class Index:
    """Many patterns of one operator. It ignores case, which finds too many patterns and never too few."""

    def __init__(self, patterns: Sequence[Pattern | Incomparable], operator: Operator) -> None:
        self._all = patterns
        self._always: list[Pattern | Incomparable] = []
        self._whole: dict[str, list[Pattern | Incomparable]] = {}
        self._by_ends: dict[tuple[int, int], dict[tuple[str, str], list[Pattern | Incomparable]]] = {}
        for pattern in patterns:
            if not isinstance(pattern, str) or is_marked(pattern):
                self._always.append(pattern)
                continue
            text = pattern.casefold()
            if not operator.wildcards or ("*" not in text and "?" not in text):
                self._whole.setdefault(text, []).append(pattern)
                continue
            first, *_, last = text.replace("?", "*").split("*")
            ends = self._by_ends.setdefault((len(first), len(last)), {})
            ends.setdefault((first, last), []).append(pattern)

    def candidates(self, text: str) -> Sequence[Pattern | Incomparable]:
        """Return the patterns that can match the text."""
        if is_marked(text):
            return self._all
        text = text.casefold()
        matching = [*self._always, *self._whole.get(text, ())]
        for (first, last), patterns in self._by_ends.items():
            matching += patterns.get((text[:first], text[len(text) - last :]), ())
        return matching
