"""One stack with a storage that registers itself, as the tests on the local AWS want it.

The environment variable REGISTERED, JSON, says how.
"""

import json
import os

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager

from iconik_construct import IconikPermissions, IconikRegistration, IconikStorage, StoragePurpose

options = json.loads(os.environ["REGISTERED"])
app = cdk.App()
stack = cdk.Stack(app, options["stack"], analytics_reporting=False)
existing = s3.Bucket.from_bucket_name(stack, "Existing", options["adopt"]) if "adopt" in options else None
storage = IconikStorage(
    stack,
    "Media",
    system_domain_id=options["system_domain_id"],
    permissions=IconikPermissions.read_write("masters/"),
    bucket=existing,
    **({} if existing else {"removal_policy": cdk.RemovalPolicy.DESTROY}),
)
registration = IconikRegistration(
    stack,
    "Registration",
    storage=storage,
    credentials=secretsmanager.Secret.from_secret_name_v2(stack, "Credentials", options["secret"]),
    name=options["name"],
    purpose=StoragePurpose(options.get("purpose", "FILES")),
    path="masters/",
    base_url=options["base_url"],
    removal_policy=cdk.RemovalPolicy[options.get("removal", "RETAIN")],
    settle_time=cdk.Duration.seconds(30),
)
found = registration.verification
cdk.CfnOutput(stack, "StorageId", value=registration.storage_id)
cdk.CfnOutput(stack, "Verified", value=f"{found.cors} {found.read} {found.write} {found.delete}")
cdk.CfnOutput(stack, "BucketName", value=storage.bucket.bucket_name)
app.synth()
