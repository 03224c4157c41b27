"""Evaluates CloudFormation's intrinsic functions as far as a template alone allows.

The result is the list of all possible texts of a value: both branches of an undecided `Fn::If`, and every row of a
mapping whose key is known only at deployment. An unknown value is marked as unknown, and never left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from ..judge.text import MarkedText, has_unknown, if_plain, in_document, is_marked, is_own, joined, literal, own, shown
from .exchanged import imported, nested_output, stack_output, values_of
from .template import ordinary, properties_of
from .values import (
    GIVEN_ATTRIBUTES,
    Scope,
    Texts,
    branches_of,
    chosen,
    combined,
    if_parts,
    intrinsic,
    is_list,
    lost,
    once,
    pair,
    parameter_values,
    pseudo_parameter,
    without_references,
)

__all__ = ["Scope", "branches_of", "if_parts", "intrinsic", "items", "lost", "of_parameter", "possible_values"]

_DEEPEST: Final = 40
_SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")


def possible_values(node: Any, scope: Scope) -> list[MarkedText]:
    """Return every possible text of the node. A list gives the texts of all items; no value gives an empty list."""
    if isinstance(node, MarkedText):
        return [without_references(node, scope.template)]
    if isinstance(node, list):
        # Most lists are plain text, such as lists of actions.
        if all(isinstance(item, str) and "{{" not in item for item in node):
            return once(node)
        return once(text for item in node for text in possible_values(item, scope))
    if isinstance(node, dict):
        return _evaluated(node, scope)
    if node is None:
        return []
    return [literal(str(node).lower() if isinstance(node, bool) else str(node))]


def items(node: Any, scope: Scope) -> list[tuple[list[MarkedText], bool]]:
    """Return the possible texts of each item of a list, or of one value, and whether they are certain.

    A value with several possible texts is not certain, nor is a value that may be missing.
    """
    if isinstance(node, str) and "{{" not in node:
        return [([literal(node)], True)]
    listed = _listed(node, scope)
    return [_alternatives(node, scope)] if listed is None else listed


def _alternatives(node: Any, scope: Scope) -> tuple[list[MarkedText], bool]:
    """Return the possible texts of one item, and whether they are certain."""
    if isinstance(node, str) and "{{" not in node:
        return [literal(node)], True
    possible = possible_values(node, scope)
    if len(possible) != 1:
        return possible, not possible
    return possible, all(possible_values(branch, scope) for branch in branches_of(node, scope.decided))


def _listed(node: Any, scope: Scope) -> list[tuple[list[MarkedText], bool]] | None:
    """Return the possible texts of each item of a list, in order; None if the list cannot be read."""
    if isinstance(node, list):
        return [_alternatives(item, scope) for item in node if item != {"Ref": "AWS::NoValue"}]
    name = intrinsic(node)
    if name == "Fn::Split":
        apart = _split_apart(node[name], scope)
        return None if apart is None else [(part, True) for part in apart]
    if name == "Ref" and isinstance(node[name], str) and node[name] not in scope.template.given:
        parameter = scope.template.section("Parameters").get(node[name])
        if isinstance(parameter, dict) and is_list(str(parameter.get("Type"))):
            referenced = _ref(node[name], scope)
            return None if referenced is None else [([text], True) for text in referenced]
    branches = branches_of(node, scope.decided)
    return _listed(branches[0], scope) if len(branches) == 1 else None


def _evaluated(node: Mapping[str, Any], scope: Scope) -> list[MarkedText]:
    if isinstance(attribute := node.get("Fn::GetAtt"), str):
        node = {"Fn::GetAtt": attribute.split(".", 1)}
    evaluate = _FUNCTIONS.get(intrinsic(node) or "")
    results = None if evaluate is None or scope.depth > _DEEPEST else evaluate(next(iter(node.values())), scope)
    if results is None:
        return [lost(node, scope.template)]
    return once(without_references(text, scope.template) for text in results)


def _ref(name: Any, scope: Scope) -> Texts:
    if not isinstance(name, str):
        return None
    if scope.decided and (value := chosen(name, scope.decided)) is not None:
        return (value,)
    if name.startswith("AWS::"):
        return pseudo_parameter(name, scope.template)
    if name in scope.template.given:
        return scope.template.given[name]
    parameter = scope.template.section("Parameters").get(name)
    return of_parameter(parameter) if isinstance(parameter, dict) else _attribute(name, literal("Ref"), scope)


def of_parameter(parameter: Mapping[str, Any]) -> Texts:
    """Return the possible values of a parameter without a given value; None if they are not known."""
    kind, default = str(parameter.get("Type")), parameter.get("Default")
    if kind.startswith("AWS::SSM::Parameter::Value") and isinstance(default, str) and default:
        # It has the value of the parameter in the store, as a dynamic reference has.
        return (literal(f"{{{{resolve:ssm:{default}}}}}"),)
    return parameter_values(parameter)


def _get_att(argument: Any, scope: Scope) -> Texts:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):  # noqa: PLR2004
        return None
    names = possible_values(argument[1], scope)
    attributes = [_attribute(argument[0], name, scope) for name in names]
    return None if None in attributes else [text for values in attributes for text in values or ()]


def _attribute(logical_id: str, name: MarkedText, scope: Scope) -> Texts:
    resource = scope.template.resources.get(logical_id)
    if resource is None or has_unknown(name):
        return None
    return scope.app.once(
        (id(scope.template), logical_id, name, *sorted(scope.decided.items())),
        lambda: _attribute_of(resource, logical_id, in_document(name), scope),
    )


def _attribute_of(resource: Mapping[str, Any], logical_id: str, name: str, scope: Scope) -> Texts:
    kind = resource.get("Type")
    if kind == "AWS::CloudFormation::Stack":
        return nested_output(logical_id, name, scope, possible_values)
    if kind == "Custom::CrossRegionExportReader":
        return values_of(scope.app.cross_region_values.get(name, ()), scope, possible_values)
    if not ordinary(resource):
        return None
    given = GIVEN_ATTRIBUTES.get((str(kind), name))
    given_names = possible_values(properties_of(resource).get(given), scope.into(scope.template)) if given else []
    if (kind, name) == ("AWS::S3::Bucket", "Arn"):
        # The ARN is made of the name, however it is written: a policy can build the ARN from a Ref.
        names = given_names or _attribute(logical_id, literal("Ref"), scope) or ()
        return [joined("arn:aws:s3:::", bucket) for bucket in names]
    if (kind, name) == ("AWS::S3::AccessPoint", "Arn"):
        # As a policy can write it: with pseudo parameters, and a wildcard for the name.
        start = {"Fn::Sub": "arn:${AWS::Partition}:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/"}
        names = _attribute(logical_id, literal("Name"), scope) or ()
        return [joined(*possible_values(start, scope), point) for point in names]
    return given_names or [own(f"{scope.template.path}#{logical_id}.{name}")]


def _if(argument: Any, scope: Scope) -> Texts:
    branches = branches_of({"Fn::If": argument}, scope.decided)
    return [text for branch in branches for text in possible_values(branch, scope)] if branches else None


def _join(argument: Any, scope: Scope) -> Texts:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):  # noqa: PLR2004
        return None
    listed = _listed(argument[1], scope)
    return None if listed is None else combined([item_texts for item_texts, _ in listed], argument[0])


def _sub(argument: Any, scope: Scope) -> Texts:
    pattern, given = (argument, {}) if isinstance(argument, str) else pair(argument)
    if not isinstance(pattern, str) or not isinstance(given, dict):
        return None
    pieces: list[list[MarkedText]] = []
    # A name that occurs twice is evaluated once. Otherwise names within names would double the work each time.
    known: dict[str, list[MarkedText]] = {}
    end = 0
    # After the last brace, each start would be searched to the end.
    for match in _SUBSTITUTION.finditer(pattern, 0, pattern.rfind("}") + 1):
        name = match[1]
        if name not in known:
            known[name] = _substituted(name, given, scope)
        pieces += [[literal(pattern[end : match.start()])], known[name]]
        end = match.end()
    return combined([*pieces, [literal(pattern[end:])]], "")


def _substituted(name: str, given: Mapping[str, Any], scope: Scope) -> list[MarkedText]:
    name = name.strip()
    if name.startswith("!"):
        return [literal("${" + name[1:] + "}")]
    if name in given:
        return possible_values(given[name], scope)
    return possible_values({"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}, scope)


def _find_in_map(argument: Any, scope: Scope) -> Texts:
    if not isinstance(argument, list) or len(argument) < 3:  # noqa: PLR2004
        return None
    nodes = [scope.template.section("Mappings")]
    for level in argument[:3]:
        keys = possible_values(level, scope)
        # a key that is known only at deployment can be any key
        any_key = any(map(is_marked, keys))
        nodes = [
            value
            for node in nodes
            if isinstance(node, dict)
            for key, value in node.items()
            if any_key or literal(str(key)) in keys
        ]
    default = argument[3].get("DefaultValue") if len(argument) > 3 and isinstance(argument[3], dict) else None  # noqa: PLR2004
    return [*possible_values(nodes, scope), *possible_values(default, scope)] or None


def _select(argument: Any, scope: Scope) -> Texts:
    index, source = pair(argument)
    each = _listed(source, scope)
    if each is None:
        return _part_of_own(source, scope)
    listed = [item_texts for item_texts, _ in each]
    wanted = possible_values(index, scope)
    positions = [int(position) for position in map(if_plain, wanted) if position is not None and position.isdecimal()]
    if len(positions) < len(wanted):
        # The position is known only at deployment: it can be any item.
        return [text for texts in listed for text in texts]
    return [text for position in positions if position < len(listed) for text in listed[position]] or None


def _part_of_own(source: Any, scope: Scope) -> Texts:
    """Return an own value for a part of an own value, such as the account in the ARN of an own role."""
    if intrinsic(source) == "Fn::Split":
        source = pair(source["Fn::Split"])[1]
    whole = possible_values(source, scope)
    return [own(f"a part of {shown(text)}") for text in whole] if whole and all(map(is_own, whole)) else None


def _split(argument: Any, scope: Scope) -> Texts:
    listed = _split_apart(argument, scope)
    if listed is not None:
        return [text for parts in listed for text in parts]
    whole = possible_values(pair(argument)[1], scope)
    return whole if whole and all(map(is_own, whole)) else None


def _split_apart(argument: Any, scope: Scope) -> list[list[MarkedText]] | None:
    by, source = pair(argument)
    whole = possible_values(source, scope)
    text = if_plain(whole[0]) if len(whole) == 1 else None
    return None if not isinstance(by, str) or not by or text is None else [[literal(part)] for part in text.split(by)]


def _to_json_string(argument: Any, _: Scope) -> Texts:
    """Return the JSON text. Functions in it stay objects, which are evaluated where the text is read as JSON."""
    if not isinstance(argument, (dict, list)) or intrinsic(argument) is not None:
        return None
    return [literal(json.dumps(argument, default=str))]


_FUNCTIONS: dict[str, Callable[[Any, Scope], Texts]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": partial(stack_output, evaluate=possible_values),
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::ImportValue": partial(imported, evaluate=possible_values),
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
}
