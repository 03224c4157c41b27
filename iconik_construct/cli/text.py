"""Prepares text from an account for a terminal."""

from __future__ import annotations

import textwrap
from typing import Final

__all__ = ["WIDTH", "printable", "wrapped"]

WIDTH: Final = 79


def printable(text: str) -> str:
    """Return a text without control characters, which a terminal could execute."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def wrapped(text: str, indent: str) -> list[str]:
    """Return a text as lines."""
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
