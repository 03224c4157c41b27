"""Prepares text and JSON from an account for a terminal."""

from __future__ import annotations

import json
import textwrap
from typing import Any, Final

__all__ = ["SYSTEM_DOMAIN_ID", "folded", "json_text", "printable", "wrapped"]

_WIDTH: Final = 79
_JSON_WIDTH: Final = 110
SYSTEM_DOMAIN_ID: Final = "your System Domain ID, from Admin > Settings > System Settings in iconik; may be repeated"
"""The help of the option `--system-domain-id`."""


def printable(text: str) -> str:
    """Return a text without control characters, which a terminal could execute."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def json_text(value: Any) -> str:
    """Return JSON with each value on a line of its own, and a line break at the end."""
    return json.dumps(value, indent=2) + "\n"


def folded(value: Any, indent: str = "") -> str:
    """Return JSON with each object and list on one line that is short enough for it, except the outermost."""
    line = json.dumps(value)
    if not value or not isinstance(value, (dict, list)) or (indent and len(indent) + len(line) <= _JSON_WIDTH):
        return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        items = [f"{deeper}{json.dumps(name)}: {folded(item, deeper)}" for name, item in value.items()]
    else:
        items = [f"{deeper}{folded(item, deeper)}" for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, ",\n".join(items), f"{indent}{closing}"])


def wrapped(text: str, indent: str) -> list[str]:
    """Return a text as lines."""
    return textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
