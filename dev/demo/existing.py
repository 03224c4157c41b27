"""A bucket with media and its key, which exist before the sample: made by hand, with policies of others.

The sample adopts both. The demo must not change the statements of others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from dev.local_aws import LocalAws
from dev.local_aws.environment import TOP

__all__ = ["BUCKET", "KEY", "ExistingMedia"]

KEY: Final = "library"
"""The storage that adopts them."""
BUCKET: Final = "acme-media-library"


class ExistingMedia:
    """The bucket and the key, while the demo runs."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._before: dict[str, Any] = {}
        self._key_arn = ""

    def make(self) -> Path:
        """Make both, and return the configuration of `cdk.json` with a storage that adopts them."""
        s3, kms = self._aws.client("s3"), self._aws.client("kms")
        key_policy = json.dumps(self._key_policy())
        self._key_arn = kms.create_key(Description="made by the security team", Policy=key_policy)["KeyMetadata"]["Arn"]
        s3.create_bucket(Bucket=BUCKET)
        by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self._key_arn}
        s3.put_bucket_encryption(
            Bucket=BUCKET,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": by_key}]},
        )
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(self._bucket_policy()))
        self._before = self._policies()

        document = json.loads((TOP / "cdk.json").read_text(encoding="utf-8"))["context"]["iconik"]
        adopting = {
            "bucket": {"adopt": BUCKET},
            "encryption_key_arn": self._key_arn,
            "permissions": {"roles": ["READ"], "prefixes": ["masters/"]},
            "path": "masters/",
        }
        file = self._aws.workdir / "sample.json"
        file.write_text(json.dumps({**document, "storages": {**document["storages"], KEY: adopting}}), encoding="utf-8")
        return file

    def mistakes(self, *, adopted: bool) -> Iterator[str]:
        """Return the errors in the policies.

        Args:
            adopted: whether the sample is deployed. Only then its statements come after those of the others.
        """
        for name, policy in self._policies().items():
            before = self._before[name]
            statements, of_others = policy["Statement"], before["Statement"]
            if {**policy, "Statement": statements[: len(of_others)]} != before:
                yield f"{KEY}: the {name} of others was changed."
            if (len(statements) > len(of_others)) is not adopted:
                yield f"{KEY}: the {name} has {'no statement' if adopted else 'still statements'} of the sample."

    @contextmanager
    def denied(self) -> Iterator[None]:
        """Add a Deny for everybody outside an organisation, as a security team would, and remove it afterwards."""
        s3 = self._aws.client("s3")
        adopted = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
        document = json.loads(adopted)
        deny = {
            "Sid": "OnlyOurOrganisation",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        }
        denying = {**document, "Statement": [*document["Statement"], deny]}
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(denying))
        try:
            yield
        finally:
            s3.put_bucket_policy(Bucket=BUCKET, Policy=adopted)

    def _policies(self) -> dict[str, Any]:
        bucket_policy = self._aws.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"]
        key_policy = self._aws.client("kms").get_key_policy(KeyId=self._key_arn, PolicyName="default")["Policy"]
        return {"bucket policy": json.loads(bucket_policy), "key policy": json.loads(key_policy)}

    def _bucket_policy(self) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Id": "written-by-hand",
            "Statement": [
                {
                    "Sid": "Auditors read",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{self._aws.account}:role/Auditors"},
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{BUCKET}/*",
                },
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ],
        }

    def _key_policy(self) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "The account's administrators",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{self._aws.account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
