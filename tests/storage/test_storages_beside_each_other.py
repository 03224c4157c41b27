"""A storage has the same findings at synthesis alone and beside other storages, roles and stages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikKeyAccess, IconikStorage, StorageEncryption
from tests.storage.test_equal_storages import refused, reported

FIRST, SECOND, THIRD = (
    "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90",
    "5e0c1d2f-7a3b-4c6d-9e8f-102938475665",
    "77777777-8888-4999-8aaa-bbbbbbbbbbbb",
)
TAG = "aws:PrincipalTag/IconikSystemDomainId"
STAND_IN = "arn:aws:iam::999988887777:role/StandIn"
NOTHING_ALLOWS, DENIED = "ICONIK013", "ICONIK012"


def overridden(storage: IconikStorage, value: Any) -> IconikStorage:
    """Let an override write the tag of iconik's statements, which follow two Denies."""
    policy = storage.bucket.policy
    assert policy is not None
    written: Any = policy.node.default_child
    for number in (2, 3):
        written.add_property_override(f"PolicyDocument.Statement.{number}.Condition.StringEquals.{TAG}", value)
    return storage


def choice(stack: cdk.Stack, *domains: str) -> str:
    stage = cdk.CfnParameter(stack, "Stage").value_as_string
    cdk.CfnCondition(stack, "Production", expression=cdk.Fn.condition_equals(stage, "production"))
    return cdk.Fn.condition_if("Production", *domains).to_string()


def some(stack: cdk.Stack) -> None:
    overridden(IconikStorage(stack, "Media", system_domain_id=[FIRST, SECOND]), FIRST)


def some_by_a_condition(stack: cdk.Stack) -> None:
    choice(stack, FIRST, THIRD)
    value = {"Fn::If": ["Production", FIRST, THIRD]}
    overridden(IconikStorage(stack, "Media", system_domain_id=[FIRST, THIRD]), value)


def one_of_its_choice(stack: cdk.Stack) -> None:
    overridden(IconikStorage(stack, "Media", system_domain_id=choice(stack, THIRD, FIRST)), FIRST)


def its_choice(stack: cdk.Stack) -> None:
    IconikStorage(stack, "Media", system_domain_id=choice(stack, THIRD, FIRST))


@pytest.mark.parametrize("is_beside_a_choice", [False, True])
@pytest.mark.parametrize(
    ("make", "is_refused"),
    [(some, True), (some_by_a_condition, True), (one_of_its_choice, True), (its_choice, False)],
)
def test_a_storage_needs_each_of_its_ids_whatever_other_storages_choose(
    make: Any, is_refused: bool, is_beside_a_choice: bool, tmp_path: Path
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    make(cdk.Stack(app, "Own"))
    if is_beside_a_choice:
        its_choice(cdk.Stack(app, "Other"))
    expected = {(NOTHING_ALLOWS, "Own/Media/Default/Policy/Resource")} if is_refused else set()
    assert refused(tmp_path, app) == expected


@pytest.mark.parametrize("encryption", [None, StorageEncryption.KMS])
@pytest.mark.parametrize("domains", [(FIRST, FIRST), (FIRST, SECOND)])
def test_storages_for_two_roles_do_not_need_the_role_of_the_other_one(
    domains: Sequence[str], encryption: StorageEncryption | None, tmp_path: Path
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    first, second = (cdk.Stack(app, name) for name in ("First", "Second"))
    IconikStorage(first, "Media", system_domain_id=domains[0], encryption=encryption)
    IconikStorage(second, "Media", system_domain_id=domains[1], encryption=encryption, iconik_role_arn=STAND_IN)
    assert {rule for rule, *_ in reported(tmp_path, app) if rule.startswith("ICONIK")} == set()


def test_the_role_of_a_storage_still_needs_its_statements_beside_another_one(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    IconikStorage(cdk.Stack(app, "First"), "Media", system_domain_id=FIRST)
    second = IconikStorage(cdk.Stack(app, "Second"), "Media", system_domain_id=FIRST, iconik_role_arn=STAND_IN)
    overridden(second, SECOND)
    assert refused(tmp_path, app) == {(NOTHING_ALLOWS, "Second/Media/Default/Policy/Resource")}


@pytest.mark.parametrize("tolerate_denies", [True, False])
@pytest.mark.parametrize("domain", [None, FIRST, SECOND])
def test_a_stage_is_judged_once_by_what_its_own_storages_say(
    domain: str | None, tolerate_denies: bool, tmp_path: Path
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    if domain is not None:
        IconikStorage(cdk.Stack(app, "Tools"), "Media", system_domain_id=domain)
    stack = cdk.Stack(cdk.Stage(app, "Production"), "Media")
    bucket = s3.Bucket(stack, "Bucket", enforce_ssl=True)
    deny = iam.PolicyStatement(
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=["s3:GetObject"],
        resources=[bucket.arn_for_objects("*")],
        conditions={"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
    )
    bucket.add_to_resource_policy(deny)
    IconikStorage(stack, "Media", system_domain_id=FIRST, bucket=bucket, tolerate_denies=tolerate_denies)
    found = {each for each in reported(tmp_path, app) if each[0].startswith("ICONIK")}
    severity = "warning" if tolerate_denies else "error"
    assert found == {(DENIED, "Production/Media/Bucket/Policy/Resource", severity)}


@pytest.mark.parametrize("is_named", [False, True])
def test_a_deny_in_the_policy_of_a_key_for_a_role_of_the_own_account_is_found(is_named: bool, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    key = kms.Key(stack, "Key")
    key.with_(IconikKeyAccess(system_domain_id=FIRST, iconik_role_arn="arn:aws:iam::123456789012:role/StandIn"))
    deny = iam.PolicyStatement(
        effect=iam.Effect.DENY, principals=[iam.AnyPrincipal()], actions=["kms:Decrypt"], resources=["*"]
    )
    key.add_to_resource_policy(deny)
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS, encryption_key=key, enforce_ssl=True)
    if is_named:
        bucket.grant_read(iam.ArnPrincipal("arn:aws:iam::123456789012:role/Another"))
    assert (DENIED, "Media/Key/Resource") in refused(tmp_path, app)
