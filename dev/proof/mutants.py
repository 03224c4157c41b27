"""Broken policies: what a slip in the package could write, made from policies that it really wrote.

Apart from the rest of the proof because these are its test: each must be noticed, or the proof proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from .intent import ROLE, TAG, Scope, Storage
from .questions import Written
from .storages import DOMAINS, Declared, permissions_of
from .templates import REGION

__all__ = ["BASES", "MUTANTS", "Mutant", "mutated"]

Statement = dict[str, Any]
Change = Callable[[Statement], None]

_OTHER = "1297c8b6-3563-11e7-adf1-6c4008b85488"
_MASTERS = ("masters/",)


def _declared(scope: Scope, **meant: Any) -> Declared:
    return Declared(Storage(scopes=(scope,), **{"domains": DOMAINS[:1], **meant}), (permissions_of(scope),))


BASES: Final[Mapping[str, Declared]] = {
    "narrow": _declared(
        Scope(read=True, write=True, prefixes=_MASTERS), encryption="KMS", cors_by_iconik=False, via_s3_only=True
    ),
    "wide": _declared(Scope(read=True, write=True, delete=True), encryption="DSSE", domains=DOMAINS),
    "readers": _declared(Scope(read=True, prefixes=_MASTERS), encryption="KMS"),
    "admin": _declared(Scope(admin=True)),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One slip.

    Args:
        name: what the slip is.
        base: the storage whose policies it changes.
        change: what it does to each statement that it hits.
        hits: the statements that it hits: a policy, and the beginning of a Sid or `Deny`.
    """

    name: str
    base: str
    change: Change
    hits: tuple[str, str] = ("bucket", "Iconik")


def mutated(mutant: Mutant, base: Written) -> Written:
    """Return the storage with the slip in its policies.

    Raises:
        ValueError: the slip changes nothing.
    """
    which, what = mutant.hits
    field = f"{which}_policy"
    policy = deepcopy(getattr(base, field))
    for statement in list(policy["Statement"]):
        if _is_hit(statement, what):
            mutant.change(statement)
    policy["Statement"] = [statement for statement in policy["Statement"] if statement]
    if policy == getattr(base, field):
        raise ValueError(f"the mutant {mutant.name!r} changes nothing")
    fields: dict[str, Any] = {"name": mutant.name, field: policy}
    return replace(base, **fields)


def _is_hit(statement: Statement, what: str) -> bool:
    return statement["Effect"] == "Deny" if what == "Deny" else str(statement.get("Sid", "")).startswith(what)


def _set(name: str, value: Any) -> Change:
    return lambda statement: statement.update({name: value})


def _instead(name: str, other: str, value: Any) -> Change:
    """Return what puts one element in the place of another, such as NotAction in the place of Action."""

    def change(statement: Statement) -> None:
        statement.pop(name)
        statement[other] = value

    return change


def _operator(operator: str) -> Change:
    """Return what compares the tag by another operator."""

    def change(statement: Statement) -> None:
        equals = statement["Condition"]["StringEquals"]
        statement["Condition"].setdefault(operator, {})[TAG] = equals.pop(TAG)
        if not equals:
            statement["Condition"].pop("StringEquals")

    return change


def _tag(value: Any, *, operator: str = "StringEquals", key: str = TAG) -> Change:
    """Return what compares another key, by another operator, or to another value."""

    def change(statement: Statement) -> None:
        statement["Condition"]["StringEquals"].pop(TAG)
        statement["Condition"].setdefault(operator, {})[key] = value

    return change


def _without(operator: str, key: str) -> Change:
    """Return what drops one condition, and the operator with its last one."""

    def change(statement: Statement) -> None:
        statement["Condition"][operator].pop(key)
        if not statement["Condition"][operator]:
            statement["Condition"].pop(operator)

    return change


def _more_actions(*actions: str) -> Change:
    return lambda statement: statement.update(Action=[*_list(statement["Action"]), *actions])


def _fewer_actions(action: str) -> Change:
    return lambda statement: statement.update(Action=[one for one in _list(statement["Action"]) if one != action])


def _resources(change: Callable[[str], str]) -> Change:
    return lambda statement: statement.update(Resource=[change(one) for one in _list(statement["Resource"])])


def _gone(statement: Statement) -> None:
    statement.clear()


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _condition(operator: str, key: str, value: Any) -> Change:
    return lambda statement: statement["Condition"].update({operator: {key: value}})


_DROP_TAG = _without("StringEquals", TAG)
_THE_TAG_ITSELF = "${aws:PrincipalTag/IconikSystemDomainId}"


def _mutants() -> Iterator[Mutant]:
    yield from _of_the_condition("bucket", "narrow")
    yield from _of_the_condition("key", "narrow")
    yield from _of_the_principal("bucket", "narrow")
    yield from _of_the_principal("key", "narrow")
    yield from _of_bucket_actions()
    yield from _of_places()
    yield from _of_denies()
    yield from _of_keys()
    yield from _of_admin_and_several_domains()


