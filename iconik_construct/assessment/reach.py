"""Determines whom one Allow can reach: iconik, everyone or nobody, by its principals and its conditions.

Other statements do not count here. Only conditions on the caller count: a caller can choose a prefix or a header.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache, partial
from itertools import product
from typing import Any, Final

from ..judge import OneOf, Verdict, judge, own, unknown
from ..judge.text import MarkedText, if_plain, is_own, literal, shown
from ..judge.wildcards import STAR
from .caller_conditions import CallerConditions, conditions_on_caller
from .callers import (
    Caller,
    another_role,
    everyone,
    iconik_federated_user,
    iconik_root,
    iconik_user,
    service_of_iconik,
    strangers,
    without_tag,
)
from .names import Iconik
from .public import principals_of

__all__ = ["SOMEWHERE", "Reach", "on_callers", "reach_of"]

_OF_ANYBODY: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}|(?![0-9]{12}$)[+-]?[0-9].*")
"""A deleted principal, as AWS writes it, or an account in another notation of YAML, such as 0x41f1…."""

SOMEWHERE: Final[tuple[Mapping[str, Any], ...]] = (
    {"aws:SourceIp": OneOf(("198.51.100.77", "2001:db8::77"))},
    {"aws:SourceIp": ()},
)
"""The addresses of iconik and of strangers. They are in no network that a policy can mean.

A request through a VPC endpoint has no such address. Source: AWS, "AWS global condition context keys".
"""
_SERVICES: Final = "Service"
_FEDERATED: Final = "Federated"
_KINDS: Final = {"aws": "AWS", "service": _SERVICES, "federated": _FEDERATED, "canonicaluser": "CanonicalUser"}


class Reach(Enum):
    """Whom an Allow can reach."""

    NOBODY = "neither iconik nor everyone"
    ICONIK = "names iconik"
    EVERYONE = "names everyone"
    ALL_BUT = "names everyone but some"
    UNKNOWN = "cannot be determined"


def reach_of(statement: Mapping[str, Any], iconik: Iconik, action: str = "s3:GetObject") -> tuple[Reach, str]:
    """Return whom the statement can reach, and by which principal or condition.

    A statement that names iconik reaches iconik, whatever its other conditions are. A service reaches iconik if it acts
    for iconik's account by a condition, such as one on `aws:SourceAccount`.

    Args:
        statement: the statement, with its values resolved.
        iconik: iconik, as the policy can name it.
        action: an action of the service, since keys such as `kms:CallerAccount` belong to one service only.
    """
    if statement.get("Effect") == "Deny":
        return Reach.NOBODY, ""
    if "NotPrincipal" in statement:
        return Reach.ALL_BUT, "NotPrincipal"
    named: dict[Reach, str] = {}
    services: list[str] = []
    for kind, text in principals_of(statement.get("Principal")):
        known = unknown("a principal of unknown form") if text is None else text
        if (written := _KINDS.get(kind.lower(), kind)) == _SERVICES:
            services.append(shown(known))
        who = _named(written, known, iconik)
        if written == _FEDERATED and who is Reach.NOBODY and action != "sts:AssumeRole" and _is_public_provider(known):
            who = Reach.UNKNOWN
        named.setdefault(who, shown(known))
    everyone = named.pop(Reach.EVERYONE, None)
    if everyone is not None or services:
        conditions = conditions_on_caller(statement.get("Condition"))
        if everyone is not None:
            named = {_as_everyone(conditions, iconik, action): conditions.text() or everyone} | named
        elif _is_for_iconik(conditions, iconik, action, _SERVICE):
            named.setdefault(Reach.ICONIK, f"{services[0]} for {conditions.text()}")
    for reach in (Reach.EVERYONE, Reach.ICONIK, Reach.UNKNOWN):
        if reach in named:
            return reach, named[reach]
    return Reach.NOBODY, ""


def on_callers(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement without the conditions that a caller can choose to meet."""
    conditions = conditions_on_caller(statement.get("Condition"))
    kept = {key: value for key, value in statement.items() if key != "Condition"}
    if not conditions.is_whole:
        kept["Condition"] = statement.get("Condition")
    elif conditions.entries:
        kept["Condition"] = conditions.block()
    return kept


