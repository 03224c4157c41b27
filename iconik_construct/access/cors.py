"""Decides whether iconik or the template writes the bucket's CORS configuration. Standard library only.

Only one of them can, because `PutBucketCors` replaces the whole configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import IconikTypeError, IconikValueError
from .trust import is_token

__all__ = [
    "CORS_EXPOSED_HEADERS",
    "CORS_METHODS",
    "ICONIK_ORIGINS",
    "Cors",
    "admits_iconik",
    "has_own_origins",
    "refuse_own_origins",
]

ICONIK_ORIGINS: Final = (
    "https://app.iconik.io",
    "https://eu.iconik.io",
    "https://us.iconik.io",
    "https://app.aws.iconik.io",
    "https://eu.aws.iconik.io",
    "https://us.aws.iconik.io",
)
"""The origins of iconik's web application. Inferred from its public systems. A domain can have its own."""

CORS_METHODS: Final = ("GET", "HEAD", "PUT", "POST")
CORS_EXPOSED_HEADERS: Final = ("ETag",)
"""A browser needs each part's ETag to finish a multipart upload."""

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True, repr=False)
class Cors:
    """The writer of the CORS configuration. Made by `Cors.by_iconik()` or `Cors.by_template()`.

    Attributes:
        origins: the origins that the template's rules allow; None when iconik writes the rules.
    """

    origins: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.origins is not None:
            object.__setattr__(self, "origins", _parse_origins(self.origins))

    def __repr__(self) -> str:
        """Return the call that makes this object."""
        if self.origins is None:
            return "Cors.by_iconik()"
        return f"Cors.by_template({'' if self.origins == ICONIK_ORIGINS else list(self.origins)})"

    @classmethod
    def by_iconik(cls) -> Cors:
        """Allow iconik to write the rules, with `s3:GetBucketCORS` and `s3:PutBucketCORS`. The template has none."""
        return cls()

    @classmethod
    def by_template(cls, origins: Sequence[str] = ICONIK_ORIGINS) -> Cors:
        """Write the rules in the template. iconik may only use `s3:GetBucketCORS`.

        The rules allow GET, HEAD, PUT and POST with any header and expose `ETag`. iconik publishes no CORS
        configuration: the rules are inferred from its browser application. The rules of an existing bucket are not
        changed, so origins are refused there, in a mixin, and in place of an `s3.Bucket`.

        Args:
            origins: the addresses of iconik's web application. Default: iconik's public systems.

        Raises:
            IconikTypeError: not a sequence of strings.
            IconikValueError: no origin; one with a wildcard or a path, or without its scheme.
        """
        return cls(origins=_parse_origins(origins))

    @property
    def is_by_iconik(self) -> bool:
        """Whether iconik writes the rules."""
        return self.origins is None


def has_own_origins(cors: Cors) -> bool:
    """Return whether the caller has chosen the origins."""
    return cors.origins is not None and cors.origins != ICONIK_ORIGINS


def refuse_own_origins(cors: Cors) -> None:
    """Refuse origins of the caller where no rule is written for them.

    Raises:
        IconikValueError: as above.
    """
    if has_own_origins(cors):
        raise IconikValueError(
            "cors",
            "must have no origins here, because no CORS rule is written for them",
            got=cors,
            fix="Write Cors.by_template(), and put a rule for these origins on the bucket itself.",
        )


def admits_iconik(origins: Iterable[str], addresses: Sequence[str] = ICONIK_ORIGINS) -> bool:
    """Return whether an origin of a rule, which can have a wildcard, is an address of iconik's web application."""
    return any(_matches(origin, address) for origin in origins for address in addresses)


def _matches(pattern: str, origin: str) -> bool:
    # An origin can have one wildcard. Source: Amazon S3 User Guide, "Elements of a CORS configuration".
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), origin) is not None


def _parse_origins(value: Sequence[str]) -> tuple[str, ...]:
    fix = f"Write for example [{ICONIK_ORIGINS[0]!r}]."
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise IconikTypeError("origins", "must be a sequence of origins", got=value, fix=fix)
    if not value:
        raise IconikValueError("origins", "must hold at least one origin", got=value, fix=fix)
    for origin in value:
        if not isinstance(origin, str):
            raise IconikTypeError("origins", "must hold strings only", got=origin, fix=fix)
        if not is_token(origin) and not _ORIGIN.fullmatch(origin):
            rule = "must hold origins only: scheme and host in lower case, no path, no wildcard"
            raise IconikValueError("origins", rule, got=origin, fix=fix)
    return tuple(dict.fromkeys(value))