def _of_the_condition(policy: str, base: str) -> Iterator[Mutant]:
    for name, change in (
        ("condition dropped", _DROP_TAG),
        ("StringEqualsIfExists", _operator("StringEqualsIfExists")),
        ("ForAnyValue:StringEquals", _operator("ForAnyValue:StringEquals")),
        ("ForAllValues:StringEquals", _operator("ForAllValues:StringEquals")),
        ("StringEqualsIgnoreCase", _operator("StringEqualsIgnoreCase")),
        ("StringNotEquals", _operator("StringNotEquals")),
        ("StringLike without a wildcard", _operator("StringLike")),
        ("StringLike with *", _tag("*", operator="StringLike")),
        ("StringLike with the id and *", _tag(f"{DOMAINS[0]}*", operator="StringLike")),
        ("Null: the tag is there, whatever it says", _tag("false", operator="Null")),
        ("another domain added", _tag([DOMAINS[0], _OTHER])),
        ("another domain instead", _tag(_OTHER)),
        ("empty tag let in", _tag([DOMAINS[0], ""])),
        ("tag compared with itself", _tag(_THE_TAG_ITSELF)),
        ("request tag instead of principal tag", _tag(DOMAINS[0], key="aws:RequestTag/IconikSystemDomainId")),
        ("another tag key", _tag(DOMAINS[0], key="aws:PrincipalTag/SystemDomainId")),
        ("upper case domain", _tag(DOMAINS[0].upper())),
    ):
        yield Mutant(f"{policy}: {name}", base, change, (policy, "Iconik"))


def _of_the_principal(policy: str, base: str) -> Iterator[Mutant]:
    for name, principal in (
        ("principal *", "*"),
        ("principal AWS *", {"AWS": "*"}),
        ("principal is iconik's account root", {"AWS": "arn:aws:iam::283217727627:root"}),
        ("principal is iconik's account id", {"AWS": "283217727627"}),
        ("another role added", {"AWS": [ROLE, "arn:aws:iam::283217727627:role/IconikTranscode"]}),
        ("same role name in another account added", {"AWS": [ROLE, ROLE.replace("283217727627", "444455556666")]}),
    ):
        yield Mutant(f"{policy}: {name}", base, _set("Principal", principal), (policy, "Iconik"))
    someone = {"AWS": "arn:aws:iam::444455556666:root"}
    yield Mutant(f"{policy}: NotPrincipal", base, _instead("Principal", "NotPrincipal", someone), (policy, "Iconik"))


def _of_bucket_actions() -> Iterator[Mutant]:
    objects, listing, bucket = ("bucket", "IconikObjects"), ("bucket", "IconikList"), ("bucket", "IconikBucket")
    yield Mutant("condition dropped from the objects only", "narrow", _DROP_TAG, objects)
    yield Mutant("condition dropped from listing only", "narrow", _DROP_TAG, listing)
    yield Mutant("condition dropped from the bucket only", "narrow", _DROP_TAG, bucket)
    yield Mutant("NotAction", "narrow", _instead("Action", "NotAction", "s3:DeleteBucket"), objects)
    yield Mutant("s3:* on the objects", "narrow", _set("Action", "s3:*"), objects)
    yield Mutant("s3:Get* on the objects", "narrow", _more_actions("s3:Get*"), objects)
    yield Mutant("delete in spite of delete=False", "narrow", _more_actions("s3:DeleteObject"), objects)
    yield Mutant("object versions deleted", "wide", _more_actions("s3:DeleteObjectVersion"), objects)
    yield Mutant("bucket policy written", "wide", _more_actions("s3:PutBucketPolicy"), bucket)
    yield Mutant("CORS written in spite of the template", "narrow", _more_actions("s3:PutBucketCORS"), bucket)
    yield Mutant("CORS not written in spite of Cors.by_iconik()", "wide", _fewer_actions("s3:PutBucketCORS"), bucket)
    yield Mutant("write in spite of read only", "readers", _more_actions("s3:PutObject"), objects)
    yield Mutant("restore forgotten", "readers", _fewer_actions("s3:RestoreObject"), objects)
    yield Mutant("abort forgotten", "narrow", _fewer_actions("s3:AbortMultipartUpload"), objects)
    yield Mutant("allow turned to deny", "narrow", _set("Effect", "Deny"), listing)


