"""A stack registers its storage: the real CDK CLI, the real Lambda code, the local AWS, and the stand-in for iconik.

The stand-in judges access by the bucket policy that is deployed at that moment, so it says no until the policy has
landed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dev.local_aws import LocalAws, StepFailed
from dev.proof.policy_engine import PolicyEngine
from dev.standin import OURS, THEIRS, Account, Fault, FaultKind, IconikStandin
from dev.standin.deployed import DeployedAccess

APP = Path(__file__).with_name("registered_app.py")

pytestmark = pytest.mark.local_aws(minutes=0.5)


@pytest.fixture
def iconik(local_aws: LocalAws) -> Iterator[IconikStandin]:
    with (
        PolicyEngine() as engine,
        IconikStandin(OURS, THEIRS, attempt=DeployedAccess(local_aws, engine)) as standin,
    ):
        yield standin
    assert standin.complaints == []


class Stack:
    """A stack of `registered_app.py`, and everything that anybody could read of its deployments."""

    def __init__(self, aws: LocalAws, iconik: IconikStandin, name: str, account: Account) -> None:
        self.aws = aws
        self.name = name
        secret = f"iconik/{name}"
        value = asdict(account)
        aws.client("secretsmanager").create_secret(Name=secret, SecretString=json.dumps(value))
        self.options = {"stack": name, "secret": secret, "base_url": iconik.base_url, "name": f"Media of {name}"}
        self.options["system_domain_id"] = OURS.system_domain_id
        self.seen: list[str] = []

    def replace_token(self, account: Account) -> None:
        value = json.dumps(asdict(account))
        self.aws.client("secretsmanager").put_secret_value(SecretId=self.options["secret"], SecretString=value)

    def deploy(self, **changes: str) -> dict[str, str]:
        self.options |= changes
        assembly = self.aws.synth(APP, env={"REGISTERED": json.dumps(self.options)})
        self.seen += [path.read_text() for path in assembly.glob("*.json")]
        try:
            self.seen.append(self.aws.deploy(assembly).output)
            return self.aws.stack_outputs(self.name)
        except StepFailed as failure:
            self.seen.append(failure.output)
            raise
        finally:
            self.look()

    def destroy(self) -> None:
        assembly = self.aws.synth(APP, env={"REGISTERED": json.dumps(self.options)})
        stack_id = self.events()[0]["StackId"]
        self.seen.append(self.aws.destroy(assembly).output)
        assert self.events(stack_id)[0]["ResourceStatus"] == "DELETE_COMPLETE"
        self.seen.append(str(self.events(stack_id)))

    def events(self, name: str = "") -> list[dict[str, Any]]:
        return self.aws.stack_events(name or self.name)

    def look(self) -> None:
        cloudformation, logs = self.aws.client("cloudformation"), self.aws.client("logs")
        self.seen.append(str(self.events()))
        self.seen.append(str(cloudformation.describe_stacks(StackName=self.name)))
        self.seen.append(str(cloudformation.describe_stack_resources(StackName=self.name)))
        self.seen.append(str(cloudformation.get_template(StackName=self.name)))
        for group in logs.describe_log_groups()["logGroups"]:
            self.seen.append(str(logs.filter_log_events(logGroupName=group["logGroupName"])["events"]))

    def assert_no_token_seen(self) -> None:
        everything = "\n".join([*self.seen, self.aws.logs])
        for account in (OURS, THEIRS):
            assert account.auth_token not in everything
            assert account.app_id not in everything


@pytest.mark.proof
def test_a_storage_is_registered_changed_and_removed_with_its_stack(local_aws: LocalAws, iconik: IconikStandin) -> None:
    stack = Stack(local_aws, iconik, "Registered", OURS)
    # The answer to the creation is lost on the way: the function looks whether it happened.
    iconik.faults.add(Fault(kind=FaultKind.DROP, method="POST", path="/files/v1/storages/", after_effect=True))
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=429, headers={"RateLimit-Remaining": "0"}))
    outputs = stack.deploy()
    assert iconik.faults.left == 0
    [created] = iconik.named("Media of Registered")
    assert outputs["StorageId"] == created["id"]
    assert outputs["Verified"] == "true true true true"
    assert created["settings"]["bucket"] == outputs["BucketName"]
    assert (created["settings"]["path"], created["status"]) == ("masters/", "ACTIVE")
    assert iconik.storages.of(THEIRS.system_domain_id) == {}

    assert stack.deploy(name="Originals", purpose="ARCHIVE", removal="DESTROY")["StorageId"] == created["id"]
    [changed] = iconik.named("Originals")
    assert (changed["id"], changed["purpose"]) == (created["id"], "ARCHIVE")

    stack.destroy()
    assert iconik.storages.of(OURS.system_domain_id) == {}
    stack.assert_no_token_seen()


@pytest.mark.proof
def test_the_token_of_another_system_domain_fails_the_stack_with_that_reason_and_registers_nothing(
    local_aws: LocalAws, iconik: IconikStandin
) -> None:
    stack = Stack(local_aws, iconik, "WrongDomain", THEIRS)
    with pytest.raises(StepFailed, match="cdk deploy"):
        stack.deploy()
    reasons = [event.get("ResourceStatusReason", "") for event in stack.events()]
    assert any(f"belongs to the iconik system domain {THEIRS.system_domain_id}" in reason for reason in reasons)
    assert stack.events()[0]["ResourceStatus"] == "ROLLBACK_COMPLETE"
    assert iconik.storages.of(THEIRS.system_domain_id) == iconik.storages.of(OURS.system_domain_id) == {}

    stack.replace_token(OURS)
    stack.deploy()
    stack.destroy()
    [left] = iconik.named("Media of WrongDomain")
    assert left["status"] == "INACTIVE"
    stack.assert_no_token_seen()


@pytest.mark.proof
def test_a_storage_on_a_bucket_of_others_is_registered_after_the_statements_were_merged(
    local_aws: LocalAws, iconik: IconikStandin
) -> None:
    local_aws.client("s3").create_bucket(Bucket="others-registered")
    stack = Stack(local_aws, iconik, "Adopted", OURS)
    outputs = stack.deploy(adopt="others-registered")
    [created] = iconik.named("Media of Adopted")
    assert outputs["StorageId"] == created["id"]
    assert created["settings"]["bucket"] == "others-registered"

    stack.destroy()
    [left] = iconik.named("Media of Adopted")
    assert left["status"] == "INACTIVE"
    stack.assert_no_token_seen()
