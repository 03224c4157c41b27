"""Reads the values that a template gives to the parameters of a nested stack or of a stack set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..judge.text import MarkedText
from .intrinsics import Scope, lost, possible_values
from .template import App, Template, mapping, properties_of

__all__ = ["given_to_nested_stack", "given_to_stack_set"]


def given_to_nested_stack(app: App, parent: Template, logical_id: str) -> Mapping[str, Sequence[MarkedText]]:
    """Return the possible values of each parameter of a nested stack."""
    parameters = mapping(properties_of(parent.resources[logical_id]).get("Parameters"))
    scope = Scope(app, parent)
    return {name: possible_values(value, scope) for name, value in parameters.items()}


def given_to_stack_set(
    properties: Mapping[str, Any], template: Template, scope: Scope
) -> Mapping[str, Sequence[MarkedText]]:
    """Return the possible values of each parameter of a stack set, also those of single stacks of the set.

    Args:
        properties: the properties of the stack set.
        template: the template of its stacks.
        scope: the scope of the properties.
    """
    given: dict[str, list[MarkedText]] = {}
    for entry in _entries(properties):
        name = mapping(entry).get("ParameterKey")
        if not isinstance(name, str):
            # A function decides which parameters have values.
            return {each: [lost(entry, scope.template)] for each in template.section("Parameters")}
        given.setdefault(name, []).extend(possible_values(entry.get("ParameterValue"), scope))
    return given


def _entries(properties: Mapping[str, Any]) -> Iterator[Any]:
    """Yield each parameter with its value. A part that is no list is also yielded."""
    groups = properties.get("StackInstancesGroup", [])
    of_groups = [mapping(group).get("ParameterOverrides", []) for group in groups] if isinstance(groups, list) else []
    for listed in (properties.get("Parameters", []), *of_groups):
        yield from listed if isinstance(listed, list) else [listed]
    if not isinstance(groups, list):
        yield groups
