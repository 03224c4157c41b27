"""Reads a policy document: its version, its statements, and what of it cannot be read.

Source: AWS, IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Document", "Unreadable", "read"]

_KEYS: Final = frozenset({"Version", "Id", "Statement"})
_WITH_VARIABLES: Final = "2012-10-17"
_WITHOUT: Final = "2008-10-17"


class Unreadable(Exception):  # noqa: N818 - what it is
    """No statement of the document can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document.

    Attributes:
        statements: as they stand in it; what is no mapping among them cannot be read.
        variables: whether `${…}` is a variable: "2012-10-17" only. None where the version is not known.
        more: what stands beside the statements and can bring more of them.
    """

    statements: tuple[Any, ...]
    variables: bool | None
    more: tuple[str, ...] = ()


def read(document: Any) -> Document:
    """Return the document, given as JSON text or as what JSON becomes.

    Raises:
        Unreadable: it is no JSON, no mapping, or has no statements.
    """
    if isinstance(document, str):
        document = _parsed(document)
    if not isinstance(document, Mapping):
        raise Unreadable("it is no JSON object")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = (statements,)
    if not isinstance(statements, (list, tuple)):
        raise Unreadable("it has no list of statements")
    more = tuple(str(key) for key in document if key not in _KEYS)
    return Document(tuple(statements), _variables(document.get("Version", _WITHOUT)), more)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is no JSON") from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; nothing says which of two values of one key AWS takes."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a key is there twice in one object")
    return found


def _variables(version: Any) -> bool | None:
    # YAML makes a date of a version without quotes, which reads the same.
    text = version if isinstance(version, str) else version.isoformat() if hasattr(version, "isoformat") else None
    return {_WITH_VARIABLES: True, _WITHOUT: False}.get(text) if isinstance(text, str) else None
