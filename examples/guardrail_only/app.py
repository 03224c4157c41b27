"""An app that uses only the guardrail of this library, which checks the policies of others."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikGuardrail

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"

app = cdk.App()
cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))

# A team wrote this by hand, years ago.
stack = cdk.Stack(app, "Media")
bucket = s3.Bucket(stack, "Masters", enforce_ssl=True, minimum_tls_version=1.2)
tag = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}
statement = {
    "Sid": "Iconik",
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": bucket.arn_for_objects("*"),
    "Condition": {} if app.node.try_get_context("forget_the_tag") else tag,
}
bucket.add_to_resource_policy(iam.PolicyStatement.from_json(statement))

app.synth()
