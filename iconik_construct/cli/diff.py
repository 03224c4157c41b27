"""`iconik-construct diff`: the access that iconik and others gain and lose between two sides.

Starts neither jsii nor Node. Only `--bucket` calls AWS, with read-only actions.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from ..access.trust import ICONIK_ROLE_ARN, parse_iconik_role_arn
from ..errors import InputError
from .command import Commands, add_parser
from .exit_codes import ExitCode
from .text import SYSTEM_DOMAIN_ID

if TYPE_CHECKING:
    from ..sources.reading import Source

__all__ = ["add_command"]

_FORMATS: Final = ("text", "json", "markdown")
_DESCRIPTION: Final = """\
Show what iconik and others gain and lose between two sides, for each bucket, key and other resource.

OLD and NEW are each an assembly of any CDK language (cdk.out), a CloudFormation template in JSON or YAML, the policy of
a bucket or a key, or the output of terraform show -json. With --bucket NAME a live bucket is one of the sides: OLD if
--bucket is before the file, NEW if it is after the file.

Not a change: order, Sids, white space, a list of one value instead of the value, and letter case that AWS ignores.
"""
_EPILOG: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  nobody gains access
  {ExitCode.NOT_GOOD:d}  somebody gains access, or it cannot be determined
  {ExitCode.WRONG_CALL:d}  wrong call, or a file is missing or cannot be read
  {ExitCode.UNREACHABLE:d}  AWS could not be asked, or an internal error
"""


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = add_parser(
        commands,
        _run,
        "diff",
        "show what iconik and others gain and lose between two templates, policies or plans",
        _DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("paths", metavar="OLD NEW", nargs="+", help="a file, the directory of an assembly, or -")
    parser.add_argument(
        "--bucket",
        metavar="NAME",
        action=_Side,
        help="a live bucket, instead of OLD or NEW; needs the extra 'live'",
    )
    parser.add_argument(
        "--system-domain-id", metavar="UUID", action="append", default=[], help=f"{SYSTEM_DOMAIN_ID}; required"
    )
    parser.add_argument("--iconik-role-arn", metavar="ARN", default=ICONIK_ROLE_ARN, help="default: %(default)s")
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: %(default)s")
    from .live_options import add_session_options  # noqa: PLC0415 - not for other commands

    add_session_options(parser)


class _Side(argparse.Action):
    """Keeps the name of the live bucket, and whether it comes after the file."""

    def __call__(
        self, _parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, _option: str | None = None
    ) -> None:
        namespace.bucket, namespace.is_bucket_new = value, bool(namespace.paths)


def _run(options: argparse.Namespace) -> int:
    from ..assessment import Question, Verdict  # noqa: PLC0415
    from ..sources.comparing import compare_sources  # noqa: PLC0415
    from ..sources.files import STANDARD_INPUT  # noqa: PLC0415
    from ..sources.reading import read_source  # noqa: PLC0415
    from .diff_formats import WRITERS  # noqa: PLC0415
    from .live_options import parsed_ids  # noqa: PLC0415

    paths = options.paths
    if len(paths) != (1 if options.bucket else 2):
        raise InputError("give OLD and NEW, or --bucket NAME instead of one of them")
    if paths == [STANDARD_INPUT] * 2:
        raise InputError("only one side can be standard input")
    role_arn = parse_iconik_role_arn(options.iconik_role_arn, "--iconik-role-arn")
    question = Question(parsed_ids(options, "diff"), role_arn=role_arn)
    sides = [read_source(path) for path in paths]
    if options.bucket is not None:
        live = _live(options)
        if live is None:
            return ExitCode.UNREACHABLE
        sides.insert(1 if options.is_bucket_new else 0, live)
    old, new = sides
    comparison = compare_sources(old, new, question)
    sys.stdout.write(WRITERS[options.format](comparison))
    return ExitCode.GOOD if comparison.verdict is Verdict.GOOD else ExitCode.NOT_GOOD


def _live(options: argparse.Namespace) -> Source | None:
    """Return the live bucket; None if AWS cannot be called, which is printed."""
    from ..live.bucket import read_bucket  # noqa: PLC0415 - needs boto3
    from ..sources.live_bucket import source_of_bucket  # noqa: PLC0415
    from .bucket_name import bucket_name_of  # noqa: PLC0415
    from .live_options import connected  # noqa: PLC0415

    bucket_name_of(options.bucket, "--bucket")
    aws = connected(options, options.bucket, "diff")
    if aws is None:
        return None
    facts = read_bucket(aws, options.bucket, region=options.region)
    if facts.is_gone:
        raise InputError(f"there is no bucket {options.bucket!r}")
    return source_of_bucket(facts)
