"""Reads what a template gives to a nested stack or to a stack set: the values of the parameters, and the tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..assessment.fact import Unknown, value_of
from ..judge.text import MarkedText, if_plain
from .intrinsics import Scope, branches_of, intrinsic, lost, of_parameter, possible_values
from .settings import tags_of_resource
from .template import App, Template, mapping, properties_of

__all__ = ["given_to_nested_stack", "given_to_stack_set", "tags_of_nested_stack"]

_Given = Mapping[str, Sequence[MarkedText]]
_MISSING: Final = (None, {"Ref": "AWS::NoValue"})


def given_to_nested_stack(app: App, parent: Template, logical_id: str, template: Template) -> _Given:
    """Return the possible values of each parameter of a nested stack with a template."""
    parameters = properties_of(parent.resources[logical_id]).get("Parameters") or {}
    scope = Scope(app, parent)
    if not isinstance(parameters, dict) or intrinsic(parameters) is not None:
        return _unknown(parameters, template, scope)
    return {name: _values(name, [value], template, scope) for name, value in parameters.items()}


def given_to_stack_set(app: App, parent: Template, logical_id: str, template: Template) -> _Given:
    """Return the possible values of each parameter of a stack set, also those of single stacks of the set."""
    properties = properties_of(parent.resources[logical_id])
    scope = Scope(app, parent)
    given: dict[str, list[Any]] = {}
    for entry, is_of_all in _entries(properties):
        name = mapping(entry).get("ParameterKey")
        if not isinstance(name, str):
            # A function decides which parameters have values.
            return _unknown(entry, template, scope)
        # A value for some of the stacks leaves the default to the others.
        given.setdefault(name, [] if is_of_all else [None]).append(entry.get("ParameterValue"))
    return {name: _values(name, values, template, scope) for name, values in given.items()}


def tags_of_nested_stack(app: App, parent: Template, logical_id: str) -> Mapping[str, str] | None:
    """Return the tags of a nested stack, which has those of the stack around it too; None if they are not known."""
    tags = tags_of_resource(properties_of(parent.resources[logical_id]), Scope(app, parent))
    return None if isinstance(tags, Unknown) else value_of(tags) or {}


def _entries(properties: Mapping[str, Any]) -> Iterator[tuple[Any, bool]]:
    """Yield each parameter with its value, and whether it is of all stacks. A part that is no list is also yielded."""
    groups = properties.get("StackInstancesGroup", [])
    of_groups = [mapping(group).get("ParameterOverrides", []) for group in groups] if isinstance(groups, list) else []
    for number, listed in enumerate((properties.get("Parameters", []), *of_groups)):
        yield from ((each, number == 0) for each in (listed if isinstance(listed, list) else [listed]))
    if not isinstance(groups, list):
        yield groups, False


def _unknown(node: Any, template: Template, scope: Scope) -> _Given:
    return {each: [lost(node, scope.template)] for each in template.section("Parameters")}


def _values(name: str, nodes: Sequence[Any], template: Template, scope: Scope) -> list[MarkedText]:
    """Return the possible values of a parameter: the default too if a node may have no value."""
    parameter = mapping(template.section("Parameters").get(name))
    inner = Scope(scope.app, template)
    found = [text for node in nodes for text in possible_values(node, scope)]
    if str(parameter.get("Type")).startswith("AWS::SSM::Parameter::Value"):
        # The given value is the name of a parameter in the store.
        found = [text for each in found for text in _defaults({**parameter, "Default": if_plain(each)}, name, inner)]
    if any(_may_be_missing(node, scope) for node in nodes):
        found += _defaults(parameter, name, inner)
    return found


def _defaults(parameter: Mapping[str, Any], name: str, scope: Scope) -> list[MarkedText]:
    default = of_parameter(parameter)
    if default is None:
        return [lost({"Ref": name}, scope.template)]
    return [text for each in default for text in possible_values(each, scope)]


def _may_be_missing(node: Any, scope: Scope) -> bool:
    return node in _MISSING or any(_may_be_missing(each, scope) for each in branches_of(node, scope.decided))
