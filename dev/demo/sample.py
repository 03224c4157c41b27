"""The sample's storages: their configuration, and their state in the local AWS after the deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from dev.local_aws import LocalAws, StepFailed
from dev.local_aws.environment import TOP
from iconik_construct.app.source import read_file
from iconik_construct.config.document import Config, Storage, parse_config

from .questions import StoragePolicies

__all__ = ["DeployedStorage", "account_of", "read_back", "read_config"]

_STEP: Final = "read the policies back"
_SWITCHES: Final = {"read": "Read", "write": "Write", "delete": "Delete", "scan": "Enable Scan"}
"""The switches of iconik's form, by their names in its API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStorage:
    """One storage of the configuration, with its policies and the outputs of its stack."""

    wanted: Storage
    bucket: str
    policies: StoragePolicies
    outputs: dict[str, str]

    @property
    def form(self) -> tuple[str, ...]:
        """The values for iconik's form, from the outputs of its stack, one per line."""
        settings = json.loads(self.outputs["Settings"])["settings"]
        switches = ", ".join(title for flag, title in _SWITCHES.items() if settings[flag])
        lines = (
            f"Bucket {self.outputs['BucketName']}, Region {self.outputs['Region']}",
            f"Purpose {self.outputs['Purpose']}, switched on: {switches}",
        )
        key_arn = self.outputs.get("KeyArn")
        if key_arn is None:
            return lines
        _, _, key_id = key_arn.rpartition("/")
        return (*lines, f"(its key is {key_id})")


def read_config(file: Path | None = None) -> Config:
    """Return the configuration of a file, or of `cdk.json`.

    Raises:
        StepFailed: it cannot be read or has errors.
    """
    source = file or TOP / "cdk.json"
    try:
        document = read_file(source, source.name)
        return parse_config(document if file else document["context"]["iconik"])
    except (OSError, ValueError, KeyError) as error:
        raise StepFailed("read the configuration", f"{source.name} cannot be used", str(error)) from error


def account_of(config: Config) -> str | None:
    """Return the account of the storages, or None if they have no account.

    Raises:
        StepFailed: they have several accounts, and the local AWS is one account.
    """
    accounts = sorted({storage.account for storage in config.storages if storage.account is not None})
    if len(accounts) > 1:
        raise StepFailed("read the configuration", f"the demo takes one account at a time, not {', '.join(accounts)}")
    return accounts[0] if accounts else None


def read_back(aws: LocalAws, assembly: Path, config: Config) -> list[DeployedStorage]:
    """Return the deployed storages, in the order of the configuration.

    Raises:
        StepFailed: a storage or one of its policies does not exist.
    """
    deployed = {}
    for stack, region in _stacks(assembly):
        outputs = aws.stack_outputs(stack, region)
        for wanted in config.storages:
            own = _outputs_of(wanted, outputs)
            if "BucketName" in own:
                policies = _policies(aws, region, wanted, own["BucketName"], own.get("KeyArn"))
                deployed[wanted.key] = DeployedStorage(
                    wanted=wanted, bucket=own["BucketName"], policies=policies, outputs=own
                )
    missing = [wanted.key for wanted in config.storages if wanted.key not in deployed]
    if missing:
        raise StepFailed(_STEP, f"no bucket of {', '.join(missing)} in the local AWS")
    return [deployed[wanted.key] for wanted in config.storages]


def _stacks(assembly: Path) -> Iterator[tuple[str, str | None]]:
    """Return the name of each stack, and its region if it has a fixed one."""
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    for name, artifact in manifest["artifacts"].items():
        if artifact["type"] == "aws:cloudformation:stack":
            region = artifact["environment"].rpartition("/")[2]
            yield artifact["properties"].get("stackName", name), None if region == "unknown-region" else region


def _policies(aws: LocalAws, region: str | None, wanted: Storage, bucket: str, key_arn: str | None) -> StoragePolicies:
    key_policy = None
    try:
        bucket_policy = json.loads(aws.client("s3", region).get_bucket_policy(Bucket=bucket)["Policy"])
        if key_arn is not None:
            kms = aws.client("kms", region)
            key_policy = _json_object(kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"])
    except ClientError as error:
        raise StepFailed(_STEP, f"{wanted.key}: {error}") from error
    return StoragePolicies(
        account=aws.account,
        bucket_arn=f"arn:aws:s3:::{bucket}",
        bucket_policy=bucket_policy,
        system_domain_id=wanted.system_domain_id[0],
        prefix=next((prefix for item in wanted.permissions for prefix in item.prefixes), ""),
        key_arn=key_arn,
        key_policy=key_policy,
    )


def _json_object(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _outputs_of(wanted: Storage, outputs: dict[str, str]) -> dict[str, str]:
    # An output's name has letters and digits only. No key is the beginning of another's output: those begin upper case.
    prefix = "".join(letter for letter in wanted.key if letter.isalnum())
    return {name.removeprefix(prefix): value for name, value in outputs.items() if name.startswith(prefix)}
