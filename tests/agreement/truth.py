"""What is true of a case, by the policy engine: asked request by request, in each world that the facts allow.

A world gives a value to each condition key that a policy tests and whose value is not known. What holds in all worlds
is certain; what holds in some is open. Nothing of the library but its table of permissions is asked here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from dev.proof.policy_engine import PolicyEngine, Request
from tests.agreement.cases import (
    ACCOUNT,
    ACLS,
    ARN,
    DOMAIN,
    ICONIK,
    OTHER,
    PUBLIC_ACL,
    REGION,
    TAG,
    Case,
    Statement,
)

__all__ = ["Truth", "truths"]

KEY_ARN: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OBJECT: Final = f"{ARN}/masters/a.mxf"
PRIVATE: Final = f"{ARN}/private/a.mxf"
STRANGER: Final = "444455556666"

# What iconik needs, by what it is done to. Without the last four, media can be read and written.
ON_BUCKET: Final = ("s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketCORS", "s3:PutBucketCORS")
ON_OBJECT: Final = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
ON_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:DescribeKey")
OF_OTHERS: Final = (
    "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketAcl", "s3:GetBucketPolicy", "s3:GetObject", "s3:PutObject",
    "s3:DeleteObject", "s3:GetObjectVersion", "s3:ReplicateObject", "kms:Decrypt", "kms:GenerateDataKey",
    "kms:CreateGrant", "kms:DescribeKey",
)  # fmt: skip
_SIGNED_ONLY: Final = ("aws:principalorg", "aws:userid", "aws:multifactor")


@dataclass(frozen=True, slots=True)
class _Caller:
    name: str
    principal: str | None
    tag: str | None = None

    @property
    def account(self) -> str:
        return self.principal.split(":")[4] if self.principal else ""

    def can_send(self, key: str) -> bool:
        """Tell whether a request of the caller can have a key: an unsigned one has none of the principal's."""
        return self.principal is not None or not key.startswith(_SIGNED_ONLY)

    @property
    def context(self) -> dict[str, str]:
        if self.principal is None:
            return {"aws:SecureTransport": "true"}
        role = self.principal.split("/")[1] if "/" in self.principal else ""
        is_role = ":assumed-role/" in self.principal
        found = {
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalArn": f"arn:aws:iam::{self.account}:role/{role}" if is_role else self.principal,
        }
        return found if self.tag is None else {**found, TAG: self.tag}


def _session(account: str, role: str) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/session"


