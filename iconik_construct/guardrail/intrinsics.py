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

from ..judge.text import has_unknown, is_marked, is_own, own, shown, unknown
from .template import App, Template, ordinary, properties_of

__all__ = ["Scope", "if_parts", "intrinsic", "items", "texts"]

_MOST_ALTERNATIVES: Final = 32
_LONGEST: Final = 100_000
_LONGEST_SOURCE: Final = 200
_DEEPEST: Final = 40
_DYNAMIC_REFERENCE = re.compile(
    # one whose first half was marked already, up to where the other half ends; another mark, which stays; a new one
    r"\x00\{\{resolve:[^}\x00]*\x00.*?(?:\}\}|$)|(\x00[^\x00]*\x00|\x01[^\x01]*\x01)|\{\{resolve:(?:[^}]*\}\}|.*)",
    re.DOTALL,
)
_UNQUOTED = re.compile(r'["\\\x00-\x02]')
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
        return [_read(node)]
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


def items(node: Any, scope: Scope, *, is_union: bool) -> list[str]:
    """Return the items of a list, or one value as a list.

    Args:
        node: the list or the value.
        scope: where it stands.
        is_union: whether an item that can have several texts counts as all of them, rather than as one not known.
    """
    if is_union:
        return texts(node, scope)
    listed = _listed(node, scope)
    each = listed if listed is not None else [texts(node, scope)]
    return [text for one in each for text in (one if len(one) <= 1 else [_lost(one)])]


def _listed(node: Any, scope: Scope) -> list[list[str]] | None:
    """Return what each item of a list can be, in their order; None where it is no list that can be read."""
    if isinstance(node, list):
        return [texts(item, scope) for item in node if item != {"Ref": "AWS::NoValue"}]
    name = intrinsic(node)
    if name == "Fn::Split":
        return _split_apart(node[name], scope)
    if name == "Ref" and isinstance(node[name], str) and node[name] not in scope.template.given:
        parameter = scope.template.section("Parameters").get(node[name])
        if isinstance(parameter, dict) and _is_list(str(parameter.get("Type"))):
            found = _ref(node[name], scope)
            return None if found is None else [[one] for one in found]
    if name == "Fn::If" and (parts := if_parts(node)) is not None and parts[0] in scope.decided:
        return _listed(parts[1] if scope.decided[parts[0]] else parts[2], scope)
    return None


def _read(text: str) -> str:
    """Return the text with each dynamic reference in it, one that is put together too, as a value not known.

    One that is marked already, as a part of what was put together, stays as it is.
    """
    return _DYNAMIC_REFERENCE.sub(lambda found: found[1] or _lost(found[0]), text) if "{{resolve:" in text else text


def _evaluated(node: Mapping[str, Any], scope: Scope) -> list[str]:
    evaluate = _FUNCTIONS.get(intrinsic(node) or "")
    if evaluate is None or scope.depth > _DEEPEST:
        return [_lost(node)]
    found = evaluate(next(iter(node.values())), scope)
    return [_lost(node)] if found is None else _once(map(_read, found))


_Found = Sequence[str] | None


def _lost(node: Any) -> str:
    # Without quotes, so that a policy written as a JSON string stays JSON.
    source = node if isinstance(node, str) else json.dumps(node, sort_keys=True, default=str)
    return unknown(_UNQUOTED.sub("", source)[:_LONGEST_SOURCE])


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
    # An empty default says that the value comes at deployment.
    if parameter.get("Default") in (None, ""):
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
    if resource is None or has_unknown(name):
        return None
    return scope.app.once(
        (id(scope.template), logical_id, name, *sorted(scope.decided.items())),
        lambda: _attribute_of(resource, logical_id, name, scope),
    )


