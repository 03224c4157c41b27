"""Defines the base of the file's objects: all errors in them are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails

from ..errors import IconikPropError, IconikTypeError, IconikValueError
from .errors import FoundError, error_of, nearest, refused

__all__ = ["LEFT_OUT", "FileModel", "left_out"]

LEFT_OUT: Any = None
"""The default of a key that a file can leave out. A file cannot write this value: `null` is an error."""


def left_out(description: str, **more: Any) -> Any:
    """Return the field of a key that a file can leave out."""
    return Field(LEFT_OUT, description=description, **more)


class FileModel(BaseModel):
    """An object of a document.

    pydantic skips a model's own rules if one of its values is wrong. Here the rules check the object as it was
    written, so that all errors of a file are reported at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    example: ClassVar[str]
    """The fix if the value is not an object."""

    @classmethod
    def cross_field_errors(cls, given: dict[str, Any]) -> Iterable[FoundError]:  # noqa: ARG003 - rules of one model
        """Return the errors between the keys of the object."""
        return ()

    @classmethod
    def unknown(cls, key: str) -> IconikPropError:
        """Return the error of a key that the model does not have."""
        known = sorted(field.alias or name for name, field in cls.model_fields.items())
        return IconikValueError(
            key, "is not a known key", fix=nearest(key, known) or f"The keys are {', '.join(known)}."
        )

    def written(self) -> dict[str, Any]:
        """Return the values of the file, without the defaults."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: Callable[[Any], Any]) -> Any:
        made: Any = None
        problems: list[FoundError] = []
        try:
            made = handler(value)
        except ValidationError as error:
            problems = [(line["loc"], cls._error(line)) for line in error.errors(include_url=False)]
        if isinstance(value, dict):
            problems += cls.cross_field_errors(value)
        if problems:
            lines = [InitErrorDetails(type=refused(error), loc=place, input=None) for place, error in problems]
            raise ValidationError.from_exception_data(cls.__name__, lines)
        return made

    @classmethod
    def _error(cls, line: ErrorDetails) -> IconikPropError:
        match line["type"], line["loc"]:
            case "model_type", ():
                return IconikTypeError("", "must be an object", got=line["input"], fix=cls.example)
            case "extra_forbidden", (key,):
                return cls.unknown(str(key))
            case "missing", (_,):
                return IconikValueError("", "must be given", fix=cls.example)
        return error_of(line)
