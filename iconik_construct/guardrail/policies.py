"""Finds the policies in templates, and reads what each statement says of iconik.

Conditions are decided here: each case of a policy is a document without `Fn::If`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

from .iconik import Iconik
from .intrinsics import Scope, if_parts, intrinsic, texts
from .principals import LetsIn, lets_in
from .tag import Pin, Pinned, pin
from .template import App, Template
from .text import shown

__all__ = ["LOCATIONS", "MERGE_PREFIX", "Case", "Policy", "Statement", "policies"]

LOCATIONS: Final[Mapping[str, str]] = {
    "AWS::IAM::Role": "AssumeRolePolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::KMS::ReplicaKey": "KeyPolicy",
    "AWS::S3::AccessPoint": "Policy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::S3::MultiRegionAccessPointPolicy": "Policy",
    "AWS::S3Express::AccessPoint": "Policy",
    "AWS::S3Express::BucketPolicy": "PolicyDocument",
    "AWS::S3ObjectLambda::AccessPointPolicy": "PolicyDocument",
    "AWS::S3Outposts::AccessPoint": "Policy",
    "AWS::S3Outposts::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
}
"""The resource types that hold a policy saying who may come in, and the property that holds it."""

MERGE_PREFIX: Final = "Custom::Iconik"
"""Our own custom resources, which add statements to a policy that the app does not own."""

_MOST_CONDITIONS: Final = 6
_NO_VALUE: Final = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True)
class Statement:
    """One statement in one case.

    Attributes:
        body: the statement.
        location: its place in the resource.
        lets_in: whether it lets iconik in.
        by: the principal or the condition that does.
        pin: how it pins the tag, where it names iconik.
    """

    body: Mapping[str, Any]
    location: str
    lets_in: LetsIn
    by: str
    pin: Pin


@dataclass(frozen=True)
class Case:
    """A policy with its conditions decided; `unreadable` names the places where no statement can be read."""

    scope: Scope
    properties: Mapping[str, Any]
    statements: tuple[Statement, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """A policy of a template in all its cases, or, with too many conditions to go through, without any."""

    template: Template
    logical_id: str
    kind: str
    cases: tuple[Case, ...]
    has_too_many_conditions: bool = False


def policies(app: App, iconik: Iconik) -> Iterator[Policy]:
    """Yield every policy of the app that says who may come in."""
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            kind = resource.get("Type")
            if isinstance(kind, str) and (kind in LOCATIONS or kind.startswith(MERGE_PREFIX)):
                yield _policy(Scope(app, template), logical_id, resource, _seen_from(template, iconik))


def _seen_from(template: Template, iconik: Iconik) -> Iconik:
    return replace(iconik, own_account=template.account) if template.account else iconik


def _policy(scope: Scope, logical_id: str, resource: Mapping[str, Any], iconik: Iconik) -> Policy:
    kind = str(resource["Type"])
    properties = resource.get("Properties")
    if properties is None:
        return Policy(scope.template, logical_id, kind, ())
    exists_if = resource.get("Condition")
    variations = _variations(properties)
    names = sorted(variations - {exists_if, ""})
    if len(names) > _MOST_CONDITIONS:
        return Policy(scope.template, logical_id, kind, (), has_too_many_conditions=True)
    cases = []
    for answers in product((True, False), repeat=len(names)):
        decided = dict(zip(names, answers, strict=True))
        if isinstance(exists_if, str):
            decided[exists_if] = True
        found = _without_ifs(properties, decided) if variations else properties
        cases.append(_case(replace(scope, decided=decided), kind, found, iconik))
    return Policy(scope.template, logical_id, kind, tuple(cases))


def _case(scope: Scope, kind: str, properties: Any, iconik: Iconik) -> Case:
    if not isinstance(properties, dict) or "Fn::Transform" in properties:
        return Case(scope, {}, (), ("Properties",))
    if kind in LOCATIONS:
        bodies = list(_of_document(properties.get(LOCATIONS[kind]), f"Properties.{LOCATIONS[kind]}", scope))
    else:
        bodies = list(_anywhere(properties, "Properties"))
    statements = [_statement(body, location, iconik, scope) for location, body in bodies if body is not None]
    return Case(scope, properties, tuple(statements), tuple(location for location, body in bodies if body is None))


def _statement(body: Mapping[str, Any], location: str, iconik: Iconik, scope: Scope) -> Statement:
    who, by = lets_in(body, iconik, scope)
    if who is LetsIn.NAMED:
        return Statement(body, location, who, by, pin(body.get("Condition"), iconik.system_domain_ids, scope))
    return Statement(body, location, who, by, Pin(Pinned.MISSING))


def _variations(node: Any) -> set[str]:
    """Return the names of the conditions that `Fn::If` asks, and the empty name where a value may be none."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            parts = if_parts(one) if "Fn::If" in one else None
            if parts is not None:
                found.add(parts[0])
            elif one == _NO_VALUE:
                found.add("")
            waiting += one.values()
    return found


def _without_ifs(node: Any, decided: Mapping[str, bool]) -> Any:
    """Return the node with every `Fn::If` replaced by its branch, and what has no value left out."""
    if isinstance(node, list):
        items = [_without_ifs(item, decided) for item in node]
        return [item for item in items if item != _NO_VALUE]
    if not isinstance(node, dict) or node == _NO_VALUE:
        return node
    parts = if_parts(node)
    if parts is not None:
        name, then, otherwise = parts
        return _without_ifs(then if decided[name] else otherwise, decided)
    values = {key: _without_ifs(value, decided) for key, value in node.items()}
    return {key: value for key, value in values.items() if value != _NO_VALUE}


_Body = tuple[str, Mapping[str, Any] | None]
"""Where a statement stands, and what it says where that can be read."""


def _of_document(document: Any, location: str, scope: Scope) -> Iterator[_Body]:
    if document is None:
        return
    if not isinstance(document, dict) or intrinsic(document) is not None:
        document = _parsed(document, scope)
    if not isinstance(document, dict) or "Fn::Transform" in document:
        yield location, None
        return
    bodies = document.get("Statement", [])
    for number, body in enumerate(bodies if isinstance(bodies, list) else [bodies]):
        place = f"{location}.Statement.{number}" if isinstance(bodies, list) else f"{location}.Statement"
        is_read = isinstance(body, dict) and intrinsic(body) is None and "Fn::Transform" not in body
        yield place, body if is_read else None


def _parsed(document: Any, scope: Scope) -> Any:
    """Return a policy that is written as JSON in a string."""
    found = texts(document, scope)
    if len(found) != 1:
        return None
    try:
        return json.loads(found[0], strict=False)
    except ValueError:
        return None


def _anywhere(node: Any, location: str) -> Iterator[_Body]:
    """Yield the statements in a custom resource's properties, wherever they stand."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _anywhere(item, f"{location}.{number}")
    elif isinstance(node, dict) and "Effect" in node:
        yield location, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _anywhere(value, f"{location}.{shown(str(key))}")
