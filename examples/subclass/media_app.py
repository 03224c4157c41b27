"""A larger stack with iconik's storages as one part: access logs, tags, and a role of the company."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from company_storage import CompanyStorage
from constructs import Construct

from iconik_construct import IconikGuardrail, IconikPermissions, StoragePurpose

SYSTEM_DOMAIN_ID = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


class MediaStack(cdk.Stack):
    """The company's media: originals for iconik, an archive, and a transcoder that reads the originals."""

    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002 - the name CDK gives it
        super().__init__(scope, id)
        logs = s3.Bucket(self, "Logs", enforce_ssl=True, minimum_tls_version=1.2)
        originals = CompanyStorage(self, "Originals", logs=logs, system_domain_id=SYSTEM_DOMAIN_ID)
        CompanyStorage(
            self,
            "Archive",
            logs=logs,
            system_domain_id=SYSTEM_DOMAIN_ID,
            permissions=IconikPermissions.for_purpose(StoragePurpose.ARCHIVE),
        )
        tasks = iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        # pyright does not accept jsii's ServicePrincipal as an IPrincipal, because one argument has another name
        transcoder = iam.Role(self, "Transcoder", assumed_by=tasks)  # pyright: ignore[reportArgumentType]
        originals.bucket.grant_read(transcoder)


def build(app: cdk.App) -> MediaStack:
    """Build the app below `app` and return its stack."""
    stack = MediaStack(app, "Media")
    cdk.Tags.of(app).add("team", "media")
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[SYSTEM_DOMAIN_ID]))
    return stack


if __name__ == "__main__":
    application = cdk.App()
    build(application)
    application.synth()
