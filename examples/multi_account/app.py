"""The same media stacks in a test account and in production, each with its own iconik domain."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from iconik_construct import IconikGuardrail, IconikPermissions, IconikStorage


class MediaStage(cdk.Stage):
    """All media stacks of one account: the keys in one, the buckets in another."""

    def __init__(self, scope: Construct, construct_id: str, *, system_domain_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        keys = cdk.Stack(self, "Keys", termination_protection=True)
        key = kms.Key(keys, "Media", enable_key_rotation=True)
        media = cdk.Stack(self, "Media")
        for name, permissions in (("Masters", IconikPermissions.read()), ("Proxies", IconikPermissions.read_write())):
            IconikStorage(media, name, system_domain_id=system_domain_id, permissions=permissions, encryption_key=key)
        # The test domain cannot be in a policy of production, and the production domain not in one of the test account.
        cdk.Validations.of(self).add_plugins(IconikGuardrail(system_domain_ids=[system_domain_id]))


app = cdk.App()
MediaStage(
    app,
    "Test",
    system_domain_id="a7d9e1c4-1111-4222-8333-444455556666",
    env=cdk.Environment(account="111122223333", region="eu-west-1"),
)
MediaStage(
    app,
    "Production",
    system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01",
    env=cdk.Environment(account="444455556666", region="eu-west-1"),
)
app.synth()
