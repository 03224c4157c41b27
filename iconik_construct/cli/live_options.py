"""The options and the first steps of all commands that read an account."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from ..access.trust import FIND_IT, ICONIK_ROLE_ARN, parse_iconik_role_arn, parse_system_domain_ids, suspect_ids
from ..assessment import Question
from ..errors import IconikValueError, InputError
from .command import say
from .exit_codes import ExitCode
from .permissions import add_permission_options, permissions_of
from .text import SYSTEM_DOMAIN_ID

if TYPE_CHECKING:
    from boto3.session import Session

    from ..live.asking import Aws

__all__ = [
    "EXIT_CODES",
    "add_organization_option",
    "add_policy_option",
    "add_question_options",
    "add_session_options",
    "client_of",
    "connected",
    "organisations_of",
    "parsed_ids",
    "question_of",
    "session_of",
]

EXIT_CODES: Final = f"""\
exit codes:
  {ExitCode.GOOD:d}  iconik has access. No other iconik customer has, and no AWS account that no policy names
  {ExitCode.NOT_GOOD:d}  iconik lacks access, or others have access, or one of the two cannot be determined
  {ExitCode.WRONG_CALL:d}  wrong call
  {ExitCode.UNREACHABLE:d}  AWS could not be asked
"""
"""The exit codes of the commands about buckets, for their help."""


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """Add `--profile`, `--region` and `--endpoint-url`."""
    parser.add_argument("--profile", metavar="NAME", help="the AWS profile. Default: as in the AWS CLI")
    parser.add_argument("--region", metavar="REGION", help="the AWS region. Default: the bucket's, or the profile's")
    parser.add_argument("--endpoint-url", metavar="URL", help="the address for all calls, instead of AWS's")


def add_organization_option(parser: argparse.ArgumentParser) -> None:
    """Add `--organization-profile`."""
    parser.add_argument(
        "--organization-profile",
        metavar="NAME",
        help="a profile of the organisation's management account, which can read its resource control policies",
    )


def add_policy_option(parser: argparse.ArgumentParser) -> None:
    """Add `--print-policy`."""
    parser.add_argument(
        "--print-policy", action="store_true", help="print the IAM policy that this command needs, and make no calls"
    )


def add_question_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the question: the domain, and the access that iconik should have."""
    parser.add_argument(
        "--system-domain-id",
        metavar="UUID",
        action="append",
        default=[],
        help=f"{SYSTEM_DOMAIN_ID}; required",
    )
    add_permission_options(parser)
    parser.add_argument(
        "--no-cors", action="store_true", help="you write the CORS rules, not iconik, as with Cors.by_template()"
    )
    parser.add_argument("--iconik-role-arn", metavar="ARN", default=ICONIK_ROLE_ARN, help="default: %(default)s")


def question_of(options: argparse.Namespace, command: str) -> Question:
    """Return the question.

    Raises:
        IconikPropError: an invalid id, prefix or role, or no id.
    """
    return Question(
        system_domain_ids=parsed_ids(options, command),
        permissions=(permissions_of(options),),
        cors_by_iconik=not options.no_cors,
        role_arn=parse_iconik_role_arn(options.iconik_role_arn, "--iconik-role-arn"),
        is_archive=options.permissions == "ARCHIVE",
    )


def parsed_ids(options: argparse.Namespace, command: str) -> tuple[str, ...]:
    """Return the iconik domains that should have access, and warn about ids that are examples.

    Raises:
        IconikPropError: an invalid id, or no id.
    """
    if not options.system_domain_id:
        raise IconikValueError("--system-domain-id", "must be given", fix=FIND_IT)
    ids = parse_system_domain_ids(options.system_domain_id, "--system-domain-id")
    for system_domain_id in ids:
        if "${" in system_domain_id or "#{" in system_domain_id:
            raise IconikValueError(
                "--system-domain-id", "must be written out", got=system_domain_id, fix="Write the UUID."
            )
    for _, text in suspect_ids(ids):
        say(command, f"warning: {text}")
    return ids


def session_of(options: argparse.Namespace, profile: str | None = None) -> Session:
    """Return boto3's session of a profile. Default: the profile of the options.

    Raises:
        InputError: the profile does not exist, or the configuration cannot be read.
    """
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - of the extra `live`

    from ..live.connection import session_of as of_profile  # noqa: PLC0415

    url = options.endpoint_url
    if url is not None and not url.startswith(("https://", "http://")):
        raise InputError(f"--endpoint-url must begin with https://, got {url!r}")
    try:
        return of_profile(profile or options.profile, options.region)
    except BotoCoreError as error:
        raise InputError(" ".join(str(error).split())) from error


def client_of(options: argparse.Namespace, session: Session, *, connections: int = 10) -> Aws:
    """Return the client for AWS with the credentials of a session."""
    from ..live.asking import Aws  # noqa: PLC0415 - of the extra `live`

    return Aws(session, options.region, endpoint_url=options.endpoint_url, connections=connections)


def organisations_of(options: argparse.Namespace) -> Aws | None:
    """Return the client for the organisation's management account; None without `--organization-profile`.

    Raises:
        InputError: see `session_of`.
    """
    if not options.organization_profile:
        return None
    return client_of(options, session_of(options, options.organization_profile))


def connected(options: argparse.Namespace, bucket: str, command: str) -> Aws | None:
    """Return the client for AWS and a bucket; None with a message on standard error if AWS cannot be called.

    Raises:
        InputError: see `session_of`.
    """
    from ..live.calls import LOCATION  # noqa: PLC0415 - of the extra `live`
    from ..live.connection import why_unreachable  # noqa: PLC0415

    session = session_of(options)
    if why := why_unreachable(session, options.region, options.endpoint_url, (LOCATION, {"Bucket": bucket})):
        say(command, f"{why}.")
        return None
    return client_of(options, session)
