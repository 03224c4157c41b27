"""Checks the address of iconik. A file of storages is checked with this too, without jsii."""

from __future__ import annotations

from typing import Final

from ..access.trust import is_token
from ..errors import IconikTypeError, IconikValueError
from .handler.client import parse_base_url
from .handler.errors import RegistrationError

__all__ = ["DEFAULT_BASE_URL", "checked_base_url"]

DEFAULT_BASE_URL: Final = "https://app.iconik.io"


def checked_base_url(value: object) -> str:
    """Return the address of iconik. A CDK token is returned unchecked.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: not `https://` and a host.
    """
    fix = f"Write iconik's address, such as {DEFAULT_BASE_URL}."
    if not isinstance(value, str):
        raise IconikTypeError("base_url", "must be a string", got=value, fix=fix)
    if is_token(value):
        return value
    try:
        parse_base_url(value)
    except RegistrationError:
        raise IconikValueError("base_url", "must be 'https://' and a host, nothing else", got=value, fix=fix) from None
    return value
