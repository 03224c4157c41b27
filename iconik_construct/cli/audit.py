"""`iconik-construct audit`: the policies of an account that allow iconik or everyone, and their problems.

Calls AWS with read-only actions.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from ..assessment import Question
from ..assessment.finding import Verdict
from ..errors import InputError, counted
from .assessment_json import FORMAT_VERSION, finding_as_json
from .audit_text import Progress, Summary, result_as_text
from .bucket_name import bucket_name_of
from .command import Commands, add_parser, say
from .exit_codes import ExitCode
from .live_options import (
    add_organization_option,
    add_policy_option,
    add_question_options,
    add_session_options,
    client_of,
    organisations_of,
    question_of,
    session_of,
)
from .resume import ResumeFile
from .text import json_text

if TYPE_CHECKING:
    from boto3.session import Session

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Check every bucket, customer managed key and access point of an account. Finds statements that allow iconik without the
tag or for another domain, public buckets, keys that do not allow iconik, and edited statements. Makes read-only calls
only.
"""
_EPILOG: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  no finding of the level of --fail-on, or above it
  {ExitCode.NOT_GOOD:d}  there are such findings, or something that decides who has access could not be read
  {ExitCode.WRONG_CALL:d}  wrong call
  {ExitCode.UNREACHABLE:d}  AWS could not be asked
