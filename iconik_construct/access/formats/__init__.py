"""Writes iconik's statements in the language of the policy's owner: one file for each language.

The owner of a policy may not use the CDK. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from . import cloudformation, commands, plain_json, terraform
from .handed_over import HandedOver
from .perimeter import PERIMETER_FORMATS

__all__ = ["FORMATS", "PERIMETER_FORMATS", "HandedOver"]

FORMATS: Final[Mapping[str, Callable[[HandedOver], str]]] = MappingProxyType(
    {
        "json": plain_json.write,
        "terraform": terraform.write,
        "cloudformation": cloudformation.write,
        "cli": commands.write,
    }
)
"""The writer of each language, by the name that `iconik-construct statements --format` takes."""
