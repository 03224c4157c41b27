"""Checks the types of the props of `s3.Bucket` before a construct is made.

The CDK makes the same check too late: the storage and its key exist by then. It does not check interfaces at all.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from aws_cdk import aws_s3 as s3

from ..errors import IconikTypeError
from .bucket_prop_types import BucketProps

__all__ = ["prop_kinds", "refuse_wrong_kinds"]


@cache
def prop_kinds() -> dict[str, Any]:
    """Return the props of the installed `s3.Bucket`, each with its type."""
    hints = get_type_hints(s3.Bucket.__init__)
    return {name: kind for name, kind in hints.items() if name not in {"scope", "id", "return"}}


def refuse_wrong_kinds(props: Mapping[str, Any], place: str) -> None:
    """Refuse values of types that `s3.Bucket` does not take.

    Args:
        props: the props.
        place: the start of their names in an error, such as `bucket_props.`.

    Raises:
        IconikTypeError: as above.
    """
    for name, value in props.items():
        kind = prop_kinds()[name]
        if not _fits(value, kind):
            raise IconikTypeError(f"{place}{name}", f"must be {_shown(name)}", got=value, fix=_fix(value, kind))


def _fits(value: object, kind: Any) -> bool:
    origin = get_origin(kind)
    if kind is Any:
        return True
    if origin is Union:
        return any(_fits(value, each) for each in get_args(kind))
    if origin is abc.Sequence:
        if isinstance(value, str) or not isinstance(value, abc.Sequence):
            return False
        return all(_fits(item, get_args(kind)[0]) for item in value)
    if getattr(kind, "_is_protocol", False):
        # An interface. Types are asked, because reading a property is a call to jsii. An imported resource has no
        # Python class that implements its interfaces, only jsii's delegates.
        types = [type(each) for each in (value, *getattr(value, "_delegates", ()))]
        return any(all(hasattr(each, name) for name in vars(kind) if name[0] != "_") for each in types)
    return isinstance(value, origin or kind)


def _shown(name: str) -> str:
    """Return the type of a prop as users import it."""
    hint = BucketProps.__annotations__.get(name)
    kind = "what s3.Bucket takes" if hint is None else hint.__forward_arg__.removesuffix(" | None")
    kind = kind.replace(" | ", " or ")
    return f"a list of {kind[9:-1]}" if kind.startswith("Sequence[") else f"of type {kind}"


def _fix(value: object, kind: Any) -> str:
    if isinstance(value, str) and value.isupper():
        for each in get_args(kind):
            if hasattr(each, value):
                return f"Write {each.__name__}.{value}."
    if any(get_origin(each) is abc.Sequence for each in get_args(kind)):
        return "Write a list, or leave it out."
    return "Give a value of this type, or leave it out."
