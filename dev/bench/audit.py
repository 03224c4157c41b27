"""The audit of an account with 1,000 buckets and 500 keys: its own processor time and memory, without AWS's answers."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

from .table import table

_DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_ACCOUNT = "123456789012"
_REGION = "eu-west-1"


def report(buckets: int = 1_000, keys: int = 500) -> str:
    """Return the table, for an account of this size and for one of a tenth."""
    rows = [audited(buckets // 10, keys // 10), audited(buckets, keys)]
    return table("Audit of an account", ("buckets, keys", "findings", "calls", "own CPU seconds (peak MB)"), rows)


def audited(buckets: int, keys: int) -> tuple[str, int, str, str]:
    """Audit an account of this size; one bucket in ten is for iconik, and half of the keys."""
    # Imported here: the other benchmarks must not wait for boto3.
    from iconik_construct.access.permissions import IconikPermissions  # noqa: PLC0415
    from iconik_construct.assessment import Question  # noqa: PLC0415
    from iconik_construct.live.audit import AuditCounts, audit  # noqa: PLC0415

    aws = _Answers(buckets, keys)
    question = Question(system_domain_ids=(_DOMAIN,), permissions=(IconikPermissions.read_write(),))

    def run() -> int:
        results = audit(aws, question, AuditCounts(), account=_ACCOUNT, regions=[_REGION])  # type: ignore[arg-type]
        return sum(len(result.findings) for result in results)

    begun = time.process_time()
    found = run()
    seconds = time.process_time() - begun
    calls = aws.calls
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return f"{buckets:,}, {keys:,}", found, f"{calls:,}", f"{seconds:.1f} ({peak / 1e6:.1f})"


class _Answers:
    """Answers in the place of AWS, as `Aws` gives them."""

    def __init__(self, buckets: int, keys: int) -> None:
        from iconik_construct.access.permissions import IconikPermissions  # noqa: PLC0415
        from iconik_construct.access.statements import bucket_statements, key_statement  # noqa: PLC0415

        self.calls = 0
        self.expired = ""
        self.region = _REGION
        self._permissions = [IconikPermissions.read_write()]
        self._bucket_statements = bucket_statements
        self._key = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"},
                     "Action": "kms:*", "Resource": "*"},
                    key_statement(self._permissions, [_DOMAIN]),
                ],
            }
        )  # fmt: skip
        self._listed = {
            "list_buckets": [{"Name": f"media-{number}"} for number in range(buckets)],
            "list_keys": [
                {"KeyArn": f"arn:aws:kms:{_REGION}:{_ACCOUNT}:key/00000000-0000-0000-0000-{number:012}"}
                for number in range(keys)
            ],
        }

    def ask(self, call: Any, _region: str | None = None, **parameters: Any) -> Any:
        from iconik_construct.assessment.fact import Found, NotConfigured  # noqa: PLC0415

        self.calls += 1
        if call.operation == "get_bucket_policy":
            return Found({"Policy": self._policy(parameters["Bucket"])})
        if call.operation == "get_bucket_ownership_controls":
            return Found({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}})
        if call.operation == "get_bucket_location":
            return Found({"LocationConstraint": _REGION})
        if call.operation == "get_key_policy":
            return Found({"Policy": self._key})
        return NotConfigured()

    def ask_all(self, call: Any, *_: object, **_more: object) -> Any:
        from iconik_construct.assessment.fact import Found  # noqa: PLC0415

        self.calls += 1
        return Found(self._listed.get(call.operation, []))

    def _policy(self, name: str) -> str:
        arn = f"arn:aws:s3:::{name}"
        foreign = {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                   "Action": "s3:GetObject", "Resource": f"{arn}/*"}  # fmt: skip
        mine = self._bucket_statements(self._permissions, [_DOMAIN], arn) if name.endswith("0") else []
        return json.dumps({"Version": "2012-10-17", "Statement": [foreign, *mine]})


if __name__ == "__main__":
    print(report())  # noqa: T201
