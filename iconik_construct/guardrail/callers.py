"""Whether a statement for everyone keeps iconik out by conditions on who calls, or lets iconik in by them.

Source of which keys a request carries: AWS, "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from ipaddress import ip_network
from typing import Any, Final

from .iconik import Iconik
from .intrinsics import Scope, intrinsic, texts
from .text import has_unresolved, shown

__all__ = ["Restriction", "condition_entries", "restriction"]


class Restriction(Enum):
    """What the conditions of a statement for everyone mean for iconik."""

    NONE = "iconik passes as everyone does"
    ICONIK = "iconik is named"
    OTHERS = "iconik cannot pass"
    UNRESOLVED = "cannot be told"


_CALLER: Final = {"aws:principalaccount", "aws:principalarn", "kms:calleraccount"}
"""Keys of every signed request, whose values name accounts or principals."""
_ORGANIZATION: Final = {"aws:principalorgid", "aws:principalorgpaths"}
_FOR_SOMEBODY: Final = {
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:vpceaccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
}
"""Keys of requests that come through a service, an endpoint or an access point; the value tells whose."""
_PLACE: Final = {
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
}
_ADDRESS: Final = {"aws:sourceip", "aws:vpcsourceip"}
_SERVICE: Final = {"aws:principalservicename", "aws:principalservicenameslist"}

_EQUAL: Final = {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
_NOT_EQUAL: Final = {"StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"}
_WIDEST_PREFIX: Final = {4: 8, 6: 16}


def condition_entries(condition: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield operator, key in lower case and values; what is no mapping yet comes with an empty key."""
    if condition is None:
        return
    if not isinstance(condition, dict) or intrinsic(condition) is not None:
        yield "", "", condition
        return
    for operator, keys in condition.items():
        if not isinstance(keys, dict) or intrinsic(keys) is not None:
            yield operator, "", keys
            continue
        for key, values in keys.items():
            yield operator, str(key).lower(), values


def restriction(condition: Any, iconik: Iconik, scope: Scope) -> tuple[Restriction, str]:
    """Return what the conditions together mean for iconik, and the value that says so."""
    found: dict[Restriction, str] = {}
    for operator, key, values in condition_entries(condition):
        value = texts(values, scope)
        verdict = Restriction.UNRESOLVED if key == "" else _entry(operator, key, value, iconik)
        found.setdefault(verdict, f"{key} {', '.join(shown(one) for one in value)}".strip())
    # All conditions must hold, so one that iconik cannot meet is enough.
    for verdict in (Restriction.OTHERS, Restriction.ICONIK, Restriction.UNRESOLVED):
        if verdict in found:
            return verdict, found[verdict]
    return Restriction.NONE, ""


def _entry(operator: str, key: str, values: list[str], iconik: Iconik) -> Restriction:
    base = operator.removeprefix("ForAnyValue:").removeprefix("ForAllValues:").removesuffix("IfExists")
    if key in _CALLER:
        return _caller(base, values, iconik)
    if "ForAllValues:" in operator or operator.endswith("IfExists") or not values:
        # iconik's requests do not have the other keys, or not these values, and then pass.
        return Restriction.NONE
    if base == "IpAddress" and key in _ADDRESS:
        return _others_if(all(_is_narrow(value) for value in values), values)
    if base == "Bool" and key == "aws:principalisawsservice":
        return _others_if(values == ["true"], values)
    return _positive(key, values, iconik) if base in _EQUAL else Restriction.NONE


def _positive(key: str, values: list[str], iconik: Iconik) -> Restriction:
    if key in _FOR_SOMEBODY:
        return _named_or_others(values, iconik)
    if key in _SERVICE:
        return Restriction.OTHERS
    if key in _ORGANIZATION | _PLACE:
        return _others_if(not any(_is_open(value) for value in values), values)
    return Restriction.NONE


def _caller(base: str, values: list[str], iconik: Iconik) -> Restriction:
    """Judge a key that iconik's requests always have: `IfExists` changes nothing there."""
    if base in _EQUAL and values:
        return _named_or_others(values, iconik)
    if base in _NOT_EQUAL and any(iconik.is_named_by(value) for value in values):
        return Restriction.OTHERS
    return Restriction.NONE


def _named_or_others(values: list[str], iconik: Iconik) -> Restriction:
    if any(_is_open(value) or iconik.is_matched_beside_others_by(value) for value in values):
        return Restriction.NONE
    if any(iconik.is_named_by(value) for value in values):
        return Restriction.ICONIK
    unresolved = any(iconik.could_be_named_by(value) for value in values)
    return Restriction.UNRESOLVED if unresolved else Restriction.OTHERS


def _others_if(narrow: bool, values: list[str]) -> Restriction:
    if any(has_unresolved(value) for value in values):
        return Restriction.UNRESOLVED
    return Restriction.OTHERS if narrow else Restriction.NONE


def _is_open(value: str) -> bool:
    """Tell whether a value is a wildcard or a policy variable, which anybody's request can match."""
    return "${" in value or not value.strip("*?") or value in {"o-*", "vpc-*", "vpce-*"}


def _is_narrow(value: str) -> bool:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        # our own address, an elastic IP for example
        return True
    return network.prefixlen >= _WIDEST_PREFIX[network.version]
