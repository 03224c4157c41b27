"""Reads the template in a text, such as the body of a stack set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..judge.text import AnyText, is_plain
from .documents import parsed

__all__ = ["template_in"]

_LARGEST: Final = 1_100_000
"""The maximum length of a template in YAML. AWS accepts one megabyte."""


def template_in(text: AnyText) -> Mapping[str, Any] | None:
    """Return the template in a text of JSON or YAML, or None if there is none that can be read.

    A text in YAML with values that are not known cannot be read: such a value can contain a quote or a colon.
    """
    body = parsed(text)
    if body is None and is_plain(text) and len(text) <= _LARGEST:
        try:
            # On demand: PyYAML is an extra.
            from ..documents.template_text import read_template_yaml  # noqa: PLC0415

            body = read_template_yaml(text)
        except (ImportError, ValueError, RecursionError):
            return None
    return body if isinstance(body, dict) else None
