"""Every mistake of a document, each with its path: pydantic finds them, `IconikPropError` says them.

Apart from the models because any document is read with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ..errors import IconikPropError, IconikValueError
from .text import walk

__all__ = [
    "IconikConfigError",
    "Refusal",
    "error_of",
    "nearest",
    "path_of",
    "read_model",
    "refused",
]

_NO_KEYS: Final = ("as text", "as an object", "as a list", "[key]")
"""What pydantic puts into its paths and is no key: the tags of unions, and that it is a key which is mistaken."""

Refusal = tuple[tuple[str | int, ...], IconikPropError]
"""Where a rule about several keys is broken, seen from their object, and how."""


class IconikConfigError(ValueError):
    """The configuration cannot be.

    Attributes:
        mistakes: every reason, each with its path in the document.
        lines: the line of each, where the text was read with lines.
    """

    def __init__(self, mistakes: Sequence[IconikPropError], lines: Sequence[int | None] = ()) -> None:
        self.mistakes = tuple(mistakes)
        self.lines = tuple(lines) or (None,) * len(self.mistakes)
        super().__init__("\n".join(self.listing))

    @property
    def listing(self) -> tuple[str, ...]:
        """The mistakes as text, one line each."""
        return tuple(
            f"line {line}: {mistake}" if line else str(mistake)
            for line, mistake in zip(self.lines, self.mistakes, strict=True)
        )


def refused(error: IconikPropError) -> PydanticCustomError:
    """Return a refusal of this library as pydantic carries it."""
    return PydanticCustomError("refused", "refused", {"error": error})


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the question whether the known word was meant that comes nearest; None where none comes near."""
    by_case = {one.casefold(): one for one in known}
    near = get_close_matches(word.casefold(), by_case, n=1, cutoff=0.5)
    return f"Did you mean {by_case[near[0]]!r}?" if near else None


def read_model(kind: Any, document: Any, root: str, more: Iterable[Refusal] = (), *, within: bool = False) -> Any:
    """Return the document as a value of that kind.

    Args:
        kind: the model, or whatever else pydantic reads.
        document: what was read from the text.
        root: what the document is called where a mistake concerns the whole of it.
        more: mistakes that are known already.
        within: whether `root` is the beginning of every path.

    Raises:
        IconikConfigError: the document has mistakes; all of them are listed, in its own order.
    """
    refusals = [*_repeated(document), *more]
    found: Any = None
    try:
        found = TypeAdapter(kind).validate_python(document, context=[])
    except ValidationError as error:
        refusals += [(line["loc"], error_of(line)) for line in error.errors(include_url=False)]
    if not refusals:
        return found
    orders: dict[int, dict[Any, int]] = {}
    placed = sorted(
        (_Placed(place, error, document, orders) for place, error in refusals), key=lambda one: one.position
    )
    begin = root if within else ""
    raise IconikConfigError([one.mistake(root, begin) for one in placed], [one.line for one in placed])


def path_of(place: Iterable[str | int], begin: str = "") -> str:
    """Return a place as text, such as `storages.masters.permissions[0]`."""
    path = begin
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step.isascii() and step.replace("_", "").replace("-", "").isalnum():
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(step)}]"
    return path


def _repeated(document: Any) -> Iterator[Refusal]:
    for place, value in walk(document):
        for key in getattr(value, "repeated", ()):
            rule = "must stand in the document once"
            yield (*place, key), IconikValueError("", rule, fix="Rename one of the two.")


class _Placed:
    """A refusal, and where in the document it belongs; `orders` remembers the order of each object's keys."""

    def __init__(
        self, place: Iterable[str | int], error: IconikPropError, document: Any, orders: dict[int, dict[Any, int]]
    ) -> None:
        self._error = error
        self._orders = orders
        self._place: list[str | int] = []
        self._there = True
        self._value: Any = document
        self.line: int | None = None
        self.position: list[int] = []
        for step in place:
            self._descend(step)

    def _descend(self, step: str | int) -> None:
        value: Any = self._value
        if step in _NO_KEYS and not (isinstance(value, dict) and step in value):
            return
        self._place.append(step)
        order = self._order(value)
        self._there = step in order
        self.position.append(order.get(step, len(order)))
        self._value = value[step] if self._there else None
        self.line = getattr(value, "lines", {}).get(step, self.line)

    def _order(self, value: Any) -> dict[Any, int]:
        if id(value) not in self._orders:
            keys: Iterable[Any] = range(len(value)) if isinstance(value, list) else ()
            keys = value if isinstance(value, dict) else keys
            self._orders[id(value)] = {key: number for number, key in enumerate(keys)}
        return self._orders[id(value)]

    def mistake(self, root: str, begin: str) -> IconikPropError:
        """Return the refusal under its path, with the value that stands there."""
        error, path = self._error, path_of(self._place, begin) or root
        if error.got is not None or not self._there:
            return error.at(path)
        return type(error)(path, error.rule, got=self._value, fix=error.fix)


def error_of(line: ErrorDetails) -> IconikPropError:
    """Return the refusal that one of pydantic's findings carries."""
    error = line.get("ctx", {}).get("error")
    if isinstance(error, IconikPropError):
        return error
    # What no type of the models says in its own words.
    return IconikValueError("", f"cannot be read: {line['msg']}", fix="Look the key up in the documentation.")
