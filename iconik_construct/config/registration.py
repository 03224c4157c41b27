"""How a storage of the configuration file is registered in iconik. Standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..errors import IconikTypeError, IconikValueError
from ..registration.handler.client import parse_base_url
from ..registration.handler.errors import RegistrationError
from .json_document import Place

__all__ = ["RegistrationConfig", "parse_registration"]

_EXAMPLE: Final = 'Write {"credentials": "iconik/token"}, the name of a secret in Secrets Manager.'
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_SECRET_ARN = re.compile(r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}")
_REMOVAL_POLICIES: Final = ("RETAIN", "DESTROY")


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
    removal_policy: str = _REMOVAL_POLICIES[0]


def parse_registration(place: Place) -> RegistrationConfig | None:
    """Return how to register; None after a mistake, which is collected."""
    before = len(place.mistakes)
    given = place.fields(("base_url", "credentials", "removal_policy"), _EXAMPLE)
    if given is None:
        return None
    values: dict[str, str | None] = {}
    if "credentials" in given:
        values["credentials"] = given["credentials"].parsed(_credentials)
    else:
        place.missing("credentials", "must be given", _EXAMPLE)
    if "base_url" in given:
        values["base_url"] = given["base_url"].parsed(_base_url)
    if "removal_policy" in given:
        values["removal_policy"] = given["removal_policy"].choice(_REMOVAL_POLICIES)
    found = {key: value for key, value in values.items() if value is not None}
    return RegistrationConfig(**found) if len(place.mistakes) == before else None


def _credentials(value: object) -> str:
    rule = "must be the name or the whole ARN of a secret in Secrets Manager"
    if not isinstance(value, str):
        raise IconikTypeError("credentials", rule, got=value, way_out=_EXAMPLE)
    if not (_SECRET_ARN if value.startswith("arn:") else _SECRET_NAME).fullmatch(value):
        raise IconikValueError("credentials", rule, got=value, way_out=_EXAMPLE)
    return value


def _base_url(value: object) -> str:
    way_out = "Write iconik's address, such as https://app.iconik.io."
    if not isinstance(value, str):
        raise IconikTypeError("base_url", "must be a string", got=value, way_out=way_out)
    try:
        parse_base_url(value)
    except RegistrationError:
        raise IconikValueError(
            "base_url", "must be 'https://' and a host, nothing else", got=value, way_out=way_out
        ) from None
    return value
