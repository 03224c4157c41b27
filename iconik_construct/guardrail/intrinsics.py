"""Evaluates CloudFormation's intrinsic functions as far as a template alone allows.

Every answer is the list of all texts that a value can have: both branches of an undecided `Fn::If`, every row of a
mapping whose key only the deployment knows. What cannot be known is marked as such and never left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from .template import App, Template, ordinary, properties_of
from .text import has_own, has_unresolved, own, unresolved

__all__ = ["Scope", "if_parts", "intrinsic", "texts"]

_MOST_ALTERNATIVES: Final = 64
_DEEPEST: Final = 40
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")
_UNQUOTED = re.compile(r'["\\\x00\x01]')
_SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True)
class Scope:
    """Where a value stands: its app, its template, and which conditions are taken for true or false."""

    app: App
    template: Template
    decided: Mapping[str, bool] = field(default_factory=dict)
    depth: int = 0

    def into(self, template: Template) -> Scope:
        """Return the scope of a value that stands elsewhere, perhaps in another template."""
        return Scope(self.app, template, self.decided if template is self.template else {}, self.depth + 1)


def intrinsic(node: object) -> str | None:
    """Return the function's name if the node is a call of an intrinsic function."""
    if isinstance(node, dict) and len(node) == 1:
        name = str(next(iter(node)))
        if name == "Ref" or name.startswith("Fn::"):
            return name
    return None


def if_parts(node: object) -> tuple[str, Any, Any] | None:
    """Return condition and branches if the node is an `Fn::If`."""
    parts = node["Fn::If"] if isinstance(node, dict) and len(node) == 1 and "Fn::If" in node else None
    if isinstance(parts, list) and len(parts) == 3 and isinstance(parts[0], str):  # noqa: PLR2004
        return parts[0], parts[1], parts[2]
    return None


def texts(node: Any, scope: Scope) -> list[str]:
    """Return every text that the node can be; a list is all its items' texts, and no value is the empty list."""
    if isinstance(node, str):
        return [_DYNAMIC_REFERENCE.sub(lambda found: unresolved(found[0]), node)] if "{{" in node else [node]
    if isinstance(node, list):
        # Most lists are of plain text, above all those of actions.
        if all(isinstance(item, str) and "{{" not in item for item in node):
            return _once(node)
        return _once(text for item in node for text in texts(item, scope))
    if isinstance(node, dict):
        return _evaluated(node, scope)
    if node is None:
        return []
    return [str(node).lower() if isinstance(node, bool) else str(node)]


def _evaluated(node: Mapping[str, Any], scope: Scope) -> list[str]:
    evaluate = _FUNCTIONS.get(intrinsic(node) or "")
    if evaluate is None or scope.depth > _DEEPEST:
        return [_lost(node)]
    found = evaluate(next(iter(node.values())), scope)
    return [_lost(node)] if found is None else _once(found)


_Found = Iterable[str] | None


def _lost(node: Any) -> str:
    # Without quotes, so that a policy written as a JSON string stays JSON.
    return unresolved(_UNQUOTED.sub("", json.dumps(node, sort_keys=True, default=str)))


def _once(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _ref(name: Any, scope: Scope) -> _Found:
    if not isinstance(name, str):
        return None
    if name.startswith("AWS::"):
        return _pseudo(name, scope.template)
    if name in scope.template.given:
        return scope.template.given[name]
    parameter = scope.template.section("Parameters").get(name)
    if isinstance(parameter, dict):
        return _parameter(parameter)
    return _attribute(name, "Ref", scope)


def _pseudo(name: str, template: Template) -> _Found:
    if name == "AWS::NoValue":
        return ()
    known = {
        # iconik's role lives in this partition, and is valid in no other
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::AccountId": template.account,
        "AWS::Region": template.region,
    }
    return (known.get(name) or own(name),)


def _parameter(parameter: Mapping[str, Any]) -> _Found:
    kind = str(parameter.get("Type", "String"))
    if kind.startswith("AWS::SSM::Parameter::Value"):
        return None
    allowed = parameter.get("AllowedValues")
    if isinstance(allowed, list) and allowed:
        return [str(value) for value in allowed]
    if "Default" not in parameter:
        return None
    default = str(parameter["Default"])
    return [one.strip() for one in default.split(",")] if _is_list(kind) else (default,)


def _is_list(kind: str) -> bool:
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def _get_att(argument: Any, scope: Scope) -> _Found:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):  # noqa: PLR2004
        return None
    names = texts(argument[1], scope)
    found = [_attribute(argument[0], name, scope) for name in names]
    return None if any(one is None for one in found) else [text for one in found for text in one or ()]


def _attribute(logical_id: str, name: str, scope: Scope) -> _Found:
    resource = scope.template.resources.get(logical_id)
    if resource is None or has_unresolved(name):
        return None
    kind = resource.get("Type")
    if kind == "AWS::CloudFormation::Stack":
        return _nested_output(logical_id, name, scope)
    if kind == "Custom::CrossRegionExportReader":
        return _elsewhere(scope.app.cross_region_values.get(name, ()), scope)
    if not ordinary(resource):
        return None
    given = _GIVEN_ATTRIBUTES.get((str(kind), name))
    found = texts(properties_of(resource).get(given), scope.into(scope.template)) if given else []
    found = found or [own(f"{scope.template.path}#{logical_id}.{name}")]
    return [f"arn:aws:s3:::{one}" for one in found] if (kind, name) == ("AWS::S3::Bucket", "Arn") else found


