"""Which key encrypts a bucket of the app, and what the policies of that key allow iconik."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

from ..judge.text import is_own, tokens
from ..judge.wildcards import matches
from .admitted import LetsIn
from .intrinsics import Scope, if_parts, texts
from .policies import MERGE_PREFIX, Policy, Statement, in_every_case
from .tag import Pinned
from .template import App, Template, properties_of

__all__ = ["BucketKeys", "KeyPolicies", "Lacking", "allows", "identity"]

_AWS_MANAGED: Final = "alias/aws/s3"
"""The key of SSE-KMS where a bucket names none; nobody can edit its policy."""

_KEY_KINDS: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[^/]*:(?:key/)?(.*)", re.DOTALL)


class Lacking(Enum):
    """What a key does not give iconik."""

    NOTHING = "nothing"
    ALLOW = "an Allow"
    UNKNOWN = "cannot be told"


class KeyPolicies:
    """What iconik may do with each key that a template of the app says something about."""

    def __init__(self, app: App, found: Sequence[Policy]) -> None:
        self._statements: dict[str, list[tuple[Statement, ...]]] = {}
        self._aliases = {name: target for template in app.templates for name, target in _aliases(app, template)}
        for policy in found:
            if policy.kind in _KEY_KINDS:
                names = {f"{policy.template.path}#{policy.logical_id}"}
            elif policy.kind.startswith(MERGE_PREFIX):
                names = {identity(arn) for arn in texts(policy.properties.get("KeyArn"), policy.scope)}
            else:
                continue
            for name in names:
                self._statements.setdefault(name, []).extend(policy.statements)

    def lacking(self, key: str, action: str, domains: frozenset[str], scope: Scope) -> Lacking:
        """Return what a key lacks to let these domains do that in this case."""
        name = identity(key)
        if name == _AWS_MANAGED:
            return Lacking.ALLOW
        known = self._statements.get(identity(self._aliases.get(name, key)))
        if known is None:
            return Lacking.UNKNOWN
        let_in: set[str] = set()
        for cases in known:
            together = [_let_in(one, action) for one in in_every_case(cases, scope)]
            let_in |= frozenset.intersection(*together) if together else frozenset()
        return Lacking.NOTHING if domains <= let_in else Lacking.ALLOW


def _let_in(statement: Statement, action: str) -> frozenset[str]:
    """Return the domains for which a statement allows iconik an action."""
    if statement.lets_in is not LetsIn.NAMED or statement.pin.how is not Pinned.RIGHT:
        return frozenset()
    actions = texts(statement.body.get("Action"), statement.scope)
    return statement.pin.domains if allows(actions, action) else frozenset()


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
    return any(matches(one.lower(), wanted, wildcards=True) for one in actions)


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


def identity(key: str) -> str:
    """Return what an ARN, an id and a reference to the same key have in common."""
    last = tokens(key)[-1:]
    if last and is_own(last[0]) and "#" in last[0]:
        return last[0].strip("\x01").rpartition(".")[0]
    found = _KEY_ARN.fullmatch(key)
    return found[1] if found else key
