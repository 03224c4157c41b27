"""The callers that matter to a customer of iconik: iconik for this customer, iconik for others, and everybody else.

Source of what is known of iconik's requests: iconik help, "Use iconik-managed credentials for AWS S3".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..access.trust import ICONIK_ROLE_ARN, PRINCIPAL_TAG
from .request import Elsewhere, OneOf, Request
from .text import own, split, unknown

__all__ = [
    "DEFAULT_ROLE",
    "Caller",
    "another_domain",
    "another_role",
    "everyone",
    "iconik_root",
    "iconik_session",
    "iconik_user",
    "others",
    "stranger",
    "without_tag",
]

DEFAULT_ROLE: Final = ICONIK_ROLE_ARN

_SESSION: Final = unknown("a session name")

_DIRECT: Final = (
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
)
"""The keys of calls that a service makes for itself."""

_THROUGH_SOMETHING: Final = (
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "s3:AccessPointNetworkOrigin",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
)
"""The keys of calls through a service or an access point; a bucket is called directly, its key through S3."""

_ELSEWHERE: Final[Mapping[str, Elsewhere]] = {
    "aws:PrincipalOrgID": Elsewhere("o-", maybe_absent=True),
    "aws:PrincipalOrgPaths": Elsewhere("o-", maybe_absent=True),
    "aws:SourceVpc": Elsewhere("vpc-", maybe_absent=True),
    "aws:SourceVpcArn": Elsewhere("arn:aws:ec2:", maybe_absent=True, id_length=40),
    "aws:SourceVpce": Elsewhere("vpce-", maybe_absent=True),
    "aws:VpceAccount": Elsewhere("", maybe_absent=True, id_length=12),
    "aws:VpceOrgID": Elsewhere("o-", maybe_absent=True),
    "aws:VpceOrgPaths": Elsewhere("o-", maybe_absent=True),
}
"""What is iconik's own, if it is there at all: no customer's policy writes it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who calls, and what is known of his requests."""

    name: str
    principal: str | None
    context: Mapping[str, Any] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def asks(
        self, action: str, resource: str, account: str, context: Mapping[str, Any], absent: Iterable[str]
    ) -> Request:
        """Return the caller's request; what is known of the request wins over what is known of the caller."""
        given = {name.lower() for name in context}
        known = {name: value for name, value in self.context.items() if name.lower() not in given}
        missing = {*self.absent, *absent}
        if action.lower().startswith("s3:"):
            known.setdefault("aws:ViaAWSService", "false")
            missing.update(_THROUGH_SOMETHING)
        return Request(
            action=action,
            resource=resource,
            account=account,
            principal=self.principal,
            context={**known, **context},
            absent=frozenset(missing),
        )


def iconik_session(system_domain_id: str, role_arn: str = DEFAULT_ROLE) -> Caller:
    """Return iconik, acting for one System Domain ID."""
    return _session("iconik for this domain", role_arn, {PRINCIPAL_TAG: system_domain_id})


def another_domain(system_domain_ids: Sequence[str], role_arn: str = DEFAULT_ROLE) -> Caller:
    """Return iconik, acting for any System Domain ID but these."""
    tag = unknown("another System Domain ID", but=system_domain_ids)
    return _session("iconik for another domain", role_arn, {PRINCIPAL_TAG: tag})


def without_tag(role_arn: str = DEFAULT_ROLE) -> Caller:
    """Return iconik's role in a session without a System Domain ID."""
    return _session("iconik without a domain", role_arn, {})


def another_role(system_domain_id: str | None, role_arn: str = DEFAULT_ROLE) -> Caller:
    """Return any other role of iconik's account, with the tag of a domain or without."""
    account, name = _account_and_name(role_arn)
    other = unknown("another role", but=[name])
    principal = f"arn:aws:sts::{account}:assumed-role/{other}/{_SESSION}"
    tag = {} if system_domain_id is None else {PRINCIPAL_TAG: system_domain_id}
    said = "without a domain" if system_domain_id is None else "for this domain"
    return _caller(f"another role of iconik's account, {said}", principal, tag)


def iconik_root(role_arn: str = DEFAULT_ROLE) -> Caller:
    """Return the root user of iconik's account."""
    account, _ = _account_and_name(role_arn)
    return _caller("the root user of iconik's account", f"arn:aws:iam::{account}:root", {})


def iconik_user(role_arn: str = DEFAULT_ROLE) -> Caller:
    """Return any user of iconik's account."""
    account, _ = _account_and_name(role_arn)
    return _caller("a user of iconik's account", f"arn:aws:iam::{account}:user/{unknown('a user')}", {})


def stranger() -> Caller:
    """Return a role of an account that no policy here names."""
    principal = f"arn:aws:sts::{own('an account of a stranger')}:assumed-role/{own('a role of a stranger')}/{_SESSION}"
    return _caller(
        "a stranger with an AWS account", principal, {PRINCIPAL_TAG: unknown("a tag of a stranger's choice")}
    )


def everyone() -> Caller:
    """Return whoever sends an unsigned request."""
    return Caller(
        name="everyone, unsigned",
        principal=None,
        context={**_network(), "aws:SecureTransport": "true"},
        absent=frozenset(_DIRECT),
    )


def others(system_domain_ids: Sequence[str], role_arn: str = DEFAULT_ROLE) -> tuple[Caller, ...]:
    """Return everybody else of iconik's account: what lets in one of them lets in more than one customer's iconik."""
    return (
        another_domain(system_domain_ids, role_arn),
        without_tag(role_arn),
        *(another_role(one, role_arn) for one in (*system_domain_ids, None)),
        iconik_root(role_arn),
        iconik_user(role_arn),
    )


def _session(name: str, role_arn: str, tag: Mapping[str, str]) -> Caller:
    account, role = _account_and_name(role_arn)
    # A session's ARN leaves out the path of its role, so what is known of the role is said beside it.
    known = {**tag, "aws:PrincipalArn": role_arn}
    return _caller(name, f"arn:aws:sts::{account}:assumed-role/{role}/{_SESSION}", known)


def _caller(name: str, principal: str, known: Mapping[str, Any]) -> Caller:
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
    # S3 has taken nothing below TLS 1.2 since 2024.
    return {
        **_ELSEWHERE,
        "s3:TlsVersion": OneOf(("1.2", "1.3")),
        "aws:ResourceOrgID": OneOf((own("the organisation of the resource"),), maybe_absent=True),
    }


def _account_and_name(role_arn: str) -> tuple[str, str]:
    parts = split(role_arn, ":", 5)
    return parts[4], split(parts[5], "/")[-1]
