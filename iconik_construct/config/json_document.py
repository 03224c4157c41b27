"""Walks a JSON document and collects every mistake with its path, instead of stopping at the first.

Apart from the configuration because it knows JSON and nothing of iconik. Standard library only.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from ..errors import IconikPropError, IconikTypeError, IconikValueError

__all__ = ["DuplicateKeys", "Place", "is_name", "read_json"]

_T = TypeVar("_T")
_NOT_GIVEN: Any = object()


class DuplicateKeys(dict[str, Any]):
    """A JSON object in which keys stand twice; as a dict it holds the last value of each, as JSON parsers do."""

    repeated: tuple[str, ...] = ()


def read_json(text: str) -> Any:
    """Parse JSON and keep in mind which keys stand twice.

    Raises:
        ValueError: not JSON, `NaN` and `Infinity` included, or nested too deeply to be read.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class Place:
    """One place in the document: its path, its value, and where mistakes about it are collected.

    A method that reads returns None after a mistake, so that the walk goes on and finds the next.
    """

    def __init__(self, path: str, value: Any, mistakes: list[IconikPropError], *, root: bool = False) -> None:
        self.path = path
        self.value = value
        self.mistakes = mistakes
        self._root = root

    def refuse(self, rule: str, way_out: str, *, got: Any = _NOT_GIVEN) -> None:
        """Collect a mistake about this value, or about `got` instead of it."""
        self.mistakes.append(
            IconikValueError(self.path, rule, got=self.value if got is _NOT_GIVEN else got, way_out=way_out)
        )

    def refuse_type(self, rule: str, way_out: str) -> None:
        """Collect that the value is of the wrong type."""
        self.mistakes.append(IconikTypeError(self.path, rule, got=self.value, way_out=way_out))

    def missing(self, key: str, rule: str, way_out: str) -> None:
        """Collect that a key is not there."""
        self.mistakes.append(IconikValueError(self._below(key), rule, way_out=way_out))

    def parsed(self, parse: Callable[[Any], _T], *, way_out: str | None = None) -> _T | None:
        """Return what `parse` makes of the value; a refusal of this library is collected under this path."""
        try:
            return parse(self.value)
        except IconikPropError as error:
            self.collect(error, way_out=way_out)
            return None

    def collect(self, error: IconikPropError, *, at: str = "", way_out: str | None = None) -> None:
        """Collect a refusal under this path, or under that of the key `at`."""
        place = self.at(at) if at else self
        self.mistakes.append(type(error)(place.path, error.rule, got=place.value, way_out=way_out or error.way_out))

    def at(self, key: str) -> Place:
        """Return the place of a key of this object; its value is None where the key is not there."""
        return Place(self._below(key), self.value.get(key), self.mistakes)

    def entries(self, way_out: str) -> dict[str, Place] | None:
        """Return the places of an object's values by key."""
        if not isinstance(self.value, Mapping):
            self.refuse_type("must be an object", way_out)
            return None
        for key in getattr(self.value, "repeated", ()):
            self.mistakes.append(
                IconikValueError(self._below(key), "must stand in the document once", way_out="Rename one of the two.")
            )
        return {str(key): self.at(key) for key in self.value}

    def fields(self, known: Iterable[str], way_out: str) -> dict[str, Place] | None:
        """Return the places of the known keys that are there, and refuse unknown keys."""
        places = self.entries(way_out)
        if places is None:
            return None
        known = sorted(known)
        for key in places:
            if key not in known:
                way_out = _nearest(key, known) or f"Known are {', '.join(known)}."
                self.mistakes.append(IconikValueError(self._below(key), "is no known key", way_out=way_out))
        return {key: place for key, place in places.items() if key in known}

    def items(self, way_out: str) -> list[Place] | None:
        """Return the places of a list's items."""
        if not isinstance(self.value, Sequence) or isinstance(self.value, str):
            self.refuse_type("must be a list", way_out)
            return None
        return [Place(f"{self.path}[{index}]", item, self.mistakes) for index, item in enumerate(self.value)]

    def text(self, rule: str, way_out: str) -> str | None:
        """Return a string."""
        if not isinstance(self.value, str):
            self.refuse_type(rule, way_out)
            return None
        return self.value

    def flag(self, way_out: str) -> bool | None:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.refuse_type("must be true or false", way_out)
            return None
        return self.value

    def strings(self) -> Iterator[Place]:
        """Yield the places of all strings at and below this place, however deep; keys are no places."""
        waiting: list[Place] = [self]
        while waiting:
            place = waiting.pop()
            if isinstance(place.value, str):
                yield place
            elif isinstance(place.value, Mapping):
                waiting.extend(place.at(key) for key in reversed(place.value))
            elif isinstance(place.value, Sequence):
                waiting.extend(reversed(place.items("") or []))

    def choice(self, choices: Sequence[str]) -> str | None:
        """Return one of the choices, which may be written in any case."""
        written = self.value.casefold() if isinstance(self.value, str) else None
        for choice in choices:
            if choice.casefold() == written:
                return choice
        one_of = f"Use one of {', '.join(choices)}."
        if written is None:
            self.refuse_type("must be the name of a choice", one_of)
        else:
            by_case = {choice.casefold(): choice for choice in choices}
            near = get_close_matches(written, by_case, n=1)
            self.refuse("must be a known choice", f"Did you mean {by_case[near[0]]!r}? {one_of}" if near else one_of)
        return None

    def _below(self, key: str) -> str:
        if not is_name(key):
            return f"{'' if self._root else self.path}[{json.dumps(key)}]"
        return key if self._root else f"{self.path}.{key}"


def is_name(key: str) -> bool:
    """Tell whether a key can stand in a path as it is."""
    return key.isascii() and key.replace("_", "").replace("-", "").isalnum()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = DuplicateKeys(pairs)
    if len(found) < len(pairs):
        times = Counter(key for key, _ in pairs)
        found.repeated = tuple(key for key in found if times[key] > 1)
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _nearest(key: str, known: Sequence[str]) -> str | None:
    near = get_close_matches(key.casefold(), known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else None
