"""Finds the policies in templates, and reads their statements in each case of the template's conditions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why
from ..assessment.finding import Place
from ..judge.text import AnyText, MarkedText, unknown
from .cases import conditions_in, structural_conditions_in, without_ifs
from .conditions import combinations
from .documents import Body, is_made_later, of_document, parsed, statements_within
from .equal_texts import without_id
from .intrinsics import Scope, if_parts, intrinsic, possible_values
from .resolving import Forms, effect_of, forms_of, plain
from .template import App, Template

__all__ = [
    "LOCATIONS",
    "MERGE_PREFIX",
    "Case",
    "Policy",
    "Resolved",
    "cases_of",
    "fact_of",
    "policies",
    "resolved",
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
"""Resource types with a policy about access, and the property with the policy."""

MERGE_PREFIX: Final = "Custom::Iconik"
"""Custom resources of this library. They add statements to a policy that the app does not own."""

_VERSION: Final = "2012-10-17"
_MOST_CASES: Final = 8
"""The maximum number of cases of one statement. Each condition can double them."""
_NO_STATEMENT: Final = "no statement can be read there"
_DENY_NOTHING: Final = {"Effect": "Deny", "Principal": "*", "Action": "none:None", "Resource": "*"}
"""The replacement for a Deny that may be missing, so that the statements keep their places."""
_UNREADABLE: Final = {
    name: unknown(f"{name} of a statement that cannot be read")
    for name in ("Effect", "Principal", "Action", "Resource")
}


@dataclass(frozen=True)
class Case:
    """One statement, with the answers to the template's conditions for which it has this content.

    Attributes:
        body: the statement.
        location: its place in the resource.
        scope: its scope, with the decided conditions.
        depends_on: the answers of this case, without those decided before.
    """

    body: Mapping[str, Any]
    location: str
    scope: Scope
    depends_on: Mapping[str, bool] = field(default_factory=dict)

    @cached_property
    def is_deny(self) -> bool:
        return effect_of(self.body, self.scope) == "Deny"

    @cached_property
    def _forms(self) -> Forms:
        return forms_of(self.body, self.scope)

    @property
    def wide(self) -> Mapping[str, Any]:
        """The statement. If a value has several possibilities, an Allow contains all of them."""
        wide: Mapping[str, Any] = self._forms.wide
        return wide

    @property
    def strict(self) -> Mapping[str, Any]:
        """The statement, with values of several possibilities unknown."""
        strict: Mapping[str, Any] = self._forms.strict
        return strict


@dataclass(frozen=True)
class Policy:
    """A policy of a template, not yet resolved.

    Attributes:
        template: the template.
        logical_id: the resource.
        kind: the type of the resource.
        scope: the scope of its properties, with the condition of the resource decided.
        properties: the properties of the resource.
        unreadable: the place that cannot be read, and the reason.
    """

    template: Template
    logical_id: str
    kind: str
    scope: Scope
    properties: Mapping[str, Any]
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The policy, for a reader."""
        return f"the policy in {self.logical_id}"

    @property
    def location(self) -> str:
        """The place of the document in the resource."""
        return f"Properties.{LOCATIONS[self.kind]}" if self.kind in LOCATIONS else "Properties"

    def place(self, location: str) -> Place:
        """Return the place of a location in the resource."""
        return Place(self.template.path, self.logical_id, location)

    @property
    def document(self) -> Any:
        """The document as it is written; for a merge, the properties with its statements."""
        return self.properties.get(LOCATIONS[self.kind]) if self.kind in LOCATIONS else self.properties

    @cached_property
    def text(self) -> str:
        """The policy as JSON text, without the name of the bucket: in one template, equal for equal policies."""
        text = json.dumps([self.properties, self.scope.decided, self.unreadable], default=str)
        node = self.properties.get("Bucket")
        return without_id(text, node.get("Ref") if isinstance(node, dict) else None)

    @cached_property
    def version(self) -> AnyText | None:
        """The version of the policy language in the document, or None."""
        if self.is_merged:
            return _VERSION
        listed = [self.document]
        if intrinsic(self.document) is not None or isinstance(self.document, str):
            listed = [parsed(text) for text in possible_values(self.document, self.scope)]
        versions = {
            str(plain(each["Version"], self.scope)) for each in listed if isinstance(each, dict) and "Version" in each
        }
        return versions.pop() if len(versions) == 1 else unknown("Version") if versions else None

    def as_json(self, statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return a policy of these statements, with the version of this policy."""
        version = {} if self.version is None else {"Version": self.version}
        return {**version, "Statement": list(statements)}

    @property
    def is_merged(self) -> bool:
        """Whether its statements are added to a policy that the app does not own."""
        return self.kind.startswith(MERGE_PREFIX)

    def cases(self, decided: Mapping[str, bool] | None = None) -> Resolved:
        """Return the statements in their cases, with some conditions of the template decided."""
        key = tuple(sorted((decided or {}).items()))
        if key not in self._cases:
            self._cases[key] = self._read(decided)
        return self._cases[key]

    @cached_property
    def _cases(self) -> dict[tuple[tuple[str, bool], ...], Resolved]:
        return {}

    def _read(self, decided: Mapping[str, bool] | None) -> Resolved:
        if self.unreadable or not self.properties:
            return Resolved((), self.unreadable)
        scope = replace(self.scope, decided={**self.scope.decided, **(decided or {})})
        if self.is_merged:
            bodies: Iterable[Body] = statements_within(self.document, self.location)
        else:
            bodies = of_document(self.document, self.location, scope)
        return cases_of(bodies, scope)


@dataclass(frozen=True)
class Resolved:
    """The statements of a policy in their cases, and the places that cannot be read, each with the reason."""

    cases: tuple[Case, ...]
    unreadable: tuple[tuple[str, str], ...] = ()


def policies(app: App) -> Iterator[Policy]:
    """Yield every policy of the app about access."""
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            kind = resource.get("Type")
            if isinstance(kind, str) and (kind in LOCATIONS or kind.startswith(MERGE_PREFIX)):
                yield _policy(Scope(app, template), logical_id, kind, resource)


def _policy(scope: Scope, logical_id: str, kind: str, resource: Mapping[str, Any]) -> Policy:
    properties = resource.get("Properties")
    exists_if = resource.get("Condition")
    if isinstance(exists_if, str):
        scope = replace(scope, decided={exists_if: True})
    why = ""
    if is_made_later(resource):
        why = "a macro writes a part of the resource"
    elif properties is not None and (
        not isinstance(properties, dict) or if_parts(properties) is not None or is_made_later(properties)
    ):
        why = _NO_STATEMENT
    if why:
        return Policy(scope.template, logical_id, kind, scope, {}, (("Properties", why),))
    return Policy(scope.template, logical_id, kind, scope, properties or {})


def cases_of(bodies: Iterable[Body], scope: Scope) -> Resolved:
    """Return each statement in its cases, and the places that cannot be read, each with the reason."""
    all_cases: list[Case] = []
    unreadable: list[tuple[str, str]] = []
    for body in bodies:
        if body.statement is None:
            unreadable.append((body.location, body.why or _NO_STATEMENT))
            continue
        decided = {**scope.decided, **body.decided}
        if not decided and not scope.template.section("Conditions"):
            # Most templates have no conditions, and so no cases.
            all_cases.append(Case(body.statement, body.location, scope))
            continue
        cases = _cases(body.statement, decided, scope.template)
        if cases is None:
            unreadable.append((body.location, "it depends on more conditions than can be gone through"))
        for statement, answers in cases or ():
            depends_on = {name: answer for name, answer in answers.items() if name not in scope.decided}
            all_cases.append(Case(statement, body.location, replace(scope, decided=answers), depends_on))
    return Resolved(tuple(all_cases), tuple(unreadable))


def _cases(
    statement: Mapping[str, Any], decided: Mapping[str, bool], template: Template
) -> list[tuple[Mapping[str, Any], Mapping[str, bool]]] | None:
    """Return the statement for each combination of answers that changes its meaning; None if there are too many.

    If only values of a principal or of a condition differ by one condition, one case contains all of them.
    """
    block, principal = statement.get("Condition"), statement.get("Principal")
    names = structural_conditions_in(block) | (conditions_in(principal) & conditions_in(block))
    names |= conditions_in(statement.get("Effect"))
    # Several conditions can decide the same, such as IsTest and IsProduction.
    several = names | conditions_in(principal, block)
    for each in (several, names) if len(several) > 1 else (names,):
        if each <= set(decided):
            return [(without_ifs(statement, decided) if decided or names else statement, decided)]
        listed = combinations(sorted(each - set(decided)), decided, template, _MOST_CASES)
        if listed is not None:
            return [(without_ifs(statement, answers), answers) for answers in listed]
    return None


def resolved(statement_cases: Resolved) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the statements in the wide and in the strict form. Both lists have one place for each case.

    An Allow that may be missing is in the wide form. In the strict form its effect is unknown, with the conditions that
    decide as the source. A statement that cannot be read is at the end, as an unknown statement.
    """
    wide: list[Mapping[str, Any]] = []
    strict: list[Mapping[str, Any]] = []
    for case in statement_cases.cases:
        may_be_missing = bool(case.depends_on)
        wide.append(_DENY_NOTHING if may_be_missing and case.is_deny else case.wide)
        strict.append({**case.strict, "Effect": _unknown_if(case.depends_on)} if may_be_missing else case.strict)
    unreadable = [_UNREADABLE] * len(statement_cases.unreadable)
    return [*wide, *unreadable], [*strict, *unreadable]


def _unknown_if(depends_on: Mapping[str, bool]) -> MarkedText:
    conditions = " and ".join(f"'{name}' is {str(answer).lower()}" for name, answer in sorted(depends_on.items()))
    return unknown(f"it has this content only if the CloudFormation condition {conditions}")


def fact_of(policy: Policy | None, statements: Sequence[Mapping[str, Any]]) -> Fact:
    """Return the fact of a policy with these statements."""
    if policy is None:
        return NotConfigured()
    if policy.unreadable:
        return Unknown("", Why.UNREADABLE, policy.unreadable[0][1])
    return Found(policy.as_json(statements))
