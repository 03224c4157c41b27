"""Reads how a storage is registered in iconik."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from ..errors import IconikTypeError, IconikValueError
from ..registration.handler.client import parse_base_url
from ..registration.handler.errors import RegistrationError
from .file_model import FileModel
from .values import Parsed, matching, one_of

__all__ = ["REMOVAL_POLICIES", "Registration"]

REMOVAL_POLICIES: Final = ("RETAIN", "DESTROY")
DEFAULT_BASE_URL: Final = "https://app.iconik.io"

_EXAMPLE: Final = 'Write {"credentials": "iconik/token"}, the name of a secret in Secrets Manager.'
_NAME_OR_ARN: Final = (
    r"(arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
    r"|[A-Za-z0-9/_+=.@-]{1,512})"
)


def _base_url(value: Any) -> str:
    fix = "Write iconik's address, such as https://app.iconik.io."
    if not isinstance(value, str):
        raise IconikTypeError("base_url", "must be a string", got=value, fix=fix)
    try:
        parse_base_url(value)
    except RegistrationError:
        raise IconikValueError("base_url", "must be 'https://' and a host, nothing else", got=value, fix=fix) from None
    return value


class Registration(FileModel):
    """Registers the storage in iconik at deployment."""

    example = _EXAMPLE

    credentials: Annotated[
        str, matching(_NAME_OR_ARN, "must be the name or the whole ARN of a secret in Secrets Manager", _EXAMPLE)
    ] = Field(description="The secret in Secrets Manager with App-ID and Auth-Token: its name, or its whole ARN.")
    base_url: Annotated[str, Parsed(_base_url, {"type": "string", "pattern": "^https?://[^/?#@]+(/API)?/?$"})] = Field(
        DEFAULT_BASE_URL, description=f"The address of iconik. Default: {DEFAULT_BASE_URL}."
    )
    removal_policy: Annotated[str, one_of(REMOVAL_POLICIES)] = Field(
        "RETAIN",
        description="Whether the storage stays in iconik, inactive (RETAIN, the default), or is deleted too.",
    )