ICONIKS: Final = _Caller("iconik", _session(ICONIK, "IconikS3AccessRole"), DOMAIN)
OTHERS: Final = (
    _Caller("another domain", _session(ICONIK, "IconikS3AccessRole"), OTHER),
    _Caller("the domain in upper case", _session(ICONIK, "IconikS3AccessRole"), DOMAIN.upper()),
    _Caller("no tag", _session(ICONIK, "IconikS3AccessRole")),
    _Caller("another role, another domain", _session(ICONIK, "Other"), OTHER),
    _Caller("another role, no tag", _session(ICONIK, "Other")),
    _Caller("iconik's root user", f"arn:aws:iam::{ICONIK}:root"),
    _Caller("a user of iconik's", f"arn:aws:iam::{ICONIK}:user/somebody"),
)
STRANGERS: Final = (
    _Caller("a stranger with iconik's role name and the tag", _session(STRANGER, "IconikS3AccessRole"), DOMAIN),
    _Caller("a stranger with an editor's role name", _session(STRANGER, "Editor")),
    _Caller("a stranger's root user", f"arn:aws:iam::{STRANGER}:root"),
    _Caller("a stranger's user", f"arn:aws:iam::{STRANGER}:user/somebody"),
    _Caller("a stranger's federated user", f"arn:aws:sts::{STRANGER}:federated-user/somebody"),
    _Caller("an anonymous caller", None),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a case.

    Attributes:
        own: whether iconik has all its access: "yes", "no" or "depends".
        others: whether anybody else has access: "no", "yes" or "depends".
        why: the request that decided, for a reader.
    """

    own: str
    others: str
    why: str = ""

    @property
    def verdict(self) -> str:
        """The verdict of a tool that knows all facts."""
        if self.own == "no" or self.others == "yes":
            return "not_good"
        return "good" if (self.own, self.others) == ("yes", "no") else "unknown"


_ELSEWHERE: Final = {
    # Assumed: what an owner writes out is not the network or the organisation of iconik or of a stranger.
    "aws:principalorgid": (None, "o-elsewhere0"),
    "aws:principalorgpaths": (None, "o-elsewhere0/r-ab12/"),
    "aws:sourcevpc": (None, "vpc-0fffffffffffffff0"),
    "aws:sourcevpce": (None, "vpce-0fffffffffffffff0"),
    "aws:vpceaccount": (None, "777788889999", ICONIK),
    "aws:vpceorgid": (None, "o-elsewhere0"),
}
_OPEN: Final = {
    **_ELSEWHERE,
    "aws:multifactorauthpresent": (None, "false"),
    "aws:resourceorgid": (None, "o-abcdefghij", "o-anotherone"),
    "s3:tlsversion": ("1.2", "1.3"),
    "s3:x-amz-server-side-encryption": (None, "AES256", "aws:kms"),
    "s3:prefix": (None, "masters/", "private/"),
    "aws:userid": ("AROAAAAAAAAAAAAAAAAAA:session", "AROABBBBBBBBBBBBBBBBB:session"),
    "aws:currenttime": ("2026-11-28T12:00:00Z",),
    "s3:existingobjecttag/cleared": (None, "yes", "no"),
    "aws:requestedregion": (REGION,),
    "aws:resourceaccount": (ACCOUNT,),
    "kms:granteeprincipal": (None,),
}
_ADDRESSES: Final = ("203.0.113.7", "198.51.100.77", "2001:db8::77")
_SPELLING: Final = {
    name.lower(): name
    for name in (
        "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceVpc", "aws:SourceVpce", "aws:VpceAccount",
        "aws:VpceOrgID", "aws:MultiFactorAuthPresent", "aws:ResourceOrgID", "s3:TlsVersion",
        "s3:x-amz-server-side-encryption", "s3:prefix", "aws:SourceIp", "aws:userid", "aws:CurrentTime",
        "s3:ExistingObjectTag/cleared", "aws:RequestedRegion", "aws:ResourceAccount", "kms:GranteePrincipal",
    )
}  # fmt: skip
_OF_SOME_ACTIONS: Final = {
    "s3:prefix": ("s3:ListBucket", "s3:ListBucketVersions"),
    "s3:x-amz-server-side-encryption": ("s3:PutObject", "s3:ReplicateObject"),
    "s3:existingobjecttag/cleared": ("s3:GetObject", "s3:GetObjectVersion"),
    "kms:granteeprincipal": ("kms:CreateGrant",),
}


_BY_SETTINGS: Final = {
    PUBLIC_ACL: ("yes", "yes", "the ACL allows AllUsers READ"),
    ACLS: ("yes", "depends", "an object can have an ACL for everyone"),
}
"""What the engine does not know. Source: Amazon S3 User Guide, "Access control list (ACL) overview"."""


def truths(engine: PolicyEngine, cases: Iterable[Case]) -> dict[str, Truth]:
    """Return the truth of each case by its name. The engine is asked about each policy once."""
    known: dict[str, tuple[str, str, str]] = {}

    def of_policy(statements: Sequence[Statement], kind: str) -> tuple[str, str, str]:
        text = json.dumps([kind, statements])
        if text not in known:
            known[text] = _of_policy(engine, statements, kind)
        return known[text]

    return {case.name: _of_case(case, of_policy) for case in cases}


def _of_case(case: Case, of_policy: Any) -> Truth:
    parts = [of_policy(case.bucket, "s3")]
    if case.key is not None:
        parts.append(of_policy(case.key, "kms") if case.is_key_enabled else ("no", "no", "the key is disabled"))
    parts += [_BY_SETTINGS[case.settings]] if case.settings in _BY_SETTINGS else []
    own, others = {part[0] for part in parts}, {part[1] for part in parts}
    return Truth(
        own="no" if "no" in own else "depends" if "depends" in own else "yes",
        others="yes" if "yes" in others else "depends" if "depends" in others else "no",
        why="; ".join(part[2] for part in parts if part[2]),
    )


def _of_policy(engine: PolicyEngine, statements: Sequence[Statement], kind: str) -> tuple[str, str, str]:
    """Return whether iconik has its access by one policy, whether others have any, and why."""
    why: list[str] = []
    wanted = [(action, KEY_ARN) for action in ON_KEY]
    if kind == "s3":
        wanted = [*((action, ARN) for action in ON_BUCKET), *((action, OBJECT) for action in ON_OBJECT)]
        wanted += [(action, PRIVATE) for action in ON_OBJECT]
    own = _together(_asked(engine, statements, kind, [(ICONIKS, *each) for each in wanted]))
    worst = "no" if "no" in own.values() else "depends" if "depends" in own.values() else "yes"
    why += [f"{worst}: iconik, {action}" for action, answer in own.items() if answer == worst != "yes"][:1]
    requests = [(who, action, place) for who in (*OTHERS, *STRANGERS) for action, place in _places(kind)]
    allowed = [asked for asked, is_allowed in _asked(engine, statements, kind, requests) if is_allowed]
    for statement in statements:
        if statement["Effect"] == "Allow" and _names_iconik(statement):
            requests = [(who, action, place) for who in OTHERS for action, place in _places(kind)]
            alone = _asked(engine, [_but_for_the_tag(statement)], kind, requests)
            allowed += [asked for asked, is_allowed in alone if is_allowed]
    why += [f"{who.name} can {action}" for who, action, _ in allowed[:1]]
    return worst, "yes" if allowed else "no", "; ".join(why)


def _places(kind: str) -> Iterator[tuple[str, str]]:
    for action in OF_OTHERS:
        if action.startswith(f"{kind}:"):
            yield action, KEY_ARN if kind == "kms" else ARN if "Bucket" in action else OBJECT


def _names_iconik(statement: Statement) -> bool:
    return ICONIK in json.dumps([statement.get("Principal"), statement.get("Condition")])


def _but_for_the_tag(statement: Statement) -> Statement:
    """Return a statement that names iconik with no condition but that on the tag.

    Only iconik knows the values of its other condition keys, so none of them may decide.
    """
    kept = {
        operator: {key: value for key, value in keys.items() if key.lower() == TAG.lower()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    block = {operator: keys for operator, keys in kept.items() if keys}
    return {**{k: v for k, v in statement.items() if k != "Condition"}, **({"Condition": block} if block else {})}


_Asked = tuple[_Caller, str, str]


def _asked(
    engine: PolicyEngine,
    statements: Sequence[Statement],
    kind: str,
    asked: Sequence[_Asked],
) -> list[tuple[_Asked, bool]]:
    """Return the verdict on each request in each world."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    tested = {key.lower() for each in statements for keys in each.get("Condition", {}).values() for key in keys}
    tested |= {"aws:resourceorgid"} if "${aws:ResourceOrgID}" in json.dumps(statements) else set()
    requests: list[Request] = []
    whose: list[_Asked] = []
    for who, action, place in asked:
        for world in _worlds(who, action, tested):
            principal = who.principal
            requests.append(
                Request(
                    policy=policy,
                    kind="s3" if kind == "s3" else "kms",
                    principal=principal,
                    action=action,
                    resource=place,
                    context=world,
                    account=ACCOUNT,
                    identity_allows=principal is not None,
                )
            )
            whose.append((who, action, place))
    return list(zip(whose, (one.allowed for one in engine.verdicts(requests)), strict=True))


def _worlds(who: _Caller, action: str, tested: set[str]) -> Iterator[dict[str, Any]]:
    base: dict[str, Any] = dict(who.context)
    if action.startswith("kms:"):
        base |= {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
        base |= {"kms:CallerAccount": who.account} if who.account else {}
        if action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"):
            base["kms:EncryptionContext:aws:s3:arn"] = OBJECT
    open_keys: dict[str, tuple[Any, ...]] = {}
    for key in sorted(tested):
        if key == "aws:sourceip":
            # iconik's address may be any; no policy can mean that of another customer.
            # A request through a VPC endpoint has none.
            open_keys[key] = (None, *(_ADDRESSES if who is ICONIKS else _ADDRESSES[1:]))
        elif key in _OPEN and action in _OF_SOME_ACTIONS.get(key, (action,)) and who.can_send(key):
            open_keys[key] = _OPEN[key]
    for chosen in product(*open_keys.values()):
        world = {_SPELLING[key]: value for key, value in zip(open_keys, chosen, strict=True) if value is not None}
        yield {**base, **world}


def _together(answers: Iterable[tuple[_Asked, bool]]) -> dict[str, str]:
    """Return whether each action is allowed: in all worlds and on all objects, in none, or in some."""
    found: dict[str, set[bool]] = {}
    for (_, action, _), allowed in answers:
        found.setdefault(action, set()).add(allowed)
    return {action: "depends" if len(each) > 1 else "yes" if True in each else "no" for action, each in found.items()}
