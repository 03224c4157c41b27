"""Asks the policy engine what a perimeter changes: with it and without it, whatever the other policies say.

What is meant: a request is allowed under the perimeter if it was allowed before, unless iconik's role makes it without
the tag of one of the domains. So the perimeter gives nobody access and takes it from nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from .intent import CALLERS, ROLE, TAG, Caller
from .policy_engine import OWNER_ACCOUNT_ID, PolicyEngine, Request
from .universal import Coverage

__all__ = ["DOMAINS", "MUTANTS", "Mutant", "mutated", "tried"]

Policy = dict[str, Any]

DOMAINS: Final = ("0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01", "a7d9e1c4-1111-4222-8333-444455556666")
_STRANGER: Final = "1297c8b6-3563-11e7-adf1-6c4008b85488"

_BUCKET: Final = "arn:aws:s3:::acme-media"
_KEY: Final = f"arn:aws:kms:eu-west-1:{OWNER_ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

_ASKING: Final = (
    *CALLERS,
    Caller(name="tag of the second domain", tag=DOMAINS[1], let_in=True),
    Caller(name="a role of the owner", principal=f"arn:aws:sts::{OWNER_ACCOUNT_ID}:assumed-role/Editor/s", tag=None),
    Caller(name="a user of the owner", principal=f"arn:aws:iam::{OWNER_ACCOUNT_ID}:user/editor", tag=None),
    Caller(name="another account", principal="arn:aws:sts::444455556666:assumed-role/Vendor/s", tag=None),
    Caller(
        name="another role of iconik's account, no tag",
        principal="arn:aws:sts::283217727627:assumed-role/IconikTranscode/job",
        tag=None,
    ),
    Caller(
        name="same role name in another account, no tag",
        principal="arn:aws:sts::444455556666:assumed-role/IconikS3AccessRole/iconik",
        tag=None,
    ),
)


@dataclass(frozen=True, slots=True)
class _Verdicts:
    says: str
    caller: Caller
    before: bool
    after: bool

    @property
    def is_meant(self) -> bool:
        stopped = self.caller.principal == CALLERS[0].principal and not self.caller.let_in
        return self.after == (self.before and not stopped)


def tried(engine: PolicyEngine, perimeter: Policy, actions: Coverage) -> tuple[int, int, list[str]]:
    """Return how many requests were tried, how many the perimeter stops, and what is not as it is meant."""
    asked = list(_asked(perimeter, actions))
    before = engine.verdicts(replace(request, resource_control_policy=None) for _, _, request in asked)
    after = engine.verdicts(request for _, _, request in asked)
    found = [
        _Verdicts(f"{policy}: {caller.name}: {request.action} on {request.resource}", caller, was.allowed, now.allowed)
        for (policy, caller, request), was, now in zip(asked, before, after, strict=True)
    ]
    stopped = sum(one.before and not one.after for one in found)
    wrong = [f"{one.says}: {one.before} before, {one.after} after" for one in found if not one.is_meant]
    return len(found), stopped, wrong


def _asked(perimeter: Policy, actions: Coverage) -> Iterator[tuple[str, Caller, Request]]:
    places: tuple[tuple[Literal["s3", "kms"], tuple[str, ...], str], ...] = (
        ("s3", actions.bucket, _BUCKET),
        ("s3", actions.object, f"{_BUCKET}/masters/a.mxf"),
        ("kms", actions.key, _KEY),
    )
    for kind, names, resource in places:
        for title, policy in _policies(kind).items():
            for caller in _ASKING:
                for action in names:
                    yield (
                        title,
                        caller,
                        Request(
                            policy=policy,
                            kind=kind,
                            principal=caller.principal,
                            action=action,
                            resource=resource,
                            context=_context(caller),
                            resource_control_policy=perimeter,
                        ),
                    )


def _policies(kind: str) -> Mapping[str, Policy]:
    """Return the policies of a bucket or a key: with the condition, without, with a wrong tag, for everyone."""
    role = {"AWS": ROLE}
    return {
        "with the condition": _allowing(kind, role, {"StringEquals": {TAG: DOMAINS[0]}}),
        "without a condition": _allowing(kind, role),
        "with a wrong tag": _allowing(kind, role, {"StringEquals": {TAG: _STRANGER}}),
        "for everyone": _allowing(kind, "*"),
    }


def _allowing(kind: str, principal: Any, condition: Policy | None = None) -> Policy:
    resource = [_BUCKET, f"{_BUCKET}/*"] if kind == "s3" else "*"
    statement = {"Effect": "Allow", "Principal": principal, "Action": f"{kind}:*", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}


def _context(caller: Caller) -> dict[str, str | list[str]]:
    """Return what AWS adds to the request of a caller; of an unsigned one it knows no principal."""
    if caller.principal is None:
        return {}
    found: dict[str, str | list[str]] = {"aws:PrincipalArn": _principal_arn(caller.principal)}
    if caller.tag is not None:
        found[caller.tag_key] = caller.tag.format(domain=DOMAINS[0], upper=DOMAINS[0].upper())
    return found


def _principal_arn(principal: str) -> str:
    """Return the ARN of the role of a session, and any other principal as it is."""
    head, _, rest = principal.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.rpartition('/')[0]}" if rest else principal


@dataclass(frozen=True, slots=True)
class Mutant:
    """One slip in the perimeter's statement."""

    name: str
    change: Callable[[Policy], None]


