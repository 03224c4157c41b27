"""Defines the callers that matter: iconik for this customer, iconik for other customers, and everybody else.

Source for iconik's requests: iconik help, "Use iconik-managed credentials for AWS S3".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..access.trust import ICONIK_ROLE_ARN, PRINCIPAL_TAG
from ..judge.request import ForeignValue, OneOf, OwnerValue, Request
from ..judge.text import AnyText, MarkedText, joined, own, split, unknown
from .assumptions import ASSUMPTIONS, assumed_values

__all__ = [
    "OF_SIGNED_CALLERS",
    "Caller",
    "another_domain",
    "another_role",
    "everyone",
    "iconik_federated_user",
    "iconik_root",
    "iconik_session",
    "iconik_user",
    "others",
    "service_of_iconik",
    "stranger",
    "strangers",
    "without_tag",
]

_SESSION: Final = unknown("a session name")
_UNIQUE_ID: Final = unknown("a unique id", but=("",))
_USER_ID_OF_ROLE: Final = joined("AROA", _UNIQUE_ID, ":", _SESSION)
_ID_LENGTH: Final = 16
"""The least length of a unique id after its prefix, such as AROA for a role."""
_STRANGER: Final = own("an account of a stranger")
_NUMBER_OF_A_STRANGER: Final = ForeignValue("", id_length=12)
"""Its number: no policy contains the number, and a pattern such as 1234* can match."""
_TAG_OF_A_STRANGER: Final = unknown("a tag of a stranger's choice")

_ACCESS_POINT_OF_A_STRANGER: Final = {
    "s3:AccessPointNetworkOrigin": OneOf(("Internet", "VPC")),
    "s3:DataAccessPointAccount": _NUMBER_OF_A_STRANGER,
    "s3:DataAccessPointArn": ForeignValue("arn:aws:s3:", id_length=40),
}

_CALLED_VIA: Final = ("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast")
_THROUGH_A_SERVICE: Final = {"aws:ViaAWSService": "true", **dict.fromkeys(_CALLED_VIA, unknown("a service"))}
"""Of a service that uses the caller's rights, such as Athena."""

_DIRECT: Final = (
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
)
"""Keys of calls that a service makes for itself."""

_THROUGH_SOMETHING: Final = frozenset({*_CALLED_VIA, *_ACCESS_POINT_OF_A_STRANGER})
"""Keys of calls through a service or an access point. Other callers call a bucket directly, and its key through S3."""

_OF_ANY_NETWORK: Final = ("aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:Vpce")
OF_SIGNED_CALLERS: Final = frozenset(
    {"aws:userid", *(each.key for each in ASSUMPTIONS if not each.key.startswith(_OF_ANY_NETWORK))}
)
"""Keys that no anonymous request has."""

_CAUTIOUS: Final = frozenset(each.key.lower() for each in ASSUMPTIONS)
"""Keys without an assumption in statements that name iconik."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller, and the known facts about its requests."""

    name: str
    principal: AnyText | None
    context: Mapping[str, Any] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def asks(
        self,
        action: MarkedText,
        resource: AnyText,
        account: AnyText,
        context: Mapping[str, Any],
        absent: Iterable[str],
        *,
        cautious: bool = False,
    ) -> Request:
        """Return the caller's request. A known fact about the request replaces one about the caller.

        Args:
            action: the action.
            resource: the ARN of the resource.
            account: the account that owns the resource.
            context: the known condition keys.
            absent: the condition keys that are not in the request.
            cautious: whether to assume nothing, as for statements that name iconik.
        """
        given = {name.lower() for name in context}
        known = {
            name: value
            for name, value in self.context.items()
            if name.lower() not in given and not (cautious and name.lower() in _CAUTIOUS)
        }
        missing = {*self.absent, *absent}
        if action.lower().startswith("s3:"):
            known.setdefault("aws:ViaAWSService", "false")
            missing.update(() if cautious else _THROUGH_SOMETHING - self.context.keys())
        return Request(
            action=action,
            resource=resource,
            account=account,
            principal=self.principal,
            context={**known, **context},
            absent=frozenset(missing - {name for name in missing if name.lower() in given}),
        )


