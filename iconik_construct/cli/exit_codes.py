"""What the exit code of every subcommand says."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """As `iconik-construct` ends."""

    GOOD = 0
    """It is as it should be."""
    NOT_GOOD = 1
    """It is not."""
    WRONG_CALL = 2
    """The command was called wrongly."""
    UNREACHABLE = 3
    """The other side could not be asked."""
    INTERNAL_ERROR = 3
    """The command itself failed: nothing was found out."""