def _of_places() -> Iterator[Mutant]:
    objects, listing = ("bucket", "IconikObjects"), ("bucket", "IconikList")
    yield Mutant("NotResource", "narrow", _instead("Resource", "NotResource", "arn:aws:s3:::other/*"), objects)
    yield Mutant("resource widened to *", "narrow", _set("Resource", "*"), objects)
    yield Mutant(
        "resource widened to the whole bucket", "narrow", _resources(lambda arn: arn.replace("masters/*", "*")), objects
    )
    yield Mutant("prefix without slash", "narrow", _resources(lambda arn: arn.replace("/*", "*")), objects)
    yield Mutant("prefix anywhere in the key", "narrow", _resources(lambda arn: arn.replace("mas", "*mas")), objects)
    yield Mutant("another prefix", "narrow", _resources(lambda arn: arn.replace("masters", "proxies")), objects)
    yield Mutant("one object only", "narrow", _resources(lambda arn: arn.removesuffix("*")), objects)
    yield Mutant("another bucket", "narrow", _resources(lambda arn: arn.replace("storage", "other")), objects)
    yield Mutant("listing without prefix", "narrow", _without("StringLike", "s3:prefix"), listing)
    yield Mutant(
        "listing with a prefix without slash", "narrow", _condition("StringLike", "s3:prefix", "masters*"), listing
    )
    yield Mutant(
        "listing of the prefix itself only", "narrow", _condition("StringLike", "s3:prefix", "masters/"), listing
    )
    yield Mutant(
        "listing with StringLikeIfExists",
        "narrow",
        _set("Condition", {"StringEquals": {TAG: DOMAINS[0]}, "StringLikeIfExists": {"s3:prefix": "masters/*"}}),
        listing,
    )
    yield Mutant(
        "prefix condition on the uploads under way",
        "narrow",
        _condition("StringLike", "s3:prefix", "masters/*"),
        ("bucket", "IconikBucket"),
    )


def _of_denies() -> Iterator[Mutant]:
    deny = ("bucket", "Deny")
    yield Mutant("Deny turned off", "narrow", _gone, deny)
    yield Mutant("Deny turned to Allow", "narrow", _set("Effect", "Allow"), deny)
    yield Mutant("Deny for one action", "narrow", _set("Action", "s3:DeleteBucket"), deny)
    yield Mutant("Deny for the bucket only", "narrow", _resources(lambda arn: arn.removesuffix("/*")), deny)
    yield Mutant("Deny for another principal", "narrow", _set("Principal", {"AWS": ROLE + "2"}), deny)
    yield Mutant("TLS 1.1 let in", "narrow", _set("Condition", {"NumericLessThan": {"s3:TlsVersion": "1.1"}}), deny)
    yield Mutant("https refused", "narrow", _set("Condition", {"Bool": {"aws:SecureTransport": "true"}}), deny)


def _of_keys() -> Iterator[Mutant]:
    key = ("key", "Iconik")
    via = "kms:ViaService"
    yield Mutant("key: kms:*", "narrow", _set("Action", "kms:*"), key)
    yield Mutant("key: NotAction", "narrow", _instead("Action", "NotAction", "kms:ScheduleKeyDeletion"), key)
    yield Mutant("key: grants created", "wide", _more_actions("kms:CreateGrant"), key)
    yield Mutant("key: encrypt in spite of read only", "readers", _more_actions("kms:Encrypt"), key)
    yield Mutant("key: data keys forgotten", "wide", _fewer_actions("kms:GenerateDataKey*"), key)
    yield Mutant("key: straight in spite of via_s3_only", "narrow", _without("StringEquals", via), key)
    yield Mutant("key: through any service", "narrow", _via("*", "StringLike"), key)
    yield Mutant("key: through S3 of any region", "narrow", _via("s3.*.amazonaws.com", "StringLike"), key)
    yield Mutant(
        "key: straight or through S3", "narrow", _via(f"s3.{REGION}.amazonaws.com", "StringEqualsIfExists"), key
    )
    yield Mutant("key: through S3 unasked", "wide", _set("Condition", _through_s3(DOMAINS)), key)


def _of_admin_and_several_domains() -> Iterator[Mutant]:
    yield Mutant("admin: condition dropped", "admin", _DROP_TAG)
    yield Mutant("admin: bucket forgotten", "admin", _resources(lambda arn: arn if arn.endswith("*") else f"{arn}/*"))
    yield Mutant("admin: StringLike with *", "admin", _tag("*", operator="StringLike"))
    yield Mutant("two domains: one forgotten", "wide", _tag(DOMAINS[0]))
    yield Mutant("two domains: a third added", "wide", _tag([*DOMAINS, _OTHER]))
    yield Mutant("two domains: as one value", "wide", _tag(",".join(DOMAINS)))


def _via(value: str, operator: str) -> Change:
    def change(statement: Statement) -> None:
        statement["Condition"]["StringEquals"].pop("kms:ViaService")
        statement["Condition"][operator] = {"kms:ViaService": value}

    return change


def _through_s3(domains: tuple[str, ...]) -> dict[str, Any]:
    return {"StringEquals": {TAG: list(domains), "kms:ViaService": f"s3.{REGION}.amazonaws.com"}}


MUTANTS: Final = tuple(_mutants())
