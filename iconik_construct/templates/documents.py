"""Reads policy documents in any form, as statements with the conditions that they depend on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..judge.text import AnyText, has_unknown, in_document, shown
from .intrinsics import Scope, if_parts, intrinsic, possible_values

__all__ = ["AFTER_APPLY", "Body", "is_made_later", "of_document", "parsed", "read_json", "statements_within"]

AFTER_APPLY: Final = "Fn::KnownAfterApply"
"""The replacement for a value that a Terraform plan does not contain. CloudFormation has no such function."""
_NOT_PLANNED: Final = (
    "Terraform knows the policy only after the apply. Write the name of the bucket into the policy instead of a "
    "reference to the new bucket, or guard the state after the apply"
)
_MOST_GUARDS: Final = 64
_ELEMENTS: Final = ("Principal", "NotPrincipal")


@dataclass(frozen=True, slots=True)
class Body:
    """A written statement, with the answers to the template's conditions for which it exists.

    `statement` is None if it cannot be read. `why` then has the reason.
    """

    location: str
    statement: Mapping[str, Any] | None
    decided: Mapping[str, bool] = field(default_factory=dict)
    why: str = ""


def of_document(document: Any, location: str, scope: Scope) -> Iterator[Body]:
    """Yield the statements of a policy document, which can also be JSON text."""
    for branch, decided in _branches(document, scope.decided):
        if branch is None:
            continue
        if intrinsic(branch) == AFTER_APPLY:
            yield Body(location, None, decided, _NOT_PLANNED)
        elif not isinstance(branch, dict) or intrinsic(branch) is not None:
            # A text with several possible values is several documents.
            for text in [] if isinstance(branch, list) else possible_values(branch, scope):
                document, has_duplicates = read_json(text)
                if has_duplicates:
                    yield Body(location, None, decided, "the text has a key twice, and only one of them counts")
                else:
                    yield from _statements(document, location, decided)
            if isinstance(branch, list):
                yield Body(location, None)
        else:
            yield from _statements(branch, location, decided)


def _statements(document: Any, location: str, decided: Mapping[str, bool]) -> Iterator[Body]:
    if not isinstance(document, dict) or is_made_later(document) or _is_misspelt(document, ("Statement",)):
        yield Body(location, None)
        return
    for listed, answers in _branches(document.get("Statement", []), decided):
        bodies = listed if isinstance(listed, list) else [listed]
        for number, body in enumerate(bodies):
            place = f"{location}.Statement.{number}" if isinstance(listed, list) else f"{location}.Statement"
            for statement, given in _branches(body, answers):
                if statement is None or isinstance(statement, list):
                    yield from (Body(place, item if _is_statement(item) else None, given) for item in statement or ())
                else:
                    yield Body(place, statement if _is_statement(statement) else None, given)


def _branches(node: Any, decided: Mapping[str, bool]) -> Iterator[tuple[Any, Mapping[str, bool]]]:
    """Yield the possible values of a node, with the answers for each. None means no value."""
    waiting: list[tuple[Any, Mapping[str, bool]]] = [(node, decided)]
    count = 0
    while waiting:
        branch, answers = waiting.pop()
        parts = if_parts(branch)
        count += 1
        if parts is None or count > _MOST_GUARDS:
            yield (None if branch == {"Ref": "AWS::NoValue"} else branch), answers
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
        and not _is_misspelt(node, ("Effect", *_ELEMENTS, "Action", "NotAction", "Condition"))
        and not any(isinstance(node.get(name), dict) and is_made_later(node[name]) for name in _ELEMENTS)
    )


def _is_misspelt(node: Mapping[str, Any], elements: Iterable[str]) -> bool:
    """Return whether an element has other upper and lower case letters. AWS documents no meaning of such elements."""
    present = {str(name).lower() for name in node}
    return any(name not in node and name.lower() in present for name in elements)


def is_made_later(node: Mapping[str, Any]) -> bool:
    """Return whether the deployment decides which elements exist: by a macro, or by an unknown name in JSON text."""
    return any(str(key).startswith(("Fn::Transform", "Fn::ForEach")) or has_unknown(str(key)) for key in node)


def parsed(text: AnyText) -> Any:
    """Return a text parsed as JSON, or None."""
    return read_json(text)[0]


def read_json(text: AnyText) -> tuple[Any, bool]:
    """Return a text parsed as JSON, or None, and whether an object in it has a key twice. The last one counts."""
    has_duplicates = False

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_duplicates
        read = dict(entries)
        has_duplicates = has_duplicates or len(read) < len(entries)
        return read

    try:
        return json.loads(in_document(text), strict=False, object_pairs_hook=pairs), has_duplicates
    except (ValueError, RecursionError):
        return None, False


def statements_within(node: Any, location: str) -> Iterator[Body]:
    """Yield the statements anywhere in a node."""
    waiting = [(node, location)]
    while waiting:
        part, place = waiting.pop()
        if isinstance(part, list):
            waiting += [(item, f"{place}.{number}") for number, item in enumerate(part)]
        elif isinstance(part, dict) and "Effect" in part:
            yield Body(place, part if _is_statement(part) else None)
        elif isinstance(part, dict):
            waiting += [(value, f"{place}.{shown(str(key))}") for key, value in part.items()]
