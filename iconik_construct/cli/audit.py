"""`iconik-construct audit`: every policy of an account that names iconik, and what is wrong with it.

Calls AWS with read-only actions. Exit codes: 0 nothing of the level that was asked for, 1 something, 2 the command was
called wrongly, 3 AWS could not be asked.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from ..errors import IconikPropError
from .exit_codes import ExitCode
from .extras import ask_for_extra
from .live_options import WrongCall, add_question_options, add_session_options, question_of, session_of
from .text import printable, wrapped

if TYPE_CHECKING:
    from ..live.asking import Aws
    from ..live.audit import Found
    from ..live.matrix import Question

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Look at every bucket, customer managed key and access point of an account: where iconik is let in without the tag, for
another domain or for the example of iconik's help page, whose key forgets it, which statement somebody edited.
Makes read-only calls only.
"""
_EPILOG: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  nothing of the level of --fail-on, or above it
  {ExitCode.NOT_GOOD:d}  something
  {ExitCode.WRONG_CALL:d}  the command was called wrongly
  {ExitCode.UNREACHABLE:d}  AWS could not be asked
"""
_LEVELS: Final = ("error", "warning", "never")
_EVERY: Final = 0.2
"""Seconds between two updates of the progress line."""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = commands.add_parser(
        "audit",
        help="look at every policy of an account that names iconik",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_question_options(parser)
    add_session_options(parser)
    parser.add_argument(
        "--storage",
        metavar="BUCKET",
        action="append",
        default=[],
        help="a bucket that iconik is meant to use; may be repeated",
    )
    parser.add_argument(
        "--regions", metavar="REGION", nargs="+", default=[], help="where to look for keys. Default: everywhere"
    )
    parser.add_argument("--all", action="store_true", help="look at queues, topics and secrets too")
    parser.add_argument("--accounts", metavar="ID", nargs="+", default=[], help="the accounts, with --role-name")
    parser.add_argument("--role-name", metavar="NAME", help="the role to assume in each of --accounts")
    parser.add_argument("--workers", metavar="N", type=int, default=16, help="calls at a time. Default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line and finding")
    parser.add_argument("--fail-on", choices=_LEVELS, default="error", help="default: %(default)s")
    parser.add_argument(
        "--print-policy", action="store_true", help="print the IAM policy that this command needs, and ask nothing"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    try:
        # boto3 comes with an extra, and loading it takes longer than all else.
        from ..live.calls import AUDIT_CALLS, minimal_policy  # noqa: PLC0415
    except ModuleNotFoundError as error:
        return ask_for_extra("audit", error)
    try:
        if options.print_policy:
            sys.stdout.write(json.dumps(minimal_policy(None, AUDIT_CALLS), indent=2) + "\n")
            return ExitCode.GOOD
        question = question_of(options, "audit")
        roles = _roles(options)
        session = session_of(options.profile, options.region)
    except (IconikPropError, WrongCall) as error:
        sys.stderr.write(f"iconik-construct audit: {error}\n")
        return ExitCode.WRONG_CALL
    except ModuleNotFoundError as error:
        return ask_for_extra("audit", error)
    ends = [_audit(options, question, session, role_arn) for role_arn in roles]
    return max(ends, key=[ExitCode.GOOD, ExitCode.UNREACHABLE, ExitCode.NOT_GOOD].index)


def _roles(options: argparse.Namespace) -> list[str | None]:
    """Return the role to assume for each account; None for the one that the credentials are of."""
    if not 1 <= options.workers <= 64:  # noqa: PLR2004 - as many as boto3's pool takes without waiting
        raise WrongCall("--workers must be from 1 to 64")
    if bool(options.accounts) != bool(options.role_name):
        raise WrongCall("--accounts and --role-name belong together")
    for account in options.accounts:
        if not (account.isdigit() and len(account) == 12):  # noqa: PLR2004 - digits of an account's number
            raise WrongCall(f"--accounts must hold numbers of 12 digits, got {account!r}")
    return [f"arn:aws:iam::{account}:role/{options.role_name}" for account in options.accounts] or [None]


def _audit(options: argparse.Namespace, question: Question, session: Any, role_arn: str | None) -> ExitCode:
    """Audit one account, print what is found as it is found, and return the exit code."""
    from ..live.asking import Aws  # noqa: PLC0415
    from ..live.audit import Audited, audit  # noqa: PLC0415
    from ..live.calls import WHO_ASKS  # noqa: PLC0415
    from ..live.outcome import NotRead, value_of  # noqa: PLC0415

    begun = time.monotonic()
    given = session if role_arn is None else _assumed(session, role_arn)
    if isinstance(given, NotRead):
        sys.stderr.write(f"iconik-construct audit: {role_arn}: {given.action}: {printable(given.says)}\n")
        return ExitCode.UNREACHABLE
    aws = Aws(given, options.region, connections=options.workers)
    who = aws.ask(WHO_ASKS)
    if isinstance(who, NotRead):
        sys.stderr.write(f"iconik-construct audit: {who.why.value}: {printable(who.says)}\n")
        return ExitCode.UNREACHABLE
    number = str((value_of(who) or {}).get("Account"))
    audited, levels = Audited(), set()
    progress = _Progress(aws, number)
    for found in audit(
        aws,
        question,
        audited,
        account=number,
        regions=options.regions,
        expected=options.storage,
        everything=options.all,
        workers=options.workers,
    ):
        levels.add(found.finding.level.value)
        progress.clear()
        _print(found, number, as_json=options.json)
        progress.show(audited.looked_at)
    progress.clear()
    seconds = time.monotonic() - begun
    said = (
        f"account {number}: {audited.buckets:,} buckets, {audited.keys:,} keys, {audited.access_points:,} access points"
        f"{f', {audited.others:,} others' if options.all else ''}; {audited.for_iconik:,} name iconik. "
        f"{aws.calls:,} calls, {seconds:.1f} s"
    )
    (sys.stderr if options.json else sys.stdout).write(f"{said}\n")
    return _exit_code(levels, options.fail_on, listed="the buckets in the account" not in audited.not_listed)


def _exit_code(levels: set[str], fail_on: str, *, listed: bool) -> ExitCode:
    failing = {"error": {"error"}, "warning": {"error", "warning"}, "never": set[str]()}[fail_on]
    if levels & failing:
        return ExitCode.NOT_GOOD
    # What could not be read may hold anything.
    return ExitCode.UNREACHABLE if not listed or ("unknown" in levels and fail_on != "never") else ExitCode.GOOD


def _assumed(session: Any, role_arn: str) -> Any:
    """Return a session of another account's role, or why there is none."""
    from boto3.session import Session  # noqa: PLC0415

    from ..live.asking import Aws  # noqa: PLC0415
    from ..live.calls import ASSUME  # noqa: PLC0415
    from ..live.outcome import Read, value_of  # noqa: PLC0415

    outcome = Aws(session).ask(ASSUME, RoleArn=role_arn, RoleSessionName="iconik-construct-audit")
    if not isinstance(outcome, Read):
        return outcome
    given = value_of(outcome)["Credentials"]
    return Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=session.region_name,
    )


def _print(found: Found, account: str, *, as_json: bool) -> None:
    one = found.finding
    if as_json:
        shown = {
            "account": account,
            "resource": found.resource,
            "id": one.id,
            "level": one.level.value,
            "rule": one.rule.text,
            "where": one.where,
            "text": one.text,
            "statement": one.statement,
            "fix": one.rule.fix,
        }
        sys.stdout.write(json.dumps(shown) + "\n")
        return
    lines = [f"{one.level.name} {one.id}: {printable(found.resource)}", f"  {one.rule.text}"]
    sys.stdout.write("\n".join([*lines, *wrapped(f"{one.where}: {one.text}", "  "), ""]) + "\n")


class _Progress:
    """A line on a terminal that says how far it is."""

    def __init__(self, aws: Aws, account: str) -> None:
        self._aws = aws
        self._account = account
        self._shown = 0.0
        self._is_terminal = sys.stderr.isatty()

    def show(self, looked_at: int) -> None:
        if self._is_terminal and time.monotonic() > self._shown + _EVERY:
            self._shown = time.monotonic()
            sys.stderr.write(f"\raccount {self._account}: {looked_at:,} resources, {self._aws.calls:,} calls")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._is_terminal and self._shown:
            sys.stderr.write("\r\033[K")
