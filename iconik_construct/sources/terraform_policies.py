"""A policy that the data source `aws_iam_policy_document` will write, from what the plan knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..templates.documents import AFTER_APPLY, parsed

__all__ = ["policy_of_data"]

_ELEMENTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}
_OTHER_DOCUMENTS: Final = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


def policy_of_data(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the policy document; None where some of its statements cannot be read."""
    blocks = values.get("statement")
    if not isinstance(blocks, list):
        return None
    statements = [_statement(one) if isinstance(one, dict) else None for one in blocks]
    for name in _OTHER_DOCUMENTS:
        given = values.get(name)
        for one in given if isinstance(given, list) else [given] if given else []:
            document = parsed(one) if isinstance(one, str) else None
            found = document.get("Statement") if isinstance(document, dict) else None
            statements += found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in statements):
        return None
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(block: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
    if block.get("sid"):
        found["Sid"] = block["sid"]
    for name, element in _ELEMENTS.items():
        if block.get(name):
            found[element] = block[name]
    for name, element in _PRINCIPALS.items():
        if block.get(name):
            found[element] = _principal(block[name])
    if block.get("condition"):
        found["Condition"] = _condition(block["condition"])
    return found


def _principal(blocks: Any) -> Any:
    if not isinstance(blocks, list) or not all(isinstance(one, dict) for one in blocks):
        return blocks
    found: dict[str, list[Any]] = {}
    for one in blocks:
        if one.get("type") == "*":
            return "*"
        kind, given = one.get("type"), one.get("identifiers")
        # A kind that is not known is looked at as the one that could be iconik.
        name = kind if isinstance(kind, str) else "AWS"
        found.setdefault(name, []).extend(given if isinstance(given, list) else [given])
    return found


def _condition(blocks: Any) -> Any:
    if not isinstance(blocks, list) or not all(_is_readable(one) for one in blocks):
        return {AFTER_APPLY: "condition"}
    found: dict[str, dict[str, Any]] = {}
    for one in blocks:
        keys = found.setdefault(one["test"], {})
        values = one.get("values")
        given = values if isinstance(values, list) else [values]
        keys[one["variable"]] = [*keys.get(one["variable"], []), *given]
    return found


def _is_readable(block: Any) -> bool:
    return isinstance(block, dict) and isinstance(block.get("test"), str) and isinstance(block.get("variable"), str)
