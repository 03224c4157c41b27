"""Read and write a bucket policy or a key policy."""

from __future__ import annotations

import json
from typing import Any, Final

from botocore.exceptions import ClientError

from . import calls
from .calls import WrongAccountOrRegion, call, error_code
from .merge import BUCKET_POLICY, KEY_POLICY

__all__ = ["BucketPolicy", "KeyPolicy", "Policy"]

_HAND_OVER: Final = "With Adoption.HAND_OVER the stack gives the statements to the owner of the policy."


class BucketPolicy:
    """The policy of a bucket in this account and region. `touched` is set before a write, which may fail."""

    kind = BUCKET_POLICY

    def __init__(self, bucket: str, account: str) -> None:
        self.touched = False
        self.physical_id = f"iconik-bucket-policy:{bucket}"
        self.arn = f"arn:aws:s3:::{bucket}"
        self.account = account
        self._bucket = bucket

    def read(self) -> str | None:
        """Return the bucket policy, or None if there is none."""
        try:
            return str(self.ask("get_bucket_policy")["Policy"])
        except ClientError as error:
            if error_code(error) == "NoSuchBucketPolicy":
                return None
            raise

    def write(self, text: str | None) -> None:
        """Replace the whole bucket policy, or delete it."""
        self.touched = True
        if text is None:
            self.ask("delete_bucket_policy")
        else:
            self.ask("put_bucket_policy", Policy=text)

    def ask(self, operation: str, **more: str) -> Any:
        """Make a call for the bucket. AWS refuses it if the bucket belongs to another account."""
        return call(
            calls.client("s3"),
            operation,
            f"the bucket '{self._bucket}'",
            f"or a Deny of the bucket policy blocks that role. Exempt roles like "
            f"arn:aws:iam::{self.account}:role/*IconikAdoptionHandler*, or the role that you give as adoption_role. "
            f"If the bucket is not in the account {self.account}, only its owner can change its policy. "
            f"{_HAND_OVER}",
            Bucket=self._bucket,
            ExpectedBucketOwner=self.account,
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

    def read(self) -> str | None:
        """Return the key policy. Every key has one."""
        self._refuse_other_account_or_region()
        return str(self.ask("get_key_policy", PolicyName="default")["Policy"])

    def write(self, text: str | None) -> None:
        """Replace the whole key policy, with AWS's lockout safety check."""
        self.touched = True
        self.ask("put_key_policy", PolicyName="default", Policy=str(text))

    def ask(self, operation: str, **more: str) -> Any:
        """Make a call for the key."""
        denied = _owner_statement(self.account)
        return call(calls.client("kms"), operation, f"the key '{self.arn}'", denied, KeyId=self.arn, **more)

    def _refuse_other_account_or_region(self) -> None:
        region, owner = self.arn.split(":")[3:5]
        here = calls.client("kms").meta.region_name
        for part, of_key, of_stack in (("account", owner, self.account), ("region", region, here)):
            if of_key != of_stack:
                replica = ""
                if part == "region" and "/mrk-" in self.arn:
                    replica = f" It is a multi-Region key: use its replica in {of_stack}, which has its own policy."
                raise WrongAccountOrRegion(
                    f"The key '{self.arn}' is in the {part} {of_key} and this stack in {of_stack}: this stack cannot "
                    f"write its policy.{replica} {_HAND_OVER}"
                )


Policy = BucketPolicy | KeyPolicy
"""A policy that others also write."""


def _owner_statement(account: str) -> str:
    """Return the statement that the owner of a key adds to a policy that does not trust the account's IAM policies."""
    statement = {
        "Sid": "AllowIconikAdoption",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"],
        "Resource": "*",
        # The function's role has no fixed name, and KMS accepts only principals that exist.
        "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/*IconikAdoptionHandler*"}},
    }
    return (
        "or the key policy does not trust the account's IAM policies. Then its owner adds this statement first: "
        f"{json.dumps(statement, separators=(',', ':'))} Or allow a role of yours there and give it as adoption_role."
    )
