"""`iconik-construct app`: the CDK app of a file of storages, for a `cdk.json` of three lines."""

from __future__ import annotations

import argparse
from typing import Final

from .command import Commands, add_parser
from .exit_codes import ExitCode

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Build the storages of a configuration file as CDK stacks. The CDK CLI runs this command, from a cdk.json such as

  { "app": "iconik-construct app storages.yaml" }

Without FILE, the command uses the file of '-c config=FILE', then the key 'iconik' of the CDK's context, then
storages.yaml, storages.yml or storages.json in the current directory."""
_EPILOG: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  synthesized, or recorded
  {ExitCode.NOT_GOOD:d}  the file has errors: all of them are listed, and nothing is written
  {ExitCode.WRONG_CALL:d}  wrong call, or the extra is not installed
"""


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    app = add_parser(
        commands,
        _run,
        "app",
        "build the stacks of a configuration file; the CDK CLI runs this",
        _DESCRIPTION,
        epilog=_EPILOG,
    )
    app.add_argument("file", metavar="FILE", nargs="?", help="the configuration file, YAML or JSON")
    app.add_argument(
        "--record",
        action="store_true",
        help="write next to FILE which stack has which storage, and synthesize nothing",
    )


def _run(options: argparse.Namespace) -> int:
    # Starts Node, which other commands do not need.
    from ..app import running  # noqa: PLC0415

    return running.record(options.file) if options.record else running.run(options.file)
