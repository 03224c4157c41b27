"""Defines the principal and the condition of every statement: iconik's role, with the right System Domain ID.

They are in a file of their own, so that a change that weakens the condition is easy to see. Standard library only.

Source of all facts: iconik help, "Use iconik-managed credentials for AWS S3".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..errors import IconikTypeError, IconikValueError

__all__ = [
    "EXAMPLE_SYSTEM_DOMAIN_ID",
    "FIND_IT",
    "ICONIK_ACCOUNT_ID",
    "ICONIK_ROLE_ARN",
    "PRINCIPAL_TAG",
    "is_system_domain_id",
    "is_token",
    "parse_iconik_role_arn",
    "parse_system_domain_ids",
    "principal",
    "suspect_ids",
    "tag_condition",
]

ICONIK_ACCOUNT_ID: Final = "283217727627"
ICONIK_ROLE_ARN: Final = f"arn:aws:iam::{ICONIK_ACCOUNT_ID}:role/IconikS3AccessRole"
"""The role that iconik assumes with iconik-managed credentials. It is the same for all iconik customers."""

PRINCIPAL_TAG: Final = "aws:PrincipalTag/IconikSystemDomainId"
"""The session tag that has a different value for each iconik customer."""

EXAMPLE_SYSTEM_DOMAIN_ID: Final = "1297c8b6-3563-11e7-adf1-6c4008b85488"
"""The id in iconik's own example policy. A policy with this id gives access to a domain of another customer."""
_NIL_ID: Final = "00000000-0000-0000-0000-000000000000"
_MAX_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_SUSPECT_IDS: Final[Mapping[str, tuple[str, str]]] = {
    EXAMPLE_SYSTEM_DOMAIN_ID: (
        "ExampleSystemDomainId",
        "is the example of iconik's help page: it gives access to the domain of another customer",
    ),
    _NIL_ID: ("NilSystemDomainId", "is the nil UUID, which no iconik domain has: your iconik has no access"),
    _MAX_ID: ("MaxSystemDomainId", "is the max UUID, which no iconik domain has: your iconik has no access"),
}
"""Ids that are probably a mistake: the name of the warning, and the reason."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGITS = re.compile(r"[0-9a-f]{32}")
_SPELLING = re.compile(r"urn:uuid:|[-{}()\s\"'\u2010-\u2015]")
_TOKEN = re.compile(r"[$#]\{Token\[[^\]]+\]\}")
_ROLE_ARN = re.compile(r"arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]+")
FIND_IT: Final = "Find it in iconik under Admin > Settings > System Settings."
"""The fix for a missing or wrong System Domain ID."""


def is_token(value: str) -> bool:
    """Return whether a string is a value that the CDK resolves only at synthesis or deployment."""
    return _TOKEN.search(value) is not None


def is_system_domain_id(value: str) -> bool:
    """Return whether a string is a System Domain ID in the spelling that a policy needs: a UUID in lower case."""
    return _UUID.fullmatch(value) is not None


def parse_system_domain_ids(value: str | Sequence[str], prop: str = "system_domain_id") -> tuple[str, ...]:
    """Return the System Domain IDs for the policy: in lower case, sorted, each once.

    `StringEquals` is case-sensitive, and iconik shows its ids in lower case. A CDK token is returned unchanged:
    `domain_tokens.py` checks its value.

    Raises:
        IconikTypeError: not a string or a sequence of strings.
        IconikValueError: no id, an id that is not a UUID, a token with text around it, or a token for a list of ids.
    """
    given: Sequence[object]
    if isinstance(value, str):
        given = (value,)
    elif isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        given = value
    else:
        raise IconikTypeError(prop, "must be a UUID or a sequence of UUIDs", got=value, fix=FIND_IT)
    if not given:
        raise IconikValueError(prop, "must name at least one System Domain ID", got=value, fix=FIND_IT)
    return tuple(sorted({_parse_system_domain_id(item, prop) for item in given}))


def suspect_ids(system_domain_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield a name and a text for each id that is probably a mistake.

    Args:
        system_domain_ids: the ids as `parse_system_domain_ids` returns them.
    """
    for value in system_domain_ids:
        if value in _SUSPECT_IDS:
            name, reason = _SUSPECT_IDS[value]
            yield name, f"'system_domain_id' {value} {reason}. {FIND_IT}"


def parse_iconik_role_arn(value: str, prop: str = "iconik_role_arn") -> str:
    """Return the ARN of the one IAM role to allow.

    Raises:
        IconikTypeError: not a string.
        IconikValueError: not one IAM role of the `aws` partition. An account root or `*` would allow more.
    """
    rule = "must be the ARN of one IAM role in the partition 'aws'"
    fix = f"Leave it out to use iconik's own role, {ICONIK_ROLE_ARN}."
    if not isinstance(value, str):
        raise IconikTypeError(prop, rule, got=value, fix=fix)
    if not _ROLE_ARN.fullmatch(value):
        raise IconikValueError(prop, rule, got=value, fix=fix)
    return value


def principal(role_arn: str) -> dict[str, str]:
    """Return the `Principal` of every statement for iconik."""
    return {"AWS": role_arn}


def tag_condition(system_domain_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the `Condition` that blocks other iconik customers."""
    ids = list(system_domain_ids)
    return {"StringEquals": {PRINCIPAL_TAG: ids[0] if len(ids) == 1 else ids}}


def _parse_system_domain_id(value: object, prop: str) -> str:
    if not isinstance(value, str):
        raise IconikTypeError(prop, "must be a UUID", got=value, fix=FIND_IT)
    if _TOKEN.fullmatch(value):
        if value.startswith("#"):
            # Of such an item the CDK makes a whole list.
            fix = "Take each id from the list by itself: cdk.Fn.select(0, ids)."
            raise IconikValueError(prop, "must not be a list whose ids only the deployment knows", got=value, fix=fix)
        return value
    system_domain_id = value.strip().lower()
    if not is_system_domain_id(system_domain_id):
        raise IconikValueError(prop, "must be a UUID", got=value, fix=_in_iconiks_spelling(system_domain_id) or FIND_IT)
    return system_domain_id


def _in_iconiks_spelling(text: str) -> str | None:
    """Return the fix for a UUID in another spelling: with braces, as a URN, without dashes, or with other dashes."""
    digits = _SPELLING.sub("", text)
    if not _DIGITS.fullmatch(digits):
        return None
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"Write {'-'.join(parts)!r}."