def _named(kind: str, text: MarkedText, iconik: Iconik) -> Reach:
    if kind == _SERVICES:
        return Reach.NOBODY
    if kind == "CanonicalUser":
        # Another name of an account, which does not show the account.
        return Reach.NOBODY if is_own(text) else Reach.UNKNOWN
    if kind == _FEDERATED:
        # IAM accepts only identity providers of the role's own account, so an unknown one is never iconik's.
        return Reach.ICONIK if text != STAR and iconik.is_named_by(text) else Reach.NOBODY
    if text == STAR:
        return Reach.EVERYONE
    if iconik.is_named_by(text):
        return Reach.ICONIK
    is_anybody = iconik.could_be_named_by(text) or _OF_ANYBODY.fullmatch(if_plain(text) or "")
    return Reach.UNKNOWN if is_anybody else Reach.NOBODY


def _is_public_provider(text: MarkedText) -> bool:
    """Return whether a provider is one that every account can use for its roles, such as Amazon Cognito.

    A trust policy allows tokens of the provider. Other policies allow role sessions that began with such a token.
    Source: AWS, IAM User Guide, "AWS JSON policy elements: Principal".
    """
    plain = if_plain(text)
    return plain is not None and not plain.startswith("arn:")


def _verdicts(conditions: CallerConditions, iconik: Iconik, action: str) -> Callable[[int], Verdict]:
    """Return the evaluation of a statement for everyone with these conditions, for callers of one kind."""
    cautious = conditions.name(iconik)
    return partial(_judged, json.dumps(conditions.block()), iconik.roles, action, cautious=cautious)


def _is_for_iconik(conditions: CallerConditions, iconik: Iconik, action: str, *kinds: int) -> bool:
    """Return whether conditions that name iconik's account allow callers of these kinds, or may."""
    verdict_on = _verdicts(conditions, iconik, action)
    return conditions.name(iconik) and any(verdict_on(kind) is not Verdict.DENIED for kind in kinds)


def _as_everyone(conditions: CallerConditions, iconik: Iconik, action: str) -> Reach:
    """Return whom a statement for everyone reaches under these conditions."""
    if not conditions.entries:
        return Reach.EVERYONE if conditions.is_whole else Reach.UNKNOWN
    verdict_on = _verdicts(conditions, iconik, action)
    role, anybody = verdict_on(_ROLE), verdict_on(_ANYBODY)
    not_known = conditions.has_unknown
    if anybody is not Verdict.ALLOWED and _is_for_iconik(conditions, iconik, action, _ROLE, _ACCOUNT, _SERVICE):
        return Reach.ICONIK
    if Verdict.ALLOWED in {anybody, role} or (anybody is Verdict.DEPENDS and not not_known):
        # The caller chooses the deciding value, such as the name of a role. Conditions that cannot be read may decide.
        return Reach.EVERYONE if conditions.is_whole else Reach.UNKNOWN
    # Only AWS sets a unique id: iconik may have it or not.
    return Reach.NOBODY if {role, verdict_on(_ACCOUNT)} == {Verdict.DENIED} else Reach.UNKNOWN


_ROLE, _ACCOUNT, _ANYBODY, _SERVICE = range(4)


@lru_cache(maxsize=1024)
def _judged(conditions: str, roles: tuple[MarkedText, ...], action: str, who: int, *, cautious: bool) -> Verdict:
    """Evaluate a statement for everyone with these conditions, as JSON, for callers of one kind."""
    # Cached, because a policy repeats its conditions and an app repeats its policies.
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": json.loads(conditions),
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    best = Verdict.DENIED
    for caller, place in product(_callers(roles)[who], SOMEWHERE):
        # The caller is in another account: callers of the owner's account have access by their own policies.
        request = caller.asks(
            literal(action), "arn:aws:s3:::a-bucket/an-object", own("our account"), place, (), cautious=cautious
        )
        verdict = judge(document, request).verdict
        if verdict is Verdict.ALLOWED:
            return verdict
        if verdict is Verdict.DEPENDS:
            best = verdict
    return best


@lru_cache(maxsize=16)
def _callers(roles: tuple[MarkedText, ...]) -> tuple[tuple[Caller, ...], ...]:
    """Return sessions of iconik's role, other callers of its account, everybody else, and services for its account."""
    kinds = (partial(another_role, None), iconik_root, iconik_user, iconik_federated_user)
    others = tuple(kind(role) for role in roles for kind in kinds)
    sessions, services = map(without_tag, roles), map(service_of_iconik, roles)
    return tuple(sessions), others, (*strangers(), everyone()), tuple(services)
