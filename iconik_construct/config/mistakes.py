"""Every mistake of a document, each with its path: pydantic finds them, `IconikPropError` says them.

Apart from the models because it knows no key of theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, ValidationInfo
from pydantic import field_validator as on_field
from pydantic import model_validator as on_model
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from ..errors import IconikPropError, IconikTypeError, IconikValueError
from .text import walk

__all__ = [
    "LEFT_OUT",
    "FileModel",
    "IconikConfigError",
    "Level",
    "Refusal",
    "nearest",
    "path_of",
    "read_model",
    "refused",
]

LEFT_OUT: Any = None
"""The default of a key whose absence is not the same as any value that a file could hold."""

_NO_KEYS: Final = ("as text", "as an object", "as a list", "[key]")
"""What pydantic puts into its paths and is no key: the tags of unions, and that it is a key which is mistaken."""

Refusal = tuple[tuple[str | int, ...], IconikPropError]
"""Where a rule about several keys is broken, seen from their object, and how."""


class Level(NamedTuple):
    """An object of the document as it was written, and those of its values that are right by themselves."""

    given: Any
    values: dict[str, Any]


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


class FileModel(BaseModel):
    """An object of a document: what is wrong in it, and how this library says so.

    pydantic leaves a model's own rules out where one of its values is mistaken. Here they are asked with the values
    that are right, so that a file is put right in one go.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def example(cls) -> str:
        """Return what to write where the value is no object."""
        raise NotImplementedError

    @classmethod
    def contradictions(cls, here: Level, above: Sequence[Level]) -> Iterable[Refusal]:  # noqa: ARG003 - rules of one file
        """Return what is wrong between the keys, here and `above`, the outermost object first."""
        return ()

    @classmethod
    def left_out(cls, key: str) -> tuple[str, str]:  # noqa: ARG003 - a model may know more
        """Return rule and way out for a required key that is not there."""
        return "must be given", cls.example()

    @classmethod
    def unknown(cls, key: str) -> Refusal:
        """Return the refusal of a key that the model does not have."""
        known = sorted(field.alias or name for name, field in cls.model_fields.items())
        way_out = nearest(key, known) or f"Known are {', '.join(known)}."
        return (key,), IconikValueError(key, "is no known key", way_out=way_out)

    def written(self) -> dict[str, Any]:
        """Return the values that the file has, without those that it leaves out."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}

    @on_model(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
        found: Any = None
        lines: list[InitErrorDetails] = []
        here = Level(value, {})
        levels = _levels(info)
        levels.append(here)
        try:
            found = handler(value)
        except ValidationError as error:
            lines = [cls._line(line) for line in error.errors(include_url=False)]
        finally:
            levels.pop()
        if isinstance(value, dict):
            lines += [_line(at, refusal) for at, refusal in cls.contradictions(here, levels)]
        if lines:
            raise ValidationError.from_exception_data(cls.__name__, lines)
        return found

    @on_field("*", mode="after")
    @classmethod
    def _is_right(cls, value: Any, info: ValidationInfo) -> Any:
        _levels(info)[-1].values[str(info.field_name)] = value
        return value

    @classmethod
    def _line(cls, line: ErrorDetails) -> InitErrorDetails:
        place = line["loc"]
        if line["type"] == "model_type" and not place:
            return _line((), IconikTypeError("", "must be an object", got=line["input"], way_out=cls.example()))
        if line["type"] == "extra_forbidden" and len(place) == 1:
            return _line(*cls.unknown(str(place[0])))
        if line["type"] == "missing" and len(place) == 1:
            rule, way_out = cls.left_out(str(place[0]))
            return _line(place, IconikValueError("", rule, way_out=way_out))
        return _line(place, _error(line))


def _levels(info: ValidationInfo) -> list[Level]:
    return cast("list[Level]", info.context)


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
        refusals += [(line["loc"], _error(line)) for line in error.errors(include_url=False)]
    if not refusals:
        return found
    placed = sorted((_Placed(place, error, document) for place, error in refusals), key=lambda one: one.position)
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
            yield (*place, key), IconikValueError("", rule, way_out="Rename one of the two.")


class _Placed:
    """A refusal, and where in the document it belongs."""

    def __init__(self, place: Iterable[str | int], error: IconikPropError, document: Any) -> None:
        self._error = error
        self._place: list[str | int] = []
        self._there = True
        self._value: Any = document
        self.line: int | None = None
        self.position: list[int] = []
        for step in place:
            self._descend(step)

    def _descend(self, step: str | int) -> None:
        value = self._value
        if step in _NO_KEYS and not (isinstance(value, dict) and step in value):
            return
        self._place.append(step)
        below: dict[Any, Any] = dict(value) if isinstance(value, dict) else {}
        if isinstance(value, list):
            below = dict(enumerate(value))
        self._there = step in below
        self.position.append(list(below).index(step) if self._there else len(below))
        self._value = below.get(step)
        self.line = getattr(value, "lines", {}).get(step, self.line)

    def mistake(self, root: str, begin: str) -> IconikPropError:
        """Return the refusal under its path, with the value that stands there."""
        error, path = self._error, path_of(self._place, begin) or root
        if error.got is not None or not self._there:
            return error.at(path)
        return type(error)(path, error.rule, got=self._value, way_out=error.way_out)


def _line(place: tuple[str | int, ...], error: IconikPropError) -> InitErrorDetails:
    return InitErrorDetails(type=refused(error), loc=place, input=None)


def _error(line: ErrorDetails) -> IconikPropError:
    error = line.get("ctx", {}).get("error")
    if isinstance(error, IconikPropError):
        return error
    # What no type of the models says in its own words.
    return IconikValueError("", f"cannot be read: {line['msg']}", way_out="Look the key up in the documentation.")
