"""Reads how a storage is registered in iconik."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from ..registration.base_url import DEFAULT_BASE_URL, checked_base_url
from .file_model import FileModel
from .values import Parsed, matching, one_of

__all__ = ["REMOVAL_POLICIES", "Registration"]

REMOVAL_POLICIES: Final = ("RETAIN", "DESTROY")

_EXAMPLE: Final = 'Write {"credentials": "iconik/token"}, the name of a secret in Secrets Manager.'
_NAME_OR_ARN: Final = (
    r"(arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
    r"|[A-Za-z0-9/_+=.@-]{1,512})"
)


class Registration(FileModel):
    """Registers the storage in iconik at deployment."""

    example = _EXAMPLE

    credentials: Annotated[
        str, matching(_NAME_OR_ARN, "must be the name or the whole ARN of a secret in Secrets Manager", _EXAMPLE)
    ] = Field(description="The secret in Secrets Manager with App-ID and Auth-Token: its name, or its whole ARN.")
    base_url: Annotated[
        str, Parsed(checked_base_url, {"type": "string", "pattern": "^https?://[^/?#@]+(/API)?/?$"})
    ] = Field(DEFAULT_BASE_URL, description=f"The address of iconik. Default: {DEFAULT_BASE_URL}.")
    removal_policy: Annotated[str, one_of(REMOVAL_POLICIES)] = Field(
        "RETAIN",
        description="Whether the storage stays in iconik, inactive (RETAIN, the default), or is deleted too.",
    )
