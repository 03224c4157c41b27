"""Warnings about whom a construct lets in: allowed, and yet probably not wanted."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import IConstruct

from ..access.trust import ICONIK_ROLE_ARN, suspect_ids

__all__ = ["warn_of_leftover", "warn_of_trust", "warn_of_untagged"]


def warn_of_trust(construct: IConstruct, system_domain_ids: Sequence[str], iconik_role_arn: str) -> None:
    """Add the warnings; each can be acknowledged on its own."""
    for name, text in suspect_ids(system_domain_ids):
        cdk.Validations.of(construct).add_warning(f"iconik-construct:{name}", text)
    if iconik_role_arn != ICONIK_ROLE_ARN:
        cdk.Validations.of(construct).add_warning(
            "iconik-construct:StandInRole",
            f"'iconik_role_arn' {iconik_role_arn} is not iconik's role. Whoever owns it decides on the tags of its "
            "sessions, and can give them your System Domain ID. Leave iconik_role_arn out, unless this is a test.",
        )


def warn_of_untagged(construct: IConstruct, resource: str, statement: str) -> None:
    """Add the warning of a statement beside ours that lets iconik's role in without its tag.

    Args:
        construct: whose statements it stands beside.
        resource: "bucket" or "key".
        statement: its name.
    """
    cdk.Validations.of(construct).add_warning(
        "iconik-construct:UntaggedStatement",
        f"The {resource} policy has a statement beside this construct's, {statement}, that lets iconik's role in "
        "without StringEquals on its tag IconikSystemDomainId: by it every other iconik customer gets in. Delete it, "
        "if this construct's statements take its place.",
    )


def warn_of_leftover(construct: IConstruct, resource: str, statement: str) -> None:
    """Add the warning of a statement for iconik that a storage in the place of a bucket did not write.

    Args:
        construct: the storage.
        resource: "bucket" or "key".
        statement: its name.
    """
    cdk.Validations.of(construct).add_warning(
        "iconik-construct:LeftoverStatement",
        f"The {resource} policy has a statement for iconik beside this construct's, {statement}: what it allows stays "
        "allowed, whatever the props here say. Delete it, if this construct's statements take its place.",
    )
