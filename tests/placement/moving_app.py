"""One storage on one bucket: adopted first, then owned under the same construct id, as the variable MOVING says."""

import os

import aws_cdk as cdk
from aws_cdk import aws_iam, aws_s3

from iconik_construct import IconikStorage, StorageEncryption

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
BUCKET = "media-on-the-move"

app = cdk.App()
stack = cdk.Stack(app, "Moving", analytics_reporting=False)
if os.environ["MOVING"] == "adopted":
    IconikStorage(
        stack,
        "Media",
        bucket=aws_s3.Bucket.from_bucket_name(stack, "Existing", BUCKET),
        encryption=StorageEncryption.S3_MANAGED,
        system_domain_id=DOMAIN,
    )
else:
    # As it stands, and nothing more: an import must describe the bucket that is there.
    storage = IconikStorage.in_place_of_bucket(
        stack, "Media", bucket_name=BUCKET, removal_policy=cdk.RemovalPolicy.RETAIN, system_domain_id=DOMAIN
    )
    # From now on the template is the whole policy, so what others wrote into it moves here.
    storage.bucket.add_to_resource_policy(
        aws_iam.PolicyStatement(
            sid="Team",
            principals=[aws_iam.ArnPrincipal("arn:aws:iam::444455556666:role/Editors")],
            actions=["s3:GetObject"],
            resources=[storage.bucket.arn_for_objects("*")],
        )
    )
app.synth()
