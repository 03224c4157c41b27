"""Reads a scalar or a list of scalars as IAM does: a single value needs no list; numbers and booleans become text."""

from __future__ import annotations

from typing import Any

from .text import MarkedText, literal

__all__ = ["scalar", "scalars"]


def scalar(value: Any) -> MarkedText | None:
    """Return the value as text, or None if it is not a scalar and cannot be read."""
    if isinstance(value, MarkedText):
        return value
    if isinstance(value, bool):
        return literal("true" if value else "false")
    if isinstance(value, (int, float)):
        try:
            return literal(str(value))
        except ValueError:  # an integer of thousands of digits
            return None
    return None


def scalars(value: Any) -> list[MarkedText | None]:
    """Return one value or a list of values as texts, with None for each value that cannot be read."""
    if isinstance(value, (list, tuple)):
        return [scalar(item) for item in value]
    return [scalar(value)]
