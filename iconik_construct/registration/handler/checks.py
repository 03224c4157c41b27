"""Runs iconik's checks of a bucket, with the usual cause of each failure.

The Lambda function waits for these checks and the command line prints them. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .client import IconikClient
from .errors import RegistrationError

__all__ = ["CHECKS", "Check", "Finding", "Verification", "verify_settings", "verify_storage", "wait_until_verified"]

STORAGES: Final = "/files/v1/storages/"
_PAUSE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Check:
    """One check of iconik's.

    Attributes:
        name: its name in this library.
        field: its name in iconik's API.
        setting: the flag of the storage that needs it.
        usually: the usual cause of a failure.
    """

    name: str
    field: str
    setting: str
    usually: str


ACCESS: Final = Check(
    "access",
    "access_check",
    "",
    "the bucket policy has no statement for iconik's role, or its condition on the tag IconikSystemDomainId "
    "is missing or names another system domain; or bucket name, region or endpoint are mistyped",
)
CHECKS: Final = (
    Check(
        "cors",
        "cors",
        "",
        "browsers cannot upload or play: let iconik write the CORS configuration (s3:GetBucketCORS and "
        "s3:PutBucketCORS), or name the address of this iconik in the origins of the template",
    ),
    Check(
        "read",
        "read_access",
        "read",
        "the path is outside the prefixes of the bucket policy; or the bucket has a customer managed key whose key "
        "policy lacks kms:Decrypt for iconik's role; or another statement denies it (network, VPC endpoint, "
        "organisation)",
    ),
    Check(
        "write",
        "write_access",
        "write",
        "the storage has no Write storage below this path; or the key policy lacks kms:GenerateDataKey* for iconik's "
        "role; or another statement denies uploads (encryption headers, network)",
    ),
    Check(
        "delete",
        "delete_access",
        "delete",
        "the permissions were given with delete=False, or another statement denies s3:DeleteObject",
    ),
)


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    check: Check
    passed: bool
    error: str


@dataclass(frozen=True)
class Verification:
    """The results of all checks. `findings` are in the order of `CHECKS`."""

    access: Finding
    findings: tuple[Finding, ...]

    def failed(self, required: Iterable[str]) -> list[Finding]:
        """Return the required findings that fail. Access is always required."""
        names = frozenset(required)
        required_findings = [finding for finding in self.findings if finding.check.name in names]
        return [finding for finding in (self.access, *required_findings) if not finding.passed]


def verify_settings(client: IconikClient, storage: Mapping[str, Any]) -> Verification:
    """Let iconik check a storage that need not exist yet, given as the body that would create it."""
    question = {"method": storage["method"], "settings": storage["settings"]}
    access = client.post(f"{STORAGES}verifications/access/", question)
    permissions = client.post(f"{STORAGES}verifications/permissions/", {**question, "purpose": storage["purpose"]})
    return _verification(client, access, permissions)


def verify_storage(client: IconikClient, storage_id: str) -> Verification:
    """Let iconik check an existing storage."""
    access = client.get(f"{STORAGES}{storage_id}/verifications/access/")
    permissions = client.get(f"{STORAGES}{storage_id}/verifications/permissions/")
    return _verification(client, access, permissions)


def wait_until_verified(
    client: IconikClient,
    storage: Mapping[str, Any],
    required: Iterable[str],
    *,
    remaining: Callable[[], float],
    sleep: Callable[[float], None],
) -> Verification:
    """Verify until all required checks pass, because a policy takes seconds to be effective everywhere in AWS.

    Raises:
        RegistrationError: a check fails until no time remains. The message names each failed check.
    """
    names = tuple(required)
    while True:
        verification = verify_settings(client, storage)
        failed = verification.failed(names)
        if not failed:
            return verification
        if remaining() <= 0:
            raise RegistrationError(_explained(storage, failed))
        sleep(min(_PAUSE_SECONDS, max(remaining(), 0.0)))


def _verification(client: IconikClient, access: Any, permissions: Any) -> Verification:
    try:
        reached = Finding(
            ACCESS, access["access_check"] is True, client.redacted(str(access.get("error_message") or ""))
        )
        findings = tuple(
            Finding(
                check,
                permissions[check.field] is True,
                client.redacted(str(permissions.get(f"{check.field}_error") or "")),
            )
            for check in CHECKS
        )
    except (KeyError, TypeError, AttributeError):
        raise RegistrationError(
            f"{client.host} answered a verification in a form that this version does not know. Check the base URL."
        ) from None
    return Verification(reached, findings)


def _explained(storage: Mapping[str, Any], failed: Iterable[Finding]) -> str:
    where = f"{storage['settings']['bucket']}/{storage['settings']['path']}"
    lines = [
        f"{finding.check.name}: {finding.error or 'iconik gave no text'}. Usually {finding.check.usually}."
        for finding in failed
    ]
    return f"iconik cannot use {where}, so the storage was not changed. " + " ".join(lines)