"""
_LEVELS: Final = ("error", "warning", "never")
_WORST: Final = (ExitCode.GOOD, ExitCode.UNREACHABLE, ExitCode.NOT_GOOD)


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = add_parser(
        commands, _run, "audit", "check all buckets, keys and access points of an account", _DESCRIPTION, epilog=_EPILOG
    )
    add_question_options(parser)
    add_session_options(parser)
    add_organization_option(parser)
    parser.add_argument(
        "--storage",
        metavar="BUCKET",
        action="append",
        default=[],
        help="a bucket that iconik should be able to use; may be repeated",
    )
    parser.add_argument(
        "--regions", metavar="REGION", nargs="+", default=[], help="the regions of keys and access points. Default: all"
    )
    parser.add_argument("--all", action="store_true", help="read queues, topics, secrets and roles too")
    parser.add_argument("--accounts", metavar="ID", nargs="+", default=[], help="the accounts, with --role-name")
    parser.add_argument("--role-name", metavar="NAME", help="the role to assume in each of --accounts")
    parser.add_argument("--workers", metavar="N", type=int, default=16, help="calls at a time. Default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print JSON, one finding a line")
    parser.add_argument(
        "--fail-on",
        choices=_LEVELS,
        default="error",
        help="the lowest level of a finding for the exit code 1. Default: %(default)s",
    )
    parser.add_argument(
        "--resume",
        metavar="FILE",
        help="write the results to FILE as they come; if FILE exists, continue the interrupted run",
    )
    add_policy_option(parser)


def _run(options: argparse.Namespace) -> int:
    # boto3 is an extra, and loading it takes longer than everything else.
    from ..live.calls import AUDIT_CALLS, minimal_policy  # noqa: PLC0415

    if options.print_policy:
        sys.stdout.write(json_text(minimal_policy(None, AUDIT_CALLS)))
        return ExitCode.GOOD
    return _audit_all(options)


def _audit_all(options: argparse.Namespace) -> ExitCode:
    """Audit each account, and return the worst exit code."""
    from ..live.audit import CredentialsExpired  # noqa: PLC0415
    from ..live.calls import BUCKETS  # noqa: PLC0415
    from ..live.connection import no_credentials, why_unreachable  # noqa: PLC0415

    question = question_of(options, "audit")
    roles = _roles(options)
    for name in options.storage:
        bucket_name_of(name, "--storage")
    session = session_of(options)
    resume = ResumeFile(options, question) if options.resume else None
    ends: list[ExitCode] = []
    try:
        why = why_unreachable(session, options.region, options.endpoint_url, (BUCKETS, {}))
        ends = [_audit(options, question, session, role_arn, resume) for role_arn in roles if not why]
    except CredentialsExpired as error:
        why = no_credentials(str(error)) + (". Then run the same command again: it continues" if resume else "")
    if why:
        say("audit", f"{why}.")
        return ExitCode.UNREACHABLE
    if resume is not None and ExitCode.UNREACHABLE not in ends:
        resume.finish()
    return max(ends, key=_WORST.index)


def _roles(options: argparse.Namespace) -> list[str | None]:
    """Return the role to assume for each account; None for the account of the credentials."""
    if not 1 <= options.workers <= 64:  # noqa: PLR2004 - the size of boto3's pool
        raise InputError("--workers must be from 1 to 64")
    if bool(options.accounts) != bool(options.role_name):
        raise InputError("--accounts and --role-name must be given together")
    accounts = list(dict.fromkeys(options.accounts))
    for account in accounts:
        if not (account.isdigit() and len(account) == 12):  # noqa: PLR2004 - digits of an account's number
            raise InputError(f"--accounts must hold numbers of 12 digits, got {account!r}")
    return [f"arn:aws:iam::{account}:role/{options.role_name}" for account in accounts] or [None]


def _audit(
    options: argparse.Namespace,
    question: Question,
    session: Session,
    role_arn: str | None,
    resume: ResumeFile | None,
) -> ExitCode:
    """Audit one account, print the findings of each resource as they come, and return the exit code."""
    from ..assessment.fact import Unknown, value_of  # noqa: PLC0415
    from ..live.audit import AuditCounts, CredentialsExpired, audit  # noqa: PLC0415
    from ..live.calls import CALLER_IDENTITY  # noqa: PLC0415

    begun = time.monotonic()
    given = session if role_arn is None else _assumed(options, session, role_arn)
    if isinstance(given, Unknown):
        say("audit", f"{role_arn}: {given.action}: {given.says}")
        return ExitCode.UNREACHABLE
    aws = client_of(options, given, connections=options.workers)
    who = aws.ask(CALLER_IDENTITY)
    if aws.expired:
        raise CredentialsExpired(aws.expired)
    if isinstance(who, Unknown):
        say("audit", f"{who.why.value}: {who.says}")
        return ExitCode.UNREACHABLE
    number = str((value_of(who) or {}).get("Account"))
    audited, summary, for_iconik = AuditCounts(), Summary(), 0
    progress = Progress(number)
    results = audit(
        aws,
        question,
        audited,
        account=number,
        regions=options.regions,
        expected=options.storage,
        everything=options.all,
        workers=options.workers,
        organisations=organisations_of(options),
        is_done=lambda name: resume is not None and resume.is_done(number, name),
        keep=lambda result: None if resume is None else resume.write(number, result),
    )
    for result in chain(resume.results_of(number) if resume else (), results):
        summary.add(result)
        for_iconik += result.is_for_iconik
        progress.clear()
        if options.json:
            for finding in result.findings:
                shown = {"version": FORMAT_VERSION, "account": number, **finding_as_json(finding)}
                sys.stdout.write(json.dumps({**shown, "resource": result.resource}) + "\n")
        else:
            sys.stdout.write("".join(f"{line}\n" for line in result_as_text(result)))
        progress.show(audited.done, audited.total, aws.calls)
    progress.clear()
    counts = [
        counted(audited.buckets, "bucket"),
        counted(audited.keys, "key"),
        counted(audited.access_points, "access point"),
        *([counted(audited.others, "other resource")] if options.all else ()),
    ]
    ended = (
        f"account {number}: {', '.join(counts)}; {for_iconik:,} name{'s' * (for_iconik == 1)} iconik. "
        f"{counted(aws.calls, 'call')}, {time.monotonic() - begun:.1f} s"
    )
    if options.json:
        sys.stderr.write(f"{ended}\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in (*summary.as_text(), ended)))
    if options.fail_on == "warning" and "warning" in summary.severities:
        return ExitCode.NOT_GOOD
    failed = options.fail_on != "never" and summary.verdict is not Verdict.GOOD
    return ExitCode.NOT_GOOD if failed else ExitCode.GOOD


def _assumed(options: argparse.Namespace, session: Session, role_arn: str) -> Any:
    """Return a session of another account's role, or the reason why there is none."""
    from boto3.session import Session as NewSession  # noqa: PLC0415

    from ..assessment.fact import Found  # noqa: PLC0415
    from ..live.audit import CredentialsExpired  # noqa: PLC0415
    from ..live.calls import ASSUME  # noqa: PLC0415

    aws = client_of(options, session)
    answer = aws.ask(ASSUME, RoleArn=role_arn, RoleSessionName="iconik-construct-audit")
    if aws.expired:
        raise CredentialsExpired(aws.expired)
    if not isinstance(answer, Found):
        return answer
    credentials = answer.value["Credentials"]
    return NewSession(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=session.region_name,
    )
