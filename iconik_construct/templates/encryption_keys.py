"""Builds the facts about keys that can encrypt a bucket of the app, with their policies if templates have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why
from ..assessment.facts import AWS_MANAGED_KEY, KeyFacts, place_of
from ..judge.text import (
    AnyText,
    MarkedText,
    has_unknown,
    if_plain,
    in_document,
    is_own,
    literal,
    tokens,
)
from .intrinsics import Scope, branches_of, lost, possible_values
from .own_resources import own_statements, with_own_context
from .policies import Case, Policy, Resolved, resolved
from .resolving import plain
from .settings import tags_of_resource
from .template import App, Environment, Template, is_one_environment, nearest, parts_of, properties_of
from .values import resource_of

__all__ = ["KEY_KINDS", "KeyPolicies", "PlacedKey", "arns_of", "ends_of_sids", "identity", "keys_under"]

_KEY: Final = "AWS::KMS::Key"
KEY_KINDS: Final = (_KEY, "AWS::KMS::ReplicaKey")
_KMS: Final = literal("kms")
_KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[^/]*:(?:key/)?(.*)", re.DOTALL)


@dataclass(frozen=True)
class PlacedKey:
    """A key, and the place of its policy.

    Attributes:
        facts: the facts.
        policy: the policy, whole or merged; None if no template has it.
        cases: its statements, in the order of the policy in the facts.
        owners: the policy, or the merge, of each statement.
    """

    facts: KeyFacts
    policy: Policy | None = None
    cases: tuple[Case, ...] = ()
    owners: tuple[Policy, ...] = ()


class KeyPolicies:
    """The policies of keys in the templates of an app.

    Args:
        app: the app.
        app_policies: all policies of the app.
    """

    def __init__(self, app: App, app_policies: Sequence[Policy]) -> None:
        self._policies: dict[MarkedText, list[Policy]] = {}
        self._aliases: dict[MarkedText, list[tuple[Template, MarkedText]]] = {}
        for template in app.templates:
            for name, target in _aliases(app, template):
                self._aliases.setdefault(name, []).append((template, target))
        for policy in app_policies:
            if policy.kind in KEY_KINDS or policy.is_merged:
                for name in dict.fromkeys(map(identity, arns_of(policy))):
                    self._policies.setdefault(name, []).append(policy)

    def named(self) -> Iterator[tuple[MarkedText, list[Policy]]]:
        """Yield a name and the policies of each key with a policy."""
        for name, listed in self._policies.items():
            for arn in dict.fromkeys(arn for policy in listed for arn in arns_of(policy) if identity(arn) == name):
                yield arn, _of_one(listed, place_of(arn) or (None, None))

    def targets(self, key: MarkedText, template: Template) -> Sequence[MarkedText]:
        """Return the key itself, or every key that it can be the alias of if there are several.

        Args:
            key: its name in the configuration of a bucket.
            template: the template of the bucket.
        """
        found = self._behind(key, template)
        return found if len(found) > 1 else (key,)

    def _behind(self, key: MarkedText, template: Template) -> Sequence[MarkedText]:
        # The same alias exists in each Region and account.
        found, is_certain = nearest(template, self._aliases.get(identity(key), ()), place_of(key))
        targets = tuple(dict.fromkeys(target for _, target in found))
        return targets if is_certain else (*targets, lost(in_document(key), template)) if targets else (key,)

    def of(self, key: MarkedText, template: Template) -> list[Policy]:
        """Return the policies of a key: its own policy, or the merges into it.

        Args:
            key: the key, as `targets` returns it.
            template: the template that names it.
        """
        name = self._behind(key, template)[0]
        return _of_one(self._policies.get(identity(name), ()), place_of(name) or template.environment)

    def under(self, properties: Mapping[str, Any], template: Template) -> Iterator[Policy]:
        """Yield the policies of keys in a template that the encryption of a bucket refers to by id."""
        for node in parts_of(properties.get("BucketEncryption")):
            if isinstance(node, dict):
                named = node.get("Fn::GetAtt", node.get("Ref"))
                logical_id = named[0] if isinstance(named, list) and named else named
                yield from self._policies.get(literal(f"{template.path}#{logical_id}"), ())

    def placed(
        self, key: MarkedText, decided: Mapping[str, bool], template: Template, home: Template, *, bucket: MarkedText
    ) -> PlacedKey:
        """Return the facts about a key.

        Args:
            key: its name in the bucket's configuration.
            decided: the answers to conditions of the template.
            template: the template of these answers.
            home: the template that names the key.
            bucket: the ARN of the bucket that it encrypts.
        """
        if if_plain(identity(key)) == AWS_MANAGED_KEY:
            facts = KeyFacts(named=AWS_MANAGED_KEY, description=NotConfigured(), policy=NotConfigured())
            return PlacedKey(facts)
        listed = self.of(key, home)
        if not listed:
            nowhere = Unknown("", Why.NOT_HERE, "")
            return PlacedKey(KeyFacts(named=key, description=NotConfigured(), policy=nowhere))
        # Several merges into one key add their statements to one policy.
        parts = [policy.cases(decided if policy.template is template else {}) for policy in listed]
        read = Resolved(
            tuple(case for part in parts for case in part.cases),
            tuple(why for part in parts for why in part.unreadable),
        )
        of_bucket = ([with_own_context(each, bucket) for each in form] for form in resolved(read))
        wide, strict = own_statements(of_bucket, key, "kms")
        policy = next((each for each in listed if each.kind in KEY_KINDS), listed[0])
        facts = KeyFacts(
            named=key,
            description=_description(key, policy, self.of),
            policy=Found(policy.as_json(wide)),
            strict_policy=None if wide == strict else policy.as_json(strict),
            # A key of another owner has tags that are not here. Only its policy decides by them.
            tags=tags_of_resource(policy.properties, policy.scope) if policy.kind in KEY_KINDS else NotConfigured(),
        )
        owners = tuple(each for each, part in zip(listed, parts, strict=True) for _ in part.cases)
        return PlacedKey(facts, policy, read.cases, owners)


def _of_one(listed: Sequence[Policy], place: Environment) -> list[Policy]:
    """Return the policies of a key in a Region and an account, of those with its id."""
    return [
        each
        for each in listed
        if any(is_one_environment(place, place_of(arn) or (None, None)) for arn in arns_of(each))
    ]


def arns_of(policy: Policy) -> list[MarkedText]:
    """Return the ARN of the key of a policy; several if the templates leave it open."""
    if policy.is_merged:
        return possible_values(policy.properties.get("KeyArn"), policy.scope)
    return possible_values({"Fn::GetAtt": [policy.logical_id, "Arn"]}, policy.scope)


def _is_imported(policy: Policy, listed: Callable[[MarkedText, Template], list[Policy]]) -> bool:
    """Return whether the material of a key is imported later, or may be. A replica is like its primary."""
    properties, scope = policy.properties, policy.scope
    if any(if_plain(origin) != "AWS_KMS" for origin in possible_values(properties.get("Origin"), scope)):
        return True
    primaries = [
        each for arn in possible_values(properties.get("PrimaryKeyArn"), scope) for each in listed(arn, policy.template)
    ]
    return any(each.kind == _KEY and _is_imported(each, listed) for each in primaries)


def _description(key: MarkedText, policy: Policy, listed: Callable[[MarkedText, Template], list[Policy]]) -> Fact:
    """Return what the template says about a key, in the shape of boto3's `describe_key`."""
    known: dict[str, AnyText] = {"Arn": key, "KeyManager": "CUSTOMER"}
    if policy.kind not in KEY_KINDS:
        return Found({"KeyMetadata": known})
    properties, scope = policy.properties, policy.scope
    if _is_imported(policy, listed):
        return Unknown("", Why.UNREADABLE, "it has no key material until somebody imports it (Origin: EXTERNAL)")
    value = plain(properties.get("Enabled"), scope)
    enabled = "true" if value is None else str(value).lower()
    if enabled not in {"true", "false"}:
        return Unknown("", Why.UNREADABLE, "Enabled depends on the deployment")
    known["KeyState"] = "Disabled" if enabled == "false" else "Enabled"
    for name in ("KeySpec", "KeyUsage"):
        possible = possible_values(properties.get(name), scope)
        if len(possible) > 1 or any(map(has_unknown, possible)):
            return Unknown("", Why.UNREADABLE, f"{name} depends on the deployment")
        if possible:
            known[name] = possible[0]
    return Found({"KeyMetadata": known})


