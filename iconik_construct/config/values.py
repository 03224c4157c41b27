"""Reads values of the file with functions of this library."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ..errors import IconikPropError, IconikTypeError, IconikValueError
from .errors import nearest, refused

__all__ = ["Parsed", "ReadAs", "kind", "matching", "must_be", "one_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """A value that a function of this library reads or refuses.

    Attributes:
        parse: returns the value, or raises an `IconikPropError`.
        schema: the part of the rule that JSON Schema can express.
        fix: the fix for a file, if the function's own fix is for code.
    """

    parse: Callable[[Any], Any]
    schema: Mapping[str, Any]
    fix: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)

    def _read(self, value: Any) -> Any:
        try:
            return self.parse(value)
        except IconikPropError as error:
            # pydantic does not catch TypeError.
            reported = error if self.fix is None else type(error)(error.prop, error.rule, got=value, fix=self.fix)
            raise refused(reported) from None


@dataclass(frozen=True, slots=True, eq=False)
class ReadAs:
    """Another type in the file, from which the value is made."""

    written: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(self.written)


def one_of(names: Iterable[str] | Mapping[str, Any]) -> Parsed:
    """Return the parser of a name, in any case, with the value of the name, or else the name itself."""
    values = names if isinstance(names, Mapping) else {name: name for name in names}
    choices = f"Use one of {', '.join(values)}."
    by_case = {name.casefold(): name for name in values}

    def parse(value: Any) -> Any:
        if not isinstance(value, str):
            raise IconikTypeError("", "must be the name of a choice", got=value, fix=choices)
        if value.casefold() not in by_case:
            near = nearest(value, values)
            raise IconikValueError(
                "", "must be a known choice", got=value, fix=f"{near} {choices}" if near else choices
            )
        return values[by_case[value.casefold()]]

    return Parsed(parse, {"enum": list(values)})


def matching(pattern: str, rule: str, fix: str) -> Parsed:
    """Return the parser of a text that must match a pattern."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            of_number = f'Write it in quotes: "{value}".' if isinstance(value, int) else fix
            raise IconikTypeError("", rule, got=value, fix=of_number)
        if not re.fullmatch(pattern, value):
            raise IconikValueError("", rule, got=value, fix=fix)
        return value

    return Parsed(parse, {"type": "string", "pattern": f"^{pattern}$"})


def must_be(kinds: type | tuple[type, ...], rule: str, fix: str) -> Any:
    """Return the check of a value's type, with an error of this library, before pydantic reads the value."""

    def check(value: Any) -> Any:
        if not isinstance(value, kinds):
            raise refused(IconikTypeError("", rule, got=value, fix=fix))
        return value

    return BeforeValidator(check)


def kind(value: Any) -> str | None:
    """Return the tag of a value's branch in a union."""
    tags: dict[type, str] = {str: "as text", dict: "as an object", list: "as a list"}
    return next((tag for known, tag in tags.items() if isinstance(value, known)), None)
