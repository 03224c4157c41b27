"""Read what blocks iconik besides a policy: the bucket's public access block, and the state of a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from ..writer.calls import AccessDenied, TransientError, error_code, public_policy_blocked
from ..writer.merge import BUCKET_POLICY, KEY_POLICY, MergeError
from ..writer.policies import Policy

__all__ = ["Effects", "Settings", "not_read"]

_FOR_EVERYONE: Final = (
    "The bucket policy has a statement for everyone. If AWS calls it public, RestrictPublicBuckets blocks iconik"
)
_CUT_OFF: Final = (
    "AWS calls the bucket policy public, and RestrictPublicBuckets then blocks every other account, also iconik's. "
    "Narrow the statement for everyone, or switch the setting off"
)
_FIXES: Final = {
    "Enabled": "Choose a symmetric encryption key for the bucket.",
    "Disabled": "Enable it (aws kms enable-key), then deploy again.",
    "PendingDeletion": "Cancel its deletion and enable it (aws kms cancel-key-deletion, aws kms enable-key), or choose "
    "another key.",
    "PendingImport": "Import its key material, then deploy again.",
    "Unavailable": "Connect its custom key store, then deploy again.",
}


_MOST_IDS: Final = 3
_NOT_READ: Final = {
    BUCKET_POLICY: "the default encryption, ACLs, payer, ABAC, access points and CORS rules of the bucket, and the "
    "settings of the account",
    KEY_POLICY: "the grants of the key, and the buckets that use it",
}


class Effects(NamedTuple):
    """Causes that block iconik, in words with a fix.

    Attributes:
        blocking: the certain causes.
        possible: the possible causes.
    """

    blocking: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()


class Settings:
    """The settings of one bucket or key, each read at most once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._block: dict[str, bool] | None = None
        self._state: str | None = None

    def refuse(self, text: str | None) -> None:
        """Raise if AWS would refuse to write this policy, or if it would have no effect.

        Raises:
            MergeError: a key that cannot encrypt, or a public policy under BlockPublicPolicy. KMS accepts a policy in
                every state of the key. For the bucket, AWS would report a missing permission.
        """
        if self._policy.kind is KEY_POLICY:
            if state := self._key_state():
                raise MergeError(f"Nothing was written to the policy of the key '{self._policy.arn}': {state}")
            return
        try:
            # Most policies need no call.
            blocked = _may_be_public(text) and self._blocks("BlockPublicPolicy") and self._is_public()
        except (AccessDenied, TransientError):
            return
        if blocked:
            raise public_policy_blocked(f"the bucket '{self._policy.arn.rpartition(':')[2]}'")

    def effects(self, text: str | None) -> Effects:
        """Return what blocks iconik although the policy does not. An unreadable setting is possible, not an error."""
        try:
            if self._policy.kind is KEY_POLICY:
                state = self._key_state()
                return Effects((f"Nobody can use the key '{self._policy.arn}': {state}",)) if state else Effects()
            if not _may_be_public(text) or not self._is_public():
                return Effects()
            if self._blocks("RestrictPublicBuckets"):
                return Effects((_CUT_OFF,))
        except (MergeError, TransientError, ClientError) as error:
            setting = (
                "The state of the key" if self._policy.kind is KEY_POLICY else f"{_FOR_EVERYONE}. The bucket's setting"
            )
            return Effects(possible=(f"{setting} is not known: {error}",))
        return Effects(possible=(f"{_FOR_EVERYONE}. The account's own setting was not read",))

    def _blocks(self, setting: str) -> bool:
        """Return whether the bucket has this setting."""
        if self._block is None:
            self._block = self._read_block()
        return bool(self._block.get(setting))

    def _is_public(self) -> bool:
        """Return whether AWS calls the policy of the bucket public."""
        return bool(self._policy.ask("get_bucket_policy_status")["PolicyStatus"]["IsPublic"])

    def _read_block(self) -> dict[str, bool]:
        try:
            return dict(self._policy.ask("get_public_access_block")["PublicAccessBlockConfiguration"])
        except ClientError as error:
            if error_code(error) == "NoSuchPublicAccessBlockConfiguration":
                return {}
            raise

    def _key_state(self) -> str:
        """Return why the key cannot be used; empty if it can be used."""
        if self._state is None:
            self._state = self._read_state()
        return self._state

    def _read_state(self) -> str:
        metadata = self._policy.ask("describe_key")["KeyMetadata"]
        if metadata.get("KeyManager") == "AWS":
            return "it is an AWS managed key with a fixed policy. Encrypt the bucket with a customer managed key."
        # Imported here, so that a Delete does not wait for it.
        from ....assessment.fact import Found  # noqa: PLC0415
        from ....assessment.facts import KeyFacts  # noqa: PLC0415
        from ....assessment.setting_findings import unusable  # noqa: PLC0415

        key = KeyFacts(named=self._policy.arn, description=Found({"KeyMetadata": metadata}), policy=Found(None))
        reason = unusable(key)
        fix = _FIXES.get(metadata.get("KeyState", "Enabled"), "Wait, or choose another key.")
        return f"{reason}. {fix}" if reason else ""


def not_read(policy: Policy, domains: Sequence[str]) -> str:
    """Return which facts decide whether iconik has access and are not read here, and the command that reads them."""
    bucket = "BUCKET" if policy.kind is KEY_POLICY else policy.arn.rpartition(":")[2]
    # An answer to CloudFormation must be short.
    ids = "".join(f" --system-domain-id {each}" for each in (domains if len(domains) <= _MOST_IDS else ["UUID"]))
    return f"Not read: {_NOT_READ[policy.kind]}. Run: iconik-construct check {bucket}{ids}"


def _may_be_public(text: str | None) -> bool:
    """Return whether a statement allows everyone something, with any conditions. AWS then decides what is public."""
    # Imported here, so that a Delete does not wait for it.
    from ....assessment.facts import statements_of  # noqa: PLC0415

    return any(
        each.get("Effect") == "Allow" and ("NotPrincipal" in each or "*" in _principals(each.get("Principal")))
        for each in statements_of(text)
    )


def _principals(principal: object) -> list[Any]:
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    return named if isinstance(named, list) else [named]
