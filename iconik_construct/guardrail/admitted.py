"""Whom a statement lets in, as far as iconik is concerned: what it names, and what the judge says of its conditions.

A statement is taken alone, and only for what it asks of the caller: what the caller chooses himself, such as a prefix
or a header, keeps nobody out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from ..judge import OneOf, Verdict, judge, own, unknown
from ..judge.addresses import are_every_address, are_few, is_network
from ..judge.iconik import Caller, another_role, iconik_root, iconik_user, stranger, without_tag
from ..judge.text import has_unknown, is_own, shown
from .iconik import Iconik
from .intrinsics import Scope, if_parts, intrinsic, items, texts

__all__ = ["LetsIn", "condition_entries", "lets_in"]

_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
"""How AWS writes a principal that was deleted; it can be anybody's."""

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
        "aws:viaawsservice",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""The keys that tell who calls or from where, of which something is known of iconik's requests, and of a stranger's.

Source: AWS, "AWS global condition context keys".
"""
_ADDRESSES: Final = ("aws:sourceip", "aws:vpcsourceip")
_NOT_THERE: Final = "192.0.2.1/32"
_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")
_ANYWHERE: Final = ("198.51.100.77", "2001:db8::77")
_SOMEWHERE: Final[Mapping[str, OneOf]] = {
    "aws:SourceIp": OneOf(_ANYWHERE),
    "aws:VpcSourceIp": OneOf(_ANYWHERE, maybe_absent=True),
}
"""From where iconik calls: nowhere that a policy could know."""
_KINDS: Final = {"aws": "AWS", "service": "Service", "federated": "Federated", "canonicaluser": "CanonicalUser"}
_NEGATED = re.compile(r"Not|Null", re.IGNORECASE)


class LetsIn(Enum):
    """Whether a statement lets iconik in."""

    NO = "no"
    NAMED = "names iconik"
    EVERYONE = "names everyone"
    ALL_BUT = "names everyone but some"
    UNRESOLVED = "cannot be told"


def lets_in(
    statement: Mapping[str, Any], iconik: Iconik, scope: Scope, action: str = "s3:GetObject"
) -> tuple[LetsIn, str]:
    """Return whether the statement of a resource policy lets iconik in, and the principal or condition that does.

    A `Deny` lets nobody in. A service is not iconik's role.

    Args:
        statement: the statement, its `Fn::If` decided or still to be: then each branch counts.
        iconik: whom to look out for.
        scope: where the statement stands.
        action: an action of the resource's service, since keys such as `kms:CallerAccount` are of one service only.
    """
    if texts(statement.get("Effect"), scope) == ["Deny"]:
        return LetsIn.NO, ""
    if "NotPrincipal" in statement:
        return LetsIn.ALL_BUT, "NotPrincipal"
    named: dict[LetsIn, str] = {}
    for kind, text in _principals(statement.get("Principal"), scope):
        named.setdefault(_named(kind, text, iconik), shown(text))
    named.pop(LetsIn.NO, None)
    if not named:
        return LetsIn.NO, ""
    conditions = _conditions(statement.get("Condition"), scope)
    found: dict[LetsIn, str] = {}
    if (everyone := named.pop(LetsIn.EVERYONE, None)) is not None:
        found[_as_everyone(conditions, iconik, action)] = conditions.said() or everyone
    if named and _can_be_met(conditions, iconik, action):
        found = named | found
    for verdict in (LetsIn.EVERYONE, LetsIn.NAMED, LetsIn.UNRESOLVED):
        if verdict in found:
            return verdict, found[verdict]
    return LetsIn.NO, ""


def _principals(node: Any, scope: Scope) -> Iterator[tuple[str, str]]:
    parts = if_parts(node)
    if parts is not None:
        name, then, otherwise = parts
        if scope.decided.get(name) is not False:
            yield from _principals(then, scope)
        if scope.decided.get(name) is not True:
            yield from _principals(otherwise, scope)
    elif isinstance(node, dict) and intrinsic(node) is None:
        for kind, value in node.items():
            for text in _texts(value, scope):
                yield _KINDS.get(str(kind).lower(), str(kind)), text
    else:
        for text in _texts(node, scope):
            yield "AWS", text


def _texts(node: Any, scope: Scope) -> list[str]:
    if isinstance(node, dict) and intrinsic(node) is None:
        return [unknown("a principal of unknown form")]
    return texts(node, scope)


def _named(kind: str, text: str, iconik: Iconik) -> LetsIn:
    if kind == "Service":
        return LetsIn.NO
    if kind == "CanonicalUser":
        # An account under another number, which says nothing about whose it is.
        return LetsIn.NO if is_own(text) else LetsIn.UNRESOLVED
    if kind == "Federated":
        # IAM takes identity providers of the role's own account only, so one that is not known is never iconik's.
        return LetsIn.NAMED if text != "*" and iconik.is_named_by(text) else LetsIn.NO
    if text == "*":
        return LetsIn.EVERYONE
    if iconik.is_named_by(text):
        return LetsIn.NAMED
    return LetsIn.UNRESOLVED if iconik.could_be_named_by(text) or _UNIQUE_ID.fullmatch(text) else LetsIn.NO


def condition_entries(condition: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield operator, key in lower case and values; what is no mapping yet comes with an empty key."""
    if condition is None:
        return
    if not _is_mapping(condition):
        yield "", "", condition
        return
    for operator, keys in condition.items():
        if not _is_mapping(keys):
            yield str(operator), "", keys
            continue
        for key, values in keys.items():
            yield str(operator), str(key).lower(), values