def mutated(mutant: Mutant, perimeter: Policy) -> Policy:
    """Return the perimeter with the slip.

    Raises:
        ValueError: the slip changes nothing.
    """
    broken = deepcopy(perimeter)
    mutant.change(broken["Statement"][0])
    if broken == perimeter:
        raise ValueError(f"the mutant {mutant.name!r} changes nothing")
    return broken


def _set(name: str, value: Any) -> Callable[[Policy], None]:
    return lambda statement: statement.update({name: value})


def _role(value: str, operator: str = "ArnEquals") -> Callable[[Policy], None]:
    def change(statement: Policy) -> None:
        del statement["Condition"]["ArnEquals"]
        statement["Condition"][operator] = {"aws:PrincipalArn": value}

    return change


def _tag(value: Any, operator: str = "StringNotEquals", key: str = TAG) -> Callable[[Policy], None]:
    def change(statement: Policy) -> None:
        del statement["Condition"]["StringNotEquals"]
        statement["Condition"][operator] = {key: value}

    return change


def _drop(operator: str) -> Callable[[Policy], None]:
    return lambda statement: statement["Condition"].pop(operator)


_BOTH: Final = list(DOMAINS)

MUTANTS: Final = (
    Mutant("action: no keys", _set("Action", "s3:*")),
    Mutant("action: no buckets", _set("Action", "kms:*")),
    Mutant("action: reading only", _set("Action", ["s3:Get*", "kms:Decrypt"])),
    Mutant("resource: buckets only", _set("Resource", "arn:aws:s3:::*")),
    Mutant("resource: objects only", _set("Resource", ["arn:aws:s3:::*/*", "arn:aws:kms:*"])),
    Mutant("role: everybody", _drop("ArnEquals")),
    Mutant("role: iconik's whole account", _role("arn:aws:iam::283217727627:*", "ArnLike")),
    Mutant("role: of that name in any account", _role("arn:aws:iam::*:role/IconikS3AccessRole", "ArnLike")),
    Mutant("role: everybody but iconik", _role(ROLE, "ArnNotEquals")),
    Mutant("role: another one", _role(f"{ROLE}2")),
    Mutant("tag: whatever it is", _drop("StringNotEquals")),
    Mutant("tag: any is enough", _tag("true", "Null")),
    Mutant("tag: without its case", _tag(_BOTH, "StringNotEqualsIgnoreCase")),
    Mutant("tag: anything around it", _tag([f"*{one}*" for one in DOMAINS], "StringNotLike")),
    Mutant("tag: only a wrong one is denied", _tag(_BOTH, "ForAnyValue:StringNotEquals")),
    Mutant("tag: the right one is denied", _tag(_BOTH, "StringEquals")),
    Mutant("tag: one domain less", _tag(_BOTH[:1])),
    Mutant("tag: one domain more", _tag([*_BOTH, _STRANGER])),
    Mutant("tag: another key", _tag(_BOTH, key="aws:PrincipalTag/SystemDomainId")),
)
"""What a slip in the perimeter could write: two of each kind at least."""
