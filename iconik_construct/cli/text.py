"""Text from an account, as it may reach a terminal."""

from __future__ import annotations

import textwrap
from typing import Final

__all__ = ["WIDTH", "printable", "wrapped"]

WIDTH: Final = 79


def printable(text: str) -> str:
    """Return a text of which nothing reaches the terminal as a command."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


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
