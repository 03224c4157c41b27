"""The exit codes of all subcommands."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """The exit code of `iconik-construct`."""

    GOOD = 0
    """All is as expected."""
    NOT_GOOD = 1
    """Something is not as expected, or cannot be determined."""
    WRONG_CALL = 2
    """The command was called wrongly."""
    UNREACHABLE = 3
    """The other side could not be called."""
    INTERNAL_ERROR = 3
    """The command itself failed, and determined nothing."""
