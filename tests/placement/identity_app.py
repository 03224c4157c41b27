"""Six stacks that adopt a bucket or a key, before and after its identity in the template changes.

The environment variable IDENTITY is "before" or "after". Afterwards the bucket of `Spelled` and the key of `SpelledKey`
are named by literals, the storage of `Renamed` has another construct id, and the bucket of `MovedFrom` is adopted by
`MovedTo`. `RolledBack` is like `Spelled`, and then adopts another bucket, whose policy cannot be read: the deployment
fails.
"""

import os

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikStorage, StorageEncryption

ACCOUNT = "123456789012"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

after = os.environ["IDENTITY"] == "after"
key = os.environ["IDENTITY_KEY"]
app = cdk.App()


def stack(name: str) -> cdk.Stack:
    return cdk.Stack(app, name, analytics_reporting=False)


def adopt(stack: cdk.Stack, bucket: str, construct_id: str = "Media") -> None:
    IconikStorage(
        stack,
        construct_id,
        system_domain_id=DOMAIN,
        bucket=s3.Bucket.from_bucket_name(stack, f"{construct_id}Bucket", bucket),
        encryption=StorageEncryption.S3_MANAGED,
    )


spelled = stack("Spelled")
adopt(spelled, f"spelled-{ACCOUNT if after else spelled.account}")

spelled_key = stack("SpelledKey")
literal = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}"
token = spelled_key.format_arn(service="kms", resource="key", resource_name=key)
IconikStorage(
    spelled_key,
    "Media",
    system_domain_id=DOMAIN,
    encryption_key=kms.Key.from_key_arn(spelled_key, "Key", literal if after else token),
    removal_policy=cdk.RemovalPolicy.DESTROY,
)

adopt(stack("Renamed"), "renamed", "Originals" if after else "Media")

moved = {"MovedFrom": not after, "MovedTo": after}
for name, adopts in moved.items():
    if adopts:
        adopt(stack(name), "moved")
    else:
        cdk.CfnWaitConditionHandle(stack(name), "Nothing")

rolled_back = stack("RolledBack")
adopt(rolled_back, f"rolled-back-{ACCOUNT if after else rolled_back.account}")
if after:
    merged = [each for each in rolled_back.node.find_all() if isinstance(each, cdk.CustomResource)]
    adopt(rolled_back, "unreadable", "Broken")
    for each in rolled_back.node.find_all():
        if isinstance(each, cdk.CustomResource) and each not in merged:
            each.node.add_dependency(*merged)
app.synth()
