"""The policies of the page on organisations and on moves: what denies iconik, and what lets it in again."""

from __future__ import annotations

import json
import re
import shlex
from itertools import product
from pathlib import Path
from typing import Any, Literal

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk.assertions import Template
from moto import mock_aws
from moto.backends import get_backend

from dev.proof.policy_engine import PolicyEngine, Request
from iconik_construct import IconikPermissions, IconikStorage, StorageEncryption
from iconik_construct.access.statements import bucket_statements, key_statement

PAGE = Path(__file__).parents[2] / "docs" / "organisations.md"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "a7d9e1c4-1111-4222-8333-444455556666"
ROLE = "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/s"
ROLE_ARN = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
BUCKET = "arn:aws:s3:::acme-media-masters"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BLOCKS = re.findall(r"<!-- (before|after): (\w+) -->\n```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
KINDS = sorted({name for _, name, _ in BLOCKS})


def statement(moment: str, kind: str) -> dict[str, Any]:
    (found,) = [json.loads(text) for when, name, text in BLOCKS if (when, name) == (moment, kind)]
    return dict(found)


@pytest.fixture(scope="module")
def engine():
    with PolicyEngine() as found:
        yield found


def allowed(
    engine: PolicyEngine,
    statements: list[dict[str, Any]],
    action: str,
    resource: str,
    domain: str = DOMAIN,
    **more: str,
) -> bool:
    kind: Literal["s3", "kms"] = "s3" if action.startswith("s3:") else "kms"
    # What AWS says of iconik's session: the engine asks to be told.
    context: dict[str, str | list[str]] = {"aws:PrincipalTag/IconikSystemDomainId": domain, **more}
    context |= {"aws:PrincipalArn": ROLE_ARN, "aws:PrincipalAccount": "283217727627"}
    context |= {"aws:SecureTransport": "true"} if kind == "s3" else {}
    context |= {"aws:PrincipalIsAWSService": "false", "aws:PrincipalOrgID": "o-zzzzzzzzzz"}
    policy = {"Version": "2012-10-17", "Statement": statements}
    asked = Request(policy=policy, kind=kind, principal=ROLE, action=action, resource=resource, context=context)
    (verdict,) = engine.verdicts([asked])
    return verdict.allowed


def test_the_page_has_what_this_test_asks_about() -> None:
    assert KINDS == ["identity", "perimeter"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_denies_iconik_before_and_allows_it_after(engine: PolicyEngine, kind: str) -> None:
    permissions = [IconikPermissions.read_write()]
    ours = bucket_statements(permissions, [DOMAIN], BUCKET, cors_by_iconik=True)
    key = [key_statement(permissions, [DOMAIN])]
    for moment, expected in (("before", False), ("after", True)):
        denial = statement(moment, kind)
        assert allowed(engine, [denial, *ours], "s3:GetObject", f"{BUCKET}/a.mov") is expected
        if kind == "identity":
            assert allowed(engine, [denial, *key], "kms:Decrypt", KEY) is expected
        # Whoever comes for another domain stays out, exempt or not.
        assert not allowed(engine, [denial, *ours], "s3:GetObject", f"{BUCKET}/a.mov", OTHER)


def storage_statements(*domains: str) -> list[dict[str, Any]]:
    stack = cdk.Stack(cdk.App(), "Media")
    storage = IconikStorage(stack, "Masters", system_domain_id=list(domains), encryption=StorageEncryption.S3_MANAGED)
    return [one.to_json() for one in storage.bucket_policy_statements]


def test_a_move_between_domains_allows_both_during_the_move() -> None:
    before, both, after = storage_statements(DOMAIN), storage_statements(DOMAIN, OTHER), storage_statements(OTHER)

    sids = [[one["Sid"] for one in found] for found in (before, both, after)]
    assert sids[0] == sids[1] == sids[2]
    tags = [
        one["Condition"]["StringEquals"]["aws:PrincipalTag/IconikSystemDomainId"]
        for one in (before[0], both[0], after[0])
    ]
    assert tags == [DOMAIN, [DOMAIN, OTHER], OTHER]


def test_two_domains_on_one_bucket_reach_their_own_prefix_only(engine: PolicyEngine) -> None:
    stack = cdk.Stack(cdk.App(), "Media")
    news = IconikStorage(
        stack,
        "News",
        system_domain_id=DOMAIN,
        permissions=IconikPermissions.read_write("news/"),
        bucket_name="acme-media-masters",
    )
    IconikStorage(
        stack,
        "Sport",
        system_domain_id=OTHER,
        permissions=IconikPermissions.read_write("sport/"),
        bucket=news.bucket,
    )
    (policy,) = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
    text = json.dumps(policy["Properties"]["PolicyDocument"]["Statement"])
    text = re.sub(
        r'\{"Fn::Join": \["", \[\{"Fn::GetAtt": \["News[0-9A-F]+", "Arn"\]\}, "([^"]*)"\]\]\}', rf'"{BUCKET}\1"', text
    )
    text = re.sub(r'\{"Fn::GetAtt": \["News[0-9A-F]+", "Arn"\]\}', f'"{BUCKET}"', text)
    statements = json.loads(text)

    for domain, prefix in ((DOMAIN, "news/"), (OTHER, "sport/")):
        for there in ("news/", "sport/"):
            mine = there == prefix
            assert allowed(engine, statements, "s3:GetObject", f"{BUCKET}/{there}a.mov", domain, **TLS) is mine
            listed = {"s3:prefix": there, **TLS}
            assert allowed(engine, statements, "s3:ListBucket", BUCKET, domain, **listed) is mine


TLS = {"s3:TlsVersion": "1.2"}


@pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning")
def test_a_stack_set_of_the_plain_template_makes_a_bucket_in_each_account_and_region(monkeypatch, tmp_path):
    """On moto, as far as that goes: it has accounts and stack sets, and leaves bucket policies out."""
    create, _ = (
        shlex.split(line)
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("aws cloudformation create-stack")
    )
    option = dict(zip(create[3::2], create[4::2], strict=True))
    template = (PAGE.parents[1] / option["--template-body"].removeprefix("file://")).read_text(encoding="utf-8")
    given = dict(part.split("=") for part in option["--parameters"].split(","))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    accounts, regions = ["111122223333", "444455556666"], ["eu-west-1", "eu-central-1"]

    with mock_aws():
        cloudformation = boto3.client("cloudformation", "eu-west-1")
        name = option["--stack-set-name"]
        cloudformation.create_stack_set(StackSetName=name, TemplateBody=template, Parameters=[given])
        cloudformation.create_stack_instances(StackSetName=name, Accounts=accounts, Regions=regions)
        instances = cloudformation.list_stack_instances(StackSetName=name)["Summaries"]
        assert {(one["Account"], one["Region"]) for one in instances} == set(product(accounts, regions))
        assert {one["StackInstanceStatus"]["DetailedStatus"] for one in instances} == {"SUCCEEDED"}
        for account in accounts:
            buckets = get_backend("s3")[account]["aws"].buckets.values()
            assert sorted(bucket.region_name for bucket in buckets) == sorted(regions)
