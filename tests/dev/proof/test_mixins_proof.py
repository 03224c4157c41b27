"""What iconik may do with a bucket and a key of another construct, made L1 or L2, is what the mixins were told."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from dev.proof.intent import Scope, Storage
from dev.proof.judge import mismatches
from dev.proof.policy_engine import OWNER_ACCOUNT_ID, PolicyEngine
from dev.proof.questions import Written
from dev.proof.storages import permissions_of
from dev.proof.templates import REGION, bucket_policies, key_arn, key_policies
from dev.proof.universal import Coverage, breaches
from iconik_construct import Cors, IconikBucketAccess, IconikKeyAccess

pytestmark = pytest.mark.proof

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


def l2(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS, enforce_ssl=True, minimum_tls_version=1.2)


def l1(stack: cdk.Stack) -> None:
    kms.CfnKey(stack, "Key")
    bucket = s3.CfnBucket(stack, "Bucket")
    arns = [bucket.attr_arn, f"{bucket.attr_arn}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": arns}
    denials = [
        {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {**deny, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
    ]
    document = {"Version": "2012-10-17", "Statement": denials}
    s3.CfnBucketPolicy(stack, "Policy", bucket=bucket.ref, policy_document=document)


def written(make: Any, scope: Scope, *, cors_by_iconik: bool) -> Written:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=OWNER_ACCOUNT_ID, region=REGION))
    make(stack)
    access = {"system_domain_id": DOMAIN, "permissions": permissions_of(scope)}
    cors = Cors.by_iconik() if cors_by_iconik else Cors.by_template()
    mixins = [IconikBucketAccess(**access, cors=cors), IconikKeyAccess(**access, via_s3_only=True)]
    cdk.Mixins.of(app).apply(*mixins)
    cdk.Mixins.of(stack).apply(*mixins)
    template = Template.from_stack(stack).to_json()
    ((bucket, bucket_policy),) = bucket_policies(template).items()
    ((key, key_policy),) = key_policies(template).items()
    return Written(
        name=f"{make.__name__} {scope}",
        storage=Storage(
            scopes=(scope,), domains=(DOMAIN,), encryption="KMS", cors_by_iconik=cors_by_iconik, via_s3_only=True
        ),
        bucket_arn=f"arn:aws:s3:::{bucket.lower()}",
        bucket_policy=bucket_policy,
        key_arn=key_arn(key),
        key_policy=key_policy,
    )


@pytest.mark.parametrize("make", [l1, l2])
@pytest.mark.parametrize("cors_by_iconik", [True, False])
@pytest.mark.parametrize(
    "scope",
    [
        Scope(read=True, write=True, delete=True),
        Scope(read=True, prefixes=("masters/", "weiß & blau/")),
        Scope(write=True, prefixes=("exports/",)),
        Scope(admin=True),
    ],
    ids=["read write", "read below prefixes", "write below a prefix", "admin"],
)
def test_every_verdict_is_the_one_that_is_meant(
    engine: PolicyEngine, actions: Coverage, make: Any, cors_by_iconik: bool, scope: Scope
) -> None:
    found = written(make, scope, cors_by_iconik=cors_by_iconik)
    verdicts, wrong = mismatches(engine, [found])
    assert wrong == []
    assert verdicts > 100
    assert breaches(engine, [found], actions)[1] == []
