"""Asks the policy engine what a role's sessions may do with one storage, with the policies read from AWS.

The questions cover every action of S3 and KMS, not only those of the permissions: others must not be allowed any of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from dev.proof.policy_engine import Action, PolicyEngine, Request
from iconik_construct.access import permissions
from iconik_construct.access.trust import ICONIK_ACCOUNT_ID, PRINCIPAL_TAG

__all__ = ["CALLERS", "Answer", "Row", "StoragePolicies", "ask"]

CALLERS: Final = ("your domain", "another domain", "no tag")
"""The sessions of iconik's role, by the System Domain ID in their tag."""

_SESSION: Final = f"arn:aws:sts::{ICONIK_ACCOUNT_ID}:assumed-role/IconikS3AccessRole/demo"

_S3_GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "list the objects": frozenset({permissions.LIST_ACTION}),
    "read, restore objects": frozenset(permissions.READ_OBJECT_ACTIONS),
    "write objects": frozenset({*permissions.WRITE_OBJECT_ACTIONS, "s3:ListBucketMultipartUploads"}),
    "delete objects": frozenset(permissions.DELETE_ACTIONS),
    "look up settings": frozenset({*permissions.READ_BUCKET_ACTIONS} - {permissions.LIST_ACTION}),
    "change CORS": frozenset({permissions.CORS_WRITE_ACTION}),
}
_S3_REST: Final = "administer: rest of S3"
_KMS_GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "decrypt with the key": frozenset({"kms:Decrypt", "kms:DescribeKey"}),
    "encrypt with the key": frozenset(
        {
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyPair",
            "kms:GenerateDataKeyPairWithoutPlaintext",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        }
    ),
}
_KMS_REST: Final = "administer: rest of KMS"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePolicies:
    """The policies of one storage as AWS returns them, and the domain that they are for.

    Args:
        account: the account of bucket and key.
        bucket_arn: the bucket.
        bucket_policy: its policy.
        system_domain_id: the value of the right tag.
        prefix: the prefix that iconik may use; empty for the whole bucket.
        key_arn: the customer managed key, if there is one.
        key_policy: its policy.
    """

    account: str
    bucket_arn: str
    bucket_policy: Mapping[str, Any]
    system_domain_id: str
    prefix: str = ""
    key_arn: str | None = None
    key_policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The number of questions, and of those with the answer yes."""

    allowed: int
    asked: int


@dataclass(frozen=True, slots=True)
class Row:
    """One group of actions and the answers for each of `CALLERS`."""

    label: str
    answers: tuple[Answer, ...]


def ask(engine: PolicyEngine, storage: StoragePolicies) -> list[Row]:
    """Return the verdicts in groups. Rows about the key exist only if there is a key.

    Raises:
        PolicyEngineError: the engine cannot answer.
    """
    grouped = {
        "s3": _grouped(engine.actions("s3"), _S3_GROUPS, _S3_REST, {"bucket", "object"}),
        "kms": _grouped(engine.actions("kms"), _KMS_GROUPS, _KMS_REST, {"key"}) if storage.key_arn else {},
    }
    return [
        Row(label, tuple(_answer(engine, storage, actions, tag) for tag in _tags(storage.system_domain_id)))
        for groups in grouped.values()
        for label, actions in groups.items()
    ]


def _tags(system_domain_id: str) -> tuple[dict[str, str], ...]:
    """Return the session tags of `CALLERS`."""
    # Another domain, different from the storage's.
    other = str(uuid5(NAMESPACE_OID, system_domain_id))
    return {PRINCIPAL_TAG: system_domain_id}, {PRINCIPAL_TAG: other}, {}


def _grouped(
    actions: Iterable[Action], groups: Mapping[str, frozenset[str]], rest: str, resource_types: set[str]
) -> dict[str, list[Action]]:
    left = {action.name: action for action in actions if action.resource_types & resource_types}
    by_label = {label: [left.pop(name) for name in sorted(names)] for label, names in groups.items()}
    return {**by_label, rest: list(left.values())}


def _answer(
    engine: PolicyEngine, storage: StoragePolicies, actions: Iterable[Action], tag: Mapping[str, str]
) -> Answer:
    verdicts = engine.verdicts(request for action in actions for request in _requests(storage, action, tag))
    return Answer(sum(verdict.allowed for verdict in verdicts), len(verdicts))


def _requests(storage: StoragePolicies, action: Action, tag: Mapping[str, str]) -> Iterator[Request]:
    # Over TLS 1.2, like iconik's requests.
    context: dict[str, str | list[str]] = {**tag, "aws:SecureTransport": "true"}
    if "s3:TlsVersion" in action.condition_keys:
        context["s3:TlsVersion"] = "1.2"
    if storage.prefix and "s3:prefix" in action.condition_keys:
        context["s3:prefix"] = storage.prefix
    of_key = action.name.startswith("kms:")
    resources = {
        "bucket": storage.bucket_arn,
        "object": f"{storage.bucket_arn}/{storage.prefix}clip.mov",
        "key": storage.key_arn,
    }
    for resource_type, resource in resources.items():
        if resource_type in action.resource_types and resource is not None:
            yield Request(
                policy=(storage.key_policy or {}) if of_key else storage.bucket_policy,
                kind="kms" if of_key else "s3",
                principal=_SESSION,
                action=action.name,
                resource=resource,
                context=context,
                account=storage.account,
            )
