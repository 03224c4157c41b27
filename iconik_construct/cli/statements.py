"""`iconik-construct statements`: the statements for a policy that another tool or team owns.

Makes no calls, and starts neither jsii nor Node. Exit codes: 0 written, 2 wrong call.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import Final

from ..access.formats import FORMATS, PERIMETER_FORMATS, HandedOver
from ..access.key_arns import KEY_ARN_PATTERN
from ..access.perimeter import PERIMETER_NAME, Perimeter, parse_policy_name, parse_target_ids, perimeter_policy
from ..access.regions import parse_region
from ..access.statements import bucket_statements, key_statement
from ..access.trust import ICONIK_ROLE_ARN, parse_iconik_role_arn, parse_system_domain_ids, suspect_ids
from ..errors import IconikValueError
from .bucket_name import bucket_name_of
from .command import Commands, add_parser, say
from .exit_codes import ExitCode
from .permissions import add_permission_options, permissions_of
from .text import SYSTEM_DOMAIN_ID

__all__ = ["add_command"]

_DESCRIPTION: Final = """\
Print the statements for iconik's access to a bucket and its key, exactly as IconikStorage writes them. The owner of the
policies adds them.
"""
_EPILOG: Final = f"""\
formats:
  json            one object: BucketPolicy and, with a key, KeyPolicy; with --perimeter, its policy
  terraform       data sources for source_policy_documents; with --perimeter, resources
  cloudformation  YAML for the policies of a template; with --perimeter, a whole template
  cli             a script of AWS CLI commands that adds the statements to the existing policies

exit codes:
  {ExitCode.GOOD:d}  written
  {ExitCode.WRONG_CALL:d}  wrong call
"""


def add_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the subcommand to those of `iconik-construct`."""
    parser = add_parser(
        commands,
        _run,
        "statements",
        "print the policy statements for the owner of the policies",
        _DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("--system-domain-id", metavar="UUID", action="append", required=True, help=SYSTEM_DOMAIN_ID)
    parser.add_argument("--bucket", metavar="NAME", help="the bucket")
    parser.add_argument("--key-arn", metavar="ARN", help="the customer managed key that the bucket encrypts with")
    add_permission_options(parser)
    parser.add_argument(
        "--no-cors",
        action="store_true",
        help="leave out s3:PutBucketCORS: you write the CORS rules, not iconik, as with Cors.by_template()",
    )
    parser.add_argument(
        "--via-s3-only", metavar="REGION", help="the region of the bucket: allow the key only through S3 in this region"
    )
    parser.add_argument("--iconik-role-arn", metavar="ARN", default=ICONIK_ROLE_ARN, help="default: %(default)s")
    parser.add_argument(
        "--sid-suffix",
        metavar="TEXT",
        default="",
        help="append this to each Sid, so that the Sids of two storages on one bucket differ",
    )
    of_storages = [action for action in parser._actions if action.dest not in {"help", "system_domain_id"}]
    parser.set_defaults(of_storages=of_storages)
    parser.add_argument("--format", choices=list(FORMATS), default="json", help="default: %(default)s")
    perimeter = parser.add_argument_group("the perimeter of an organisation, instead of the statements of a bucket")
    perimeter.add_argument(
        "--perimeter",
        action="store_true",
        help="print the resource control policy of IconikPerimeter; use it only with --system-domain-id and --format "
        "and the options of this group",
    )
    perimeter.add_argument(
        "--target",
        metavar="ID",
        action="append",
        default=[],
        help="the root, organisational unit or account to attach it to; may be repeated",
    )
    perimeter.add_argument("--name", metavar="NAME", default=PERIMETER_NAME, help="default: %(default)s")


def _run(options: argparse.Namespace) -> int:
    if options.perimeter:
        text = PERIMETER_FORMATS[options.format](_perimeter(options))
    else:
        text = FORMATS[options.format](_handed_over(options))
    for _, warning in suspect_ids(parse_system_domain_ids(options.system_domain_id)):
        say("statements", f"warning: {warning}")
    sys.stdout.write(text)
    return ExitCode.GOOD


def _perimeter(options: argparse.Namespace) -> Perimeter:
    for action in options.of_storages:
        if getattr(options, action.dest) != action.default:
            raise IconikValueError(
                action.option_strings[0], "is about a bucket, not about a perimeter", fix="Leave it out."
            )
    return Perimeter(
        policy=perimeter_policy(_system_domain_ids(options), "--system-domain-id"),
        target_ids=tuple(_literal("--target", target_id) for target_id in parse_target_ids(options.target, "--target")),
        name=_literal("--name", parse_policy_name(options.name, "--name")),
    )


def _system_domain_ids(options: argparse.Namespace) -> list[str]:
    given = parse_system_domain_ids(options.system_domain_id, "--system-domain-id")
    return [_literal("--system-domain-id", system_domain_id) for system_domain_id in given]


def _handed_over(options: argparse.Namespace) -> HandedOver:
    if options.bucket is None:
        raise IconikValueError("--bucket", "must be given", fix="Name the bucket, or ask for the --perimeter.")
    if options.target or options.name != PERIMETER_NAME:
        raise IconikValueError("--target", "and --name are for a perimeter", fix="Add --perimeter.")
    system_domain_ids = _system_domain_ids(options)
    bucket_name = bucket_name_of(_literal("--bucket", options.bucket), "--bucket")
    role_arn = parse_iconik_role_arn(options.iconik_role_arn, "--iconik-role-arn")
    suffix = _sid_suffix(options.sid_suffix)
    permissions = [permissions_of(options)]
    statements = bucket_statements(
        permissions,
        system_domain_ids,
        f"arn:aws:s3:::{bucket_name}",
        cors_by_iconik=not options.no_cors,
        iconik_role_arn=role_arn,
        sid_suffix=suffix,
    )
    if options.key_arn is None:
        if options.via_s3_only is not None:
            raise IconikValueError("--via-s3-only", "needs a key", fix="Name the key with --key-arn.")
        return HandedOver(bucket_name=bucket_name, bucket=tuple(statements))
    region = None if options.via_s3_only is None else parse_region(options.via_s3_only, "--via-s3-only")
    via_service = None if region is None else f"s3.{region}.amazonaws.com"
    key = key_statement(
        permissions, system_domain_ids, via_service=via_service, iconik_role_arn=role_arn, sid_suffix=suffix
    )
    return HandedOver(bucket_name=bucket_name, bucket=tuple(statements), key_arn=_key_arn(options.key_arn), key=(key,))


def _literal(option: str, value: str) -> str:
    # A CDK token is a value that nothing resolves here.
    if "${" in value or "#{" in value:
        raise IconikValueError(option, "must be written out", got=value, fix="Write the value itself.")
    return value


def _key_arn(value: str) -> str:
    if not re.fullmatch(KEY_ARN_PATTERN, value):
        raise IconikValueError(
            "--key-arn",
            "must be the ARN of a key, not of an alias, in the partition 'aws'",
            got=value,
            fix="aws kms describe-key --key-id alias/NAME --query KeyMetadata.Arn --output text prints it.",
        )
    return value


def _sid_suffix(value: str) -> str:
    if value and not (value.isascii() and value.isalnum()):
        raise IconikValueError("--sid-suffix", "must be letters and digits", got=value, fix="IAM accepts no others.")
    return value
