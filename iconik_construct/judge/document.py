"""Reads a policy document: its version, its statements, and the parts that cannot be read.

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


class Unreadable(Exception):  # noqa: N818 - it names a state of the document
    """No statement of the document can be read. The message says why."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document.

    Attributes:
        statements: its statements. An item that is not a mapping cannot be read.
        variables: whether `${…}` is a variable: only in "2012-10-17". None if the version is unknown.
        more: other elements of the document that can contain statements.
    """

    statements: tuple[Any, ...]
    variables: bool | None
    more: tuple[str, ...] = ()


def read(document: Any) -> Document:
    """Return the document, from JSON text or from parsed JSON.

    Raises:
        Unreadable: it is not JSON, not a mapping, or has no statements.
    """
    if isinstance(document, str):
        document = _parsed(document)
    if not isinstance(document, Mapping):
        raise Unreadable("it is not a JSON object")
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
        raise Unreadable("it is not JSON") from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. AWS does not say which of two values of the same key it uses."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise Unreadable("an object has the same key twice")
    return entries


def _variables(version: Any) -> bool | None:
    # YAML reads a version without quotes as a date, whose text is the same.
    text = version if isinstance(version, str) else version.isoformat() if hasattr(version, "isoformat") else None
    return {_WITH_VARIABLES: True, _WITHOUT: False}.get(text) if isinstance(text, str) else None
