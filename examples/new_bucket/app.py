"""A new bucket with its own key, for iconik."""

from __future__ import annotations

import aws_cdk as cdk

from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption

app = cdk.App()
stack = cdk.Stack(app, "Media")

storage = IconikStorage(
    stack,
    "Masters",
    # iconik shows it under Admin > Settings > System Settings.
    system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01",
    permissions=IconikPermissions.read_write(delete=False),
    encryption=StorageEncryption.KMS,
)

cdk.CfnOutput(stack, "Bucket", value=storage.bucket.bucket_name)
storage.output_settings(name="Masters")

app.synth()
