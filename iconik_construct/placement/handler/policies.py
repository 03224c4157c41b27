"""The bucket policy and the key policy as AWS gives and takes them, and what beside them keeps iconik out.

Apart from the merging, which speaks to nobody.
"""

from __future__ import annotations

import json
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from .calls import Denied, Elsewhere, Unsure, call, client, public_is_barred
from .effect import may_be_public
from .merge import BUCKET_POLICY, KEY_POLICY, PolicyKind, Refusal

__all__ = ["BucketPolicy", "KeyPolicy", "Policy"]

_HAND_OVER = "With Adoption.HAND_OVER the stack gives the statements to whoever owns the policy."

_FOR_EVERYONE: Final = (
    "A statement for everyone stands in the bucket policy; if AWS calls it public, RestrictPublicBuckets keeps "
    "iconik out"
)
_CUT_OFF: Final = (
    "AWS calls the bucket policy public, and RestrictPublicBuckets then keeps every other account out, iconik too: "
    "narrow the statement for everyone, or take the setting away"
)
_WAYS_OUT: Final = {
    "Disabled": "Enable it (aws kms enable-key), then deploy again.",
    "PendingDeletion": "Cancel its deletion and enable it (aws kms cancel-key-deletion, aws kms enable-key), or choose "
    "another key.",
    "PendingImport": "Import its key material, then deploy again.",
    "Unavailable": "Connect its custom key store, then deploy again.",
}


class Policy(Protocol):
    """A policy that others write too."""

    kind: PolicyKind
    physical_id: str
    arn: str
    account: str
    touched: bool
    """Whether a write was tried, which may have taken effect even if it failed."""

    def read(self) -> str | None:
        """Return the policy, or None if there is none."""

    def check(self, text: str | None, *, leaving: bool) -> None:
        """Refuse where a write of a policy with this text would be refused or worthless."""

    def write(self, text: str | None) -> None:
        """Replace the whole policy, or delete it."""

    def settings(self, text: str | None) -> list[str]:
        """Return what beside the policy keeps iconik out, or may."""
        ...


