"""Whom a statement lets in, as far as iconik is concerned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from .callers import Restriction, restriction
from .iconik import Iconik
from .intrinsics import Scope, intrinsic, texts
from .text import has_own, has_unresolved, shown, unresolved

__all__ = ["LetsIn", "lets_in"]

_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
"""How AWS writes a principal that was deleted; it can be anybody's."""


class LetsIn(Enum):
    """Whether a statement lets iconik in."""

    NO = "no"
    NAMED = "names iconik"
    EVERYONE = "names everyone"
    ALL_BUT = "names everyone but some"
    UNRESOLVED = "cannot be told"


def lets_in(statement: Mapping[str, Any], iconik: Iconik, scope: Scope) -> tuple[LetsIn, str]:
    """Return whether the statement of a resource policy lets iconik in, and the principal or condition that does.

    A `Deny` lets nobody in. A service, or a federation other than one of iconik's account, is not iconik's role.
    """
    if texts(statement.get("Effect"), scope) == ["Deny"]:
        return LetsIn.NO, ""
    if "NotPrincipal" in statement:
        return LetsIn.ALL_BUT, "NotPrincipal"
    found: dict[LetsIn, str] = {}
    for kind, text in _principals(statement.get("Principal"), scope):
        found.setdefault(_verdict(kind, text, iconik), shown(text))
    if LetsIn.EVERYONE in found:
        del found[LetsIn.EVERYONE]
        how, reason = restriction(statement.get("Condition"), iconik, scope)
        if how is not Restriction.OTHERS:
            found[_UNDER[how]] = reason or "*"
    for verdict in (LetsIn.EVERYONE, LetsIn.NAMED, LetsIn.UNRESOLVED):
        if verdict in found:
            return verdict, found[verdict]
    return LetsIn.NO, ""


_UNDER = {
    Restriction.NONE: LetsIn.EVERYONE,
    Restriction.ICONIK: LetsIn.NAMED,
    Restriction.UNRESOLVED: LetsIn.UNRESOLVED,
}


def _principals(node: Any, scope: Scope) -> list[tuple[str, str]]:
    if isinstance(node, dict) and intrinsic(node) is None:
        return [(str(kind).lower(), text) for kind, value in node.items() for text in _texts(value, scope)]
    return [("aws", text) for text in _texts(node, scope)]


def _texts(node: Any, scope: Scope) -> list[str]:
    if isinstance(node, dict) and intrinsic(node) is None:
        return [unresolved("a principal of unknown form")]
    return texts(node, scope)


def _verdict(kind: str, text: str, iconik: Iconik) -> LetsIn:
    if kind == "service":
        return LetsIn.NO
    if kind == "canonicaluser":
        # An account under another number, which says nothing about whose it is.
        return LetsIn.NO if has_own(text) and not has_unresolved(text) else LetsIn.UNRESOLVED
    if kind == "federated":
        # IAM takes identity providers of the role's own account only, so an unresolved one is never iconik's.
        return LetsIn.NAMED if iconik.is_named_by(text) and text != "*" else LetsIn.NO
    if text == "*":
        return LetsIn.EVERYONE
    if iconik.is_named_by(text):
        return LetsIn.NAMED
    return LetsIn.UNRESOLVED if iconik.could_be_named_by(text) or _UNIQUE_ID.fullmatch(text) else LetsIn.NO
