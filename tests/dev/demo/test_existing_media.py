"""The demo notices when somebody else's statement does not stay as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dev.demo.existing import BUCKET, KEY, ExistingMedia
from dev.demo.sample import read_config
from dev.local_aws import LocalAws

pytestmark = pytest.mark.local_aws


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as running:
        yield running


def change(aws: LocalAws, change: Any) -> None:
    s3 = aws.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    change(policy)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def test_a_statement_more_or_less_or_another_order_is_noticed(aws: LocalAws) -> None:
    existing = ExistingMedia(aws)
    config = read_config(existing.make())
    assert KEY in [storage.key for storage in config.storages]
    assert list(existing.mistakes(adopted=False)) == []
    assert list(existing.mistakes(adopted=True)) == [
        f"{KEY}: the bucket policy has no statement of the sample.",
        f"{KEY}: the key policy has no statement of the sample.",
    ]

    change(aws, lambda policy: policy["Statement"].append({**policy["Statement"][0], "Sid": "Another"}))
    assert list(existing.mistakes(adopted=False)) == [f"{KEY}: the bucket policy has still statements of the sample."]
    change(aws, lambda policy: policy["Statement"].pop())

    for damage in (
        lambda policy: policy["Statement"][0].pop("Sid"),
        lambda policy: policy["Statement"][0].update(Sid="Auditors read") or policy.pop("Id"),
        lambda policy: policy.update(Id="written-by-hand") or policy["Statement"].reverse(),
    ):
        change(aws, damage)
        assert f"{KEY}: the bucket policy of others was changed." in list(existing.mistakes(adopted=False))