def _attribute_of(resource: Mapping[str, Any], logical_id: str, name: str, scope: Scope) -> Sequence[str] | None:
    kind = resource.get("Type")
    if kind == "AWS::CloudFormation::Stack":
        return _nested_output(logical_id, name, scope)
    if kind == "Custom::CrossRegionExportReader":
        return _elsewhere(scope.app.cross_region_values.get(name, ()), scope)
    if not ordinary(resource):
        return None
    given = _GIVEN_ATTRIBUTES.get((str(kind), name))
    found = texts(properties_of(resource).get(given), scope.into(scope.template)) if given else []
    if (kind, name) == ("AWS::S3::Bucket", "Arn"):
        # Of the name, whichever way that is written: a policy may put the ARN together from a Ref.
        return [f"arn:aws:s3:::{one}" for one in found or _attribute(logical_id, "Ref", scope) or ()]
    return found or [own(f"{scope.template.path}#{logical_id}.{name}")]


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
    names = texts(argument, scope)

    def found() -> list[str] | None:
        exported = scope.app.exported_by(lambda template, name: texts(name, scope.into(template)))
        return _elsewhere([place for name in names for place in exported.get(name, ())], scope)

    return scope.app.once(("Fn::ImportValue", *names), found)


def _get_stack_output(argument: Any, scope: Scope) -> _Found:
    if not isinstance(argument, dict):
        return None
    stacks, names = texts(argument.get("StackName"), scope), texts(argument.get("OutputName"), scope)
    return _elsewhere([found for one in names for stack in stacks for found in scope.app.outputs(stack, one)], scope)


def _elsewhere(places: Sequence[tuple[Template, Any]], scope: Scope) -> list[str] | None:
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
    listed = _listed(argument[1], scope)
    return None if listed is None else _product(listed, argument[0].join)


def _sub(argument: Any, scope: Scope) -> _Found:
    pattern, given = (argument, {}) if isinstance(argument, str) else _pair(argument)
    if not isinstance(pattern, str) or not isinstance(given, dict):
        return None
    pieces: list[list[str]] = []
    # A name that stands there twice is evaluated once, or names within names would double the work each time.
    known: dict[str, list[str]] = {}
    end = 0
    # Behind the last brace each start would be searched to the end.
    for found in _SUBSTITUTION.finditer(pattern, 0, pattern.rfind("}") + 1):
        name = found[1]
        if name not in known:
            known[name] = _substituted(name, given, scope)
        pieces += [[pattern[end : found.start()]], known[name]]
        end = found.end()
    return _product([*pieces, [pattern[end:]]], "".join)


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
        any_key = any(map(is_marked, keys))
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
    index, source = _pair(argument)
    listed = _listed(source, scope)
    if listed is None:
        return _part_of_own(source, scope)
    wanted = texts(index, scope)
    if not all(one.isdecimal() for one in wanted):
        # Which one is known only at deployment: it can be any of them.
        return [text for one in listed for text in one]
    return [text for one in wanted if int(one) < len(listed) for text in listed[int(one)]] or None


def _part_of_own(source: Any, scope: Scope) -> _Found:
    """A part of what is surely our own, such as the account in the ARN of a role of ours, is our own too."""
    if intrinsic(source) == "Fn::Split":
        source = _pair(source["Fn::Split"])[1]
    whole = texts(source, scope)
    return [own(f"a part of {shown(one)}") for one in whole] if whole and all(map(is_own, whole)) else None


def _split(argument: Any, scope: Scope) -> _Found:
    listed = _split_apart(argument, scope)
    if listed is not None:
        return [text for one in listed for text in one]
    whole = texts(_pair(argument)[1], scope)
    return whole if whole and all(map(is_own, whole)) else None


def _split_apart(argument: Any, scope: Scope) -> list[list[str]] | None:
    by, source = _pair(argument)
    whole = texts(source, scope)
    if not isinstance(by, str) or not by or len(whole) != 1 or is_marked(whole[0]):
        return None
    return [[part] for part in whole[0].split(by)]


def _product(parts: Sequence[Sequence[str]], join: Callable[[Sequence[str]], str]) -> _Found:
    count, length = 1, 0
    for part in parts:
        count *= max(len(part), 1)
        length += max(map(len, part), default=0)
        if count > _MOST_ALTERNATIVES or length > _LONGEST:
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
