"""Finds the patterns that can match a text, by their first and last characters."""

from __future__ import annotations

from collections.abc import Sequence

from .operators import Incomparable, Operator
from .text import MarkedText, is_plain
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
            if not isinstance(pattern, str):
                self._always.append(pattern)
                continue
            text = pattern.casefold()
            if not operator.wildcards or ("*" not in text and "?" not in text):
                self._whole.setdefault(text, []).append(pattern)
                continue
            first, *_, last = text.replace("?", "*").split("*")
            ends = self._by_ends.setdefault((len(first), len(last)), {})
            ends.setdefault((first, last), []).append(pattern)

    def candidates(self, text: MarkedText) -> Sequence[Pattern | Incomparable]:
        """Return the patterns that can match the text."""
        if not is_plain(text):
            return self._all
        given = text.casefold()
        matching = [*self._always, *self._whole.get(given, ())]
        for (first, last), patterns in self._by_ends.items():
            matching += patterns.get((given[:first], given[len(given) - last :]), ())
        return matching
