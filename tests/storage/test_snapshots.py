"""Whole templates, so that a change of shape is seen and meant; what they allow is proved elsewhere."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from iconik_construct import Cors, IconikPermissions, IconikStorage, StorageEncryption

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

STORAGES: dict[str, dict[str, Any]] = {
    "new_bucket": {},
    "new_bucket_and_key": {
        "encryption": StorageEncryption.KMS,
        "permissions": [
            IconikPermissions.read("masters/"),
            IconikPermissions.write("proxies/", delete=False),
        ],
        "via_s3_only": True,
    },
    "admin_dsse_cors_by_template": {
        "encryption": StorageEncryption.DSSE,
        "permissions": IconikPermissions.admin(),
        "cors": Cors.by_template(),
        "bucket_name": "acme-media-masters",
    },
}


@pytest.mark.parametrize("name", STORAGES)
def test_the_template_is_the_one_we_looked_at(name: str, snapshot: SnapshotAssertion):
    stack = cdk.Stack(cdk.App(), "Stack")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, **STORAGES[name])
    assert Template.from_stack(stack).to_json() == snapshot(extension_class=JSONSnapshotExtension)
