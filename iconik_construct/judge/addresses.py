"""Networks of IP addresses: whether an address is in one, and how much of all addresses a list of them is.

Source: AWS, IAM User Guide, "IP address condition operators".
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

__all__ = ["are_every_address", "are_few", "is_in", "is_network"]

_FEW: Final = {4: 1 << (32 - 7), 6: 1 << (128 - 15)}
"""Fewer addresses than these can be one company's: all private IPv4 addresses are fewer, a /7 is not."""


def is_in(network: str, address: str) -> bool | None:
    """Tell whether an address is in a network; None where one of them cannot be read."""
    # Only what asks for addresses pays for the import.
    from ipaddress import ip_address  # noqa: PLC0415

    read = _network(network)
    try:
        given = ip_address(address)
    except ValueError:
        return None
    return None if read is None else given.version == read.version and given in read


def is_network(text: str) -> bool:
    return _network(text) is not None


def are_few(networks: Iterable[str]) -> bool:
    """Tell whether all the networks can be read and are, together, few enough to be one company's."""
    counted = _counted(networks)
    return counted is not None and all(count < _FEW[version] for version, count in counted.items())


def are_every_address(networks: Iterable[str]) -> bool:
    """Tell whether the networks together are every address of IPv4 or of IPv6."""
    counted = _counted(networks) or {}
    return counted.get(4) == 1 << 32 or counted.get(6) == 1 << 128


def _counted(networks: Iterable[str]) -> dict[int, int] | None:
    """Return how many addresses of each version the networks are, or None where one of them cannot be read."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    for one in map(_network, networks):
        if one is None:
            return None
        start = int(one.network_address)
        ranges.setdefault(one.version, []).append((start, start + one.num_addresses))
    return {version: _length(sorted(found)) for version, found in ranges.items()}


def _length(ranges: Iterable[tuple[int, int]]) -> int:
    """Return how much sorted ranges cover, which may overlap."""
    covered, reached = 0, 0
    for start, end in ranges:
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered


@lru_cache(maxsize=16_384)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    from ipaddress import ip_network  # noqa: PLC0415

    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
