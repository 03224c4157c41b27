"""The plain CloudFormation template on the local AWS, with every combination of its parameters.

No CDK is in the way here: CloudFormation gets the file as people would give it, and the policy engine judges what was
read back.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from dev.demo.questions import CALLERS, StoragePolicies, ask
from dev.local_aws import LocalAws
from dev.proof.policy_engine import PolicyEngine
from dev.templates.iconik_storage import ENCRYPTIONS, PERMISSIONS

pytestmark = pytest.mark.local_aws

TEMPLATE = Path(__file__).parents[3] / "templates/iconik-storage.yaml"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

LIST, READ, WRITE, DELETE, LOOK, CORS, DECRYPT, ENCRYPT = (
    "list the objects",
    "read, restore objects",
    "write objects",
    "delete objects",
    "look up settings",
    "change CORS",
    "decrypt with the key",
    "encrypt with the key",
)
INTENT = {
    "Read and write storage": {LIST, READ, WRITE, DELETE, LOOK, CORS},
    "Read and write storage without delete": {LIST, READ, WRITE, LOOK, CORS},
    "Read storage": {LIST, READ, LOOK, CORS},
    "Write storage": {WRITE, DELETE, LOOK, CORS},
    "Write storage without delete": {WRITE, LOOK, CORS},
    "Admin": {LIST, READ, WRITE, DELETE, LOOK, CORS, "administer: rest of S3"},
}


def deploy(aws: LocalAws, name: str, parameters: dict[str, str]) -> dict[str, str]:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    return aws.stack_outputs(name)


def read_back(aws: LocalAws, outputs: dict[str, str]) -> StoragePolicies:
    bucket, key = outputs["Bucket"], outputs.get("KeyArn")
    policy = json.loads(aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    key_policy: Any = key and json.loads(aws.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    return StoragePolicies(
        account="123456789012",
        bucket_arn=f"arn:aws:s3:::{bucket}",
        bucket_policy=policy,
        system_domain_id=DOMAIN,
        key_arn=key,
        key_policy=key_policy,
    )


@pytest.fixture(scope="module")
def engine():
    with PolicyEngine() as running:
        yield running


def test_the_choices_are_those_whose_intent_is_written_here():
    assert set(INTENT) == set(PERMISSIONS)


@pytest.mark.parametrize("name", ["", "acme-media"], ids=["any name", "a name"])
@pytest.mark.parametrize(("permissions", "encryption"), list(product(PERMISSIONS, ENCRYPTIONS)))
def test_iconik_may_do_what_was_chosen_and_nobody_else_anything(
    local_aws: LocalAws, engine: PolicyEngine, permissions: str, encryption: str, name: str
):
    stack = f"template-{list(PERMISSIONS).index(permissions)}-{encryption.lower()}{'-named' if name else ''}"
    bucket = f"{name}-{stack}" if name else ""
    choice = {
        "SystemDomainId": DOMAIN,
        "BucketName": bucket,
        "Permissions": permissions,
        "Encryption": encryption,
    }
    outputs = deploy(local_aws, stack, choice)
    assert not name or outputs["Bucket"] == bucket
    assert ("KeyArn" in outputs) is (encryption != "SSE-S3")

    wanted = INTENT[permissions]
    if encryption != "SSE-S3":
        wanted = wanted | ({DECRYPT} if permissions == "Read storage" else {DECRYPT, ENCRYPT})
    allowed: dict[str, set[str]] = {caller: set() for caller in CALLERS}
    for row in ask(engine, read_back(local_aws, outputs)):
        for caller, answer in zip(CALLERS, row.answers, strict=True):
            if answer.allowed:
                allowed[caller].add(row.label)
                assert answer.allowed == answer.asked, f"only a part of '{row.label}'"
    assert allowed == {"your domain": wanted, "another domain": set(), "no tag": set()}
