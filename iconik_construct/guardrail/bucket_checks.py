"""The rules about a bucket that iconik may use: its policy must ask for TLS, and its key must let iconik in too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..judge.text import shown
from ..judge.wildcards import matches
from . import rules
from .admitted import LetsIn, condition_entries
from .encryption_keys import BucketKeys, KeyPolicies, Lacking, allows
from .intrinsics import Scope, texts
from .policies import MERGE_PREFIX, Policy, Statement, in_every_case
from .statement_checks import Finding
from .tag import Pinned
from .template import App

__all__ = ["check_buckets"]

_BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
_TLS: Final = "aws:securetransport"
_NOT_OF_ICONIK: Final = ("aws:principalisawsservice", "aws:viaawsservice")
"""Keys that are false in every request of iconik's."""
_NEEDED: Final = {"s3:GetObject": "kms:Decrypt", "s3:PutObject": "kms:GenerateDataKey"}
"""What reading and writing an encrypted object needs of its key. Source: AWS, "Protecting data with SSE-KMS"."""


def check_buckets(app: App, found: Sequence[Policy]) -> Iterator[Finding]:
    """Yield what the rules about buckets find."""
    keys = _Keys(BucketKeys(app), KeyPolicies(app, found))
    for policy in found:
        if policy.kind != _BUCKET_POLICY and not policy.kind.startswith(MERGE_PREFIX):
            continue
        named = [one for one in policy.cases() if one.lets_in is LetsIn.NAMED]
        if named and policy.kind == _BUCKET_POLICY:
            yield from _check_tls(policy, named)
        for statement in named:
            if statement.pin.how is Pinned.RIGHT:
                yield from _check_keys(policy, statement, keys)


class _Keys(NamedTuple):
    of_buckets: BucketKeys
    policies: KeyPolicies


def _check_tls(policy: Policy, named: list[Statement]) -> Iterator[Finding]:
    denies = [one for one in map(_Denies, policy.statements) if one.resources]
    for statement in named:
        if _asks_for_tls(statement.body, statement.scope):
            continue
        wanted = texts(statement.body.get("Resource"), statement.scope)
        if not all(any(one.covers(resource, statement.scope) for one in denies) for resource in wanted):
            yield Finding(
                rules.NO_TLS,
                policy.template.path,
                policy.logical_id,
                statement.location,
                f"no Deny on aws:SecureTransport covers {', '.join(shown(one) for one in wanted)}",
            )
            return


class _Denies:
    """What can stand at one place of a policy, in some case a Deny of plain HTTP."""

    def __init__(self, cases: Sequence[Statement]) -> None:
        self._cases = cases
        self.resources = {
            id(one): texts(one.body.get("Resource"), one.scope) for one in cases if _denies_plain_http(one)
        }

    def covers(self, resource: str, scope: Scope) -> bool:
        """Tell whether it is there, and covers the resource, in every case that goes with this one."""
        together = in_every_case(self._cases, scope)
        return bool(together) and all(_is_among(resource, self.resources.get(id(one), ())) for one in together)


def _asks_for_tls(body: Mapping[str, Any], scope: Scope) -> bool:
    return any(
        operator == "Bool" and key == _TLS and texts(value, scope) == ["true"]
        for operator, key, value in condition_entries(body.get("Condition"))
    )


def _denies_plain_http(statement: Statement) -> bool:
    body, scope = statement.body, statement.scope
    if texts(body.get("Effect"), scope) != ["Deny"] or {"s3:*", "*"}.isdisjoint(texts(body.get("Action"), scope)):
        return False
    everyone = body.get("Principal")
    if "*" not in texts(everyone.get("AWS") if isinstance(everyone, dict) else everyone, scope):
        return False
    entries = list(condition_entries(body.get("Condition")))
    # Every further condition makes the Deny narrower, unless it only excepts AWS services.
    return any(key == _TLS for _, key, _ in entries) and all(
        operator in {"Bool", "BoolIfExists"}
        and key in {_TLS, *_NOT_OF_ICONIK}
        and [one.lower() for one in texts(value, scope)] == ["false"]
        for operator, key, value in entries
    )


def _is_among(resource: str, patterns: Sequence[str]) -> bool:
    return resource in patterns or any(matches(one, resource, wildcards=True) for one in patterns)


def _check_keys(policy: Policy, statement: Statement, keys: _Keys) -> Iterator[Finding]:
    scope = statement.scope
    buckets = texts(policy.properties.get("Bucket", policy.properties.get("BucketName")), scope)
    actions = texts(statement.body.get("Action"), scope)
    for key in (key for name in buckets for key in keys.of_buckets.of(name, scope)):
        for s3_action, key_action in _NEEDED.items():
            if not allows(actions, s3_action):
                continue
            lacking = keys.policies.lacking(key, key_action, statement.pin.domains, scope)
            if lacking is not Lacking.NOTHING:
                yield Finding(
                    rules.KEY_ELSEWHERE if lacking is Lacking.UNKNOWN else rules.KEY_FORGETS,
                    policy.template.path,
                    policy.logical_id,
                    statement.location,
                    f"{s3_action} needs {key_action} of {shown(key)}",
                )
