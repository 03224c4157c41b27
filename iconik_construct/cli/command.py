"""What all subcommands share: their parser, and the text and the exit code of an error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Final

from ..errors import IconikPropError, InputError
from .exit_codes import ExitCode
from .text import printable

__all__ = ["Commands", "add_parser", "exit_code_of", "say"]

Commands = argparse._SubParsersAction
_EXTRAS: Final = {
    "boto3": "live",
    "botocore": "live",
    "jinja2": "report",
    "pydantic": "app",
    "pydantic_core": "app",
}
_FOR_YAML: Final = {"app": "app", "schema": "app"}
_OF_FILES: Final = ("diff", "guard")


def add_parser(
    commands: Commands[argparse.ArgumentParser],
    run: Callable[[argparse.Namespace], int],
    name: str,
    summary: str,
    description: str,
    *,
    epilog: str = "",
) -> argparse.ArgumentParser:
    """Add a subcommand, and return its parser."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, command=name)
    return parser


def say(command: str, text: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(f"iconik-construct {command}: {printable(text)}\n")


def exit_code_of(error: Exception, command: str) -> ExitCode:
    """Print an error of a subcommand in one line, and return the exit code.

    Raises:
        Exception: of a construct in the app of the user, unchanged.
    """
    if isinstance(error, (IconikPropError, InputError)):
        code, text = ExitCode.WRONG_CALL, str(error)
    elif isinstance(error, RecursionError) and command in _OF_FILES:
        code, text = ExitCode.WRONG_CALL, "nested too deeply"
    elif isinstance(error, ModuleNotFoundError) and (extra := _extra_of(error.name, command)):
        code = ExitCode.WRONG_CALL
        text = f"needs {error.name}, which is not installed. Install it with: pip install 'iconik-construct[{extra}]'"
    elif command == "app":
        # An error of the user's own constructs.
        raise error
    else:
        code = ExitCode.INTERNAL_ERROR
        text = f"an internal error, so nothing was determined: {type(error).__name__}: {error}"
    say(command, " ".join(text.split()))
    return code


def _extra_of(module: str | None, command: str) -> str | None:
    return _FOR_YAML.get(command, "guard") if module == "yaml" else _EXTRAS.get(module or "")
