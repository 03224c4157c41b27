"""The sample of `cdk.json` from its first deployment to its end, on a local AWS with the real CDK CLI.

What was deployed is what boto3 reads back, and what it allows is what the policy engine says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dev.demo.questions import ask
from dev.demo.sample import DeployedStorage, account_of, read_back, read_config
from dev.demo.verdict import mistakes
from dev.local_aws import LocalAws, StepFailed
from dev.proof.policy_engine import PolicyEngine
from iconik_construct.access.permissions import StorageRole
from iconik_construct.config.document import Config

pytestmark = pytest.mark.local_aws(minutes=0.3)

_SAMPLE = json.loads((Path(__file__).parents[3] / "cdk.json").read_text(encoding="utf-8"))["context"]["iconik"]


@pytest.mark.proof
def test_the_sample_is_created_updated_left_alone_and_destroyed(
    local_aws: LocalAws, sample_assembly: Path, tmp_path: Path
) -> None:
    local_aws.deploy(sample_assembly)
    created = read_back(local_aws, sample_assembly, read_config())
    _assert_allowed_as_wanted(created)
    for storage in created:
        local_aws.client("s3").put_object(Bucket=storage.bucket, Key="kept", Body=storage.bucket.encode())

    config, file = _with_other_permissions(tmp_path)
    changed = local_aws.synth(context={"config": str(file)})
    assert local_aws.diff(changed).returncode == 1
    local_aws.deploy(changed)
    updated = read_back(local_aws, changed, config)
    _assert_allowed_as_wanted(updated)
    assert [storage.bucket for storage in updated] == [storage.bucket for storage in created]
    for before, after in zip(created, updated, strict=True):
        assert before.policies.bucket_policy != after.policies.bucket_policy

    assert local_aws.diff(changed).returncode == 0
    assert local_aws.deploy(changed).output.count("(no changes)") == _stacks(changed)

    local_aws.destroy(changed)
    with pytest.raises(StepFailed, match="no stack of this name"):
        read_back(local_aws, changed, config)
    for storage in updated:
        kept = local_aws.client("s3").get_object(Bucket=storage.bucket, Key="kept")
        assert kept["Body"].read() == storage.bucket.encode()
        if storage.policies.key_arn is not None:
            metadata = local_aws.client("kms").describe_key(KeyId=storage.policies.key_arn)["KeyMetadata"]
            assert metadata["KeyState"] == "Enabled"


def test_the_sample_shows_a_bucket_of_each_kind() -> None:
    storages = read_config().storages
    assert {storage.encryption in {"KMS", "DSSE"} for storage in storages} == {True, False}
    roles = [{role for item in storage.permissions for role in item.roles} for storage in storages]
    assert {StorageRole.READ} in roles
    assert {StorageRole.READ, StorageRole.WRITE} in roles


def test_storages_of_several_accounts_are_refused(tmp_path: Path) -> None:
    storages = {"one": {"account": "111122223333"}, "other": {"account": "444455556666"}}
    file = tmp_path / "two.json"
    file.write_text(json.dumps({**_SAMPLE, "storages": storages}), encoding="utf-8")
    with pytest.raises(StepFailed, match="one account at a time, not 111122223333, 444455556666"):
        account_of(read_config(file))


def _with_other_permissions(directory: Path) -> tuple[Config, Path]:
    """The sample with reading alone turned into reading and writing, and all else into reading alone."""
    storages = {
        key: {**storage, "permissions": "read_write" if storage.get("permissions") == "read" else "read"}
        for key, storage in _SAMPLE["storages"].items()
    }
    file = directory / "changed.json"
    file.write_text(json.dumps({**_SAMPLE, "storages": storages}), encoding="utf-8")
    return read_config(file), file


def _assert_allowed_as_wanted(storages: list[DeployedStorage]) -> None:
    with PolicyEngine() as engine:
        answers = {storage.wanted.key: ask(engine, storage.policies) for storage in storages}
    assert mistakes(answers) == []
    for storage in storages:
        found = {row.label: row.answers[0].allowed == row.answers[0].asked for row in answers[storage.wanted.key]}
        expected = _expected(storage)
        assert {label: found[label] for label in expected} == expected


def _expected(storage: DeployedStorage) -> dict[str, bool]:
    roles = {role for item in storage.wanted.permissions for role in item.roles}
    reads, writes = ({StorageRole.ADMIN, role} & roles != set() for role in (StorageRole.READ, StorageRole.WRITE))
    deletes = any(
        item.is_admin or (StorageRole.WRITE in item.roles and item.delete) for item in storage.wanted.permissions
    )
    expected: dict[str, Any] = {
        "list the objects": reads,
        "read, restore objects": reads,
        "write objects": writes,
        "delete objects": deletes,
        "administer: rest of S3": StorageRole.ADMIN in roles,
    }
    if storage.wanted.encryption in {"KMS", "DSSE"}:
        expected |= {
            "decrypt with the key": True,
            "encrypt with the key": writes,
            "administer: rest of KMS": False,
        }
    return expected


def _stacks(assembly: Path) -> int:
    artifacts = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    return sum(artifact["type"] == "aws:cloudformation:stack" for artifact in artifacts.values())
