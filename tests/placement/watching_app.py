"""A stack that adopts the bucket of the environment variable WATCHED, and watches it."""

import os

import aws_cdk as cdk
from aws_cdk import aws_s3

from iconik_construct import IconikStorage, IconikWatch, StorageEncryption

app = cdk.App()
stack = cdk.Stack(app, "Watched", analytics_reporting=False)
storage = IconikStorage(
    stack,
    "Media",
    bucket=aws_s3.Bucket.from_bucket_name(stack, "Bucket", os.environ["WATCHED"]),
    encryption=StorageEncryption.S3_MANAGED,
    system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01",
)
IconikWatch(stack, "Watch", storages=[storage]).alarm()
app.synth()
