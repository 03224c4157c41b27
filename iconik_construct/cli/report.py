"""`iconik-construct report`: one HTML file about iconik's access, for a reviewer to sign."""

from __future__ import annotations

import argparse
import datetime
import platform
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import __version__
from ..access.trust import ICONIK_ROLE_ARN
from ..assessment import Question, Verdict, assess
from ..errors import InputError
from ..judge.text import shown
from .bucket_name import bucket_name_of
from .command import Commands, add_parser
from .exit_codes import ExitCode
from .live_options import EXIT_CODES, add_question_options, add_session_options, connected, question_of
from .permissions import are_given
from .text import json_text, printable

if TYPE_CHECKING:
    from ..report.model import Report

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Write one HTML file about iconik's access in the account, for a reviewer to sign. The source is a synthesized assembly
(cdk synth '**'), or live buckets, by read-only calls.
"""
_EPILOG: Final = f"""\
--permissions, --prefix, --no-delete and --no-cors say what iconik should be able to do. Without them, this is what the
statements of each storage of the assembly grant. For live buckets it is read_write, as for check.

{EXIT_CODES}"""
_OF_BUCKETS: Final = ("profile", "region", "endpoint_url", "key_arn")


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = add_parser(
        commands, _run, "report", "write iconik's access as one page to sign", _DESCRIPTION, epilog=_EPILOG
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
        help="with --bucket, a key that encrypts older objects, besides the bucket's; may be repeated",
    )
    parser.add_argument("--output", metavar="FILE.html", required=True, help="the file to write; - is standard output")
    parser.add_argument("--json", metavar="FILE", help="also write the signed record, as JSON")
    parser.add_argument("--date", metavar="DATE", help="the date on the page, as 2026-11-30. Default: today")


def _run(options: argparse.Namespace) -> int:
    # Imported here, so that the other commands do not wait for it.
    from ..report.page import page, verdict_text  # noqa: PLC0415

    date = _date(options.date)
    if options.json and options.output != "-" and _is_one_file(options.output, options.json):
        raise InputError(f"--output and --json must name two files, got {options.output} twice")
    report = _from_assembly(options, date) if options.assembly else _from_buckets(options, date)
    if isinstance(report, ExitCode):
        return report
    html = page(report)
    if options.output != "-":
        _write(options.output, html)
    if options.json:
        _write(options.json, json_text(report.as_json()))
    text = printable(verdict_text(report))
    if options.output == "-":
        sys.stdout.write(html)
        sys.stderr.write(f"{text}\n")
    else:
        sys.stdout.write(f"{text}\nWritten to {options.output}\n")
    return ExitCode.GOOD if report.verdict is Verdict.GOOD else ExitCode.NOT_GOOD


def _date(text: str | None) -> str:
    try:
        given = datetime.date.fromisoformat(text) if text else datetime.datetime.now(tz=datetime.timezone.utc).date()
    except ValueError as error:
        raise InputError(f"--date must be a date such as 2026-11-30, got {text!r}") from error
    return given.isoformat()


def _is_one_file(name: str, another: str) -> bool:
    return Path(name).resolve() == Path(another).resolve()


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{name} cannot be written: {error.strerror}") from error


def _from_assembly(options: argparse.Namespace, date: str) -> Report:
    from ..report.assembly import read_assembly  # noqa: PLC0415

    for name in _OF_BUCKETS:
        if getattr(options, name):
            raise InputError(f"--{name.replace('_', '-')} has no effect with --assembly. Leave it out")
    given_question = question_of(options, "report")
    question = (
        given_question
        if are_given(options)
        else Question(given_question.system_domain_ids, None, role_arn=given_question.role_arn)
    )
    assembly = read_assembly(Path(options.assembly), question)
    folder = shlex.quote(options.assembly)
    return _report(
        options,
        date,
        system_domain_ids=question.system_domain_ids,
        storages=assembly.storages,
        findings=assembly.findings,
        functions=assembly.functions(),
        acknowledged=assembly.acknowledged,
        differs=assembly.differs(),
        templates_sha256=assembly.templates_sha256(),
        not_judged=_NOT_IN_TEMPLATES,
        obtained="the templates of a synthesized CDK assembly, before it is deployed",
        command=_command(options, f"cdk synth '**' && iconik-construct report --assembly {folder}"),
    )


def _from_buckets(options: argparse.Namespace, date: str) -> Report | ExitCode:
    from ..live.bucket import read_bucket  # noqa: PLC0415 - needs boto3
    from ..report.live import storage_of, unread_of  # noqa: PLC0415

    names = [bucket_name_of(each, "--bucket") for each in options.bucket]
    question = question_of(options, "report")
    aws = connected(options, names[0], "report")
    if aws is None:
        return ExitCode.UNREACHABLE
    assessments = [
        assess(read_bucket(aws, name, region=options.region, key_ids=options.key_arn), question) for name in names
    ]
    missing = [shown(each.facts.name) for each in assessments if each.facts.is_gone]
    if missing:
        raise InputError(f"there is no bucket {', '.join(missing)} for these credentials")
    named = " ".join(
        [
            *(f"--bucket {shlex.quote(name)}" for name in names),
            *(f"--key-arn {shlex.quote(arn)}" for arn in options.key_arn),
        ]
    )
    return _report(
        options,
        date,
        system_domain_ids=question.system_domain_ids,
        storages=tuple(map(storage_of, assessments)),
        not_judged=(*(pair for each in assessments for pair in unread_of(each)), *_NOT_IN_ACCOUNT),
        obtained="the account, by read-only calls",
        command=_command(options, f"iconik-construct report {named}"),
        is_live=True,
    )


def _report(options: argparse.Namespace, date: str, **more: Any) -> Report:
    from ..report.model import Report  # noqa: PLC0415

    versions = (("iconik-construct", __version__), ("Python", platform.python_version()))
    return Report(date=date, versions=versions, role_arn=options.iconik_role_arn, **more)


def _command(options: argparse.Namespace, start: str) -> str:
    ids = [f"--system-domain-id {shlex.quote(each)}" for each in options.system_domain_id]
    prefixes = [f"--prefix {shlex.quote(each)}" for each in options.prefix]
    permissions = [f"--permissions {options.permissions}"] if options.permissions else []
    places = [
        f"--{name.replace('_', '-')} {shlex.quote(value)}"
        for name, default in (("iconik_role_arn", ICONIK_ROLE_ARN), ("region", None), ("endpoint_url", None))
        if (value := getattr(options, name)) and value != default
    ]
    flags = [f"--{name.replace('_', '-')}" for name in ("no_delete", "no_cors") if getattr(options, name)]
    output = f"--output {shlex.quote(options.output)}"
    return " ".join([start, *ids, *permissions, *prefixes, *flags, *places, output])


_NOT_IN_TEMPLATES: Final = (
    (
        "What others write into the same policies",
        "iconik-construct check BUCKET reads the whole policy in the account.",
    ),
    ("Who can change or invoke the functions", "See the templates."),
    (
        "Descriptions, metadata, dependencies, update policies, and the condition and the rule that the CDK adds",
        "Their changes are in the hash of all templates. iconik-construct diff compares who has access.",
    ),
    ("Resource control policies of the organisation", "iconik-construct check BUCKET --organization-profile NAME."),
    (
        "Whether the account is as the templates say",
        "iconik-construct report --bucket NAME makes this page of the account.",
    ),
)
_NOT_IN_ACCOUNT: Final = (
    (
        "The code that a stack runs in the account",
        "iconik-construct report --assembly cdk.out lists functions and rights.",
    ),
    ("Access control lists of single objects", 'They are off under the object ownership "Bucket owner enforced".'),
    ("S3 Access Grants", "aws s3control list-access-grants lists the grants of a region."),
    ("Other resources of the account", "iconik-construct audit reads all of them."),
)