def _is_mapping(node: Any) -> bool:
    return isinstance(node, dict) and intrinsic(node) is None and not any(str(key).startswith("Fn::") for key in node)


@dataclass(slots=True)
class _Conditions:
    """The conditions on the caller, resolved; `is_whole` is false where some cannot be read."""

    entries: list[tuple[str, str, list[str]]] = field(default_factory=list)
    is_whole: bool = True

    @property
    def has_unknown(self) -> bool:
        return not self.is_whole or any(has_unknown(value) for _, _, values in self.entries for value in values)

    def values(self) -> Iterator[str]:
        """Yield the values that a caller must have, rather than must not."""
        for operator, _, values in self.entries:
            if not _NEGATED.search(operator):
                yield from values

    def said(self) -> str:
        return "; ".join(f"{key} {', '.join(map(shown, values))}".strip() for _, key, values in self.entries)


def _conditions(node: Any, scope: Scope) -> _Conditions:
    found = _Conditions()
    for operator, key, value in condition_entries(node):
        if key == "":
            found.is_whole = False
        elif key in _OF_THE_CALLER:
            # One of several values that a negated operator may have at deployment excludes less than all of them.
            negated = bool(_NEGATED.search(operator))
            values = items(value, scope, is_union=not negated)
            found.entries.append((operator, key, _places(values, negated=negated) if key in _ADDRESSES else values))
    return found


def _places(values: Iterable[str], *, negated: bool) -> list[str]:
    """Return networks as what they are to somebody who is nowhere in particular.

    A few addresses are a place where a caller is not, an address of our own, such as an elastic IP, too. In many, taken
    together, any caller may be. Many that are excluded leave the rest, unless they are every address.
    """
    values = list(values)
    networks: list[str] = []
    found: list[str] = []
    for value in values:
        if not is_own(value):
            (networks if is_network(value) else found).append(value)
    if are_every_address(networks) if negated else not are_few(networks):
        return [*found, *_EVERYWHERE]
    return [*found, *([_NOT_THERE] if len(found) < len(values) else [])]


def _as_everyone(conditions: _Conditions, iconik: Iconik, action: str) -> LetsIn:
    """Return what a statement for everyone does for iconik under these conditions."""
    if not conditions.entries:
        return LetsIn.EVERYONE if conditions.is_whole else LetsIn.UNRESOLVED
    is_named = any(iconik.is_written_in(value) for value in conditions.values())
    not_told = LetsIn.UNRESOLVED if conditions.has_unknown else None
    role = _asked(conditions, iconik, action, _ROLE)
    if role is Verdict.ALLOWED:
        # Conditions that cannot be read may be the ones that keep iconik out.
        is_open = not is_named or _asked(conditions, iconik, action, _ANYBODY) is Verdict.ALLOWED
        found = (LetsIn.EVERYONE if is_open else LetsIn.NAMED) if conditions.is_whole else None
    elif role is Verdict.DEPENDS:
        found = LetsIn.NAMED if is_named else not_told or LetsIn.EVERYONE
    elif not (is_named or not_told) or _asked(conditions, iconik, action, _ACCOUNT) is Verdict.DENIED:
        found = LetsIn.NO
    elif _asked(conditions, iconik, action, _ANYBODY) is Verdict.ALLOWED:
        # Everyone but iconik's role.
        found = LetsIn.NO
    else:
        found = LetsIn.NAMED if is_named else not_told
    return found or LetsIn.UNRESOLVED


def _can_be_met(conditions: _Conditions, iconik: Iconik, action: str) -> bool:
    """Tell whether somebody of iconik's account can meet the conditions."""
    if not conditions.entries:
        return True
    return any(_asked(conditions, iconik, action, who) is not Verdict.DENIED for who in (_ROLE, _ACCOUNT))


_ROLE, _ACCOUNT, _ANYBODY = range(3)


def _asked(conditions: _Conditions, iconik: Iconik, action: str, who: int) -> Verdict:
    """Ask the judge about a statement for everyone under these conditions."""
    block: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in conditions.entries:
        keys = block.setdefault(operator, {})
        # The same key twice under one operator, in two cases of its name, is two conditions.
        keys[key.upper() if key in keys else key] = values
    return _judged(json.dumps(block), iconik.roles, action, who)


@lru_cache(maxsize=1024)
def _judged(conditions: str, roles: tuple[str, ...], action: str, who: int) -> Verdict:
    # A policy repeats its conditions, and an app its policies.
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": json.loads(conditions),
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    found = Verdict.DENIED
    for caller in _callers(roles)[who]:
        # As somebody of another account: whoever is of ours is let in by his own policies, whatever stands here.
        request = caller.asks(action, "arn:aws:s3:::a-bucket/an-object", own("our account"), _SOMEWHERE, ())
        verdict = judge(document, request).verdict
        if verdict is Verdict.ALLOWED:
            return verdict
        if verdict is Verdict.DEPENDS:
            found = verdict
    return found


@lru_cache(maxsize=16)
def _callers(roles: tuple[str, ...]) -> tuple[tuple[Caller, ...], tuple[Caller, ...], tuple[Caller, ...]]:
    """Return sessions of iconik's role, others of its account, and a stranger."""
    others = tuple(one for role in roles for one in (another_role(None, role), iconik_root(role), iconik_user(role)))
    return tuple(without_tag(role) for role in roles), others, (stranger(),)
