"""The command `iconik-construct`: its subcommands, its version, and its exit code after any error."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

from .command import exit_code_of

__all__ = ["main"]

_COMMANDS: Final = ("app", "audit", "check", "diff", "guard", "report", "schema", "statements", "verify")
_INTERRUPTED: Final = 130
"""The exit code of a shell for Ctrl-C."""
_NO_READER: Final = 141
"""The exit code of a shell for a command whose output nobody reads."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand that the arguments name and return its exit code, one of `ExitCode`."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks characters shows them escaped.
        _reconfigure(stream, errors="backslashreplace")
    # Under the C locale, Python reads arguments that are not ASCII as surrogates.
    given = [os.fsencode(each).decode("utf-8", "replace") for each in sys.argv[1:]] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    run: Callable[[argparse.Namespace], int] = options.run
    if getattr(options, "format", "text") != "text" or getattr(options, "output", None) == "-":
        # The code page of Windows is another one. XML and HTML declare UTF-8, and Terraform requires it.
        _reconfigure(sys.stdout, encoding="utf-8")
    try:
        code = run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\niconik-construct: interrupted.\n")
        return _INTERRUPTED
    except BrokenPipeError:
        # So that the interpreter does not write again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER
    except Exception as error:  # noqa: BLE001 - an internal error is never a pass
        return exit_code_of(error, options.command)
    return code


def _reconfigure(stream: object, **more: str) -> None:
    if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
        reconfigure(**more)


class _Parser(argparse.ArgumentParser):
    """A parser that accepts only complete option names, so that a new option cannot change an old script."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="iconik-construct", description="Make buckets for iconik, and show who has access to them.")
    commands: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(
        required=True, metavar="COMMAND", parser_class=_Parser
    )
    # Loading all subcommands takes longer than the allowed start time of `guard`.
    named = arguments[:1] if arguments and arguments[0] in _COMMANDS else _COMMANDS
    for command in named:
        import_module(f".{command}", __package__).add_command(commands)
    if named == _COMMANDS:
        from .. import __version__  # noqa: PLC0415 - it reads files

        parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser
