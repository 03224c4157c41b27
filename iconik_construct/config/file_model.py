"""What the objects of the file have in common as pydantic models: they find every mistake, and say it in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic import field_validator as on_field
from pydantic import model_validator as on_model
from pydantic_core import ErrorDetails, InitErrorDetails

from ..errors import IconikPropError, IconikTypeError, IconikValueError
from .mistakes import Refusal, error_of, nearest, refused

__all__ = ["LEFT_OUT", "FileModel", "Level"]

LEFT_OUT: Any = None
"""The default of a key whose absence is not the same as any value that a file could hold."""


class Level(NamedTuple):
    """An object of the document as it was written, and those of its values that are right by themselves."""

    given: Any
    values: dict[str, Any]


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
        """Return rule and fix for a required key that is not there."""
        return "must be given", cls.example()

    @classmethod
    def unknown(cls, key: str) -> Refusal:
        """Return the refusal of a key that the model does not have."""
        known = sorted(field.alias or name for name, field in cls.model_fields.items())
        fix = nearest(key, known) or f"Known are {', '.join(known)}."
        return (key,), IconikValueError(key, "is no known key", fix=fix)

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
            return _line((), IconikTypeError("", "must be an object", got=line["input"], fix=cls.example()))
        if line["type"] == "extra_forbidden" and len(place) == 1:
            return _line(*cls.unknown(str(place[0])))
        if line["type"] == "missing" and len(place) == 1:
            rule, fix = cls.left_out(str(place[0]))
            return _line(place, IconikValueError("", rule, fix=fix))
        return _line(place, error_of(line))


def _levels(info: ValidationInfo) -> list[Level]:
    return cast("list[Level]", info.context)


def _line(place: tuple[str | int, ...], error: IconikPropError) -> InitErrorDetails:
    return InitErrorDetails(type=refused(error), loc=place, input=None)
