"""How the values of a file are read: pydantic's types, each with its rule and its fix in this library's words.

Apart from the models, which say what a key is for; what is allowed is said once, by the room that the value is for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from ..errors import IconikPropError, IconikTypeError, IconikValueError
from .mistakes import nearest, refused

__all__ = ["Made", "Parsed", "Said", "kind", "one_of", "quoted"]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What is said where pydantic finds the value itself mistaken, and not something in it.

    Attributes:
        rule: what the value must be.
        fix: what to write instead.
        other: the rule in place of `rule`, by pydantic's name for what is wrong.
    """

    rule: str
    fix: str
    other: Mapping[str, str] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._read, handler(source))

    def _read(self, value: Any, read: core_schema.ValidatorFunctionWrapHandler) -> Any:
        try:
            return read(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            if first["loc"] or first["type"] == "refused":
                raise
            wrong = first["type"]
        of_type = wrong.endswith("_type") or wrong.startswith("union_tag")
        rule = (self.other or {}).get(wrong, self.rule)
        fix = quoted(value, self.fix) if wrong == "string_type" else self.fix
        raise refused((IconikTypeError if of_type else IconikValueError)("", rule, got=value, fix=fix))


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """A value that a function of this library reads and refuses.

    Attributes:
        parse: returns the value, or raises an `IconikPropError`.
        schema: as much of the same rule as JSON Schema can say.
        fix: what to write instead, where the function's own advice is for code.
    """

    parse: Callable[[Any], Any]
    schema: Mapping[str, Any]
    fix: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)

    def _read(self, value: Any) -> Any:
        return _parse(self.parse, value, self.fix)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a function of this library makes of a value that is right so far."""

    make: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(lambda value: _parse(self.make, value), handler(source))


def one_of(names: Mapping[str, Any]) -> Parsed:
    """Return how a name is read that may be written in any case, and what it stands for."""
    choices = f"Use one of {', '.join(names)}."
    by_case = {name.casefold(): name for name in names}

    def parse(value: Any) -> Any:
        if not isinstance(value, str):
            raise IconikTypeError("", "must be the name of a choice", got=value, fix=choices)
        if value.casefold() in by_case:
            return names[by_case[value.casefold()]]
        near = nearest(value, names)
        fix = f"{near} {choices}" if near else choices
        raise IconikValueError("", "must be a known choice", got=value, fix=fix)

    return Parsed(parse, {"enum": list(names)})


def kind(value: Any) -> str | None:
    """Return which branch of a union a value takes, as its tag."""
    kinds: dict[type, str] = {str: "as text", dict: "as an object", list: "as a list"}
    return next((tag for known, tag in kinds.items() if isinstance(value, known)), None)


def quoted(value: Any, fix: str) -> str:
    """Return the fix of a value that was read as a number or a truth value, and meant as text."""
    return f"Write it in quotes: {json.dumps(str(value))}." if isinstance(value, (int, float)) else fix


def _parse(parse: Callable[[Any], Any], value: Any, fix: str | None = None) -> Any:
    try:
        return parse(value)
    except IconikPropError as error:
        said = error if fix is None else type(error)(error.prop, error.rule, got=value, fix=fix)
        raise refused(said) from None
