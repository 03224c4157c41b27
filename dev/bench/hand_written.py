"""What an engineer who knows the CDK writes for a new storage with a key, without this library.

The same resources with the same settings and the same three statements, in the L2 idiom of the CDK's documentation.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

ROLE_ARN = "arn:aws:iam::283217727627:role/IconikS3AccessRole"


class HandWritten(Construct):
    """A bucket, a key and iconik's access to both."""

    def __init__(self, scope: Construct, id: str, *, system_domain_id: str, admin: bool = False) -> None:  # noqa: A002
        super().__init__(scope, id)
        key: Any = kms.Key(  # pyright does not take it for an IKey
            self,
            "Key",
            description="Media that iconik works on",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        bucket = s3.Bucket(
            self,
            "Default",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="IconikHousekeeping",
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
                    expired_object_delete_marker=True,
                    noncurrent_version_expiration=cdk.Duration.days(30),
                )
            ],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        iconik: Any = iam.ArnPrincipal(ROLE_ARN)  # nor this for an IPrincipal
        condition = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": system_domain_id}}
        if admin:
            bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="IconikAdmin",
                    principals=[iconik],
                    actions=["s3:*"],
                    resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
                    conditions=condition,
                )
            )
        else:
            self._read_and_write(bucket, iconik, condition)
        if bucket.policy is not None:
            bucket.policy.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="IconikKey",
                principals=[iconik],
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
                resources=["*"],
                conditions=condition,
            )
        )

    def _read_and_write(self, bucket: s3.Bucket, iconik: Any, condition: dict[str, Any]) -> None:
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="IconikBucket",
                principals=[iconik],
                actions=[
                    "s3:GetAccelerateConfiguration",
                    "s3:GetBucketCORS",
                    "s3:GetBucketLocation",
                    "s3:ListBucket",
                    "s3:ListBucketMultipartUploads",
                    "s3:PutBucketCORS",
                ],
                resources=[bucket.bucket_arn],
                conditions=condition,
            )
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="IconikObjects",
                principals=[iconik],
                actions=[
                    "s3:AbortMultipartUpload",
                    "s3:DeleteObject",
                    "s3:GetObject",
                    "s3:ListMultipartUploadParts",
                    "s3:PutObject",
                    "s3:RestoreObject",
                ],
                resources=[bucket.arn_for_objects("*")],
                conditions=condition,
            )
        )
