"""`iconik-construct report`: one HTML file for whoever must sign what iconik may do in the account.

Exit codes: 0 iconik gets in and nobody else does, as far as was read; 1 otherwise; 2 the command was called wrongly;
3 AWS could not be asked. The file is written but for a wrong call.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import __version__
from ..errors import IconikPropError
from ..storage.bucket_names import parse_bucket_name
from .exit_codes import ExitCode
from .extras import ask_for_extra
from .live_options import WrongCall, add_question_options, add_session_options, parsed_ids, question_of, session_of

if TYPE_CHECKING:
    from ..report.model import Report

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Write one HTML file that says what iconik may do in the account, for whoever must sign it: from a synthesized assembly
(cdk synth '**'), or from live buckets, by read-only calls.
"""
_EPILOG: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  iconik gets in and nobody else does, as far as was read
  {ExitCode.NOT_GOOD:d}  it does not, or somebody else does, or that cannot be told
  {ExitCode.WRONG_CALL:d}  the command was called wrongly
  {ExitCode.UNREACHABLE:d}  AWS could not be asked
"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = commands.add_parser(
        "report",
        help="write what iconik may do as one page to sign",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--assembly", metavar="FOLDER", help="a synthesized assembly, such as cdk.out")
    source.add_argument("--bucket", metavar="NAME", nargs="+", action="extend", help="live buckets; may be repeated")
    add_question_options(parser)
    add_session_options(parser)
    parser.add_argument(
        "--key-arn",
        metavar="ARN",
        action="append",
        default=[],
        help="with --bucket, a key that objects are encrypted with, beside the bucket's; may be repeated",
    )
    parser.add_argument("--output", metavar="FILE.html", required=True, help="the file to write")
    parser.add_argument("--date", metavar="DATE", help="the date on the page. Default: today")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    # Imported here: the other commands do not wait for it.
    from ..report.page import is_good, judged, page, verdict  # noqa: PLC0415

    reachable = True
    try:
        date = options.date or datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
        if options.assembly:
            made = _from_assembly(options, date)
        else:
            made, reachable = _from_buckets(options, date)
        matrices = judged(made)
        Path(options.output).write_text(page(made, matrices), encoding="utf-8")
    except (IconikPropError, WrongCall) as error:
        sys.stderr.write(f"iconik-construct report: {error}\n")
        return ExitCode.WRONG_CALL
    except OSError as error:
        sys.stderr.write(f"iconik-construct report: {options.output} cannot be written: {error.strerror}\n")
        return ExitCode.WRONG_CALL
    except ModuleNotFoundError as error:
        return ask_for_extra("report", error)
    sys.stdout.write(f"{verdict(made, matrices)}\nWritten to {options.output}\n")
    if not reachable:
        return ExitCode.UNREACHABLE
    return ExitCode.GOOD if is_good(made, matrices) else ExitCode.NOT_GOOD


def _from_assembly(options: argparse.Namespace, date: str) -> Report:
    from ..report.assembly import AssemblyError, read_assembly  # noqa: PLC0415

    ids = parsed_ids(options, "report")
    try:
        assembly = read_assembly(Path(options.assembly), options.iconik_role_arn, ids)
    except AssemblyError as error:
        raise WrongCall(str(error)) from error
    not_judged = [(f"Not read: {one}", "Look at that template.") for one in assembly.unread]
    return _report(
        options,
        date,
        system_domain_ids=ids,
        storages=assembly.storages,
        functions=assembly.functions(),
        acknowledged=assembly.acknowledged,
        against=tuple(assembly.against(ids)),
        refused=assembly.refused(),
        open_to_all=assembly.open_to_all(ids),
        templates_sha256=assembly.templates_sha256(),
        not_judged=(*not_judged, *_NOT_IN_TEMPLATES),
        obtained="from the templates of a synthesized CDK assembly, before it is deployed",
        command=_command(
            options, f"cdk synth '**' && iconik-construct report --assembly {shlex.quote(options.assembly)}"
        ),
    )


def _from_buckets(options: argparse.Namespace, date: str) -> tuple[Report, bool]:
    from ..live.bucket import read_bucket  # noqa: PLC0415 - needs boto3
    from ..live.check import check  # noqa: PLC0415
    from ..report.live import against, storage_of, unread_of  # noqa: PLC0415

    names = [parse_bucket_name(one, "--bucket") for one in options.bucket]
    question = question_of(options, "report")
    session = session_of(options.profile, options.region)
    checked = [
        check(read_bucket(session, name, region=options.region, key_ids=options.key_arn), question) for name in names
    ]
    gone = [one.bucket.name for one in checked if one.bucket.is_gone]
    if gone:
        raise WrongCall(f"there is no bucket {', '.join(gone)} for these credentials")
    unread = [pair for one in checked for pair in unread_of(one.bucket)]
    named = " ".join(
        [
            *(f"--bucket {shlex.quote(name)}" for name in names),
            *(f"--key-arn {shlex.quote(arn)}" for arn in options.key_arn),
        ]
    )
    made = _report(
        options,
        date,
        system_domain_ids=question.system_domain_ids,
        storages=tuple(storage_of(one) for one in checked),
        against=tuple(dict.fromkeys(text for one in checked for text in against(one))),
        not_judged=(*unread, *_NOT_IN_ACCOUNT),
        obtained="read from the account, by read-only calls",
        command=_command(options, f"iconik-construct report {named}"),
        is_live=True,
    )
    return made, not any(one.is_unknown for one in checked)


def _report(options: argparse.Namespace, date: str, **more: Any) -> Report:
    from ..report.model import Report  # noqa: PLC0415

    versions = (("iconik-construct", __version__), ("Python", platform.python_version()))
    return Report(date=date, versions=versions, role_arn=options.iconik_role_arn, **more)


def _command(options: argparse.Namespace, start: str) -> str:
    ids = " ".join(f"--system-domain-id {shlex.quote(one)}" for one in options.system_domain_id)
    return f"{start} {ids} --output {shlex.quote(options.output)}"


_NOT_IN_TEMPLATES: Final = (
    (
        "What others write into the same policies",
        "iconik-construct check BUCKET reads the whole policy in the account.",
    ),
    (
        "Who may change or invoke the functions; lifecycle, replication, removal, which the hash covers",
        "See the templates.",
    ),
    ("Resource control policies of the organisation", "iconik-construct check BUCKET --organization-profile NAME."),
    ("Whether the account is as the templates say", "iconik-construct report --bucket NAME makes this page of it."),
)
_NOT_IN_ACCOUNT: Final = (
    (
        "The code that a stack runs in the account",
        "iconik-construct report --assembly cdk.out lists functions and rights.",
    ),
    ("Access control lists of single objects", 'They are off under the object ownership "Bucket owner enforced".'),
    ("Other resources of the account", "iconik-construct audit looks at all of them."),
)
