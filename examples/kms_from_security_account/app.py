"""A new bucket, encrypted with a key of the security team's account."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

from iconik_construct import Adoption, IconikStorage

app = cdk.App()
stack = cdk.Stack(app, "Media", env=cdk.Environment(account="111122223333", region="eu-west-1"))

storage = IconikStorage(
    stack,
    "Masters",
    system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01",
    encryption_key=kms.Key.from_key_arn(
        stack, "SecuritysKey", "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    ),
    # No stack of this account can write a key policy of another account. The stack owns the bucket policy.
    adoption=Adoption.HAND_OVER,
    via_s3_only=True,
)
cdk.CfnOutput(stack, "Bucket", value=storage.bucket.bucket_name)

# Until the key's owner has applied the statement, the warning is right. After that:
# cdk.Validations.of(storage).acknowledge(
#     cdk.Acknowledgment(id="iconik-construct:HandedOverKey", reason="applied by the security team, CHG-4711")
# )

app.synth()
