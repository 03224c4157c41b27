"""How a storage of the file is registered in iconik."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from ..errors import IconikTypeError, IconikValueError
from ..registration.handler.client import parse_base_url
from ..registration.handler.errors import RegistrationError
from .file_model import LEFT_OUT, FileModel
from .value_types import Made, Parsed, one_of

__all__ = ["REMOVAL_POLICIES", "Registration", "RegistrationConfig"]

REMOVAL_POLICIES: Final = {"RETAIN": "RETAIN", "DESTROY": "DESTROY"}

_EXAMPLE: Final = 'Write {"credentials": "iconik/token"}, the name of a secret in Secrets Manager.'
_SECRET = re.compile(
    r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
    r"|[A-Za-z0-9/_+=.@-]{1,512}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationConfig:
    """How to register.

    Attributes:
        credentials: the name or the ARN of the secret that holds App-ID and Auth-Token.
        base_url: where iconik is.
        removal_policy: whether the storage stays in iconik, inactive, or goes with its stack.
    """

    credentials: str
    base_url: str = "https://app.iconik.io"
    removal_policy: str = "RETAIN"


def _credentials(value: object) -> str:
    rule = "must be the name or the whole ARN of a secret in Secrets Manager"
    if not isinstance(value, str):
        raise IconikTypeError("credentials", rule, got=value, fix=_EXAMPLE)
    if not _SECRET.fullmatch(value):
        raise IconikValueError("credentials", rule, got=value, fix=_EXAMPLE)
    return value


def _base_url(value: object) -> str:
    fix = "Write iconik's address, such as https://app.iconik.io."
    if not isinstance(value, str):
        raise IconikTypeError("base_url", "must be a string", got=value, fix=fix)
    try:
        parse_base_url(value)
    except RegistrationError:
        raise IconikValueError("base_url", "must be 'https://' and a host, nothing else", got=value, fix=fix) from None
    return value


class RegistrationObject(FileModel):
    """Registers the storage in iconik as it is deployed."""

    credentials: Annotated[str, Parsed(_credentials, {"type": "string", "pattern": f"^({_SECRET.pattern})$"})] = Field(
        description="The secret in Secrets Manager that holds App-ID and Auth-Token: its name, or its whole ARN."
    )
    base_url: Annotated[str, Parsed(_base_url, {"type": "string", "pattern": "^https?://[^/?#@]+(/API)?/?$"})] = Field(
        LEFT_OUT, description="Where iconik is. Default: https://app.iconik.io."
    )
    removal_policy: Annotated[str, one_of(REMOVAL_POLICIES)] = Field(
        LEFT_OUT,
        description="Whether the storage stays in iconik, inactive (RETAIN, the default), or goes with its stack.",
    )

    @classmethod
    def example(cls) -> str:
        return _EXAMPLE

    def config(self) -> RegistrationConfig:
        """Return the value."""
        return RegistrationConfig(**self.written())


Registration = Annotated[RegistrationObject, Made(RegistrationObject.config)]
"""How to register, as a `RegistrationConfig`."""