def _aliases(app: App, template: Template) -> Iterator[tuple[MarkedText, MarkedText]]:
    scope = Scope(app, template)
    for resource in template.resources.values():
        if resource.get("Type") == "AWS::KMS::Alias":
            properties = properties_of(resource)
            for name in possible_values(properties.get("AliasName"), scope):
                for target in possible_values(properties.get("TargetKeyId"), scope):
                    yield name, target


def keys_under(encryption: Any, scope: Scope) -> Iterator[MarkedText]:
    """Yield the key of each rule that encrypts with KMS, for both branches of an undecided `Fn::If`."""
    if isinstance(encryption, list):
        for item in encryption:
            yield from keys_under(item, scope)
    elif branches := branches_of(encryption, scope.decided):
        for branch in branches:
            yield from keys_under(branch, scope)
    elif isinstance(encryption, dict) and "SSEAlgorithm" in encryption:
        if any(has_unknown(each) or _KMS in each for each in possible_values(encryption["SSEAlgorithm"], scope)):
            yield from _named(encryption.get("KMSMasterKeyID"), scope)
    elif isinstance(encryption, dict):
        for value in encryption.values():
            yield from keys_under(value, scope)


def _named(node: Any, scope: Scope) -> Iterator[MarkedText]:
    """Yield the possible keys of a node, and the AWS managed key if it can have no value."""
    branches = branches_of(node, scope.decided)
    for branch in branches:
        yield from _named(branch, scope)
    if not branches:
        yield from (possible_values(node, scope) if node != "" else []) or [literal(AWS_MANAGED_KEY)]


def identity(key: MarkedText) -> MarkedText:
    """Return the common part of an ARN, an id and a reference to the same key."""
    match = _KEY_ARN.fullmatch(in_document(key))
    rest = literal(match[1]) if match else key
    last = tokens(key)[-1:]
    if rest.startswith("alias/") or not last or not is_own(last[0]):
        return rest
    path, logical_id = resource_of(last[0])
    return literal(f"{path}#{logical_id}") if logical_id else rest


def ends_of_sids(policy: Policy) -> set[str]:
    """Return what the Sids of a merge end with: the storage, in eight characters."""
    statements = policy.properties.get("Statements")
    return {sid[-8:] for sid in statements} if isinstance(statements, dict) and policy.is_merged else set()
