"""The rules about a bucket that iconik may use: its policy must ask for TLS, and its key must let iconik in too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from . import rules
from .callers import condition_entries
from .encryption_keys import BucketKeys, KeyPolicies, Lacking, allows
from .intrinsics import Scope, texts
from .policies import MERGE_PREFIX, Case, Policy, Statement
from .principals import LetsIn
from .statement_checks import Finding
from .tag import Pinned
from .template import App
from .text import regex, shown

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
        for case in policy.cases:
            named = [one for one in case.statements if one.lets_in is LetsIn.NAMED]
            if named and policy.kind == _BUCKET_POLICY:
                yield from _check_tls(policy, case, named)
            for statement in named:
                if statement.pin.how is Pinned.RIGHT:
                    yield from _check_keys(policy, case, statement, keys)


class _Keys(NamedTuple):
    of_buckets: BucketKeys
    policies: KeyPolicies


def _check_tls(policy: Policy, case: Case, named: list[Statement]) -> Iterator[Finding]:
    denies = [one.body for one in case.statements if _denies_plain_http(one.body, case.scope)]
    for statement in named:
        wanted = texts(statement.body.get("Resource"), case.scope)
        if _asks_for_tls(statement.body, case.scope):
            continue
        if not all(any(_covers(deny, resource, case.scope) for deny in denies) for resource in wanted):
            yield Finding(
                rules.NO_TLS,
                policy.template.path,
                policy.logical_id,
                statement.location,
                f"no Deny on aws:SecureTransport covers {', '.join(shown(one) for one in wanted)}",
            )
            return


def _asks_for_tls(body: Mapping[str, Any], scope: Scope) -> bool:
    return any(
        operator == "Bool" and key == _TLS and texts(value, scope) == ["true"]
        for operator, key, value in condition_entries(body.get("Condition"))
    )


def _denies_plain_http(body: Mapping[str, Any], scope: Scope) -> bool:
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


def _covers(deny: Mapping[str, Any], resource: str, scope: Scope) -> bool:
    patterns = texts(deny.get("Resource"), scope)
    return resource in patterns or any(regex(one, wildcards=True).fullmatch(resource) for one in patterns)


def _check_keys(policy: Policy, case: Case, statement: Statement, keys: _Keys) -> Iterator[Finding]:
    buckets = texts(case.properties.get("Bucket", case.properties.get("BucketName")), case.scope)
    actions = texts(statement.body.get("Action"), case.scope)
    for key in (key for name in buckets for key in keys.of_buckets.of(name, case.scope)):
        for s3_action, key_action in _NEEDED.items():
            if not allows(actions, s3_action):
                continue
            lacking = keys.policies.lacking(key, key_action, statement.pin.domains, case.scope)
            if lacking is not Lacking.NOTHING:
                yield Finding(
                    rules.KEY_ELSEWHERE if lacking is Lacking.UNKNOWN else rules.KEY_FORGETS,
                    policy.template.path,
                    policy.logical_id,
                    statement.location,
                    f"{s3_action} needs {key_action} of {shown(key)}",
                )
