"""Handles dicts in place of the CDK's structs. Standard library only.

The CDK converts a dict that is a prop into a struct, with names such as `noncurrent_version_expiration`. It does not
convert a dict in a list: there it reads only TypeScript's names, and ignores others without an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["in_camel_case", "part_of", "with_names_of_cdk"]

_NAMES_ARE_DATA: Final = ("tag_filters", "tagFilters")


def in_camel_case(name: str) -> str:
    """Return a Python name in TypeScript's spelling."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def part_of(struct: Any, name: str) -> Any:
    """Return a part of a struct, or of a dict in place of a struct; None if it has no such part.

    Args:
        struct: the struct or the dict.
        name: the part's Python name.
    """
    return struct.get(in_camel_case(name)) if isinstance(struct, Mapping) else getattr(struct, name, None)


def with_names_of_cdk(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the props with TypeScript's names in dicts inside lists."""
    return {name: _named(value) if _is_list(value) else value for name, value in props.items()}


def _named(value: Any) -> Any:
    if _is_list(value):
        return [_named(item) for item in value]
    if isinstance(value, Mapping):
        return {
            in_camel_case(str(name)): item if name in _NAMES_ARE_DATA else _named(item) for name, item in value.items()
        }
    return value


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
