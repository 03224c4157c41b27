"""Writes the resource control policy that requires the tag in a whole organisation. Standard library only.

This policy is in a file of its own, because it denies, and because it is attached to accounts and not to a resource.

Source: AWS Organizations User Guide, "Resource control policies", and API Reference, "AttachPolicy".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import IconikTypeError, IconikValueError
from .statements import size_in_bytes
from .trust import ICONIK_ROLE_ARN, PRINCIPAL_TAG, is_token

__all__ = [
    "PERIMETER_DESCRIPTION",
    "PERIMETER_LIMIT",
    "PERIMETER_NAME",
    "PERIMETER_TYPE",
    "Perimeter",
    "parse_policy_name",
    "parse_target_ids",
    "perimeter_policy",
]

PERIMETER_LIMIT: Final = 5_120
"""Characters of a resource control policy. Source: AWS, "Quotas for AWS Organizations"."""
PERIMETER_TYPE: Final = "RESOURCE_CONTROL_POLICY"
PERIMETER_NAME: Final = "IconikPerimeter"
PERIMETER_DESCRIPTION: Final = "iconik's role may use buckets and keys only with the tag of our System Domain IDs"

_LONGEST_NAME: Final = 128
_UUID_IN_PLACE_OF_TOKEN: Final = "0" * 36
_TARGET_ID = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|[0-9]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Perimeter:
    """A resource control policy, to be written in another language.

    Args:
        policy: the policy document.
        target_ids: the roots, organisational units and accounts that it is attached to.
        name: its name in the organisation.
    """

    policy: dict[str, Any]
    target_ids: tuple[str, ...]
    name: str = PERIMETER_NAME


def perimeter_policy(system_domain_ids: Sequence[str], prop: str = "system_domain_ids") -> dict[str, Any]:
    """Return the policy that denies iconik's role all of S3 and KMS without the tag of a listed domain.

    Raises:
        IconikValueError: too many System Domain IDs for the size of the policy.
    """
    written = _policy(
        [
            _UUID_IN_PLACE_OF_TOKEN if is_token(system_domain_id) else system_domain_id
            for system_domain_id in system_domain_ids
        ]
    )
    size = size_in_bytes(written)
    if size > PERIMETER_LIMIT:
        raise IconikValueError(
            prop,
            f"must fit into a resource control policy: {len(system_domain_ids)} ids make {size:,} of at most "
            f"{PERIMETER_LIMIT:,} characters",
            fix="Attach one perimeter to each organisational unit, with the ids of its own accounts.",
        )
    return _policy(list(system_domain_ids))


def _policy(system_domain_ids: list[str]) -> dict[str, Any]:
    statement = {
        "Sid": "IconikOnlyWithOurTag",
        "Effect": "Deny",
        # A resource control policy accepts no other principal.
        "Principal": "*",
        "Action": ["s3:*", "kms:*"],
        "Resource": "*",
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": ICONIK_ROLE_ARN},
            # Also true if the session has no such tag.
            "StringNotEquals": {PRINCIPAL_TAG: system_domain_ids},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def parse_target_ids(value: Sequence[str], prop: str = "target_ids") -> tuple[str, ...]:
    """Return the targets of the policy, sorted and without duplicates. A CDK token is returned unchanged.

    Raises:
        IconikTypeError: not a sequence of strings.
        IconikValueError: no target, or a target that is not a root, organisational unit or account.
    """
    rule = "must hold ids of roots, organisational units or accounts"
    fix = "Write for example ['ou-abcd-12345678'] or ['123456789012']. Attach it to one account first."
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise IconikTypeError(prop, "must be a sequence of ids", got=value, fix=fix)
    if not value:
        raise IconikValueError(prop, "must name at least one target", got=value, fix=fix)
    for target_id in value:
        if not isinstance(target_id, str):
            raise IconikTypeError(prop, rule, got=target_id, fix=fix)
        if not (_TARGET_ID.fullmatch(target_id) or is_token(target_id)):
            raise IconikValueError(prop, rule, got=target_id, fix=fix)
    return tuple(sorted(set(value)))


def parse_policy_name(value: str, prop: str = "name") -> str:
    """Return the name of the policy. A CDK token is returned unchanged.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: empty, longer than 128 characters, or not plain ASCII.
    """
    rule = f"must be 1 to {_LONGEST_NAME} printable ASCII characters"
    fix = f"Write for example {PERIMETER_NAME!r}."
    if not isinstance(value, str):
        raise IconikTypeError(prop, rule, got=value, fix=fix)
    plain = value.isascii() and value.isprintable() and value.strip() == value
    if not is_token(value) and not (plain and 0 < len(value) <= _LONGEST_NAME):
        raise IconikValueError(prop, rule, got=value, fix=fix)
    return value
