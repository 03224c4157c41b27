"""The options and the beginnings that all commands share which read an account."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from ..access.trust import ICONIK_ROLE_ARN, parse_iconik_role_arn, parse_system_domain_ids, suspect_ids
from ..errors import IconikValueError
from .permissions import add_permission_options, permissions_of

if TYPE_CHECKING:
    from ..live.matrix import Question

__all__ = ["WrongCall", "add_question_options", "add_session_options", "parsed_ids", "question_of", "session_of"]


class WrongCall(Exception):  # noqa: N818 - what it says is for the caller, and the exit code is 2
    """The command was called with what cannot be."""


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """Add `--profile` and `--region`."""
    parser.add_argument("--profile", metavar="NAME", help="the AWS profile. Default: as the AWS CLI chooses it")
    parser.add_argument("--region", metavar="REGION", help="the region. Default: the bucket's, or the profile's")


def add_question_options(parser: argparse.ArgumentParser) -> None:
    """Add what says whose iconik is meant to get in, and to do what."""
    parser.add_argument(
        "--system-domain-id", metavar="UUID", action="append", default=[], help="whose iconik; may be repeated"
    )
    add_permission_options(parser)
    parser.add_argument(
        "--no-cors", action="store_true", help="you write the CORS rules, not iconik, as with Cors.by_template()"
    )
    parser.add_argument("--iconik-role-arn", metavar="ARN", default=ICONIK_ROLE_ARN, help="default: %(default)s")


def question_of(options: argparse.Namespace, command: str) -> Question:
    """Return what is to be found out.

    Raises:
        IconikPropError: an id, a prefix or a role that cannot be, or no id.
    """
    from ..live.matrix import Question  # noqa: PLC0415 - needs boto3

    return Question(
        system_domain_ids=parsed_ids(options, command),
        permissions=permissions_of(options),
        cors_by_iconik=not options.no_cors,
        role_arn=parse_iconik_role_arn(options.iconik_role_arn, "--iconik-role-arn"),
    )


def parsed_ids(options: argparse.Namespace, command: str) -> tuple[str, ...]:
    """Return whose iconik is meant to get in, and warn of ids that are examples.

    Raises:
        IconikPropError: an id that cannot be, or none.
    """
    if not options.system_domain_id:
        raise IconikValueError(
            "--system-domain-id",
            "must be given",
            fix="Find it in iconik under Admin > Settings > System Settings.",
        )
    ids = parse_system_domain_ids(options.system_domain_id, "--system-domain-id")
    for one in ids:
        if "${" in one or "#{" in one:
            raise IconikValueError("--system-domain-id", "must be written out", got=one, fix="Write the UUID.")
    for _, text in suspect_ids(ids):
        sys.stderr.write(f"iconik-construct {command}: warning: {text}\n")
    return ids


def session_of(profile: str | None, region: str | None) -> Any:
    """Return boto3's session.

    Raises:
        WrongCall: there is no such profile, or the configuration cannot be read.
    """
    from boto3.session import Session  # noqa: PLC0415 - of the extra `live`
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        return Session(profile_name=profile, region_name=region)
    except BotoCoreError as error:
        raise WrongCall(str(error)) from error
