"""Pairs of policies that differ by random changes, and what the engine says that each caller gains and loses.

Apart from the rest because here two policies are compared, and not one with what is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Final

from .intent import LISTED_BY_PREFIX, ROLE, TAG
from .policy_engine import Request
from .templates import REGION
from .universal import Coverage

__all__ = ["CALLERS", "DOMAIN", "SERVICE", "Asked", "Pair", "asked", "pairs"]

Statement = dict[str, Any]

DOMAIN: Final = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER_DOMAIN: Final = "1297c8b6-3563-11e7-adf1-6c4008b85488"
_UNNAMED_DOMAIN: Final = "5d9c1f08-1b6e-4a37-9e0d-3f2a7b8c6d15"
"""A System Domain ID that no policy here names."""
BUCKET: Final = "arn:aws:s3:::media-masters"
KEY: Final = f"arn:aws:kms:{REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SERVICE: Final = f"s3.{REGION}.amazonaws.com"
"""The service that calls a key here."""
ARN_OF: Final = {"s3": BUCKET, "kms": KEY}
OBJECTS: Final = ("masters/2026/a.mxf", "masters/proxies/b.mov", "elsewhere/c.txt")
_ICONIK: Final = "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/iconik"
_ACCOUNT: Final = "444455556666"
_EDITOR: Final = f"arn:aws:iam::{_ACCOUNT}:role/Editor"


def _tagged(arn: str) -> tuple[tuple[str | None, str | None], ...]:
    return tuple((arn, tag) for tag in (None, DOMAIN, OTHER_DOMAIN, _UNNAMED_DOMAIN))


CALLERS: Final[Mapping[str, tuple[tuple[str | None, str | None], ...]]] = {
    "iconik for your domain": ((_ICONIK, DOMAIN),),
    f"iconik for the domain {OTHER_DOMAIN}": ((_ICONIK, OTHER_DOMAIN),),
    "iconik for another domain": ((_ICONIK, _UNNAMED_DOMAIN),),
    "iconik without a domain": ((_ICONIK, None),),
    "another role of iconik's account": _tagged("arn:aws:sts::283217727627:assumed-role/Transcoder/iconik"),
    "an anonymous caller": ((None, None),),
    "any other AWS account": _tagged("arn:aws:sts::999988887777:assumed-role/Anybody/x"),
    f"the account {_ACCOUNT}": _tagged(f"arn:aws:iam::{_ACCOUNT}:user/anna"),
    _EDITOR: _tagged(f"arn:aws:sts::{_ACCOUNT}:assumed-role/Editor/anna"),
}
"""The name of each caller in the output, with ARNs and tags: who chooses its tag gains what any tag gives."""

_PRINCIPALS: Final = (
    {"AWS": ROLE},
    {"AWS": ROLE},
    {"AWS": "arn:aws:iam::283217727627:root"},
    {"AWS": _ACCOUNT},
    {"AWS": [_EDITOR, ROLE]},
    "*",
    {"AWS": "*"},
)
_ACTIONS: Final[Mapping[str, tuple[Any, ...]]] = {
    "s3": (
        "s3:GetObject",
        ["s3:GetObject", "s3:PutObject"],
        "s3:Get*",
        ["s3:ListBucket", "s3:GetBucketLocation"],
        "s3:*",
        ["s3:DeleteObject", "s3:List*"],
        "s3:PutBucketPolicy",
    ),
    "kms": ("kms:Decrypt", ["kms:Decrypt", "kms:GenerateDataKey"], "kms:*", "kms:Describe*", ["kms:CreateGrant"]),
}
_NOT_ACTIONS: Final = {"s3": ("s3:Get*", ["s3:Put*", "s3:Delete*"]), "kms": ("kms:Decrypt", "kms:*Key*")}
_RESOURCES: Final = (
    [BUCKET, f"{BUCKET}/*"],
    f"{BUCKET}/*",
    f"{BUCKET}/masters/*",
    f"{BUCKET}/masters/proxies/*",
    [f"{BUCKET}/masters/2026/a.mxf", BUCKET],
    "arn:aws:s3:::media-*/masters/*",
)
_RIGHT: Final = {"StringEquals": {TAG: DOMAIN}}
_CONDITIONS: Final[Mapping[str, tuple[Any, ...]]] = {
    "s3": (
        {},
        _RIGHT,
        _RIGHT,
        {"StringEquals": {TAG: [DOMAIN, OTHER_DOMAIN]}},
        {"StringNotEquals": {TAG: DOMAIN}},
        {"StringLike": {TAG: "*"}},
        {"StringEqualsIfExists": {TAG: DOMAIN}},
        {"ForAnyValue:StringEquals": {TAG: [DOMAIN]}},
        {"ForAllValues:StringEquals": {TAG: [DOMAIN]}},
        {"Null": {TAG: "true"}},
        {"ArnNotEquals": {"aws:PrincipalArn": ROLE}},
        {"StringEquals": {"aws:PrincipalAccount": _ACCOUNT}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:SecureTransport": "false"}},
    ),
    "kms": (
        {},
        _RIGHT,
        _RIGHT,
        {"StringNotEquals": {TAG: DOMAIN}},
        {"StringEquals": {"kms:CallerAccount": _ACCOUNT}},
        {**_RIGHT, "StringLike": {"kms:ViaService": SERVICE}},
        {**_RIGHT, "Null": {"kms:ViaService": "true"}},
        {"StringEqualsIfExists": {"kms:ViaService": SERVICE}},
    ),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two policies of one resource; `is_same` is whether the changes are such that AWS makes no difference."""

    service: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    is_same: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: actions that the policies tell not apart, at a place."""

    actions: tuple[str, ...]
    place: str
    context: Mapping[str, str]

    def requests(self, service: str, policy: Mapping[str, Any]) -> list[Request]:
        """Return the requests to one policy, of every caller with each of its tags."""
        is_object = self.place in OBJECTS and "s3:prefix" not in self.context
        return [
            Request(
                policy=policy,
                kind="s3" if service == "s3" else "kms",
                principal=principal,
                action=self.actions[0],
                resource=f"{BUCKET}/{self.place}" if is_object else ARN_OF[service],
                context={**self.context, **_known(service, principal, tag)},
            )
            for callers in CALLERS.values()
            for principal, tag in callers
        ]


def _known(service: str, principal: str | None, tag: str | None) -> dict[str, str]:
    found = {} if tag is None else {TAG: tag}
    if principal is None:
        return found
    account, name = principal.split(":")[4:]
    is_session = name.startswith("assumed-role/")
    role = f"arn:aws:iam::{account}:role/{name.split('/')[1]}" if is_session else principal
    of_key = {"kms:CallerAccount": account} if service == "kms" else {}
    return {**found, **of_key, "aws:PrincipalArn": role, "aws:PrincipalAccount": account}


def asked(pair: Pair, actions: Coverage, through: Collection[str], *, one_by_one: bool) -> list[Asked]:
    """Return every question about a pair: all actions of its service, at three objects.

    Args:
        pair: the pair.
        actions: all actions.
        through: the actions of a key that a caller can ask for, also through a service.
        one_by_one: whether each action is asked, and not one of those that all patterns of the policies hold alike.
    """
    if pair.service == "kms":
        via: tuple[dict[str, str], ...] = ({}, {"kms:ViaService": SERVICE})
        kinds = _kinds(pair, [each for each in actions.key if each in through], one_by_one=one_by_one)
        return [Asked(kind, "the key", context) for kind in kinds for context in via]
    secure = {"aws:SecureTransport": "true"}
    found = []
    for kind in _kinds(pair, actions.bucket, one_by_one=one_by_one):
        found.append(Asked(kind, "the bucket", secure))
        if kind[0] in LISTED_BY_PREFIX:
            found += [Asked(kind, each, {**secure, "s3:prefix": each}) for each in OBJECTS]
    objects = _kinds(pair, actions.object, one_by_one=one_by_one)
    return found + [Asked(kind, each, secure) for kind in objects for each in OBJECTS]


def _kinds(pair: Pair, actions: Collection[str], *, one_by_one: bool) -> list[tuple[str, ...]]:
    """Return the actions in groups that every pattern of both policies holds whole or not at all."""
    patterns = [
        text.lower()
        for statement in (*pair.old["Statement"], *pair.new["Statement"])
        for value in (statement.get("Action", statement.get("NotAction")),)
        for text in (value if isinstance(value, list) else [value])
    ]
    found: dict[Any, list[str]] = {}
    for action in actions:
        held = tuple(fnmatchcase(action.lower(), pattern) for pattern in patterns)
        found.setdefault(action if one_by_one else (held, action in LISTED_BY_PREFIX), []).append(action)
    return [tuple(kind) for kind in found.values()]


def pairs(rng: Random, count: int) -> Iterator[Pair]:
    """Yield pairs, the same for the same seed: one in six is a change that makes no difference."""
    for number in range(count):
        service = "kms" if number % 3 == 2 else "s3"  # noqa: PLR2004 - one of three
        old = {"Version": "2012-10-17", "Statement": [_statement(rng, service) for _ in range(rng.choice((2, 3, 4)))]}
        new: dict[str, Any] = deepcopy(old)
        is_same = number % 6 in (0, 5)
        if is_same:
            for _ in range(3):
                rng.choice(_SAME)(rng, new)
        else:
            for _ in range(rng.choice((1, 1, 2))):
                rng.choice(_CHANGES)(rng, new, service)
            rng.choice(_SAME)(rng, new)
        yield Pair(service, old, new, is_same)


def _statement(rng: Random, service: str, effect: str = "") -> Statement:
    effect = effect or rng.choice(("Allow", "Allow", "Allow", "Deny"))
    found: Statement = {"Effect": effect, "Principal": rng.choice(_PRINCIPALS)}
    if rng.random() < 0.1:  # noqa: PLR2004 - seldom
        found["NotAction"] = rng.choice(_NOT_ACTIONS[service])
    else:
        found["Action"] = rng.choice(_ACTIONS[service])
    found["Resource"] = rng.choice(("*", "*", KEY)) if service == "kms" else rng.choice(_RESOURCES)
    condition: dict[str, Any] = deepcopy(rng.choice(_CONDITIONS[service]))
    if found.get("Action") == ["s3:ListBucket", "s3:GetBucketLocation"] and rng.random() < 0.5:  # noqa: PLR2004
        found["Action"] = "s3:ListBucket"
        condition["StringLike"] = {"s3:prefix": rng.choice(("masters/*", ["masters/proxies/*", "elsewhere/*"]))}
    return {**found, "Condition": condition} if condition else found


def _one(rng: Random, policy: dict[str, Any]) -> Statement:
    return rng.choice(policy["Statement"])


def _add(rng: Random, policy: dict[str, Any], service: str) -> None:
    policy["Statement"].insert(0, _statement(rng, service))


def _remove(rng: Random, policy: dict[str, Any], service: str) -> None:
    if len(policy["Statement"]) > 1:
        policy["Statement"].remove(_one(rng, policy))
    else:
        _add(rng, policy, service)


def _replace(name: str) -> Callable[[Random, dict[str, Any], str], None]:
    """Return what gives one statement another element."""

    def change(rng: Random, policy: dict[str, Any], service: str) -> None:
        statement, other = _one(rng, policy), _statement(rng, service)
        for each in {"Action": ("Action", "NotAction")}.get(name, (name,)):
            statement.pop(each, None)
            if each in other:
                statement[each] = other[each]

    return change


_CHANGES: Final = (
    _add,
    _add,
    _remove,
    _remove,
    *(_replace(name) for name in ("Principal", "Action", "Resource", "Condition", "Effect")),
)


def _reordered(rng: Random, policy: dict[str, Any]) -> None:
    rng.shuffle(policy["Statement"])
    statement = _one(rng, policy)
    for name in ("Action", "Resource"):
        if isinstance(statement.get(name), list):
            statement[name] = statement[name][::-1]


def _named(rng: Random, policy: dict[str, Any]) -> None:
    _one(rng, policy)["Sid"] = f"Sid{rng.randrange(1000)}"
    for number, each in enumerate(policy["Statement"]):
        each["Sid"] = f"{each.get('Sid', 'S')}{number}"


def _listed(rng: Random, policy: dict[str, Any]) -> None:
    statement = _one(rng, policy)
    for name in ("Action", "Resource"):
        if isinstance(statement.get(name), str):
            statement[name] = [statement[name]]


def _cased(rng: Random, policy: dict[str, Any]) -> None:
    statement = _one(rng, policy)
    actions = statement.get("Action")
    if isinstance(actions, str):
        statement["Action"] = actions.upper().replace("S3:", "s3:").replace("KMS:", "kms:")
    statement["Condition"] = {
        operator: {key.replace("aws:", "AWS:"): value for key, value in entries.items()}
        for operator, entries in statement.get("Condition", {}).items()
    }


def _as_root(rng: Random, policy: dict[str, Any]) -> None:
    statement = _one(rng, policy)
    same: dict[str, Any] = {"*": {"AWS": ["*"]}, str({"AWS": _ACCOUNT}): {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"}}
    statement["Principal"] = same.get(str(statement["Principal"]), statement["Principal"])


_SAME: Final = (_reordered, _named, _listed, _cased, _as_root)
