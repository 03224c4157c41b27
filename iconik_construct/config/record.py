"""Reads the file that records which stack has which storage."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator

from ..errors import IconikValueError
from .values import must_be

__all__ = ["FIX", "RECORD"]

FIX: Final = "Restore the file from version control."


def _once(stacks: dict[str, list[str]]) -> dict[str, list[str]]:
    seen: dict[str, str] = {}
    for name, keys in stacks.items():
        for key in keys:
            if key in seen:
                rule = f"must name each storage once, and {key!r} is in {seen[key]!r} and {name!r}"
                raise IconikValueError("", rule, fix=FIX)
            seen[key] = name
    return stacks


_Key = Annotated[str, must_be(str, "must be the key of a storage", FIX)]
_Keys = Annotated[list[_Key], must_be(list, "must be a list", FIX)]
RECORD: Final[Any] = Annotated[dict[str, _Keys], must_be(dict, "must be an object", FIX), AfterValidator(_once)]
"""The keys of the storages in each stack, by the stack's name."""
