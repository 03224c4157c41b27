"""The look-out for circular references sees one."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from dependencies import circles


def test_a_key_policy_that_names_the_bucket_is_a_circle():
    # The rule of the CDK that finds circles too, where it is an error.
    app = cdk.App(post_cli_context={"@aws-cdk/core:validateAgainstDefaultRules": False})
    stack = cdk.Stack(app, "Stack")
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key)
    service = iam.ServicePrincipal("s3.amazonaws.com", conditions={"ArnLike": {"aws:SourceArn": bucket.bucket_arn}})
    key.grant_decrypt(service)
    (circle,) = circles(app)
    assert len(set(circle)) == 2


def test_a_key_and_its_bucket_are_none():
    app = cdk.App()
    s3.Bucket(cdk.Stack(app, "Stack"), "Bucket", encryption=s3.BucketEncryption.KMS)
    assert circles(app) == []
