"""Reads JSON with its duplicate keys, which a plain dict loses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

__all__ = ["Entries", "Items", "read_json", "walk"]


class Entries(dict[str, Any]):
    """An object. For a duplicate key it has the last value, as in other JSON parsers.

    Attributes:
        repeated: the duplicate keys.
        lines: the line of each key, if the text was read with lines.
    """

    def __init__(self, pairs: list[tuple[str, Any]], lines: dict[str, int] | None = None) -> None:
        super().__init__(pairs)
        times = Counter(key for key, _ in pairs) if len(self) < len(pairs) else {}
        self.repeated = tuple(key for key in times if times[key] > 1)
        self.lines: dict[Any, int] = lines or {}


class Items(list[Any]):
    """A list, and the line of each item."""

    def __init__(self, values: list[Any], lines: list[int]) -> None:
        super().__init__(values)
        self.lines: dict[Any, int] = dict(enumerate(lines))


def read_json(text: str) -> Any:
    """Parse JSON, and record duplicate keys.

    Raises:
        ValueError: not JSON, `NaN` and `Infinity` included, or nested too deeply to be read.
    """
    try:
        return json.loads(text, object_pairs_hook=Entries, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def walk(document: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value in a document with its place, in the order of the text, at any depth."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        place, value = waiting.pop()
        yield place, value
        if isinstance(value, dict):
            waiting.extend(((*place, key), value[key]) for key in reversed(value))
        elif isinstance(value, list):
            waiting.extend(((*place, index), value[index]) for index in reversed(range(len(value))))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")
