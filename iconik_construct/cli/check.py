"""`iconik-construct check`: who has access to a live bucket.

Calls AWS with read-only actions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..assessment import Verdict, assess
from ..assessment.fix import fixes_of
from ..assessment.signed import differences
from ..errors import InputError
from .assessment_json import assessment_as_json
from .assessment_text import assessment_as_text
from .bucket_name import bucket_name_of
from .command import Commands, add_parser, say
from .exit_codes import ExitCode
from .fix_text import fixes_as_json, fixes_as_text
from .live_options import (
    EXIT_CODES,
    add_organization_option,
    add_policy_option,
    add_question_options,
    add_session_options,
    connected,
    organisations_of,
    question_of,
)
from .text import json_text, printable

if TYPE_CHECKING:
    from ..assessment import Assessment, Question
    from ..live.asking import Aws

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Check what iconik and others can do with a bucket, by the bucket policy, the key policy and the settings. Makes
read-only calls only.
"""


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = add_parser(
        commands, _run, "check", "check who has access to a live bucket", _DESCRIPTION, epilog=EXIT_CODES
    )
    parser.add_argument("bucket", metavar="BUCKET", nargs="?", help="the name of the bucket")
    add_question_options(parser)
    add_session_options(parser)
    parser.add_argument(
        "--key-arn",
        metavar="ARN",
        action="append",
        default=[],
        help="a key that encrypts older objects, besides the bucket's; may be repeated",
    )
    add_organization_option(parser)
    parser.add_argument(
        "--aws-proof",
        action="store_true",
        help="also ask Access Analyzer (CheckNoNewAccess), which costs money; not tried on AWS",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="print the whole policies that correct the findings: before, after, the difference, and AWS CLI commands",
    )
    parser.add_argument(
        "--signed",
        metavar="FILE",
        help="a record of report --json, or a template with a record. If the policies differ, the exit code is 1",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_policy_option(parser)


def _run(options: argparse.Namespace) -> int:
    # boto3 is an extra, and loading it takes longer than everything else.
    from ..live.bucket import read_bucket  # noqa: PLC0415
    from ..live.calls import minimal_policy  # noqa: PLC0415

    if options.print_policy:
        name = options.bucket and _name_of(options.bucket)
        sys.stdout.write(json_text(minimal_policy(name)))
        return ExitCode.GOOD
    name = _name_of(options.bucket)
    question = question_of(options, "check")
    record = _record(options.signed, question) if options.signed else None
    organisations = organisations_of(options)
    aws = connected(options, name, "check")
    if aws is None:
        return ExitCode.UNREACHABLE
    facts = read_bucket(aws, name, region=options.region, key_ids=options.key_arn, organisations=organisations)
    assessment = assess(facts, question)
    proof = _proof(aws, assessment) if options.aws_proof else None
    fixes = fixes_of(assessment) if options.fix else None
    try:
        changed = None if record is None else list(differences(assessment.subjects, record))
    except ValueError as error:
        raise InputError(f"--signed: {options.signed}: {error}") from error
    if options.json:
        shown = assessment_as_json(assessment)
        if fixes is not None:
            shown |= fixes_as_json(fixes, options)
        if changed is not None:
            shown["differs_from_signed"] = changed
        if proof is not None:
            shown["aws_proof"] = proof
        sys.stdout.write(json_text(shown))
    else:
        lines = assessment_as_text(assessment) if fixes is None else fixes_as_text(fixes, options)
        sys.stdout.write("\n".join(lines) + "\n")
        if changed is not None:
            texts = [f"differs: {each}" for each in changed] or ["the policies are as signed"]
            sys.stdout.write("\nThe signed record: " + "\n  ".join(map(printable, texts)) + "\n")
        if proof is not None:
            proved = f"Access Analyzer, CheckNoNewAccess: {proof['result']}. {proof['message']}"
            sys.stdout.write(f"\n{printable(proved)}\n")
    failed = proof is not None and proof["result"] == "FAIL"
    return ExitCode.GOOD if assessment.verdict is Verdict.GOOD and not failed and not changed else ExitCode.NOT_GOOD


def _record(name: str, question: Question) -> Mapping[str, Any]:
    """Return the signed record: a file of `report --json`, or a template with a record.

    Raises:
        InputError: it cannot be read.
    """
    # Not for other options.
    from ..sources.files import read_text  # noqa: PLC0415
    from ..sources.reading import parsed  # noqa: PLC0415

    try:
        document = parsed(name, read_text(name))
        # The answer of `aws cloudformation get-template` contains the template, as text if it is YAML.
        template = document.get("TemplateBody", document) if isinstance(document, dict) else None
        template = parsed(name, template) if isinstance(template, str) else template
    except (InputError, RecursionError) as error:
        raise InputError(f"--signed: {error}") from error
    if not isinstance(document, dict) or not isinstance(template, dict):
        raise InputError(f"--signed: {name}: it is not a record of report --json")
    if "Resources" not in template:
        return document
    from ..report.recorded import record_of_template  # noqa: PLC0415 - not for other options

    try:
        return record_of_template(template, question)
    except ValueError as error:
        raise InputError(f"--signed: {name}: {error}") from error


def _name_of(bucket: str | None) -> str:
    if bucket is None:
        raise InputError("the following arguments are required: BUCKET")
    return bucket_name_of(bucket, "BUCKET")


def _proof(aws: Aws, assessment: Assessment) -> dict[str, str]:
    """Ask Access Analyzer whether the statements for iconik allow more than iconik's role with the tag."""
    from ..live.aws_proof import prove  # noqa: PLC0415 - needs boto3

    say(
        "check",
        "asks Access Analyzer once (CheckNoNewAccess), for which AWS charges; "
        "see https://aws.amazon.com/iam/access-analyzer/pricing/",
    )
    return prove(aws, assessment)
