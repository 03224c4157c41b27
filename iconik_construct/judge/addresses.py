"""Checks IP addresses: whether a network contains an address, and how many addresses a list of networks has.

Source: AWS, IAM User Guide, "IP address condition operators".
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

__all__ = ["are_every_address", "are_few", "has_many_mapped", "is_in", "is_network", "is_within"]

_FEW: Final = {4: 1 << (32 - 7), 6: 1 << (128 - 15)}
"""One company can have fewer addresses than these. All private IPv4 addresses are fewer. A /7 network is not."""


def is_in(network: str, address: str) -> bool | None:
    """Return whether the network contains the address, or None if one of them cannot be read."""
    # Imported here, because only policies with IP addresses need it.
    from ipaddress import ip_address  # noqa: PLC0415

    parsed = _network(network)
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    return None if parsed is None else ip.version == parsed.version and ip in parsed


def is_within(narrow: str, wide: str) -> bool:
    """Return whether a network certainly contains every address of another network."""
    first, second = _network(narrow), _network(wide)
    if first is None or second is None or first.version != second.version:
        return False
    return first.network_address in second and first.prefixlen >= second.prefixlen


def is_network(text: str) -> bool:
    return _network(text) is not None


def are_few(networks: Iterable[str]) -> bool:
    """Return whether all networks can be read and together are few enough to belong to one company."""
    counted = _counted(networks)
    return counted is not None and all(count < _FEW[version] for version, count in counted.items())


def are_every_address(networks: Iterable[str]) -> bool:
    """Return whether the networks together contain every IPv4 and every IPv6 address."""
    return _counted(networks) == {4: 1 << 32, 6: 1 << 128}


def has_many_mapped(text: str) -> bool:
    """Return whether an IPv6 network contains many IPv4 addresses as `::ffff:0:0/96` has them.

    AWS does not say whether they match IPv4 addresses.
    """
    network, mapped = _network(text), _network("::ffff:0:0/96")
    if network is None or mapped is None or not network.overlaps(mapped):
        return False
    return min(network.num_addresses, mapped.num_addresses) >= _FEW[4]


def _counted(networks: Iterable[str]) -> dict[int, int] | None:
    """Return the number of addresses of each version, or None if a network cannot be read."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    for network in map(_network, networks):
        if network is None:
            return None
        start = int(network.network_address)
        ranges.setdefault(network.version, []).append((start, start + network.num_addresses))
    return {version: _length(sorted(spans)) for version, spans in ranges.items()}


def _length(ranges: Iterable[tuple[int, int]]) -> int:
    """Return the length that sorted ranges cover. The ranges can overlap."""
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
