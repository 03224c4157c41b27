"""Writes the policy statements (who, what and where) as IAM's JSON, and measures their size.

The statements are plain dicts, so that tests and the proof need no jsii. Only `_allow` makes statements, so that no
statement can lack the condition.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from .folding import fold
from .permissions import (
    ADMIN_ACTION,
    CORS_WRITE_ACTION,
    KEY_READ_ACTIONS,
    KEY_WRITE_ACTIONS,
    IconikPermissions,
)
from .trust import ICONIK_ROLE_ARN, principal, tag_condition

__all__ = [
    "BUCKET_POLICY_LIMIT",
    "KEY_POLICY_LIMIT",
    "PREFIX_CONDITION_ACTIONS",
    "Statement",
    "bucket_statements",
    "key_statement",
    "size_in_bytes",
]

Statement = dict[str, Any]

BUCKET_POLICY_LIMIT: Final = 20_480
"""Bytes of a bucket policy. Source: AWS, "Bucket policies", 20 KB."""
KEY_POLICY_LIMIT: Final = 32_768
"""Bytes of a key policy. Source: AWS KMS quotas, "Key policy document size", 32 KB."""

PREFIX_CONDITION_ACTIONS: Final = frozenset({"s3:ListBucket", "s3:ListBucketVersions"})
"""The bucket actions that have the condition key `s3:prefix`. For any other action the condition never matches."""


def bucket_statements(
    permissions: Sequence[IconikPermissions],
    system_domain_ids: Sequence[str],
    bucket_arn: str,
    *,
    cors_by_iconik: bool = True,
    iconik_role_arn: str = ICONIK_ROLE_ARN,
    sid_suffix: str = "",
) -> list[Statement]:
    """Return the statements of the bucket policy: the fewest that grant all the permissions.

    Args:
        permissions: what iconik may do.
        system_domain_ids: the iconik domains to allow.
        bucket_arn: the bucket's ARN, or a CDK token.
        cors_by_iconik: whether iconik writes the CORS configuration. It then needs `s3:PutBucketCORS`.
        iconik_role_arn: the role to allow.
        sid_suffix: appended to each Sid, so that the Sids of several storages on one bucket differ.
    """

    def allow(sid: str, actions: Sequence[str], resources: Sequence[str], like: Sequence[str] = ()) -> Statement:
        condition = tag_condition(system_domain_ids)
        if like:
            condition["StringLike"] = {"s3:prefix": _scalar(like)}
        return _allow(sid + sid_suffix, iconik_role_arn, actions, resources, condition)

    if any(item.is_admin for item in permissions):
        return [allow("IconikAdmin", [ADMIN_ACTION], [bucket_arn, f"{bucket_arn}/*"])]

    everywhere, listed, objects = _granted(permissions, cors_by_iconik=cors_by_iconik)
    statements = []
    if everywhere:
        statements.append(allow("IconikBucket", sorted(everywhere), [bucket_arn]))
    for number, block in enumerate(fold(listed), start=1):
        statements.append(
            allow(_numbered("IconikList", number), block.actions, [bucket_arn], [f"{p}*" for p in block.prefixes])
        )
    for number, block in enumerate(fold(objects), start=1):
        statements.append(
            allow(_numbered("IconikObjects", number), block.actions, [f"{bucket_arn}/{p}*" for p in block.prefixes])
        )
    return statements


def key_statement(
    permissions: Sequence[IconikPermissions],
    system_domain_ids: Sequence[str],
    *,
    via_service: str | None = None,
    iconik_role_arn: str = ICONIK_ROLE_ARN,
    sid_suffix: str = "",
) -> Statement:
    """Return the statement of the key policy.

    Args:
        permissions: what iconik may do with the storage. Reading needs only `kms:Decrypt` and `kms:DescribeKey`.
            Everything else needs iconik's five entries.
        system_domain_ids: the iconik domains to allow.
        via_service: the only service through which the key may be used, such as `s3.eu-west-1.amazonaws.com`.
        iconik_role_arn: the role to allow.
        sid_suffix: appended to the Sid.
    """
    writes = any(item.key_actions == KEY_WRITE_ACTIONS for item in permissions)
    condition = tag_condition(system_domain_ids)
    if via_service is not None:
        condition["StringEquals"]["kms:ViaService"] = via_service
    actions = KEY_WRITE_ACTIONS if writes else KEY_READ_ACTIONS
    # In a key policy, "*" is the key itself.
    return _allow(f"IconikKey{sid_suffix}", iconik_role_arn, actions, ["*"], condition)


def size_in_bytes(document: object) -> int:
    """Return the size of a policy, or of a part of it, as AWS counts it: JSON in UTF-8 without white space."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def _granted(
    permissions: Iterable[IconikPermissions], *, cors_by_iconik: bool
) -> tuple[set[str], dict[str, set[str]], dict[str, set[str]]]:
    """Return the bucket actions without a prefix, the bucket actions with prefixes, and the object actions."""
    everywhere: set[str] = set()
    listed: dict[str, set[str]] = {}
    objects: dict[str, set[str]] = {}
    for item in permissions:
        below = item.prefixes or ("",)
        for action in item.object_actions:
            objects.setdefault(action, set()).update(below)
        for action in item.bucket_actions:
            if item.prefixes and action in PREFIX_CONDITION_ACTIONS:
                listed.setdefault(action, set()).update(below)
            else:
                everywhere.add(action)
    if cors_by_iconik:
        everywhere.add(CORS_WRITE_ACTION)
    # An action that is allowed for the whole bucket needs no second statement for a prefix.
    return everywhere, {action: below for action, below in listed.items() if action not in everywhere}, objects


def _allow(
    sid: str, role_arn: str, actions: Sequence[str], resources: Sequence[str], condition: dict[str, dict[str, Any]]
) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal(role_arn),
        "Action": _scalar(actions),
        "Resource": _scalar(resources),
        "Condition": condition,
    }


def _scalar(values: Sequence[str]) -> str | list[str]:
    """Return one value as text and several as a list, as AWS and the CDK return policies."""
    return values[0] if len(values) == 1 else list(values)


def _numbered(sid: str, number: int) -> str:
    return sid if number == 1 else f"{sid}{number}"
