"""Determines whom one Allow can reach: iconik, everyone or nobody, by its principals and its conditions.

Other statements do not count here. Only conditions on the caller count: a caller can choose a prefix or a header.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Final

from ..judge import OneOf, Verdict, judge, own, unknown
from ..judge.addresses import are_every_address, are_few, has_many_mapped, is_network
from ..judge.text import MarkedText, has_unknown, if_plain, is_marked, is_own, joined, literal, shown, split
from ..judge.wildcards import STAR
from .callers import (
    Caller,
    another_role,
    everyone,
    iconik_root,
    iconik_user,
    service_of_iconik,
    strangers,
    without_tag,
)
from .names import Iconik
from .public import condition_entries, is_negated, principals_of

__all__ = ["SOMEWHERE", "Reach", "on_callers", "reach_of"]

_OF_ANYBODY: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}|(?![0-9]{12}$)[+-]?[0-9].*")
"""A deleted principal, as AWS writes it, or an account in another notation of YAML, such as 0x41f1…."""

_OF_THE_CALLER: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:username",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""Keys about the caller and its network with known values for iconik's requests or for a stranger's.

`aws:VpcSourceIp` is not one: everybody can make a VPC with these addresses. AWS calls such a statement public. Source:
AWS, "AWS global condition context keys"; Amazon S3 User Guide, "The meaning of public".
"""
_ADDRESS: Final = "aws:sourceip"
_NOT_THERE, _EVERYWHERE = literal("192.0.2.1/32"), (literal("0.0.0.0/0"), literal("::/0"))
_ADDRESSES_OF_OWNER: Final = ("192.0.2.2", "2001:db8::2")
_DOUBTFUL: Final = unknown("addresses of unknown extent")
_FIRST_GROUP: Final = re.compile(r"[0-9]{1,3}[.]|[0-9a-f]{1,4}:", re.IGNORECASE)
"""The start of a pattern of few addresses."""
SOMEWHERE: Final[Mapping[str, OneOf]] = {"aws:SourceIp": OneOf(("198.51.100.77", "2001:db8::77"))}
"""The addresses of iconik and of strangers. They are in no network that a policy can mean."""
_KINDS: Final = {"aws": "AWS", "service": "Service", "federated": "Federated", "canonicaluser": "CanonicalUser"}


class Reach(Enum):
    """Whom an Allow can reach."""

    NOBODY = "neither iconik nor everyone"
    ICONIK = "names iconik"
    EVERYONE = "names everyone"
    ALL_BUT = "names everyone but some"
    UNKNOWN = "cannot be determined"


def reach_of(statement: Mapping[str, Any], iconik: Iconik, action: str = "s3:GetObject") -> tuple[Reach, str]:
    """Return whom the statement can reach, and by which principal or condition.

    A statement that names iconik reaches iconik, whatever its other conditions are. A service is not iconik's role.

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
    for kind, text in principals_of(statement.get("Principal")):
        known = unknown("a principal of unknown form") if text is None else text
        named.setdefault(_named(_KINDS.get(kind.lower(), kind), known, iconik), shown(known))
    named.pop(Reach.NOBODY, None)
    if not named:
        return Reach.NOBODY, ""
    everyone = named.pop(Reach.EVERYONE, None)
    if everyone is not None:
        conditions = _conditions(statement.get("Condition"))
        named = {_as_everyone(conditions, iconik, action): conditions.text() or everyone} | named
    for reach in (Reach.EVERYONE, Reach.ICONIK, Reach.UNKNOWN):
        if reach in named:
            return reach, named[reach]
    return Reach.NOBODY, ""


def on_callers(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement without the conditions that a caller can choose to meet."""
    conditions = _conditions(statement.get("Condition"))
    kept = {key: value for key, value in statement.items() if key != "Condition"}
    if not conditions.is_whole:
        kept["Condition"] = statement.get("Condition")
    elif conditions.entries:
        kept["Condition"] = conditions.block()
    return kept


def _named(kind: str, text: MarkedText, iconik: Iconik) -> Reach:
    if kind == "Service":
        return Reach.NOBODY
    if kind == "CanonicalUser":
        # Another name of an account, which does not show the account.
        return Reach.NOBODY if is_own(text) else Reach.UNKNOWN
    if kind == "Federated":
        # IAM accepts only identity providers of the role's own account, so an unknown one is never iconik's.
        return Reach.ICONIK if text != STAR and iconik.is_named_by(text) else Reach.NOBODY
    if text == STAR:
        return Reach.EVERYONE
    if iconik.is_named_by(text):
        return Reach.ICONIK
    is_anybody = iconik.could_be_named_by(text) or _OF_ANYBODY.fullmatch(if_plain(text) or "")
    return Reach.UNKNOWN if is_anybody else Reach.NOBODY


