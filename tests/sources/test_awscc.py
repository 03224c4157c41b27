"""The provider `awscc`, grants, and settings beside a policy in plans of Terraform: the findings of CloudFormation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, ROLE
from tests.sources.test_hostile_plans import GOOD, change, guard, plan, resource

POINT = {"bucket": "media", "name": "ap"}
BLOCKED = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)


def diff(old: Any, new: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    for name, body in (("old.json", old), ("new.json", new)):
        (folder / name).write_text(json.dumps(body), encoding="utf-8")
    sides = [str(folder / name) for name in ("old.json", "new.json")]
    code = main(["diff", *sides, "--system-domain-id", DOMAIN, "--format", "json"])
    return code, json.dumps(json.loads(capsys.readouterr().out)["changes"])


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("aws_cloudwatch_event_permission", {"principal": "283217727627"}, "ICONIK020"),
        ("aws_lakeformation_permissions", {"principal": ROLE, "permissions": ["ALL"]}, "ICONIK020"),
        ("aws_lambda_layer_version_permission", {"principal": "283217727627"}, "ICONIK020"),
        ("aws_network_interface_permission", {"aws_account_id": "283217727627"}, "ICONIK020"),
        ("aws_redshift_endpoint_authorization", {"account": "283217727627"}, "ICONIK020"),
        ("aws_servicecatalog_portfolio_share", {"principal_id": "283217727627"}, "ICONIK020"),
        ("aws_vpc_endpoint_service", {"allowed_principals": [ROLE]}, "ICONIK020"),
        ("aws_vpc_endpoint_service_allowed_principal", {"principal_arn": ROLE}, "ICONIK020"),
        ("awscc_lambda_permission", {"principal": "283217727627"}, "ICONIK020"),
        ("awscc_ram_resource_share", {"principals": ["283217727627"]}, "ICONIK020"),
        ("awscc_ec2_vpc_endpoint_service_permissions", {"allowed_principals": [ROLE]}, "ICONIK020"),
        (
            "awscc_s3_access_grant",
            {"grantee": {"grantee_type": "IAM", "grantee_identifier": ROLE}, "permission": "READ"},
            "ICONIK020",
        ),
        (
            "awscc_s3_bucket",
            {
                "bucket_name": "media",
                "access_control": "PublicReadWrite",
                "ownership_controls": {"rules": [{"object_ownership": "ObjectWriter"}]},
            },
            "ICONIK103",
        ),
    ],
)
def test_a_grant_or_an_acl_is_found(
    kind: str, values: dict[str, Any], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, ids = guard(plan(resource(f"{kind}.x", **values)), tmp_path, capsys)
    assert (code, ids) == (1, expected)


def test_attributes_that_the_provider_sets_are_no_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    computed = dict.fromkeys(("access_control", "ownership_controls", "public_access_block_configuration", "arn"), True)
    body = plan(
        resource("awscc_s3_bucket.b", bucket_name="media"),
        resource("awscc_s3_bucket_policy.p", bucket="media", policy_document=GOOD),
        changes=[change("awscc_s3_bucket.b", "create", unknown=computed, bucket_name="media")],
        expressions={"awscc_s3_bucket.b": {"bucket_name": {"constant_value": "media"}}},
    )
    assert guard(body, tmp_path, capsys) == (0, "good", "")


def test_the_key_of_a_bucket_is_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arn = "arn:aws:kms:eu-west-1:123456789012:key/1"
    owner = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    by_default = {"server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": arn}}
    body = plan(
        resource("awscc_kms_key.k", arn=arn, key_policy=json.dumps({"Version": "2012-10-17", "Statement": [owner]})),
        resource(
            "awscc_s3_bucket.b",
            bucket_name="media",
            bucket_encryption={"server_side_encryption_configuration": [by_default]},
        ),
        resource("awscc_s3_bucket_policy.p", bucket="media", policy_document=GOOD),
    )
    code, verdict, ids = guard(body, tmp_path, capsys)
    assert (code, verdict, ids) == (1, "not_good", "ICONIK008")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            resource("aws_s3_access_point.a", **POINT, vpc_configuration=[{"vpc_id": "vpc-1"}]),
            resource("aws_s3_access_point.a", **POINT, vpc_configuration=[]),
        ),
        (
            resource("awscc_s3_access_point.a", **POINT, vpc_configuration={"vpc_id": "vpc-1"}),
            resource("awscc_s3_access_point.a", **POINT),
        ),
        (
            resource("aws_s3_access_point.a", **POINT, vpc_configuration=[{"vpc_id": "vpc-1"}]),
            resource("aws_s3_access_point.a", **POINT, vpc_configuration=[{"vpc_id": "vpc-2"}]),
        ),
        (
            resource("aws_s3_access_point.a", **POINT, public_access_block_configuration=[BLOCKED]),
            resource(
                "aws_s3_access_point.a",
                **POINT,
                public_access_block_configuration=[{**BLOCKED, "restrict_public_buckets": False}],
            ),
        ),
        (
            resource("awscc_s3_bucket.b", bucket_name="media"),
            resource("awscc_s3_bucket.b", bucket_name="media", access_control="PublicRead"),
        ),
        (
            resource("aws_s3_bucket.b", bucket="media"),
            resource("aws_s3_bucket_abac.b", bucket="media", abac_status=[{"status": "Enabled"}]),
        ),
        (
            resource("aws_kms_key.k", policy=GOOD, is_enabled=False),
            resource("aws_kms_key.k", policy=GOOD, is_enabled=True),
        ),
    ],
    ids=["network", "network of awscc", "other network", "public access block", "ACL", "ABAC", "disabled key"],
)
def test_a_setting_that_is_less_strict_may_be_a_gain(
    old: Any, new: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert diff(plan(old), plan(new), tmp_path, capsys)[0] == 1
    assert diff(plan(old), plan(old), tmp_path, capsys) == (0, "[]")


def test_a_state_without_resources_is_a_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = resource("aws_s3_bucket_policy.p", bucket="media", policy=GOOD)
    code, changes = diff({"format_version": "1.0"}, plan(policy), tmp_path, capsys)
    assert code == 1
    assert "s3:GetObject on *" in changes
