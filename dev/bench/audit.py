"""The audit of an account with 1,000 buckets and 500 keys: calls, and seconds, moto's own included."""

from __future__ import annotations

import json
import os
import time
from unittest import mock

from .table import table

_ENVIRONMENT = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_ACCOUNT = "123456789012"


def report(buckets: int = 1_000, keys: int = 500) -> str:
    """Return the table, for an account of this size and for one of a tenth."""
    rows = [_audited(buckets // 10, keys // 10), _audited(buckets, keys)]
    return table("Audit of an account", ("buckets, keys", "findings", "calls", "seconds"), rows)


def _audited(buckets: int, keys: int) -> tuple[str, int, str, str]:
    with mock.patch.dict(os.environ, _ENVIRONMENT):
        # Imported here: the credentials must be in place, and the rest of the benchmarks must not wait for boto3.
        import boto3  # noqa: PLC0415
        from moto import mock_aws  # noqa: PLC0415

        from iconik_construct.access.permissions import IconikPermissions  # noqa: PLC0415
        from iconik_construct.access.statements import bucket_statements, key_statement  # noqa: PLC0415
        from iconik_construct.live.asking import Aws  # noqa: PLC0415
        from iconik_construct.live.audit import Audited, audit  # noqa: PLC0415
        from iconik_construct.live.matrix import Question  # noqa: PLC0415

        permissions = [IconikPermissions.read_write()]
        with mock_aws():
            s3, kms = boto3.client("s3"), boto3.client("kms")
            for number in range(buckets):
                name = f"media-{number}"
                s3.create_bucket(Bucket=name)
                # One in ten is iconik's.
                if number % 10 == 0:
                    found = bucket_statements(permissions, [_DOMAIN], f"arn:aws:s3:::{name}", cors_by_iconik=True)
                    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": found}))
            key_policy = json.dumps({"Version": "2012-10-17", "Statement": [key_statement(permissions, [_DOMAIN])]})
            for _ in range(keys):
                kms.create_key(Policy=key_policy, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
            aws = Aws(boto3.Session(), connections=16)
            question = Question(system_domain_ids=(_DOMAIN,), permissions=permissions[0])
            begun = time.perf_counter()
            seen = sum(1 for _ in audit(aws, question, Audited(), account=_ACCOUNT, regions=["us-east-1"]))
            seconds = time.perf_counter() - begun
    return f"{buckets:,}, {keys:,}", seen, f"{aws.calls:,}", f"{seconds:.1f}"


if __name__ == "__main__":
    print(report())  # noqa: T201
