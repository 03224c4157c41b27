"""The command `iconik-construct`: its subcommands, and its version."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

__all__ = ["main"]

_COMMANDS: Final = ("app", "audit", "check", "guard", "report", "schema", "statements", "verify")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand that the arguments name and return its exit code, one of `ExitCode`."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser(given).parse_args(given)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="iconik-construct", description="An S3 bucket made ready for iconik.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    # To load all of them takes longer than `guard` may take to start.
    named = arguments[:1] if arguments and arguments[0] in _COMMANDS else _COMMANDS
    for command in named:
        import_module(f".{command}", __package__).add_command(commands)
    if named == _COMMANDS:
        from .. import __version__  # noqa: PLC0415 - it reads files

        parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser
