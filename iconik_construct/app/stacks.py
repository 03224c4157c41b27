"""Builds the stacks of the file of storages, with the values for iconik's form as outputs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from ..access.cors import Cors
from ..config.document import Config, IconikConfigError, Storage
from ..config.registration import Registration
from ..errors import IconikPropError
from ..guardrail.plugin import IconikGuardrail
from ..registration.construct import IconikRegistration
from ..storage.bucket_prop_types import BucketProps
from ..storage.construct import IconikStorage
from ..storage.encryption import StorageEncryption
from .bucket_props import bucket_props
from .plan import StackPlan

__all__ = ["add_guardrail", "build_stacks"]


def build_stacks(scope: Construct, plans: Iterable[StackPlan]) -> None:
    """Build every stack of the plan below `scope`, an app or a stage.

    Raises:
        IconikConfigError: a construct refuses a value that only the construct can check, such as a policy over 20 KB.
    """
    errors: list[IconikPropError] = []
    for plan in plans:
        env = cdk.Environment(account=plan.account, region=plan.region)
        stack = cdk.Stack(scope, plan.name, env=env, description="S3 storages that iconik may use")
        for config in plan.storages:
            errors.extend(_add_storage(stack, config))
    if errors:
        raise IconikConfigError(errors)


def add_guardrail(app: cdk.App, config: Config) -> None:
    """Check the finished templates: they may allow only the iconik domains of the file."""
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=config.system_domain_ids))


def _add_storage(stack: cdk.Stack, config: Storage) -> list[IconikPropError]:
    """Build a storage and its outputs, or return the errors."""
    try:
        storage = _build_storage(stack, config)
        _add_outputs(storage, config)
        if config.registration is not None:
            _register(storage, config, config.registration)
    except IconikPropError as error:
        return [_of_the_file(error, config.key)]
    return []


def _of_the_file(error: IconikPropError, key: str) -> IconikPropError:
    """Return an error of a construct with the path in the file, and with the file's words for `Adoption`."""
    rule = re.sub(r"\bAdoption\.(\w+)", r'"\1"', error.rule)
    fix = re.sub(r"\bAdoption\.(\w+)", r'"adoption": "\1"', error.fix)
    moved = type(error)(f"storages.{key}.{error.prop}", rule, fix=fix)
    moved.got = error.got
    return moved


def _build_storage(stack: cdk.Stack, config: Storage) -> IconikStorage:
    # Keys of the file have no underscore, so these ids differ from those of storages.
    key = config.encryption_key_arn and kms.Key.from_key_arn(stack, f"{config.key}_Key", config.encryption_key_arn)
    bucket = config.adopt and s3.Bucket.from_bucket_name(stack, f"{config.key}_Bucket", config.adopt)
    storage = IconikStorage(
        stack,
        config.key,
        system_domain_id=config.system_domain_id,
        permissions=config.permissions,
        bucket_name=config.bucket_name,
        encryption=StorageEncryption[config.encryption] if config.encryption else None,
        encryption_key=key or None,
        # Origins at the top of the file are for new buckets.
        cors=Cors.by_template() if bucket and not config.cors.is_by_iconik else config.cors,
        removal_policy=cdk.RemovalPolicy[config.removal_policy],
        bucket=bucket or None,
        adoption=config.adoption,
        tolerate_denies=config.tolerate_denies,
        via_s3_only=config.via_s3_only,
        bucket_props=None if bucket else cast(BucketProps, bucket_props(stack, config)),
    )
    for name, value in config.tags.items():
        cdk.Tags.of(storage).add(name, value)
    return storage


def _register(storage: IconikStorage, config: Storage, how: Registration) -> None:
    stack = cdk.Stack.of(storage)
    try:
        registration = IconikRegistration(
            stack,
            f"{config.key}_Registration",
            storage=storage,
            credentials=_secret(stack, f"{config.key}_Credentials", how.credentials),
            name=config.name,
            purpose=config.purpose,
            path=config.path,
            base_url=how.base_url,
            removal_policy=cdk.RemovalPolicy[how.removal_policy],
        )
    except IconikPropError as error:
        if error.prop in Registration.model_fields:
            raise error.at(f"registration.{error.prop}") from error
        raise
    _add_output(storage, config, "StorageId", "iconik's id of the storage", registration.storage_id)


def _secret(stack: cdk.Stack, construct_id: str, name_or_arn: str) -> secretsmanager.ISecret:
    if name_or_arn.startswith("arn:"):
        return secretsmanager.Secret.from_secret_complete_arn(stack, construct_id, name_or_arn)
    return secretsmanager.Secret.from_secret_name_v2(stack, construct_id, name_or_arn)


def _add_outputs(storage: IconikStorage, config: Storage) -> None:
    stack = cdk.Stack.of(storage)
    for field, description, value in (
        ("BucketName", "iconik's field Bucket", storage.bucket.bucket_name),
        ("Region", "iconik's field Region", stack.region),
        ("Purpose", "iconik's field Purpose", config.purpose.value),
    ):
        _add_output(storage, config, field, description, value)
    settings = storage.output_settings(name=config.name, purpose=config.purpose, path=config.path)
    _name_output(settings, config, "Settings")
    if storage.encryption_key is not None:
        _add_output(storage, config, "KeyArn", "The key that the bucket encrypts with", storage.encryption_key.key_arn)


def _add_output(storage: IconikStorage, config: Storage, field: str, description: str, value: str) -> None:
    output = cdk.CfnOutput(storage, field, value=value, description=f"{config.name}: {description}")
    _name_output(output, config, field)


def _name_output(output: cdk.CfnOutput, config: Storage, field: str) -> None:
    # Readable, and unique because keys differ in more than case and hyphens.
    output.override_logical_id(f"{config.key.replace('-', '')}{field}")
