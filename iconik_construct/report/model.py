"""What was found, wherever it was read: the one shape that a synthesized assembly and live buckets both fill.

Standard library only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, Final

from ..access.trust import ICONIK_ROLE_ARN
from ..judge.text import shown

__all__ = ["Acknowledged", "Function", "Policy", "Report", "Right", "Storage", "readable", "sha256_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy of a bucket or a key.

    Args:
        arn: the bucket or the key.
        document: the policy in IAM's JSON; the judge's marks may stand for what is not known.
        is_whole: whether that is all of the policy; else others write statements of it that were not read.
    """

    arn: str
    document: Mapping[str, Any]
    is_whole: bool = True

    @property
    def statements(self) -> list[Mapping[str, Any]]:
        """The statements, also where there is but one."""
        found = self.document.get("Statement", [])
        return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]

    @property
    def sha256(self) -> str:
        """SHA-256 of the policy as JSON with sorted keys and without blanks."""
        return sha256_of(self.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A bucket that iconik is let into, with its key.

    Args:
        name: what the reader knows it by, such as its construct path.
        account: the account that owns it; a mark of the judge's where that is not known.
        region: where it is; empty where that is not known.
        bucket: its bucket policy.
        key: the policy of its customer managed key; None where it has none, or where it was not read.
        key_is_unread: whether it has a customer managed key of which the policy was not read.
        settings: what else was read of it, such as `("Encryption", "SSE-KMS")`.
    """

    name: str
    account: str
    region: str
    bucket: Policy
    key: Policy | None = None
    key_is_unread: bool = False
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Actions on resources that a role has."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """Code that runs in the account, with all that its role may do; `code` tells one code from another."""

    name: str
    runtime: str
    role: str
    rights: tuple[Right, ...]
    managed_policies: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A finding that somebody accepted, with the reason given."""

    id: str
    where: str
    finding: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it.

    Args:
        system_domain_ids: whose iconik is meant to get in.
        storages: what it is let into.
        functions: the code that runs for it.
        acknowledged: accepted findings.
        against: what was found beside the policies and makes the answer bad whatever they say.
        refused: what the guardrail refuses of the policies, whatever the judge says of them.
        open_to_all: buckets whose policies do not name iconik and let in everyone, or may, and so its customers too.
        templates_sha256: of all templates, as JSON with sorted keys; empty where none was read.
        not_judged: what was not looked at, each with how to check it.
        obtained: how the policies were had, in one sentence.
        command: how to make the same file again.
        date: when; the only thing that differs from one run to the next.
        versions: names and versions of what made it.
        role_arn: the role that iconik comes as.
        is_live: whether it was read from an account rather than from templates.
    """

    system_domain_ids: tuple[str, ...]
    storages: tuple[Storage, ...]
    functions: tuple[Function, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    against: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    open_to_all: tuple[str, ...] = ()
    templates_sha256: str = ""
    not_judged: tuple[tuple[str, str], ...] = ()
    obtained: str
    command: str
    date: str
    versions: tuple[tuple[str, str], ...] = ()
    role_arn: str = ICONIK_ROLE_ARN
    is_live: bool = False

    @cached_property
    def policies_sha256(self) -> str:
        """SHA-256 of the hashes of all policies: it changes when one of them does."""
        hashes = [
            policy.sha256 for storage in self.storages for policy in (storage.bucket, storage.key) if policy is not None
        ]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all that is signed: of everything but how, when and by what versions the page was made."""
        signed = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _NOT_SIGNED}
        return sha256_of({name: _plain(value) for name, value in signed.items()})


_NOT_SIGNED: Final = ("command", "date", "obtained", "versions")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of a value as JSON with sorted keys and without blanks."""
    text = json.dumps(readable(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def readable(value: Any) -> Any:
    """Return a value with the judge's marks as a reader takes them, such as `${Media.Arn}`."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {readable(key): readable(item) for key, item in value.items()}
    return [readable(item) for item in value] if isinstance(value, list) else value
