"""`iconik-construct check`: whether iconik gets into a bucket, made by anybody, and nobody else of iconik does.

Calls AWS with read-only actions. Exit codes: 0 iconik gets in and no stranger does, 1 otherwise, 2 the command was
called wrongly, 3 AWS could not be asked.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..errors import IconikPropError
from ..storage.bucket_names import parse_bucket_name
from .exit_codes import ExitCode
from .extras import ask_for_extra
from .live_options import WrongCall, add_question_options, add_session_options, question_of, session_of
from .text import wrapped

if TYPE_CHECKING:
    from ..live.check import Checked
    from ..live.finding import Finding
    from ..live.matrix import Line

__all__ = ["add_command", "as_json"]

_DESCRIPTION: Final = """\
Say what iconik may do with a bucket, and who else may, from what stands in the account: the bucket policy, the key
policy, and all around them. Makes read-only calls only.
"""
_EPILOG: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  iconik gets in and no stranger does
  {ExitCode.NOT_GOOD:d}  iconik does not, or a stranger does, or that cannot be told
  {ExitCode.WRONG_CALL:d}  the command was called wrongly
  {ExitCode.UNREACHABLE:d}  AWS could not be asked
"""
_HEADS: Final = {
    "your domain": "yours",
    "another domain": "other domain",
    "no tag": "no tag",
    "another role": "other role",
    "everyone": "everyone",
}


