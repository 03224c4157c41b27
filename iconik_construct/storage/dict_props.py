"""Dicts in the place of CDK's structs. Standard library only.

CDK turns a dict that is a prop into the struct, from names such as `noncurrent_version_expiration`. One inside a list
it hands over as it is: only names as TypeScript writes them are read there, and others go without a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["in_camel_case", "part_of", "with_names_of_cdk"]

_NAMES_ARE_DATA: Final = ("tag_filters", "tagFilters")


def in_camel_case(name: str) -> str:
    """Return a Python name as TypeScript writes it."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def part_of(struct: Any, name: str) -> Any:
    """Return a part of a struct, or of a dict in a list that stands for one; None where it has none.

    Args:
        struct: the struct or the dict.
        name: the part's Python name.
    """
    return struct.get(in_camel_case(name)) if isinstance(struct, Mapping) else getattr(struct, name, None)


def with_names_of_cdk(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the props with the names in dicts inside lists as CDK reads them."""
    return {name: _named(value) if _is_list(value) else value for name, value in props.items()}


def _named(value: Any) -> Any:
    if _is_list(value):
        return [_named(one) for one in value]
    if isinstance(value, Mapping):
        return {
            in_camel_case(str(name)): one if name in _NAMES_ARE_DATA else _named(one) for name, one in value.items()
        }
    return value


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
