"""The parts of an evaluation that need no other value: marks, parameters, combinations of texts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from ..judge.text import AnyText, MarkedText, in_document, joined_by, literal, name_of_own, own, unknown
from .template import App, Template

__all__ = [
    "GIVEN_ATTRIBUTES",
    "REGION",
    "Scope",
    "Texts",
    "branches_of",
    "choice_of",
    "chosen",
    "combined",
    "if_parts",
    "intrinsic",
    "is_list",
    "lost",
    "once",
    "pair",
    "parameter_values",
    "pseudo_parameter",
    "resource_of",
    "without_references",
]

Texts = Sequence[MarkedText] | None
"""The possible texts of a node; None if it cannot be evaluated."""
_MOST_ALTERNATIVES: Final = 32
_LONGEST: Final = 100_000
_LONGEST_SOURCE: Final = 200
_REFERENCE: Final = literal("{{resolve:")
_DYNAMIC_REFERENCE = re.compile(
    # a reference whose first half is already marked, up to its other half; another mark, which stays; a new reference
    r"\x00(?:[^\x00]*#)?\{\{resolve:[^}\x00]*\x00.*?(?:\}\}|$)|(\x00[^\x00]*\x00|\x01[^\x01]*\x01)|\{\{resolve:(?:[^}]*\}\}|.*)",
    re.DOTALL,
)
_UNQUOTED = re.compile(r'["\\\x00-\x02]')
_PLACE = re.compile(r"[\x00\x01][^\x00\x01]*#")
"""The place of a mark inside another one."""
REGION: Final = unknown("AWS::Region")
"""The region of a template if it is unknown."""
GIVEN_ATTRIBUTES: Final = {
    ("AWS::KMS::Alias", "Ref"): "AliasName",
    # A known ARN, from Terraform. A template of CloudFormation cannot have it.
    ("AWS::KMS::Key", "Arn"): "Arn",
    ("AWS::S3::AccessPoint", "Name"): "Name",
    ("AWS::S3::AccessPoint", "Ref"): "Name",
    ("AWS::S3::Bucket", "Arn"): "BucketName",
    ("AWS::S3::Bucket", "Ref"): "BucketName",
    ("AWS::SSM::Parameter", "Value"): "Value",
}
"""Attributes that have the value of a property."""


@dataclass(frozen=True)
class Scope:
    """The scope of a value: its app, its template, and the decided conditions."""

    app: App
    template: Template
    decided: Mapping[str, bool] = field(default_factory=dict)
    depth: int = 0

    def into(self, template: Template) -> Scope:
        """Return the scope of a value in another place, possibly in another template."""
        return Scope(self.app, template, self.decided if template is self.template else {}, self.depth + 1)


def choice_of(name: str, value: AnyText) -> str:
    """Return the name of the answer that a parameter or the region has this value."""
    return f"{name} = {in_document(value)}"


def chosen(name: str, decided: Mapping[str, bool]) -> MarkedText | None:
    """Return the chosen value of a parameter or the region, if there is one."""
    start = choice_of(name, "")
    return next((literal(answer[len(start) :]) for answer in decided if answer.startswith(start)), None)


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


def branches_of(node: object, decided: Mapping[str, bool]) -> Sequence[Any]:
    """Return the branches of an `Fn::If` that are possible: one if its condition is decided; none for another node."""
    parts = if_parts(node)
    if parts is None:
        return ()
    name, then, otherwise = parts
    if name in decided:
        return (then if decided[name] else otherwise,)
    return then, otherwise


def without_references(text: MarkedText, template: Template) -> MarkedText:
    """Return the text with each dynamic reference replaced by an unknown value, also if it is put together of parts.

    A reference that is already marked, as a part of the text, stays unchanged.
    """
    if _REFERENCE not in text:
        return text

    def marked(match: re.Match[str]) -> str:
        return match[1] or in_document(lost(_PLACE.sub("", match[0]), template))

    return literal(_DYNAMIC_REFERENCE.sub(marked, in_document(text)))


def resource_of(text: MarkedText) -> tuple[str, str]:
    """Return the template and the logical id of the resource that an own value is a name or an attribute of.

    The logical id is empty if the value is of the stack.
    """
    path, _, attribute = name_of_own(text).rpartition("#")
    return path, attribute.rpartition(".")[0]


def lost(node: Any, template: Template | None = None) -> MarkedText:
    """Return the mark of a node that cannot be evaluated. The same node of another template is another value."""
    # Without quotes, so that a policy written as a JSON string stays JSON.
    source = node if isinstance(node, str) else json.dumps(node, sort_keys=True, default=str)
    place = "" if template is None else _UNQUOTED.sub("", f"{_home_of(node, template)}#")
    text = _UNQUOTED.sub("", source)
    if len(text) > _LONGEST_SOURCE:
        # Two long sources are two values, also if they begin alike.
        text = f"{text[:_LONGEST_SOURCE]}… {hashlib.sha256(source.encode()).hexdigest()[:8]}"
    return unknown(f"{place}{text}")


def _home_of(node: Any, template: Template) -> str:
    """Return what makes equal nodes one value: the template, or the environment of an import or a reference."""
    is_of_environment = intrinsic(node) == "Fn::ImportValue" or (isinstance(node, str) and _REFERENCE in literal(node))
    return template.home if is_of_environment else template.path


def once(items: Iterable[MarkedText]) -> list[MarkedText]:
    return list(dict.fromkeys(items))


def pseudo_parameter(name: str, template: Template) -> Texts:
    if name == "AWS::NoValue":
        return ()
    known = {
        # iconik's role is in this partition, and is valid in no other
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::AccountId": template.account,
    }
    if name == "AWS::Region":
        # Every region is possible, but the template uses the same one everywhere.
        return (literal(template.region) if template.region else REGION,)
    if value := known.get(name):
        return (literal(value),)
    return (own(name if name in known else f"{template.path}#{name}"),)


def parameter_values(parameter: Mapping[str, Any]) -> Texts:
    kind = str(parameter.get("Type", "String"))
    if kind.startswith("AWS::SSM::Parameter::Value"):
        return None
    allowed = parameter.get("AllowedValues")
    if isinstance(allowed, list) and allowed:
        return [literal(str(value)) for value in allowed]
    # With an empty default, the value is given at deployment.
    if parameter.get("Default") in (None, ""):
        return None
    default = str(parameter["Default"])
    return [literal(item.strip()) for item in default.split(",")] if is_list(kind) else (literal(default),)


def is_list(kind: str) -> bool:
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def pair(argument: Any) -> tuple[Any, Any]:
    return tuple(argument) if isinstance(argument, list) and len(argument) == 2 else (None, None)  # noqa: PLR2004


def combined(parts: Sequence[Sequence[MarkedText]], separator: str) -> Texts:
    count, length = 1, 0
    for part in parts:
        count *= max(len(part), 1)
        length += max(map(len, part), default=0)
        if count > _MOST_ALTERNATIVES or length > _LONGEST:
            return None
    return [joined_by(separator, choice) for choice in product(*(part or [literal("")] for part in parts))]