_YOURS: Final = "your domain"
_WITH_THE_KEY: Final = {
    "read": ("decrypt",),
    "write": ("encrypt",),
    "multipart": ("encrypt", "decrypt"),
}
"""What S3 asks of the key of a bucket for a row. Source: Amazon S3 User Guide, "Using SSE-KMS"."""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = commands.add_parser(
        "check",
        help="say whether iconik gets into a bucket, and who else does",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bucket", metavar="BUCKET", nargs="?", help="the bucket's name")
    add_question_options(parser)
    add_session_options(parser)
    parser.add_argument(
        "--key-arn",
        metavar="ARN",
        action="append",
        default=[],
        help="a key that objects are encrypted with, beside the bucket's; may be repeated",
    )
    parser.add_argument(
        "--organization-profile",
        metavar="NAME",
        help="a profile of the organisation's management account, which may read its resource control policies",
    )
    parser.add_argument(
        "--aws-proof",
        action="store_true",
        help="also ask Access Analyzer (CheckNoNewAccess), which AWS charges for; not tried on AWS by us",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--print-policy", action="store_true", help="print the IAM policy that this command needs, and ask nothing"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    try:
        # boto3 comes with an extra, and loading it takes longer than all else.
        from ..live.bucket import read_bucket  # noqa: PLC0415
        from ..live.calls import minimal_policy  # noqa: PLC0415
        from ..live.check import check  # noqa: PLC0415
    except ModuleNotFoundError as error:
        return ask_for_extra("check", error)
    try:
        if options.print_policy:
            name = options.bucket and parse_bucket_name(options.bucket, "BUCKET")
            sys.stdout.write(json.dumps(minimal_policy(name), indent=2) + "\n")
            return ExitCode.GOOD
        name = _required(options.bucket)
        question = question_of(options, "check")
        session = session_of(options.profile, options.region)
        organisation = options.organization_profile and session_of(options.organization_profile, options.region)
    except (IconikPropError, WrongCall) as error:
        sys.stderr.write(f"iconik-construct check: {error}\n")
        return ExitCode.WRONG_CALL
    bucket = read_bucket(
        session, name, region=options.region, key_ids=options.key_arn, organisation_session=organisation or None
    )
    checked = check(bucket, question)
    proof = _proof(session, checked) if options.aws_proof else None
    if options.json:
        shown = as_json(checked)
        sys.stdout.write(json.dumps(shown if proof is None else {**shown, "aws_proof": proof}, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_text(checked)) + "\n")
        if proof is not None:
            sys.stdout.write(f"\nAccess Analyzer, CheckNoNewAccess: {proof['result']}. {proof['message']}\n")
    if checked.is_good:
        return ExitCode.NOT_GOOD if proof is not None and proof["result"] == "FAIL" else ExitCode.GOOD
    return ExitCode.UNREACHABLE if checked.is_unknown else ExitCode.NOT_GOOD


def _required(bucket: str | None) -> str:
    if bucket is None:
        raise WrongCall("the following arguments are required: BUCKET")
    return parse_bucket_name(bucket, "BUCKET")


def as_json(checked: Checked) -> dict[str, Any]:
    """Return what was found as JSON."""
    bucket = checked.bucket
    return {
        "bucket": bucket.name,
        "account": bucket.account,
        "region": bucket.region,
        "good": checked.is_good,
        "table": [
            {
                "action": line.row.name,
                "actions": list(line.row.actions),
                "policy": line.subject,
                "wanted": line.is_wanted,
                "callers": {
                    name: {"answer": cell.answer.value, "because": list(cell.because)}
                    for name, cell in line.cells.items()
                },
            }
            for line in checked.lines
        ],
        "findings": [_finding_as_json(one) for one in checked.findings],
    }


def _finding_as_json(found: Finding) -> dict[str, Any]:
    return {
        "id": found.id,
        "level": found.level.value,
        "rule": found.rule.text,
        "where": found.where,
        "text": found.text,
        "statement": found.statement,
        "action": found.action,
        "fix": found.rule.fix,
        "paste_is": found.paste_is,
        "paste": list(found.paste),
    }


def _text(checked: Checked) -> Iterator[str]:
    bucket = checked.bucket
    yield f"{bucket.name}, account {bucket.account or 'not known'}, region {bucket.region or 'not known'}"
    yield f"iconik for {', '.join(checked.question.system_domain_ids)}"
    if checked.lines:
        keys = ", ".join(key.arn.rpartition("/")[2] for key in bucket.keys)
        said = (
            f"with the key {keys}" if keys else "without a key; where objects have a former one, name it by --key-arn"
        )
        yield from wrapped(said, "")
        yield ""
        yield from _table(checked.lines)
    for found in checked.findings:
        yield ""
        yield from _finding(found)
    yield ""
    yield from wrapped(_verdict(checked), "")


def _verdict(checked: Checked) -> str:
    if checked.is_good:
        good = "Good: iconik gets in for your domain, and nobody else of iconik and no stranger does."
        warned = any(found.level.name == "WARNING" for found in checked.findings)
        return f"{good} Not all will work as people expect: see the findings marked WARNING." if warned else good
    if checked.is_unknown:
        return "Not known: something that decides could not be read."
    return "Not good: see the findings marked ERROR."


def _table(lines: Sequence[Line]) -> Iterator[str]:
    width = max(len(_label(line)) for line in lines)
    widths = {
        name: max(len(head), *(len(line.cells[name].answer.value) for line in lines)) for name, head in _HEADS.items()
    }
    yield f"{'':{width}}  " + "  ".join(f"{head:{widths[name]}}" for name, head in _HEADS.items()).rstrip()
    closed = _closed_by_keys(lines)
    for line in lines:
        answers = {name: line.cells[name].answer.value for name in _HEADS}
        if line.row.name in closed:
            answers[_YOURS] = "no*"
        cells = [f"{answers[name]:{widths[name]}}" for name in _HEADS]
        yield f"{_label(line):{width}}  {'  '.join(cells)}".rstrip()
    if closed:
        yield "* The bucket policy lets iconik, and the key does not: see its rows."


def _closed_by_keys(lines: Sequence[Line]) -> set[str]:
    """Return the rows that the bucket policy answers with yes while no key of the bucket lets iconik do its part."""
    keys: dict[str, set[str]] = {}
    for line in lines:
        if line.row.on_key:
            keys.setdefault(line.row.name, set()).add(line.cells[_YOURS].answer.value)
    return {
        line.row.name
        for line in lines
        if line.cells[_YOURS].answer.value == "yes"
        and any(keys.get(use) == {"no"} for use in _WITH_THE_KEY.get(line.row.name, ()))
    }


def _label(line: Line) -> str:
    return line.row.label if line.is_wanted else f"({line.row.label})"


def _finding(found: Finding) -> Iterator[str]:
    yield f"{found.level.name} {found.id}: {found.rule.text}"
    yield from wrapped(f"{found.where}: {found.text}", "  ")
    yield from wrapped(found.rule.fix, "  ")
    if found.paste:
        yield f"  To {found.paste_is}:"
        for statement in found.paste:
            # As it is to be pasted: whole lines, however long.
            yield textwrap.indent(json.dumps(statement, indent=2, ensure_ascii=False), "  ")


def _proof(session: Any, checked: Checked) -> dict[str, str]:
    """Have Access Analyzer say whether the statements for iconik allow more than iconik's role with the tag."""
    from ..live.aws_proof import prove  # noqa: PLC0415 - needs boto3

    sys.stderr.write(
        "iconik-construct check: asks Access Analyzer once (CheckNoNewAccess), for which AWS charges; "
        "see https://aws.amazon.com/iam/access-analyzer/pricing/\n"
    )
    return prove(session, checked)
