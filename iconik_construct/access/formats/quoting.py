"""The one way of quoting text that both HCL and YAML read back as it was."""

from __future__ import annotations

from typing import Final

__all__ = ["quoted"]

_NAMED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LAST_OF_FOUR_DIGITS: Final = 0xFFFF


def quoted(text: str) -> str:
    """Return the text in double quotes; what does not print is written as its code point."""
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"
