"""Builds the policy of the data source `aws_iam_policy_document` from the known values of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..judge.text import literal, map_texts
from ..templates.documents import AFTER_APPLY, parsed

__all__ = ["policy_of_data"]

_ELEMENTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}
_BEFORE: Final = ("source_json", "source_policy_documents")
_AFTER: Final = ("override_policy_documents", "override_json")


def policy_of_data(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the policy document, or None if a statement cannot be read."""
    blocks = values.get("statement")
    if not isinstance(blocks, list):
        return None
    own = [_statement(block) if isinstance(block, dict) else None for block in blocks]
    by_sid: dict[Any, Any] = {}
    for number, statement in enumerate([*_listed(values, _BEFORE), *own, *_listed(values, _AFTER)]):
        if not isinstance(statement, dict):
            return None
        sid = statement.get("Sid")
        # A statement replaces those before it with the same Sid.
        by_sid[sid if isinstance(sid, str) and sid else number] = statement
    return {"Version": values.get("version") or "2012-10-17", "Statement": list(by_sid.values())}


def _listed(values: Mapping[str, Any], names: Sequence[str]) -> Iterator[Any]:
    """Yield the statements of other documents, or None for a document that cannot be read."""
    for name in names:
        given = values.get(name)
        for text in given if isinstance(given, list) else [given] if given else []:
            document = parsed(text) if isinstance(text, str) else None
            listed = document.get("Statement") if isinstance(document, dict) else None
            yield from listed if isinstance(listed, list) else [listed]


def _statement(block: Mapping[str, Any]) -> dict[str, Any]:
    # Terraform writes the variables of IAM as &{...}, because ${...} is its own syntax.
    block = map_texts(dict(block), lambda text: text.replace(literal("&{"), "${"))
    statement: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
    if block.get("sid"):
        statement["Sid"] = block["sid"]
    for name, element in _ELEMENTS.items():
        if block.get(name):
            statement[element] = block[name]
    for name, element in _PRINCIPALS.items():
        if block.get(name):
            statement[element] = _principal(block[name])
    if block.get("condition"):
        statement["Condition"] = _condition(block["condition"])
    return statement


def _principal(blocks: Any) -> Any:
    if not isinstance(blocks, list) or not all(isinstance(principal, dict) for principal in blocks):
        return blocks
    principals: dict[str, list[Any]] = {}
    for principal in blocks:
        if principal.get("type") == "*":
            return "*"
        kind, given = principal.get("type"), principal.get("identifiers")
        # An unknown kind is checked as the kind that could be iconik.
        name = kind if isinstance(kind, str) else "AWS"
        principals.setdefault(name, []).extend(given if isinstance(given, list) else [given])
    return principals


def _condition(blocks: Any) -> Any:
    if not isinstance(blocks, list) or not all(_is_readable(test) for test in blocks):
        return {AFTER_APPLY: "condition"}
    condition: dict[str, dict[str, Any]] = {}
    for test in blocks:
        keys = condition.setdefault(test["test"], {})
        values = test.get("values")
        given = values if isinstance(values, list) else [values]
        keys[test["variable"]] = [*keys.get(test["variable"], []), *given]
    return condition


def _is_readable(block: Any) -> bool:
    return isinstance(block, dict) and isinstance(block.get("test"), str) and isinstance(block.get("variable"), str)
