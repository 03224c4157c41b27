"""Who is let in: iconik's role, and only while its session carries the right System Domain ID.

Apart from the rest because nothing here may grow a way around the condition. Standard library only.

Source of all facts: iconik help, "Use iconik-managed credentials for AWS S3".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from ..errors import IconikTypeError, IconikValueError

__all__ = [
    "EXAMPLE_SYSTEM_DOMAIN_ID",
    "ICONIK_ACCOUNT_ID",
    "ICONIK_ROLE_ARN",
    "PRINCIPAL_TAG",
    "is_system_domain_id",
    "is_token",
    "parse_iconik_role_arn",
    "parse_system_domain_ids",
    "principal",
    "refuse_other_partition",
    "tag_condition",
]

ICONIK_ACCOUNT_ID: Final = "283217727627"
ICONIK_ROLE_ARN: Final = f"arn:aws:iam::{ICONIK_ACCOUNT_ID}:role/IconikS3AccessRole"
"""The role iconik assumes with iconik-managed credentials: one role, the same for all iconik customers."""

PRINCIPAL_TAG: Final = "aws:PrincipalTag/IconikSystemDomainId"
"""The session tag that tells iconik's customers apart."""

EXAMPLE_SYSTEM_DOMAIN_ID: Final = "1297c8b6-3563-11e7-adf1-6c4008b85488"
"""The id printed in iconik's own example policy: whoever deploys it lets in somebody else's domain."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TOKEN = re.compile(r"[$#]\{Token\[[^\]]+\]\}")
_ROLE_ARN = re.compile(r"arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]+")
_OTHER_PARTITION = re.compile(r"(cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-")
_FIND_IT = "Find it in iconik under Admin > Settings > System Settings."


def is_token(value: str) -> bool:
    """Tell whether a string is a value that CDK resolves only at synthesis or deployment."""
    return _TOKEN.search(value) is not None


def is_system_domain_id(value: str) -> bool:
    """Tell whether a string is a System Domain ID as a policy needs it: a UUID in lower case."""
    return _UUID.fullmatch(value) is not None


def parse_system_domain_ids(value: str | Sequence[str], prop: str = "system_domain_id") -> tuple[str, ...]:
    """Return the System Domain IDs as the policy needs them: lower case, sorted, each once.

    Lower case because `StringEquals` compares values case-sensitively and iconik shows its ids in lower case.
    A CDK token is passed on: `domain_tokens.py` checks what it becomes.

    Raises:
        IconikTypeError: not a string or a sequence of strings.
        IconikValueError: no id at all, or one that is not a UUID, or a token with text around it.
    """
    given: Sequence[object]
    if isinstance(value, str):
        given = (value,)
    elif isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        given = value
    else:
        raise IconikTypeError(prop, "must be a UUID or a sequence of UUIDs", got=value, fix=_FIND_IT)
    if not given:
        raise IconikValueError(prop, "must name at least one System Domain ID", got=value, fix=_FIND_IT)
    return tuple(sorted({_parse_system_domain_id(item, prop) for item in given}))


def parse_iconik_role_arn(value: str, prop: str = "iconik_role_arn") -> str:
    """Return the ARN of the one IAM role to let in.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: anything but one IAM role of the `aws` partition; an account root or `*` would let in more.
    """
    rule = "must be the ARN of one IAM role in the partition 'aws'"
    fix = f"Leave it out to use iconik's own role, {ICONIK_ROLE_ARN}."
    if not isinstance(value, str):
        raise IconikTypeError(prop, rule, got=value, fix=fix)
    if not _ROLE_ARN.fullmatch(value):
        raise IconikValueError(prop, rule, got=value, fix=fix)
    return value


def refuse_other_partition(region: str, prop: str = "region") -> None:
    """Refuse a region that is known to lie outside the partition `aws`; a CDK token is passed on unchecked.

    Raises:
        IconikValueError: a region of China, GovCloud, the European Sovereign Cloud or an isolated partition.
    """
    if _OTHER_PARTITION.match(region):
        raise IconikValueError(
            prop,
            "must be in the partition 'aws': iconik's role lives there, and no IAM role is valid in another partition",
            got=region,
            fix="Deploy the stack to a region such as 'eu-west-1'.",
        )


def principal(role_arn: str = ICONIK_ROLE_ARN) -> dict[str, str]:
    """Return the `Principal` of every statement for iconik."""
    return {"AWS": role_arn}


def tag_condition(system_domain_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the `Condition` that keeps other iconik customers out."""
    ids = list(system_domain_ids)
    return {"StringEquals": {PRINCIPAL_TAG: ids[0] if len(ids) == 1 else ids}}


def _parse_system_domain_id(value: object, prop: str) -> str:
    if not isinstance(value, str):
        raise IconikTypeError(prop, "must be a UUID", got=value, fix=_FIND_IT)
    if _TOKEN.fullmatch(value):
        return value
    found = value.strip().lower()
    if not is_system_domain_id(found):
        raise IconikValueError(prop, "must be a UUID", got=value, fix=_FIND_IT)
    return found
