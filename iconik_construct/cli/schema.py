"""`iconik-construct schema`: the JSON Schema of the file of storages, for editors."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from .command import Commands, add_parser
from .exit_codes import ExitCode

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Print the JSON Schema of the configuration file. With it, an editor completes keys and explains them. Write the schema
to a file, and name that file in the configuration file: in JSON as "$schema": "./storages.schema.json", in YAML as
# yaml-language-server: $schema=./storages.schema.json"""


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    add_parser(commands, _run, "schema", "print the JSON Schema of the configuration file", _DESCRIPTION)


def _run(_options: argparse.Namespace) -> int:
    from ..config.schema import schema_text  # noqa: PLC0415 - pydantic is an extra

    sys.stdout.write(schema_text())
    return ExitCode.GOOD
