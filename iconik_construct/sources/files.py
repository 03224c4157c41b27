"""Reads a file, or standard input, as text of limited size."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import Final

from ..errors import InputError

__all__ = ["STANDARD_INPUT", "SourceError", "read_text", "said_by"]

STANDARD_INPUT: Final = "-"
_LARGEST: Final = 20_000_000
"""The limit in bytes. A template has at most one million, and a plan of a thousand resources about ten."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class SourceError(InputError):
    """A file has no form that the rules can check. The message is one line with the reason."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{'standard input' if path == STANDARD_INPUT else path}: {why}")


def read_text(path: str) -> str:
    """Return the text of a file; `-` is standard input.

    Raises:
        SourceError: missing, not readable, too large, or not text.
    """
    try:
        if path == STANDARD_INPUT:
            if sys.stdin is None:
                raise SourceError(path, "closed")
            data = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise SourceError(path, said_by(error)) from error
    if len(data) > _LARGEST:
        raise SourceError(path, f"larger than {_LARGEST // 1_000_000} MB, which no template is")
    if data.startswith((b"PK\x03\x04", b"tfplan")):
        raise SourceError(path, "a binary file; for a Terraform plan give the JSON: terraform show -json FILE")
    try:
        # Windows PowerShell writes redirected output as UTF-16.
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(path, "not text in UTF-8") from error
    if "\0" in text:
        raise SourceError(path, "a binary file, not text")
    return text


def said_by(error: Exception) -> str:
    """Return the message of the operating system."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
