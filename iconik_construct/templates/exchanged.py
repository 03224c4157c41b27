"""Finds the values that one template gives to another: outputs, exports, and those of the CDK for other Regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

from ..judge.text import AnyText, MarkedText, joined, split
from .template import Template, nearest
from .values import Scope, Texts, lost

__all__ = ["Evaluate", "imported", "nested_output", "stack_output", "values_of"]

Evaluate = Callable[[Any, Scope], list[MarkedText]]
"""Returns every possible text of a node."""


def nested_output(logical_id: str, name: str, scope: Scope, evaluate: Evaluate) -> Texts:
    """Return the output of a nested stack."""
    nested = scope.app.nested.get((scope.template, logical_id))
    output = None if nested is None else nested.section("Outputs").get(name.removeprefix("Outputs."))
    if nested is None or not isinstance(output, dict):
        return None
    return evaluate(output.get("Value"), scope.into(nested))


def imported(argument: Any, scope: Scope, evaluate: Evaluate) -> Texts:
    """Return the value of `Fn::ImportValue`."""
    names = evaluate(argument, scope)

    def exported_values() -> Texts:
        exported = scope.app.exported_by(lambda template, name: evaluate(name, scope.into(template)))
        places, is_certain = nearest(scope.template, [each for name in names for each in exported.get(name, ())])
        found = values_of(places, scope, evaluate)
        return _with_others(found, {"Fn::ImportValue": argument}, is_certain, scope)

    return scope.app.once((id(scope.template), "Fn::ImportValue", *names), exported_values)


def stack_output(argument: Any, scope: Scope, evaluate: Evaluate) -> Texts:
    """Return the value of `Fn::GetStackOutput`: of the own Region and account, or of the account of its role."""
    if not isinstance(argument, dict):
        return None
    stacks, names = (evaluate(argument.get(name), scope) for name in ("StackName", "OutputName"))
    regions: list[AnyText | None] = [*evaluate(argument.get("Region"), scope)] or [scope.template.region]
    of_roles = [split(joined(role, "::::"), ":")[4] for role in evaluate(argument.get("RoleArn"), scope)]
    accounts: list[AnyText | None] = [*of_roles] or [scope.template.account]
    places: list[tuple[Template, Any]] = []
    is_certain = all(each.isdigit() for each in of_roles)
    for stack, name, region, account in product(stacks, names, regions, accounts):
        outputs, is_known = nearest(scope.template, scope.app.outputs(stack, name), (region, account))
        places += outputs
        is_certain = is_certain and is_known and all(each.stack_name is not None for each, _ in outputs)
    found = values_of(places, scope, evaluate)
    return _with_others(found, {"Fn::GetStackOutput": argument}, is_certain, scope)


def _with_others(found: Texts, node: Any, is_certain: bool, scope: Scope) -> Texts:
    """Return the values, and if the node may have another one, also that it is not known."""
    return found if is_certain or found is None else [*found, lost(node, scope.template)]


def values_of(places: Iterable[tuple[Template, Any]], scope: Scope, evaluate: Evaluate) -> list[MarkedText] | None:
    """Return the possible texts of values of other templates, or None if there is none."""
    return [text for template, value in places for text in evaluate(value, scope.into(template))] or None
