"""The statements that hold for every caller and every context, not only for those somebody thought of.

Apart from the questions because here the context is unknown: the engine returns what an allow still depends on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .intent import CALLERS, ROLE, TAG
from .policy_engine import OWNER_ACCOUNT_ID, Action, PolicyEngine, Request
from .questions import Written

__all__ = ["Coverage", "Subject", "breaches", "coverage", "pins", "subjects"]

Condition = Mapping[str, Any]

_ICONIK = CALLERS[0].principal
_OWNERS_ROLE = f"arn:aws:sts::{OWNER_ACCOUNT_ID}:assumed-role/Editor/session"
_OWNERS_ROOT = f"arn:aws:iam::{OWNER_ACCOUNT_ID}:root"
_CALLERS = (*dict.fromkeys(caller.principal for caller in CALLERS), _OWNERS_ROLE)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The actions that a bucket policy or key policy can grant, and those that it cannot."""

    bucket: tuple[str, ...]
    object: tuple[str, ...]
    key: tuple[str, ...]
    in_no_verdict: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One policy, and whom it is meant to let in."""

    name: str
    kind: Literal["s3", "kms"]
    policy: Mapping[str, Any]
    arn: str
    domains: tuple[str, ...]


def coverage(engine: PolicyEngine) -> Coverage:
    """Return every S3 and KMS action, by what it acts on."""
    listed = [*engine.actions("s3"), *engine.actions("kms")]
    on_key = _on(listed, "key", "kms")
    found = (_on(listed, "bucket", "s3"), _on(listed, "object", "s3"), on_key)
    asked = set().union(*found)
    return Coverage(*found, in_no_verdict=tuple(sorted(one.name for one in listed if one.name not in asked)))


def subjects(storages: Iterable[Written]) -> list[Subject]:
    """Return the policies of the storages, one of those that differ in nothing but the bucket's or key's name."""
    found: dict[str, Subject] = {}
    for written in storages:
        for kind, policy, arn in (
            ("s3", written.bucket_policy, written.bucket_arn),
            ("kms", written.key_policy, written.key_arn),
        ):
            if policy is not None:
                subject = Subject(written.name, "s3" if kind == "s3" else "kms", policy, arn, written.storage.domains)
                found.setdefault(f"{json.dumps(policy, sort_keys=True).replace(arn, '')} {subject.domains}", subject)
    return list(found.values())


def breaches(engine: PolicyEngine, storages: Iterable[Written], actions: Coverage) -> tuple[int, list[str]]:
    """Return how many requests were tried, and what is wrong.

    Wrong is an allow for iconik's role that does not depend on the tag being exactly one of the domains, and any
    allow for anybody else.
    """
    policies = subjects(storages)
    found = [said for subject in policies for said in _named_strangers(subject)]
    asked = [(subject, request) for subject in policies for request in _requests(subject, actions)]
    residuals = engine.residuals(request for _, request in asked)
    for (subject, request), conditions in zip(asked, residuals, strict=True):
        found.extend(
            f"{subject.name}: {request.principal or 'anonymous'} may {request.action} on {request.resource} "
            f"if {_short(condition)}"
            for condition in conditions
            if request.principal != _ICONIK or not pins(condition, subject.domains)
        )
    return len(asked), found


def pins(condition: Condition, domains: Sequence[str]) -> bool:
    """Tell whether a condition can only hold while the tag is exactly one of the domains."""
    kind = condition["conditionType"]
    if kind == "group":
        parts = [pins(part, domains) for part in condition["conditions"]]
        return any(parts) if condition["operator"] == "and" else all(parts)
    return (
        kind == "condition"
        and not condition.get("inverted")
        and condition["op"] == "StringEquals"
        and condition["key"].lower() == TAG.lower()
        and set(condition["values"]) == set(domains)
    )


def _named_strangers(subject: Subject) -> Iterator[str]:
    """Yield the statements that allow anybody but iconik's role or, in a key policy, the key's own account.

    The engine can only be asked about callers that somebody names; this looks at all of them.
    """
    known = [{"AWS": ROLE}, {"AWS": _OWNERS_ROOT}] if subject.kind == "kms" else [{"AWS": ROLE}]
    for statement in subject.policy["Statement"]:
        if statement["Effect"] == "Allow" and statement.get("Principal") not in known:
            yield f"{subject.name}: {statement.get('Sid', 'a statement')} names {statement.get('Principal')}"


def _requests(subject: Subject, actions: Coverage) -> Iterator[Request]:
    places = [(actions.key, subject.arn)]
    if subject.kind == "s3":
        places = [(actions.bucket, subject.arn), (actions.object, f"{subject.arn}/*")]
    for caller in _CALLERS:
        for names, resource in places:
            for action in names:
                yield Request(
                    policy=subject.policy,
                    kind=subject.kind,
                    principal=caller,
                    action=action,
                    resource=resource,
                    # Within one account that alone would be enough, whatever the bucket policy says.
                    identity_allows=caller != _OWNERS_ROLE,
                )


def _on(listed: Iterable[Action], resource_type: str, service: str) -> tuple[str, ...]:
    """Return the actions of a service on a type of resource, without those that act on an alias as well as a key."""
    return tuple(
        sorted(one.name for one in listed if resource_type in one.resource_types and one.name.startswith(f"{service}:"))
    )


def _short(condition: Condition) -> str:
    if condition["conditionType"] == "group":
        return f" {condition['operator']} ".join(_short(part) for part in condition["conditions"])
    return f"{condition.get('op', condition['conditionType'])} {condition.get('key', '')} {condition.get('values', '')}"
