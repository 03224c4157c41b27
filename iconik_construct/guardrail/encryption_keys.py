"""Which key encrypts a bucket of the app, and what the policies of that key allow iconik."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from .intrinsics import Scope, if_parts, texts
from .policies import MERGE_PREFIX, Policy
from .principals import LetsIn
from .tag import Pinned
from .template import App, Template, properties_of
from .text import own_at_end, regex

__all__ = ["BucketKeys", "KeyPolicies", "Lacking", "allows"]

_AWS_MANAGED: Final = "alias/aws/s3"
"""The key of SSE-KMS where a bucket names none; nobody can edit its policy."""

_KEY_KINDS: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[^/]*:(?:key/)?(.*)", re.DOTALL)


class Lacking(Enum):
    """What a key does not give iconik."""

    NOTHING = "nothing"
    ALLOW = "an Allow"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True)
class _Grants:
    """What one case of one policy allows iconik: actions, and for which domains."""

    scope: Scope
    allowed: Sequence[tuple[Sequence[str], frozenset[str]]]

    def domains(self, action: str) -> frozenset[str]:
        return frozenset().union(*(domains for actions, domains in self.allowed if allows(actions, action)))

    def goes_with(self, scope: Scope) -> bool:
        """Tell whether both cases can be true together, as far as conditions of one template say."""
        if self.scope.template is not scope.template:
            return True
        return all(scope.decided.get(name, answer) == answer for name, answer in self.scope.decided.items())


class KeyPolicies:
    """What iconik may do with each key that a template of the app says something about."""

    def __init__(self, app: App, found: Sequence[Policy]) -> None:
        self._policies: dict[str, list[list[_Grants]]] = {}
        self._aliases = {name: target for template in app.templates for name, target in _aliases(app, template)}
        for policy in found:
            if policy.kind in _KEY_KINDS:
                names = {f"{policy.template.path}#{policy.logical_id}"}
            elif policy.kind.startswith(MERGE_PREFIX):
                names = {
                    _identity(arn) for case in policy.cases for arn in texts(case.properties.get("KeyArn"), case.scope)
                }
            else:
                continue
            grants = _grants(policy)
            for name in names:
                self._policies.setdefault(name, []).append(grants)

    def lacking(self, key: str, action: str, domains: frozenset[str], scope: Scope) -> Lacking:
        """Return what a key lacks to let these domains do that in this case."""
        name = _identity(key)
        if name == _AWS_MANAGED:
            return Lacking.ALLOW
        known = self._policies.get(_identity(self._aliases.get(name, key)))
        if known is None:
            return Lacking.UNKNOWN
        let_in: set[str] = set()
        for cases in known:
            together = [case.domains(action) for case in cases if case.goes_with(scope)]
            let_in |= frozenset.intersection(*together) if together else set()
        return Lacking.NOTHING if domains <= let_in else Lacking.ALLOW


class BucketKeys:
    """The keys of the buckets of an app, by the bucket's resolved name."""

    def __init__(self, app: App) -> None:
        self._encrypted: dict[str, list[tuple[Template, Any]]] = {}
        for template in app.templates:
            scope = Scope(app, template)
            for logical_id, resource in template.resources.items():
                if resource.get("Type") == "AWS::S3::Bucket":
                    encryption = properties_of(resource).get("BucketEncryption")
                    if encryption is not None:
                        for name in texts({"Ref": logical_id}, scope):
                            self._encrypted.setdefault(name, []).append((template, encryption))

    def of(self, bucket: str, scope: Scope) -> Iterator[str]:
        """Yield the keys of a bucket in this case; none for SSE-S3 and for buckets of others."""
        for template, encryption in self._encrypted.get(bucket, ()):
            yield from _keys(encryption, scope if template is scope.template else Scope(scope.app, template))


def allows(actions: Sequence[str], action: str) -> bool:
    """Tell whether one of the actions of a statement, wildcards included, is that action."""
    wanted = action.lower()
    return any(one.lower() == wanted or regex(one.lower(), wildcards=True).fullmatch(wanted) for one in actions)


def _grants(policy: Policy) -> list[_Grants]:
    return [
        _Grants(
            case.scope,
            [
                (texts(statement.body.get("Action"), case.scope), statement.pin.domains)
                for statement in case.statements
                if statement.lets_in is LetsIn.NAMED and statement.pin.how is Pinned.RIGHT
            ],
        )
        for case in policy.cases
    ]


def _aliases(app: App, template: Template) -> Iterator[tuple[str, str]]:
    scope = Scope(app, template)
    for resource in template.resources.values():
        if resource.get("Type") == "AWS::KMS::Alias":
            properties = properties_of(resource)
            for name in texts(properties.get("AliasName"), scope):
                for target in texts(properties.get("TargetKeyId"), scope):
                    yield name, target


def _keys(node: Any, scope: Scope) -> Iterator[str]:
    """Yield the key of each rule that encrypts with KMS, in both branches of an undecided `Fn::If`."""
    if isinstance(node, list):
        for item in node:
            yield from _keys(item, scope)
    elif (parts := if_parts(node)) is not None:
        name, then, otherwise = parts
        if scope.decided.get(name, True):
            yield from _keys(then, scope)
        if not scope.decided.get(name, False):
            yield from _keys(otherwise, scope)
    elif isinstance(node, dict) and "SSEAlgorithm" in node:
        if any(one.startswith("aws:kms") for one in texts(node["SSEAlgorithm"], scope)):
            yield from texts(node.get("KMSMasterKeyID"), scope) or [_AWS_MANAGED]
    elif isinstance(node, dict):
        for value in node.values():
            yield from _keys(value, scope)


def _identity(key: str) -> str:
    """Return what an ARN, an id and a reference to the same key have in common."""
    own = own_at_end(key)
    if own is not None and "#" in own:
        return own.rpartition(".")[0]
    found = _KEY_ARN.fullmatch(key)
    return found[1] if found else key
