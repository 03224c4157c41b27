"""Reads policy documents, wherever and however they are written, into statements and the conditions they hang on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..judge.text import has_unknown, shown
from .intrinsics import Scope, if_parts, intrinsic, texts

__all__ = ["AFTER_APPLY", "Body", "is_made_later", "of_document", "parsed", "read_json", "statements_within"]

AFTER_APPLY: Final = "Fn::KnownAfterApply"
"""In place of a value that a plan of Terraform does not hold. No template of CloudFormation has this function."""
_NOT_PLANNED: Final = (
    "Terraform knows the policy only after the apply. Write the name of the bucket into the policy instead of a "
    "reference to the new bucket, or guard the state after the apply"
)
_MOST_GUARDS: Final = 64
_ELEMENTS: Final = ("Principal", "NotPrincipal")


@dataclass(frozen=True, slots=True)
class Body:
    """A statement as it is written, and the answers to conditions of the template with which it is there.

    `statement` is None where none can be read; `why` then says the reason.
    """

    location: str
    statement: Mapping[str, Any] | None
    decided: Mapping[str, bool] = field(default_factory=dict)
    why: str = ""


def of_document(document: Any, location: str, scope: Scope) -> Iterator[Body]:
    """Yield the statements of a policy document, which may also be JSON text."""
    for found, decided in _branches(document, scope.decided):
        if found is None:
            continue
        if intrinsic(found) == AFTER_APPLY:
            yield Body(location, None, decided, _NOT_PLANNED)
        elif not isinstance(found, dict) or intrinsic(found) is not None:
            # Text that has several values is several documents.
            for text in [] if isinstance(found, list) else texts(found, scope):
                document, has_duplicates = read_json(text)
                if has_duplicates:
                    yield Body(location, None, decided, "the text has a key twice, and only one of them counts")
                else:
                    yield from _statements(document, location, decided)
            if isinstance(found, list):
                yield Body(location, None)
        else:
            yield from _statements(found, location, decided)


def _statements(document: Any, location: str, decided: Mapping[str, bool]) -> Iterator[Body]:
    if not isinstance(document, dict) or is_made_later(document):
        yield Body(location, None)
        return
    for listed, answers in _branches(document.get("Statement", []), decided):
        bodies = listed if isinstance(listed, list) else [listed]
        for number, body in enumerate(bodies):
            place = f"{location}.Statement.{number}" if isinstance(listed, list) else f"{location}.Statement"
            for statement, given in _branches(body, answers):
                if statement is None or isinstance(statement, list):
                    yield from (Body(place, one if _is_statement(one) else None, given) for one in statement or ())
                else:
                    yield Body(place, statement if _is_statement(statement) else None, given)


def _branches(node: Any, decided: Mapping[str, bool]) -> Iterator[tuple[Any, Mapping[str, bool]]]:
    """Yield what a node can be, with the answers that make it so; None for no value."""
    waiting: list[tuple[Any, Mapping[str, bool]]] = [(node, decided)]
    count = 0
    while waiting:
        one, answers = waiting.pop()
        parts = if_parts(one)
        count += 1
        if parts is None or count > _MOST_GUARDS:
            yield (None if one == {"Ref": "AWS::NoValue"} else one), answers
            continue
        name, then, otherwise = parts
        if answers.get(name) is not True:
            waiting.append((otherwise, {**answers, name: False}))
        if answers.get(name) is not False:
            waiting.append((then, {**answers, name: True}))


def _is_statement(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and intrinsic(node) is None
        and not is_made_later(node)
        and not any(isinstance(node.get(one), dict) and is_made_later(node[one]) for one in _ELEMENTS)
    )


def is_made_later(node: Mapping[str, Any]) -> bool:
    """Tell whether the deployment decides which elements are there: by a macro, or by an unknown name in JSON text."""
    return any(str(key).startswith(("Fn::Transform", "Fn::ForEach")) or has_unknown(str(key)) for key in node)


def parsed(text: str) -> Any:
    """Return what a text is as JSON, or None."""
    return read_json(text)[0]


def read_json(text: str) -> tuple[Any, bool]:
    """Return what a text is as JSON, or None, and whether an object in it has a key twice: the last one is read."""
    has_duplicates = False

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_duplicates
        read = dict(entries)
        has_duplicates = has_duplicates or len(read) < len(entries)
        return read

    try:
        return json.loads(text, strict=False, object_pairs_hook=pairs), has_duplicates
    except (ValueError, RecursionError):
        return None, False


def statements_within(node: Any, location: str) -> Iterator[Body]:
    """Yield the statements that stand anywhere in a node."""
    waiting = [(node, location)]
    while waiting:
        one, place = waiting.pop()
        if isinstance(one, list):
            waiting += [(item, f"{place}.{number}") for number, item in enumerate(one)]
        elif isinstance(one, dict) and "Effect" in one:
            yield Body(place, one if _is_statement(one) else None)
        elif isinstance(one, dict):
            waiting += [(value, f"{place}.{shown(str(key))}") for key, value in one.items()]
