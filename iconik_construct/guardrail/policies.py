"""Finds the policies in templates, and reads what each statement says of iconik.

Conditions of the template are decided here, for each statement by itself: a case of a statement is the statement
without the `Fn::If` that its principal and its conditions have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

from .admitted import LetsIn, lets_in
from .documents import Body, is_made_later, of_document, statements_within
from .iconik import Iconik
from .intrinsics import Scope, if_parts
from .tag import Pin, Pinned, pin
from .template import App, Template

__all__ = [
    "LOCATIONS",
    "MERGE_PREFIX",
    "Policy",
    "Statement",
    "in_every_case",
    "judged",
    "policies",
    "seen_from",
]

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

_MOST_CONDITIONS: Final = 3
"""Conditions of the template that one statement may hang on: with each, the cases double."""
_NO_VALUE: Final = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True)
class Statement:
    """One statement in one case.

    Attributes:
        body: the statement.
        location: its place in the resource.
        scope: where it stands, and what is decided in this case.
        hangs_on: the answers to conditions of the template that make this case, beside those that make the policy.
        lets_in: whether it lets iconik in.
        by: the principal or the condition that does.
        pin: how it pins the tag, where it names iconik.
    """

    body: Mapping[str, Any]
    location: str
    scope: Scope
    hangs_on: Mapping[str, bool]
    lets_in: LetsIn
    by: str
    pin: Pin


@dataclass(frozen=True)
class Policy:
    """A policy of a template: each statement in each of its cases.

    Attributes:
        template: where it stands.
        logical_id: the resource.
        kind: the resource's type.
        scope: where its properties stand.
        properties: what the resource says besides.
        statements: for each place of a statement all that can stand there, in each case.
        unreadable: the places where no statement can be read, and why.
    """

    template: Template
    logical_id: str
    kind: str
    scope: Scope
    properties: Mapping[str, Any]
    statements: tuple[tuple[Statement, ...], ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()

    def cases(self) -> Iterator[Statement]:
        """Yield each statement in each of its cases."""
        for cases in self.statements:
            yield from cases


def policies(app: App, iconik: Iconik) -> Iterator[Policy]:
    """Yield every policy of the app that says who may come in."""
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            kind = resource.get("Type")
            if isinstance(kind, str) and (kind in LOCATIONS or kind.startswith(MERGE_PREFIX)):
                yield _policy(Scope(app, template), logical_id, kind, resource, seen_from(template, iconik))


def seen_from(template: Template, iconik: Iconik) -> Iconik:
    """Return iconik as the account of a template sees it."""
    return replace(iconik, own_account=template.account) if template.account else iconik


_ACTIONS: Final = {
    "AWS::IAM::Role": "sts:AssumeRole",
    "AWS::KMS::Key": "kms:Decrypt",
    "AWS::KMS::ReplicaKey": "kms:Decrypt",
}
"""An action of the service whose resource the policy is for, where it is not S3 or asks nothing of its own."""


def _policy(scope: Scope, logical_id: str, kind: str, resource: Mapping[str, Any], iconik: Iconik) -> Policy:
    properties = resource.get("Properties")
    exists_if = resource.get("Condition")
    if isinstance(exists_if, str):
        scope = replace(scope, decided={exists_if: True})
    if is_made_later(resource):
        return _unreadable(scope, logical_id, kind, "Properties", "a macro writes a part of the resource")
    if properties is None:
        return Policy(scope.template, logical_id, kind, scope, {})
    branch = if_parts(properties)
    if branch is not None or not isinstance(properties, dict) or is_made_later(properties):
        return _unreadable(scope, logical_id, kind, "Properties", "no statement can be read there")
    if kind in LOCATIONS:
        bodies = list(of_document(properties.get(LOCATIONS[kind]), f"Properties.{LOCATIONS[kind]}", scope))
    else:
        bodies = list(statements_within(properties, "Properties"))
    found, unreadable = judged(bodies, iconik, scope, _ACTIONS.get(kind, "s3:GetObject"))
    return Policy(scope.template, logical_id, kind, scope, properties, found, unreadable)


def _unreadable(scope: Scope, logical_id: str, kind: str, location: str, why: str) -> Policy:
    return Policy(scope.template, logical_id, kind, scope, {}, (), ((location, why),))


def judged(
    bodies: list[Body], iconik: Iconik, scope: Scope, action: str
) -> tuple[tuple[tuple[Statement, ...], ...], tuple[tuple[str, str], ...]]:
    """Return each statement in its cases, and the places that cannot be read, each with the reason."""
    found: dict[str, list[Statement]] = {}
    unreadable: list[tuple[str, str]] = []
    for body in bodies:
        if body.statement is None:
            unreadable.append((body.location, "no statement can be read there"))
            continue
        decided = {**scope.decided, **body.decided}
        # Without conditions a template has no cases, and most have none.
        is_plain = not decided and not scope.template.section("Conditions")
        cases = [(body.statement, decided)] if is_plain else _cases(body.statement, decided)
        if cases is None:
            unreadable.append((body.location, "it depends on more conditions than can be gone through"))
            continue
        found.setdefault(body.location, []).extend(
            _statement(case, body.location, iconik, scope, action) for case in cases
        )
    return tuple(map(tuple, found.values())), tuple(unreadable)


def _statement(case: _Case, location: str, iconik: Iconik, policy: Scope, action: str) -> Statement:
    body, decided = case
    scope = replace(policy, decided=decided)
    who, by = lets_in(body, iconik, scope, action)
    found = Pin(Pinned.MISSING)
    if who is LetsIn.NAMED:
        found = pin(body.get("Condition"), iconik, scope, action)
    hangs_on = {name: answer for name, answer in decided.items() if name not in policy.decided}
    return Statement(body, location, scope, hangs_on, who, by, found)


def in_every_case(cases: Sequence[Statement], scope: Scope) -> Sequence[Statement]:
    """Return what can stand at one place in a case of some statement; nothing where at times nothing stands there."""
    if not scope.decided and not any(one.hangs_on for one in cases):
        return cases
    together = [one for one in cases if _goes_with(one, scope)]
    known = scope.decided if cases and cases[0].scope.template is scope.template else {}
    names = sorted({name for one in together for name in one.hangs_on} - set(known))
    if len(names) > 2 * _MOST_CONDITIONS:
        return ()
    for answers in product((True, False), repeat=len(names)):
        case = {**known, **dict(zip(names, answers, strict=True))}
        if not any(all(case[name] == answer for name, answer in one.hangs_on.items()) for one in together):
            return ()
    return together


def _goes_with(one: Statement, scope: Scope) -> bool:
    """Tell whether both cases can be true together, as far as conditions of one template say."""
    if one.scope.template is not scope.template:
        return True
    return all(scope.decided.get(name, answer) == answer for name, answer in one.scope.decided.items())


_Case = tuple[Mapping[str, Any], Mapping[str, bool]]
"""A statement, and the answers to conditions of the template with which it says this."""


def _cases(statement: Mapping[str, Any], decided: Mapping[str, bool]) -> list[_Case] | None:
    """Return the statement for each answer to the conditions that decide together what it means; None for too many.

    Where only the values of a principal or of a condition differ, all of them are looked at in one case.
    """
    block = statement.get("Condition")
    names = _structural(block) | (_asked(statement.get("Principal")) & _asked(block))
    open_names = sorted(names - set(decided))
    if not open_names:
        if not decided and not names:
            return [(statement, decided)]
        return [(_without_ifs(statement, decided), decided)]
    if len(open_names) > _MOST_CONDITIONS:
        return None
    found: list[_Case] = []
    for answers in product((True, False), repeat=len(open_names)):
        all_answers = {**decided, **dict(zip(open_names, answers, strict=True))}
        found.append((_without_ifs(statement, all_answers), all_answers))
    return found


def _structural(block: Any) -> set[str]:
    """Return the conditions on which the shape of a condition block hangs, rather than single values in it."""
    found: set[str] = set()
    waiting = [(block, 0)]
    while waiting:
        node, depth = waiting.pop()
        parts = if_parts(node)
        if parts is not None:
            if depth < _VALUES or any(_is_nothing(one) for one in parts[1:]):
                found.add(parts[0])
            waiting += [(one, depth) for one in parts[1:]]
        elif isinstance(node, dict):
            waiting += [(one, depth + 1) for one in node.values()]
    return found


_VALUES: Final = 2
"""How deep the values stand in a condition block: below an operator and a key."""


def _is_nothing(node: Any) -> bool:
    return bool(node == _NO_VALUE or node in ([], {}))


def _asked(node: Any) -> set[str]:
    """Return the names of the conditions that `Fn::If` asks anywhere in a node."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            parts = if_parts(one)
            if parts is not None:
                found.add(parts[0])
            waiting += one.values()
    return found


def _without_ifs(node: Any, decided: Mapping[str, bool]) -> Any:
    """Return the node with every decided `Fn::If` replaced by its branch, and what has no value left out."""
    if isinstance(node, list):
        items = [_without_ifs(item, decided) for item in node]
        return [item for item in items if item != _NO_VALUE]
    if not isinstance(node, dict) or node == _NO_VALUE:
        return node
    parts = if_parts(node)
    if parts is not None and parts[0] in decided:
        return _without_ifs(parts[1] if decided[parts[0]] else parts[2], decided)
    values = {key: _without_ifs(value, decided) for key, value in node.items()}
    return {key: value for key, value in values.items() if value != _NO_VALUE}
