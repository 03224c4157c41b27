"""The plain bucket of the page on ending iconik's access takes the place of a storage, without iconik's statements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikStorage, StorageEncryption

PAGE = Path(__file__).parents[2] / "docs/offboarding.md"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"


def resources(app: cdk.App) -> Mapping[str, Any]:
    found: Mapping[str, Any] = app.synth().get_stack_by_name("Media").template["Resources"]
    return found


def test_the_plain_bucket_keeps_every_logical_id_and_no_statement_for_iconik() -> None:
    storage = cdk.App()
    IconikStorage(
        cdk.Stack(storage, "Media"),
        "Masters",
        system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01",
        encryption=StorageEncryption.KMS,
    )
    [block] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"cdk": cdk, "s3": s3}
    exec(block, names)  # noqa: S102 - our own docs
    before, after = resources(storage), resources(names["app"])
    assert {name: each["Type"] for name, each in before.items()} == {name: each["Type"] for name, each in after.items()}
    assert ROLE in str(before)
    assert ROLE not in str(after)
