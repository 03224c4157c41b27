"""Reads a CloudFormation template in YAML. The short functions have their full form. It needs PyYAML."""

from __future__ import annotations

import re
from typing import Any, Final

from .text import walk
from .yaml_text import read_yaml

__all__ = ["read_template_yaml"]

_SHORT_WITHOUT_FN: Final = ("Ref", "Condition")
_TAG: Final = re.compile(r"[A-Za-z0-9]+(::[A-Za-z0-9]+)*")


def read_template_yaml(text: str) -> Any:
    """Return the content of YAML.

    Raises:
        ValueError: not YAML that can be read, or a key occurs twice in one object.
    """
    try:
        document = read_yaml(text, _long)
    except ValueError as error:
        raise ValueError(f"not YAML that can be read: {error}") from error
    for _, value in walk(document):
        for key in getattr(value, "repeated", ()):
            raise ValueError(f"the key {key!r} occurs twice in one object, at line {value.lines.get(key)}")
    return document


def _long(tag: str, value: Any) -> Any:
    """Return the full form of a short function of CloudFormation."""
    if not _TAG.fullmatch(tag):
        return None
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in _SHORT_WITHOUT_FN else f"Fn::{tag}": value}