_GIVEN_ATTRIBUTES: Final = {
    ("AWS::KMS::Alias", "Ref"): "AliasName",
    ("AWS::S3::Bucket", "Arn"): "BucketName",
    ("AWS::S3::Bucket", "Ref"): "BucketName",
    ("AWS::SSM::Parameter", "Value"): "Value",
}
"""Attributes that are what a property says."""


def _nested_output(logical_id: str, name: str, scope: Scope) -> _Found:
    nested = scope.app.nested.get((scope.template, logical_id))
    output = None if nested is None else nested.section("Outputs").get(name.removeprefix("Outputs."))
    if nested is None or not isinstance(output, dict):
        return None
    return texts(output.get("Value"), scope.into(nested))


def _import_value(argument: Any, scope: Scope) -> _Found:
    names = set(texts(argument, scope))
    places = [
        (template, value) for template, name, value in scope.app.exports if names & {*texts(name, scope.into(template))}
    ]
    return _elsewhere(places, scope)


def _get_stack_output(argument: Any, scope: Scope) -> _Found:
    if not isinstance(argument, dict):
        return None
    stacks, names = texts(argument.get("StackName"), scope), texts(argument.get("OutputName"), scope)
    return _elsewhere([found for one in names for stack in stacks for found in scope.app.outputs(stack, one)], scope)


def _elsewhere(places: Sequence[tuple[Template, Any]], scope: Scope) -> _Found:
    return [text for template, value in places for text in texts(value, scope.into(template))] or None


def _if(argument: Any, scope: Scope) -> _Found:
    parts = if_parts({"Fn::If": argument})
    if parts is None:
        return None
    name, then, otherwise = parts
    if name in scope.decided:
        return texts(then if scope.decided[name] else otherwise, scope)
    return [*texts(then, scope), *texts(otherwise, scope)]


def _join(argument: Any, scope: Scope) -> _Found:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):  # noqa: PLR2004
        return None
    items = argument[1]
    if isinstance(items, list):
        return _product([texts(item, scope) for item in items if item != {"Ref": "AWS::NoValue"}], argument[0].join)
    # a list that a function gives: its items, in their order
    return (argument[0].join(texts(items, scope)),)


def _sub(argument: Any, scope: Scope) -> _Found:
    pattern, given = (argument, {}) if isinstance(argument, str) else _pair(argument)
    if not isinstance(pattern, str) or not isinstance(given, dict):
        return None
    pieces: list[list[str]] = []
    end = 0
    for found in _SUBSTITUTION.finditer(pattern):
        pieces += [texts(pattern[end : found.start()], scope), _substituted(found[1], given, scope)]
        end = found.end()
    return _product([*pieces, texts(pattern[end:], scope)], "".join)


def _substituted(name: str, given: Mapping[str, Any], scope: Scope) -> list[str]:
    name = name.strip()
    if name.startswith("!"):
        return ["${" + name[1:] + "}"]
    if name in given:
        return texts(given[name], scope)
    return texts({"Fn::GetAtt": name} if "." in name else {"Ref": name}, scope)


def _pair(argument: Any) -> tuple[Any, Any]:
    return tuple(argument) if isinstance(argument, list) and len(argument) == 2 else (None, None)  # noqa: PLR2004


def _find_in_map(argument: Any, scope: Scope) -> _Found:
    if not isinstance(argument, list) or len(argument) < 3:  # noqa: PLR2004
        return None
    nodes = [scope.template.section("Mappings")]
    for level in argument[:3]:
        keys = texts(level, scope)
        # a key that only the deployment knows can be any of them
        any_key = any(has_own(key) or has_unresolved(key) for key in keys)
        nodes = [
            value
            for node in nodes
            if isinstance(node, dict)
            for key, value in node.items()
            if any_key or str(key) in keys
        ]
    default = argument[3].get("DefaultValue") if len(argument) > 3 and isinstance(argument[3], dict) else None  # noqa: PLR2004
    return [*texts(nodes, scope), *texts(default, scope)] or None


def _select(argument: Any, scope: Scope) -> _Found:
    index, items = _pair(argument)
    if intrinsic(items) is not None:
        items = texts(items, scope)
    if not str(index).isdigit() or not isinstance(items, list):
        return None
    if any(isinstance(item, str) and (has_unresolved(item) or has_own(item)) for item in items) or len(items) == 1:
        # a part of it, which is as much our own or as unresolved as the whole
        return texts(items, scope)
    return texts(items[int(index)], scope) if int(index) < len(items) else None


def _split(argument: Any, scope: Scope) -> _Found:
    by, source = _pair(argument)
    whole = texts(source, scope)
    if not isinstance(by, str) or not by or len(whole) != 1 or has_unresolved(whole[0]):
        return None
    return whole if has_own(whole[0]) else whole[0].split(by)


def _product(parts: Sequence[Sequence[str]], join: Callable[[Sequence[str]], str]) -> _Found:
    count = 1
    for part in parts:
        count *= max(len(part), 1)
    if count > _MOST_ALTERNATIVES:
        return None
    return [join(choice) for choice in product(*(part or [""] for part in parts))]


_FUNCTIONS: dict[str, Callable[[Any, Scope], _Found]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
