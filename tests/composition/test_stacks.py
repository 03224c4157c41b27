"""`IconikStorage` where larger apps put it: in stages, in nested stacks, with its parts in several stacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from dependencies import circles, templates

from dev.proof.intent import Scope, Storage
from dev.proof.judge import mismatches
from dev.proof.policy_engine import OWNER_ACCOUNT_ID, PolicyEngine
from dev.proof.questions import Written
from dev.proof.templates import REGION, bucket_policies, key_arn, key_policies
from iconik_construct import IconikStorage, PlacementKind, StorageEncryption

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ENV = cdk.Environment(account=OWNER_ACCOUNT_ID, region=REGION)
MEANT = Storage(
    scopes=(Scope(read=True, write=True, delete=True),), domains=(DOMAIN,), encryption="KMS", via_s3_only=True
)
# What `proof` asks of a bucket is asked through TLS 1.2.
TLS = {"enforce_ssl": True, "minimum_tls_version": 1.2}


def storage(scope: Any, **props: Any) -> IconikStorage:
    return IconikStorage(scope, "Media", system_domain_id=DOMAIN, via_s3_only=True, **props)


def with_a_resource(stack: cdk.Stack) -> cdk.Stack:
    """A storage that only adds to policies of other stacks has none, and CloudFormation takes no stack without one."""
    cdk.CfnWaitConditionHandle(stack, "Resource")
    return stack


def in_a_stack(app: cdk.App) -> IconikStorage:
    return storage(cdk.Stack(app, "Media"), encryption=StorageEncryption.KMS)


def in_a_stage(app: cdk.App) -> IconikStorage:
    return storage(cdk.Stack(cdk.Stage(app, "Production", env=ENV), "Media"), encryption=StorageEncryption.KMS)


def in_a_nested_stack(app: cdk.App) -> IconikStorage:
    return storage(cdk.NestedStack(cdk.Stack(app, "Media"), "Storage"), encryption=StorageEncryption.KMS)


def in_a_nested_stack_with_bucket_and_key_of_its_parent(app: cdk.App) -> IconikStorage:
    parent = cdk.Stack(app, "Media")
    bucket = s3.Bucket(parent, "Bucket", encryption=s3.BucketEncryption.KMS, **TLS)
    return storage(with_a_resource(cdk.NestedStack(parent, "Storage")), bucket=bucket)


def in_a_nested_stack_with_the_key_of_its_parent(app: cdk.App) -> IconikStorage:
    parent = cdk.Stack(app, "Media")
    return storage(cdk.NestedStack(parent, "Storage"), encryption_key=kms.Key(parent, "Key"))


def in_the_parent_of_bucket_and_key(app: cdk.App) -> IconikStorage:
    parent = cdk.Stack(app, "Media")
    nested = cdk.NestedStack(parent, "Storage")
    return storage(parent, bucket=s3.Bucket(nested, "Bucket", encryption=s3.BucketEncryption.KMS, **TLS))


def with_a_key_of_another_stack(app: cdk.App) -> IconikStorage:
    key = kms.Key(cdk.Stack(app, "Security"), "Key")
    return storage(cdk.Stack(app, "Media"), encryption_key=key)


def with_a_bucket_and_a_key_of_two_other_stacks(app: cdk.App) -> IconikStorage:
    key = kms.Key(cdk.Stack(app, "Security"), "Key")
    bucket = s3.Bucket(cdk.Stack(app, "Masters"), "Bucket", encryption_key=key, **TLS)
    return storage(with_a_resource(cdk.Stack(app, "Media")), bucket=bucket)


LAYOUTS: list[Callable[[cdk.App], IconikStorage]] = [
    in_a_stack,
    in_a_stage,
    in_a_nested_stack,
    in_a_nested_stack_with_bucket_and_key_of_its_parent,
    in_a_nested_stack_with_the_key_of_its_parent,
    in_the_parent_of_bucket_and_key,
    with_a_key_of_another_stack,
    with_a_bucket_and_a_key_of_two_other_stacks,
]


@pytest.fixture(scope="module")
def engine() -> Iterator[PolicyEngine]:
    with PolicyEngine() as running:
        yield running


@pytest.fixture(params=[None, "weak", "strong"])
def app(request: pytest.FixtureRequest) -> cdk.App:
    references = {} if request.param is None else {"@aws-cdk/core:defaultCrossStackReferences": request.param}
    return cdk.App(context=references)


def written(app: cdk.App) -> Written:
    """The one bucket and the one key of the app with their policies, whichever templates they are in."""
    found = templates(app).values()
    ((bucket, bucket_policy),) = [item for template in found for item in bucket_policies(template).items()]
    ((key, key_policy),) = [item for template in found for item in key_policies(template).items()]
    return Written(
        name="Media",
        storage=MEANT,
        bucket_arn=f"arn:aws:s3:::{bucket.lower()}",
        bucket_policy=bucket_policy,
        key_arn=key_arn(key),
        key_policy=key_policy,
    )


@pytest.mark.proof
@pytest.mark.parametrize("layout", LAYOUTS)
def test_there_is_no_circular_reference_and_iconik_may_do_what_is_meant(
    app: cdk.App, engine: PolicyEngine, layout: Callable[[cdk.App], IconikStorage]
):
    made = layout(app)
    assert [placement.how for placement in made.placements] == [PlacementKind.OWNED, PlacementKind.OWNED]
    assert circles(app) == []
    verdicts, wrong = mismatches(engine, [written(app)])
    assert wrong == []
    assert verdicts > 100


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_consumer_in_a_third_stack_closes_no_circle(app: cdk.App, layout: Callable[[cdk.App], IconikStorage]):
    made = layout(app)
    scope = made.node.scopes[1] if isinstance(made.node.scopes[1], cdk.Stage) else app
    consumer = iam.Role(cdk.Stack(scope, "Consumer"), "Role", assumed_by=iam.AccountRootPrincipal())
    made.bucket.grant_read_write(consumer)
    assert circles(app) == []
    granted = [name for name in templates(app) if "Consumer" in name]
    assert len(granted) == 1


@pytest.mark.parametrize("nested", [False, True])
def test_an_adoption_closes_no_circle(app: cdk.App, nested: bool):
    stack = cdk.Stack(app, "Media")
    scope = cdk.NestedStack(stack, "Storage") if nested else stack
    key_arn = f"arn:aws:kms:{REGION}:{OWNER_ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    bucket = s3.Bucket.from_bucket_name(scope, "Bucket", "acme-masters")
    made = storage(scope, bucket=bucket, encryption_key=kms.Key.from_key_arn(scope, "Key", key_arn))
    consumer = iam.Role(cdk.Stack(app, "Consumer"), "Role", assumed_by=iam.AccountRootPrincipal())
    made.bucket.grant_read(consumer)
    assert [placement.how for placement in made.placements] == [PlacementKind.MERGED, PlacementKind.MERGED]
    assert circles(app) == []
