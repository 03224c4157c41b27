"""The command `iconik-construct`: its subcommands, and its version."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from .. import __version__
from . import app, audit, check, report, schema, statements, verify

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand that the arguments name and return its exit code, one of `ExitCode`."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="iconik-construct", description="An S3 bucket made ready for iconik.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (app, audit, check, report, schema, statements, verify):
        command.add_command(commands)
    return parser
