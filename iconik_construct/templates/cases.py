"""Finds the conditions of a template that a node depends on, and replaces each decided `Fn::If` by its branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .intrinsics import branches_of, if_parts
from .template import parts_of

__all__ = ["conditions_in", "structural_conditions_in", "without_ifs"]

_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
_VALUES: Final = 2
"""The depth of the values in a condition block: below an operator and a key."""


def conditions_in(*nodes: Any) -> set[str]:
    """Return the names of the conditions in any `Fn::If` of the nodes."""
    return {parts[0] for node in parts_of(list(nodes)) if (parts := if_parts(node)) is not None}


def structural_conditions_in(block: Any) -> set[str]:
    """Return the conditions that decide the shape of a condition block. Conditions of single values do not count."""
    names: set[str] = set()
    waiting = [(block, 0)]
    while waiting:
        node, depth = waiting.pop()
        parts = if_parts(node)
        if parts is not None:
            if depth < _VALUES or any(each == _NO_VALUE or each in ([], {}) for each in parts[1:]):
                names.add(parts[0])
            waiting += [(each, depth) for each in parts[1:]]
        elif isinstance(node, dict):
            waiting += [(each, depth + 1) for each in node.values()]
    return names


def without_ifs(node: Any, decided: Mapping[str, bool]) -> Any:
    """Return the node with each decided `Fn::If` replaced by its branch, and without nodes that have no value."""
    if isinstance(node, list):
        return [each for each in (without_ifs(item, decided) for item in node) if each != _NO_VALUE]
    if not isinstance(node, dict) or node == _NO_VALUE:
        return node
    branches = branches_of(node, decided)
    if len(branches) == 1:
        return without_ifs(branches[0], decided)
    if branches:
        # A branch without a value is also a branch.
        return {"Fn::If": [node["Fn::If"][0], *(without_ifs(each, decided) for each in branches)]}
    values = {key: without_ifs(value, decided) for key, value in node.items()}
    return {key: value for key, value in values.items() if value != _NO_VALUE}