def iconik_session(system_domain_id: str, role_arn: AnyText = ICONIK_ROLE_ARN) -> Caller:
    """Return iconik, acting for one System Domain ID."""
    return _session("iconik for this domain", role_arn, {PRINCIPAL_TAG: system_domain_id})


def another_domain(system_domain_ids: Sequence[str], role_arn: AnyText = ICONIK_ROLE_ARN) -> Caller:
    """Return iconik, acting for any other System Domain ID."""
    tag = unknown("another System Domain ID", but=system_domain_ids)
    return _session("iconik for another domain", role_arn, {PRINCIPAL_TAG: tag})


def without_tag(role_arn: AnyText = ICONIK_ROLE_ARN) -> Caller:
    """Return iconik's role in a session without a System Domain ID."""
    return _session("iconik without a domain", role_arn, {})


def another_role(system_domain_id: AnyText | None, role_arn: AnyText = ICONIK_ROLE_ARN) -> Caller:
    """Return any other role of iconik's account, with the tag of a domain or without."""
    account, name = _account_and_name(role_arn)
    other = unknown("another role", but=[name])
    principal = joined("arn:aws:sts::", account, ":assumed-role/", other, "/", _SESSION)
    tag: dict[str, AnyText] = {"aws:userid": _USER_ID_OF_ROLE}
    if system_domain_id is not None:
        tag[PRINCIPAL_TAG] = system_domain_id
    for_domain = "without a domain" if system_domain_id is None else "for this domain"
    return _caller(f"another role of iconik's account, {for_domain}", principal, tag)


def iconik_root(role_arn: AnyText = ICONIK_ROLE_ARN) -> Caller:
    """Return the root user of iconik's account."""
    account, _ = _account_and_name(role_arn)
    return _caller(
        "the root user of iconik's account", joined("arn:aws:iam::", account, ":root"), {"aws:userid": account}
    )


def iconik_user(role_arn: AnyText = ICONIK_ROLE_ARN) -> Caller:
    """Return any user of iconik's account."""
    account, _ = _account_and_name(role_arn)
    user = joined("arn:aws:iam::", account, ":user/", unknown("a user"))
    return _caller("a user of iconik's account", user, {"aws:userid": joined("AIDA", _UNIQUE_ID)})


def iconik_federated_user(role_arn: AnyText = ICONIK_ROLE_ARN) -> Caller:
    """Return any federated user of iconik's account."""
    account, _ = _account_and_name(role_arn)
    name = unknown("a federated user")
    arn = joined("arn:aws:sts::", account, ":federated-user/", name)
    return _caller("a federated user of iconik's account", arn, {"aws:userid": joined(account, ":", name)})


def stranger() -> Caller:
    """Return a role of an account that no policy here names. Its owner chooses its name and its tags."""
    role = unknown("a role name of a stranger's choice")
    principal = joined("arn:aws:sts::", _STRANGER, ":assumed-role/", role, "/", _SESSION)
    return _caller("any other AWS account", principal, _of_stranger("AROA"))


def strangers() -> tuple[Caller, ...]:
    """Return callers of an account that no policy here names: also through an access point, or through a service.

    Every account can make an access point for a bucket whose policy allows it.
    Source: Amazon S3 User Guide, "Managing access to shared datasets with access points".
    """
    start = joined("arn:aws:iam::", _STRANGER, ":")
    name = unknown("a user name of a stranger's choice")
    federated = joined("arn:aws:sts::", _STRANGER, ":federated-user/", name)
    of_federated = {
        "aws:PrincipalArn": ForeignValue("arn:aws:sts::", id_length=12),
        "aws:userid": _NUMBER_OF_A_STRANGER,
    }
    role = stranger()
    ways = {"its own access point": _ACCESS_POINT_OF_A_STRANGER, "a service": _THROUGH_A_SERVICE}
    return (
        role,
        _caller("a user of any other AWS account", joined(start, "user/", name), _of_stranger("AIDA")),
        _caller("a federated user of any other AWS account", federated, {**_of_stranger(""), **of_federated}),
        _caller("the root user of any other AWS account", joined(start, "root"), {"aws:userid": _STRANGER}),
        *(
            replace(role, name=f"{role.name} through {name}", context={**role.context, **context})
            for name, context in ways.items()
        ),
    )