@dataclass(slots=True)
class _Conditions:
    """The conditions on the caller.

    Attributes:
        entries: operator, key in lower case, and values, with networks as `_places` returns them.
        written: the keys and the values in the policy, for a reader.
        is_whole: whether all conditions can be read.
    """

    entries: list[tuple[str, str, list[MarkedText]]] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    is_whole: bool = True

    @property
    def has_unknown(self) -> bool:
        return not self.is_whole or any(has_unknown(value) for _, _, values in self.entries for value in values)

    def values(self) -> Iterator[MarkedText]:
        """Yield the values that a caller must have."""
        for operator, _, values in self.entries:
            if not is_negated(operator):
                yield from values

    def text(self) -> str:
        return "; ".join(self.written)

    def block(self) -> dict[str, Any]:
        """Return the conditions as a `Condition`."""
        block: dict[str, Any] = {}
        for operator, key, values in self.entries:
            keys = block.setdefault(operator, {})
            # The same key twice under one operator, in two spellings, is two conditions.
            keys[key.upper() if key in keys else key] = values
        return block


def _conditions(block: Any) -> _Conditions:
    conditions = _Conditions()
    for operator, key, values in condition_entries(block):
        if key == "" or is_marked(key):
            conditions.is_whole = False
        elif key in _OF_THE_CALLER:
            known = [unknown("a value of unknown form") if value is None else value for value in values]
            conditions.entries.append((operator, key, _places(operator, known) if key == _ADDRESS else known))
            conditions.written.append(f"{key} {', '.join(map(shown, known))}".strip())
    return conditions


def _places(operator: str, values: Iterable[MarkedText]) -> list[MarkedText]:
    """Return networks as they matter to a caller whose address no policy can mean.

    A few addresses exclude the caller, as does an address of the owner. Many addresses together can include any
    caller. If many are excluded, the others remain, unless all addresses are excluded.
    """
    negated = is_negated(operator)
    listed = list(values)
    networks: list[str] = []
    other_places: list[MarkedText] = []
    for value in listed:
        text = if_plain(_with_address(value))
        if text is not None and is_network(text):
            networks.append(text)
            is_doubtful = has_many_mapped(text)
        elif not is_own(value):
            other_places.append(value)
            is_doubtful = text is not None and (
                "IpAddress" in operator or ("Like" in operator and not _FIRST_GROUP.match(text))
            )
        else:
            is_doubtful = False
        if is_doubtful and not negated:
            other_places.append(_DOUBTFUL)
    if are_every_address(networks) if negated else not are_few(networks):
        return [*other_places, *_EVERYWHERE]
    return [*other_places, *([_NOT_THERE] if len(other_places) < len(listed) else [])]


def _with_address(value: MarkedText) -> MarkedText:
    """Return a network around an address of the owner, such as `${Eip}/32`, with an example of an address."""
    address, *length = split(value, "/", 1)
    networks = (joined(each, "/", *length) for each in _ADDRESSES_OF_OWNER if length and is_own(address))
    return next((network for network in networks if is_network(shown(network))), value)


def _as_everyone(conditions: _Conditions, iconik: Iconik, action: str) -> Reach:
    """Return whom a statement for everyone reaches under these conditions."""
    if not conditions.entries:
        return Reach.EVERYONE if conditions.is_whole else Reach.UNKNOWN
    names_iconik = any(iconik.is_written_in(value) for value in conditions.values())
    verdict_on = partial(_judged, json.dumps(conditions.block()), iconik.roles, action, cautious=names_iconik)
    role, anybody = verdict_on(_ROLE), verdict_on(_ANYBODY)
    not_known = conditions.has_unknown
    if anybody is not Verdict.ALLOWED and names_iconik:
        # A service that acts for iconik's account counts only if the account is written here.
        of_iconik = (role, verdict_on(_ACCOUNT), verdict_on(_SERVICE))
        if set(of_iconik) != {Verdict.DENIED}:
            return Reach.ICONIK
    if Verdict.ALLOWED in {anybody, role} or (anybody is Verdict.DEPENDS and not not_known):
        # The caller chooses the deciding value, such as the name of a role. Conditions that cannot be read may decide.
        return Reach.EVERYONE if conditions.is_whole else Reach.UNKNOWN
    if role is Verdict.DEPENDS:
        return Reach.UNKNOWN if not_known else Reach.EVERYONE
    return Reach.UNKNOWN if not_known and verdict_on(_ACCOUNT) is not Verdict.DENIED else Reach.NOBODY


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
    for caller in _callers(roles)[who]:
        # The caller is in another account: callers of the owner's account have access by their own policies.
        request = caller.asks(
            literal(action), "arn:aws:s3:::a-bucket/an-object", own("our account"), SOMEWHERE, (), cautious=cautious
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
    others = tuple(each for role in roles for each in (another_role(None, role), iconik_root(role), iconik_user(role)))
    sessions, services = map(without_tag, roles), map(service_of_iconik, roles)
    return tuple(sessions), others, (*strangers(), everyone()), tuple(services)
