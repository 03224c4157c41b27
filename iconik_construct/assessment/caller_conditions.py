"""Reads the conditions of a statement on its caller, with networks as they matter to iconik and to strangers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ..judge import unknown
from ..judge.addresses import are_every_address, are_few, has_many_mapped, is_network
from ..judge.text import MarkedText, has_unknown, if_plain, is_marked, is_own, joined, literal, shown, split
from .assumptions import ASSUMPTIONS
from .names import Iconik
from .public import condition_entries, is_negated

__all__ = ["CallerConditions", "conditions_on_caller"]

_OF_THE_CALLER: Final = frozenset(
    {
        *(each.key.lower() for each in ASSUMPTIONS),
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:userid",
        "aws:username",
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


@dataclass(slots=True)
class CallerConditions:
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

    def name(self, iconik: Iconik) -> bool:
        """Return whether a value that a caller must have contains iconik's account."""
        return any(iconik.is_written_in(value) for value in self.values())

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


def conditions_on_caller(block: Any) -> CallerConditions:
    """Return the conditions on the caller of a `Condition`."""
    conditions = CallerConditions()
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
