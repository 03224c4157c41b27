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
    from ipaddress import IPv4Network, IPv6Network, collapse_addresses  # noqa: PLC0415

    read = [_network(one) for one in networks]
    if None in read:
        return None
    fours = collapse_addresses(one for one in read if isinstance(one, IPv4Network))
    sixes = collapse_addresses(one for one in read if isinstance(one, IPv6Network))
    return {4: sum(one.num_addresses for one in fours), 6: sum(one.num_addresses for one in sixes)}


@lru_cache(maxsize=256)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    from ipaddress import ip_network  # noqa: PLC0415

    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
