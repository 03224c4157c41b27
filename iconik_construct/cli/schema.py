"""`iconik-construct schema`: the JSON Schema of the file of storages, for editors."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from .exit_codes import ExitCode
from .extras import ask_for_extra

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Print the JSON Schema of the configuration file. With it, an editor completes keys and explains them. Write the schema
to a file, and name that file in the configuration file: in JSON as "$schema": "./storages.schema.json", in YAML as
# yaml-language-server: $schema=./storages.schema.json"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    schema = commands.add_parser(
        "schema",
        help="print the JSON Schema of the configuration file",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    schema.set_defaults(run=_run)


def _run(_options: argparse.Namespace) -> int:
    try:
        from ..config.schema import schema_text  # noqa: PLC0415 - pydantic is an extra
    except ModuleNotFoundError as error:
        return ask_for_extra("schema", error)
    sys.stdout.write(schema_text())
    return ExitCode.GOOD
