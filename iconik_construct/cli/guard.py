"""`iconik-construct guard`: the guardrail's rules for the files of any tool.

Starts neither jsii nor Node, and makes no calls: it needs only Python.
"""

from __future__ import annotations

import argparse
import sys
from typing import Final

from ..access.trust import ICONIK_ROLE_ARN, parse_iconik_role_arn
from .command import Commands, add_parser
from .exit_codes import ExitCode
from .text import SYSTEM_DOMAIN_ID

__all__ = ["add_command"]

_FORMATS: Final = ("text", "json", "sarif", "junit", "markdown")
_DESCRIPTION: Final = """\
Check files with the guardrail's rules: which iconik customers have access, and by which statement.

PATH is an assembly of any CDK language (cdk.out), a CloudFormation template in JSON or YAML, or a policy of a bucket,
key or role. It can also be the output of terraform show -json for a plan or a state. All files are checked together, so
a key can be in another file than its bucket. '-' is standard input.
"""
_EPILOG: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  no errors; there may be warnings, also that it is not known whether iconik has access
  {ExitCode.NOT_GOOD:d}  an error: others have access or may have access, or iconik lacks access
  {ExitCode.WRONG_CALL:d}  wrong call, or a file is missing or cannot be read
  {ExitCode.INTERNAL_ERROR:d}  an internal error
"""


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = add_parser(
        commands,
        _run,
        "guard",
        "check templates, policies and Terraform plans with the guardrail's rules",
        _DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, the directory of an assembly, or -")
    parser.add_argument("--system-domain-id", metavar="UUID", action="append", required=True, help=SYSTEM_DOMAIN_ID)
    parser.add_argument("--iconik-role-arn", metavar="ARN", default=ICONIK_ROLE_ARN, help="default: %(default)s")
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: %(default)s")


def _run(options: argparse.Namespace) -> int:
    from ..sources.guarding import guard  # noqa: PLC0415 - not for other commands
    from ..sources.reading import read_source  # noqa: PLC0415
    from .guard_formats import WRITERS  # noqa: PLC0415
    from .live_options import parsed_ids  # noqa: PLC0415

    domains = parsed_ids(options, "guard")
    role_arn = parse_iconik_role_arn(options.iconik_role_arn, "--iconik-role-arn")
    guarded = guard([read_source(path) for path in dict.fromkeys(options.paths)], domains, role_arn)
    sys.stdout.write(WRITERS[options.format](guarded))
    return ExitCode.NOT_GOOD if guarded.is_refused else ExitCode.GOOD
