"""Stacks that adopt buckets and keys, as the environment variable ADOPTING says, JSON: a list of stacks.

Each has a `name`, the `bucket` and the `key` to adopt (or no key), a `domain`, and whether iconik may `write`. With
`broken` it also adopts a bucket that does not exist, after the other: the deployment fails when the policies are merged
already.
"""

import json
import os

import aws_cdk as cdk
from aws_cdk import aws_kms, aws_s3

from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption

app = cdk.App()
for plan in json.loads(os.environ["ADOPTING"]):
    stack = cdk.Stack(app, plan["name"], analytics_reporting=False)
    key = plan.get("key")
    IconikStorage(
        stack,
        "Media",
        bucket=aws_s3.Bucket.from_bucket_name(stack, "Bucket", plan["bucket"]),
        encryption=None if key else StorageEncryption.S3_MANAGED,
        encryption_key=aws_kms.Key.from_key_arn(stack, "Key", key) if key else None,
        system_domain_id=plan["domain"],
        permissions=IconikPermissions.read_write() if plan["write"] else IconikPermissions.read(),
    )
    if plan.get("broken"):
        adopted = [each for each in stack.node.find_all() if isinstance(each, cdk.CustomResource)]
        IconikStorage(
            stack,
            "Broken",
            bucket=aws_s3.Bucket.from_bucket_name(stack, "Nowhere", plan["broken"]),
            encryption=StorageEncryption.S3_MANAGED,
            system_domain_id=plan["domain"],
        )
        for each in stack.node.find_all():
            if isinstance(each, cdk.CustomResource) and each not in adopted:
                each.node.add_dependency(*adopted)
app.synth()
