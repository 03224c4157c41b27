"""Leaves names out of texts about resources where nothing depends on them, so that equal resources are judged once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ..judge.text import UNKNOWN, MarkedText, has_unknown, in_document, is_own, joined, literal, split
from .template import parts_of

__all__ = ["unique", "without_id", "without_names"]

_OPEN: Final = re.compile(rf"[*?{UNKNOWN}]|\$\{{")
"""A wildcard, a policy variable or an unknown span."""


def without_names(text: str, names: Iterable[MarkedText], documents: Iterable[Any]) -> str:
    """Return a text about a resource without its names; with them, if a policy can match one name and not another.

    Args:
        text: the text, with documents as Python's `repr` writes them.
        names: the names and ARNs.
        documents: the policies.
    """
    # All names that AWS chooses match the same patterns.
    given = [name for name in names if not is_own(split(name, ":")[-1])]
    without = text
    for number, name in enumerate(names):
        without = without.replace(_as_repr(name), f"@{number}")
    text = text if _are_values(given, documents) else without
    lower = [joined(name.lower()) for name in given]
    if (
        any(has_unknown(name) for name in given)
        or any(_as_repr(name) in text.lower() for name in lower)
        or any(name.startswith(start) for start in _starts_of_patterns(documents) for name in lower)
    ):
        return f"{text}{list(map(_as_repr, names))}"
    return text


def _are_values(names: Iterable[MarkedText], documents: Iterable[Any]) -> bool:
    """Return whether a policy has a name that is no ARN outside of an ARN, such as in a condition."""
    alone = [name for name in names if literal(":") not in name]
    texts = (literal(part) for document in documents for part in parts_of(document) if isinstance(part, str))
    return any(name in text and literal(":") not in text for text in texts for name in alone)


def without_id(text: str, logical_id: Any) -> str:
    """Return a part of a template as JSON text, with `@` for a logical id if no other form of it is left."""
    if not isinstance(logical_id, str):
        return text
    without = text
    for reference in ('{"Ref": %s}', '{"Fn::GetAtt": [%s, '):
        without = without.replace(reference % json.dumps(logical_id), reference % '"@"')
    return text if logical_id in without else without


def unique(names: Iterable[tuple[str, str]]) -> list[str]:
    """Return a name for each pair of a name and its place: the place, and a number, only if it is needed."""
    pairs = list(names)
    alone = [name for name, _ in pairs]
    told = [name if alone.count(name) == 1 else f"{name} of {place}" for name, place in pairs]
    return [
        each if told.count(each) == 1 else f"{each} ({told[: number + 1].count(each)})"
        for number, each in enumerate(told)
    ]


def _as_repr(name: MarkedText) -> str:
    return repr(in_document(name))[1:-1]


def _starts_of_patterns(documents: Iterable[Any]) -> Iterator[MarkedText]:
    """Yield the known start of each text that can match several names, in lower case."""
    for document in documents:
        for text in parts_of(document):
            if isinstance(text, str) and text.strip("*") and (found := _OPEN.search(text)):
                yield literal(text[: found.start()].lower())