def _of_stranger(prefix: str) -> dict[str, Any]:
    return {
        PRINCIPAL_TAG: _TAG_OF_A_STRANGER,
        "aws:PrincipalAccount": _NUMBER_OF_A_STRANGER,
        "aws:PrincipalArn": ForeignValue("arn:aws:iam::", id_length=12),
        "aws:userid": ForeignValue(prefix, id_length=_ID_LENGTH),
        "kms:CallerAccount": _NUMBER_OF_A_STRANGER,
    }


def everyone() -> Caller:
    """Return an anonymous caller."""
    context = {name: value for name, value in _network().items() if name not in OF_SIGNED_CALLERS}
    return Caller(
        name="an anonymous caller",
        principal=None,
        context={**context, "aws:SecureTransport": "true"},
        absent=frozenset({*_DIRECT, *OF_SIGNED_CALLERS}),
    )


def service_of_iconik(role_arn: AnyText) -> Caller:
    """Return a service of AWS that acts for iconik's account."""
    account, _ = _account_and_name(role_arn)
    start = joined("arn:aws:", unknown("a service"), ":", unknown("a region"), ":")
    source = {
        "aws:PrincipalIsAWSService": "true",
        "aws:SourceAccount": account,
        "aws:SourceArn": joined(start, account, ":", unknown("a resource")),
    }
    anonymous = everyone()
    return replace(
        anonymous,
        name="a service that acts for iconik's account",
        context={**anonymous.context, **source},
        absent=anonymous.absent - source.keys(),
    )


def others(system_domain_ids: Sequence[str], role_arn: AnyText = ICONIK_ROLE_ARN) -> tuple[Caller, ...]:
    """Return every other caller of iconik's account. Access for one of them is access for another customer."""
    return (
        another_domain(system_domain_ids, role_arn),
        without_tag(role_arn),
        another_role(unknown("another System Domain ID", but=system_domain_ids), role_arn),
        another_role(None, role_arn),
        iconik_root(role_arn),
        iconik_user(role_arn),
    )


def _session(name: str, role_arn: AnyText, tag: Mapping[str, AnyText]) -> Caller:
    account, role = _account_and_name(role_arn)
    # A session's ARN does not contain the path of its role, so the known facts about the role are added.
    known = {**tag, "aws:PrincipalArn": role_arn, "aws:userid": _USER_ID_OF_ROLE}
    return _caller(name, joined("arn:aws:sts::", account, ":assumed-role/", role, "/", _SESSION), known)


def _caller(name: str, principal: MarkedText, known: Mapping[str, Any]) -> Caller:
    context: dict[str, Any] = {
        **_network(),
        "aws:SecureTransport": "true",
        "aws:PrincipalIsAWSService": "false",
        "aws:MultiFactorAuthPresent": OneOf(("false",), maybe_absent=True),
        **known,
    }
    absent = {*_DIRECT, "aws:MultiFactorAuthAge"}
    if PRINCIPAL_TAG not in known:
        absent.add(PRINCIPAL_TAG)
    return Caller(name=name, principal=principal, context=context, absent=frozenset(absent))


def _network() -> dict[str, Any]:
    # S3 has accepted no TLS version below 1.2 since 2024.
    return {
        **assumed_values(),
        "s3:TlsVersion": OneOf(("1.2", "1.3")),
        "aws:ResourceOrgID": OwnerValue("the organisation of the resource", form="o-", maybe_absent=True),
    }


def _account_and_name(role_arn: AnyText) -> tuple[MarkedText, MarkedText]:
    parts = split(joined(role_arn), ":", 5)
    return parts[4], split(parts[5], "/")[-1]