class BucketPolicy:
    """The policy of a bucket in this account and region."""

    kind = BUCKET_POLICY

    def __init__(self, bucket: str, account: str) -> None:
        self.touched = False
        self.physical_id = f"iconik-bucket-policy:{bucket}"
        self.arn = f"arn:aws:s3:::{bucket}"
        self.account = account
        self._bucket = bucket
        self._block_was: dict[str, bool] | None = None
        # AWS then refuses if the bucket belongs to somebody else.
        self._where = {"Bucket": bucket, "ExpectedBucketOwner": account}

    def read(self) -> str | None:
        """Return the bucket policy, or None if there is none."""
        try:
            return str(self._call("get_bucket_policy")["Policy"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
                return None
            raise

    def write(self, text: str | None) -> None:
        """Replace the whole bucket policy, or delete it."""
        self.touched = True
        if text is None:
            self._call("delete_bucket_policy")
        else:
            self._call("put_bucket_policy", Policy=text)

    def check(self, text: str | None, *, leaving: bool) -> None:  # noqa: ARG002 - the same on every way
        """Refuse what the bucket's public access block refuses, before AWS calls it a missing right."""
        try:
            barred = self._public_and("BlockPublicPolicy", text)
        except (Denied, Unsure):
            return
        if barred:
            raise public_is_barred(f"the bucket '{self._bucket}'")

    def settings(self, text: str | None) -> list[str]:
        """Return whether a public statement beside ours cuts off every other account."""
        try:
            cut_off = self._public_and("RestrictPublicBuckets", text)
        except (Refusal, Unsure) as error:
            return [f"{_FOR_EVERYONE}, and whether the bucket has it is not known: {error}"]
        if cut_off:
            return [_CUT_OFF]
        return [f"{_FOR_EVERYONE}, and the account's own setting was not asked for"] if may_be_public(text) else []

    def _public_and(self, setting: str, text: str | None) -> bool:
        """Tell whether the bucket has this setting and AWS calls its policy public; asked only where it may be so."""
        if not may_be_public(text):
            return False
        if self._block_was is None:
            self._block_was = self._ask_block()
        if not self._block_was.get(setting):
            return False
        return bool(self._call("get_bucket_policy_status")["PolicyStatus"]["IsPublic"])

    def _ask_block(self) -> dict[str, bool]:
        """Return the bucket's public access block. Asked once in a run, as a key's state is."""
        try:
            return dict(self._call("get_public_access_block")["PublicAccessBlockConfiguration"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration":
                return {}
            raise

    def _call(self, operation: str, **more: str) -> Any:
        return call(
            client("s3"),
            operation,
            f"the bucket '{self._bucket}'",
            f"or a Deny of the bucket policy keeps it out (let it except roles like "
            f"arn:aws:iam::{self.account}:role/*IconikAdoptionHandler*, or one that you give as adoption_role), "
            f"or the bucket is not in the account {self.account}, and only its owner can change its policy. "
            f"{_HAND_OVER}",
            **self._where,
            **more,
        )


class KeyPolicy:
    """The policy of a customer managed key in this account and region."""

    kind = KEY_POLICY

    def __init__(self, arn: str, account: str) -> None:
        self.touched = False
        self.physical_id = f"iconik-key-policy:{arn}"
        self.arn = arn
        self.account = account
        self._state_was: str | None = None

    def read(self) -> str | None:
        """Return the key policy; every key has one."""
        self._check_reach()
        return str(self._call("get_key_policy", PolicyName="default")["Policy"])

    def write(self, text: str | None) -> None:
        """Replace the whole key policy. AWS's check that it leaves its writer in is never bypassed."""
        self.touched = True
        self._call("put_key_policy", PolicyName="default", Policy=str(text))

    def check(self, text: str | None, *, leaving: bool) -> None:  # noqa: ARG002 - the key's state decides
        """Refuse a key that encrypts nothing: KMS takes a policy in every state of the key."""
        if not leaving and (state := self._state()):
            raise Refusal(f"Nothing was written to the policy of the key '{self.arn}': {state}")

    def settings(self, text: str | None) -> list[str]:  # noqa: ARG002 - as above
        """Return whether the key is in a state in which nobody can use it."""
        state = self._state()
        return [f"The key '{self.arn}' keeps everybody out: {state}"] if state else []

    def _state(self) -> str:
        """Return why the key cannot be used; empty if it can. Asked once in a run."""
        if self._state_was is None:
            self._state_was = self._ask_state()
        return self._state_was

    def _ask_state(self) -> str:
        found = self._call("describe_key")["KeyMetadata"]
        if found.get("KeyManager") == "AWS":
            return "it is AWS's, whose policy nobody can change. Encrypt the bucket with a customer managed key."
        state = found.get("KeyState", "Enabled")
        if state in {"Enabled", "Updating"}:
            return ""
        return f"its state is {state}. {_WAYS_OUT.get(state, 'Wait, or choose another key.')}"

    def _check_reach(self) -> None:
        region, owner = self.arn.split(":")[3:5]
        here = client("kms").meta.region_name
        for what, theirs, ours in (("account", owner, self.account), ("region", region, here)):
            if theirs != ours:
                replica = ""
                if what == "region" and "/mrk-" in self.arn:
                    replica = f" It is a multi-Region key: give its replica in {ours}, which has a policy of its own."
                raise Elsewhere(
                    f"The key '{self.arn}' is in the {what} {theirs} and this stack in {ours}: its policy cannot be "
                    f"written from here.{replica} {_HAND_OVER}"
                )

    def _call(self, operation: str, **more: str) -> Any:
        return call(client("kms"), operation, f"the key '{self.arn}'", _let_in(self.account), KeyId=self.arn, **more)


def _let_in(account: str) -> str:
    """Return how the owner of a key that keeps the account's IAM policies out lets the function in beforehand."""
    statement = {
        "Sid": "LetIconikAdoptionIn",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"],
        "Resource": "*",
        # The function's role has no fixed name, and KMS takes no principal that does not exist yet.
        "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/*IconikAdoptionHandler*"}},
    }
    return (
        "or the key policy keeps the account's IAM policies out: then its owner adds this statement first: "
        f"{json.dumps(statement, separators=(',', ':'))} Or name a role of your own there and give it as adoption_role."
    )
