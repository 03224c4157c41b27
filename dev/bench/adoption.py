"""The adoption's Lambda function: its calls to AWS for each event, and its cold start over a bare `import boto3`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from statistics import median
from typing import Any
from unittest import mock

from .table import table

_TURNS = 9
_SID = "IconikBucketClaim"
_BARE = "import boto3, botocore.exceptions"
_HANDLER = "import iconik_construct.placement.handler.index"
_TIMED = "import time; start = time.perf_counter(); {code}; print((time.perf_counter() - start) * 1000)"
_ENVIRONMENT = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class _Run:
    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def calls() -> dict[str, list[str]]:
    """Return the calls to AWS for a create, an update without change, and a delete, on moto's S3."""
    with mock.patch.dict(os.environ, _ENVIRONMENT):
        # Imported here: the credentials must be in place, and the rest of the benchmarks must not wait for boto3.
        import boto3  # noqa: PLC0415
        from botocore.client import BaseClient  # noqa: PLC0415
        from moto import mock_aws  # noqa: PLC0415

        from iconik_construct.placement.handler import index  # noqa: PLC0415
        from iconik_construct.placement.handler.writer import backoff  # noqa: PLC0415

        seen: list[str] = []
        call = vars(BaseClient)["_make_api_call"]

        def counting(self: Any, operation: str, arguments: Any) -> Any:
            seen.append(operation)
            return call(self, operation, arguments)

        properties = {"BucketName": "media", "Account": "123456789012", "Statements": {_SID: _statement()}}
        identity = {"StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/Media/1", "LogicalResourceId": "M"}
        properties_of = {"ResourceProperties": properties, **identity}
        clock = [1_700_000_000.0]

        def now() -> float:
            return clock[0]

        found = {}
        with mock_aws(), mock.patch.object(backoff, "sleep"), mock.patch.object(backoff, "now", now):
            boto3.client("s3").create_bucket(Bucket="media")
            with mock.patch.object(BaseClient, "_make_api_call", counting):
                answer = index.on_event({"RequestType": "Create", **properties_of}, _Run())
                clock[0] += 60
                found["create"], seen[:] = list(seen), []
                again = {**properties_of, "OldResourceProperties": properties, **answer}
                index.on_event({"RequestType": "Update", **again}, _Run())
                found["update without change"], seen[:] = list(seen), []
                index.on_event({"RequestType": "Delete", **again}, _Run())
                found["delete"] = list(seen)
        return found


def report() -> str:
    """Return the tables."""
    rows = [(event, len(made), ", ".join(made)) for event, made in calls().items()]
    runs: dict[str, list[float]] = {_BARE: [], _HANDLER: []}
    for _ in range(_TURNS):
        for code, found in runs.items():
            command = [sys.executable, "-c", _TIMED.format(code=code)]
            found.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))  # noqa: S603
    bare, handler = (min(found) for found in runs.values())
    ratio = median(one / two for one, two in zip(runs[_HANDLER], runs[_BARE], strict=True))
    starts = [
        ("bare `import boto3`", f"{bare:.0f}", ""),
        ("the handler", f"{handler:.0f}", f"{handler / bare:.2f} (median {ratio:.2f})"),
    ]
    return "\n\n".join(
        [
            table("Adoption: calls to AWS", ("event", "calls", "which"), rows),
            table("Adoption: cold start", ("", "ms, best", "ratio"), starts),
        ]
    )


def _statement() -> dict[str, Any]:
    principal = {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"}
    tag = {"aws:PrincipalTag/IconikSystemDomainId": "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"}
    return {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::media",
        "Condition": {"StringEquals": tag},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(calls()) + "\n")
