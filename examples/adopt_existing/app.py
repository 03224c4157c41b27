"""iconik's access to existing buckets, with media and with policies of others."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from iconik_construct import Adoption, IconikPermissions, IconikStorage, StorageEncryption

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

app = cdk.App()
stack = cdk.Stack(app, "Adoption", env=cdk.Environment(account="123456789012", region="eu-west-1"))

# Others write the policies of this bucket and this key. iconik's statements are merged into them, and removed when the
# storage leaves the stack.
masters = IconikStorage(
    stack,
    "Masters",
    system_domain_id=DOMAIN,
    bucket=s3.Bucket.from_bucket_name(stack, "MastersBucket", "acme-media-masters"),
    encryption_key=kms.Key.from_key_arn(
        stack, "MastersKey", "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    ),
    permissions=[IconikPermissions.read("masters/"), IconikPermissions.read_write("proxies/")],
)

# This bucket has no policy, so the stack can own it.
archive = IconikStorage(
    stack,
    "Archive",
    system_domain_id=DOMAIN,
    bucket=s3.Bucket.from_bucket_name(stack, "ArchiveBucket", "acme-media-archive"),
    encryption=StorageEncryption.S3_MANAGED,
    permissions=IconikPermissions.read(),
    adoption=Adoption.TAKE_OVER,
)
cdk.Validations.of(archive).acknowledge(
    cdk.Acknowledgment(id="iconik-construct:TakenOverBucket", reason="get-bucket-policy says NoSuchBucketPolicy")
)

for storage in (masters, archive):
    placement_of = ", ".join(f"{placement.resource}: {placement.how.value}" for placement in storage.placements)
    cdk.CfnOutput(storage, "Placement", value=placement_of, description="How the statements reach the policies")

app.synth()
