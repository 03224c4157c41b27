"""Reports every error of a document with its path and line: pydantic finds it, and `IconikPropError` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ..documents.text import walk
from ..errors import IconikPropError, IconikTypeError, IconikValueError

__all__ = ["FoundError", "IconikConfigError", "error_at", "error_of", "nearest", "path_of", "read_model", "refused"]

_NOT_KEYS: Final = ("as text", "as an object", "as a list", "[key]")
"""The parts of pydantic's paths that are not keys: the tags of unions, and the mark of an error in a key."""
_LIST_FIX: Final = "Write a list in brackets, also for one item."
_PYDANTIC: Final[Mapping[str, tuple[str, str]]] = {
    "bool_type": ("must be true or false", "Write true or false, or leave it out."),
    "dict_type": ("must be an object", "Write keys and values, such as those in the documentation."),
    "list_type": ("must be a list", _LIST_FIX),
    "string_type": ("must be a string", "Write text, in quotes."),
    "int_type": ("must be a whole number", "Write a number such as 90, without quotes."),
    "float_type": ("must be a number", "Write a number such as 1.2, without quotes."),
    "greater_than_equal": ("must be at least {ge}", "Write {ge} or more."),
    "less_than_equal": ("must be at most {le}", "Write {le} or less."),
    "string_too_short": ("must not be empty", "Write some text, or leave it out."),
    "too_short": ("must not be empty", "Write at least one entry."),
    "too_long": ("must have at most {max_length} entries", "Remove some."),
}
"""Rule and fix for each kind of error that pydantic reports."""

FoundError = tuple[tuple[str | int, ...], IconikPropError]
"""The place of an error, and the error."""


def error_at(place: tuple[str | int, ...], rule: str, fix: str) -> FoundError:
    """Return the error of a value. The report adds the path of the place, and the value there."""
    return place, IconikValueError("", rule, fix=fix)


class IconikConfigError(ValueError):
    """The configuration has errors.

    Attributes:
        errors: all errors, each with its path in the document.
        lines: the line of each error, if the text was read with lines.
    """

    def __init__(self, errors: Sequence[IconikPropError], lines: Sequence[int | None] = ()) -> None:
        self.errors = tuple(errors)
        self.lines = tuple(lines) or (None,) * len(self.errors)
        super().__init__("\n".join(self.listing))

    @property
    def listing(self) -> tuple[str, ...]:
        """The errors as text, one line each."""
        pairs = zip(self.lines, self.errors, strict=True)
        return tuple(f"line {line}: {error}" if line else str(error) for line, error in pairs)


def refused(error: IconikPropError) -> PydanticCustomError:
    """Return an error of this library as an error for pydantic."""
    return PydanticCustomError("refused", "refused", {"error": error})


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return a question with the most similar known word, or None."""
    by_case = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_case, n=1, cutoff=0.5)
    return f"Did you mean {by_case[near[0]]!r}?" if near else None


def read_model(kind: Any, document: Any, root: str, more: Iterable[FoundError] = (), *, within: bool = False) -> Any:
    """Return the document as a value of that kind.

    Args:
        kind: the model, or another type that pydantic reads.
        document: the parsed text.
        root: the name of the document in errors about the whole of it.
        more: errors that are already known.
        within: whether every path begins with `root`.

    Raises:
        IconikConfigError: the document has errors. The exception lists all of them, in the order of the document.
    """
    problems = [*_repeated(document), *more]
    value: Any = None
    try:
        value = TypeAdapter(kind).validate_python(document)
    except ValidationError as error:
        problems += [(line["loc"], error_of(line)) for line in error.errors(include_url=False)]
    if not problems:
        return value
    placed = sorted((_placed(place, error, document) for place, error in problems), key=lambda item: item[0])
    begin = root if within else ""
    errors = [_named(error, path_of(place, begin) or root, value) for _, place, error, value, _ in placed]
    raise IconikConfigError(errors, [line for *_, line in placed])


def error_of(line: ErrorDetails) -> IconikPropError:
    """Return an error of pydantic as an error of this library."""
    context = line.get("ctx", {})
    error = context.get("error")
    if isinstance(error, IconikPropError):
        return error
    kind, value = line["type"], line["input"]
    if kind not in _PYDANTIC:
        # An error with a text of the model or of pydantic.
        return IconikValueError("", line["msg"], fix=context.get("fix", "Look the key up in the documentation."))
    rule, fix = (text.format(**context) for text in _PYDANTIC[kind])
    if kind == "string_type" and isinstance(value, (int, float)):
        fix = f"Write it in quotes: {json.dumps(str(value))}."
    return (IconikTypeError if kind.endswith("_type") else IconikValueError)("", rule, got=value, fix=fix)


def path_of(place: Iterable[str | int], begin: str) -> str:
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


def _repeated(document: Any) -> Iterator[FoundError]:
    for place, value in walk(document):
        for key in getattr(value, "repeated", ()):
            yield error_at((*place, key), "must be in the document once", "Rename one of the two.")


_ABSENT: Final = object()


def _placed(
    place: Iterable[str | int], error: IconikPropError, document: Any
) -> tuple[list[int], list[str | int], IconikPropError, Any, int | None]:
    """Return the position of an error in the document, its keys, the error, the value there, and the line."""
    position: list[int] = []
    keys: list[str | int] = []
    line: int | None = None
    value: Any = document
    for step in place:
        inside: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        if step in _NOT_KEYS and step not in inside:
            continue
        keys.append(step)
        line = getattr(value, "lines", {}).get(step, line)
        position.append(list(inside).index(step) if step in inside else len(inside))
        there: Any = value
        value = there[step] if step in inside else _ABSENT
    return position, keys, error, value, line


def _named(error: IconikPropError, path: str, value: Any) -> IconikPropError:
    if error.got is not None or value is _ABSENT:
        return error.at(path)
    return type(error)(path, error.rule, got=value, fix=error.fix)
