"""Checks the props of `IconikStorage`: their types, and the rules that need no construct tree.

All of them are checked before the first construct is made, so that an error leaves nothing half-created.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from ..access.bucket_names import parse_bucket_name, refuse_other_kinds_of_bucket
from ..access.cors import Cors, has_own_origins, refuse_own_origins
from ..access.permissions import IconikPermissions, parse_permissions
from ..access.regions import refuse_arn_of_other_partition
from ..access.statements import Statement, bucket_statements, key_statement
from ..access.trust import (
    ICONIK_ROLE_ARN,
    parse_iconik_role_arn,
    parse_system_domain_ids,
)
from ..errors import IconikTypeError, IconikValueError
from ..placement.record import Adoption, MergeOptions
from .bucket_overrides import ExistingBucketProps
from .bucket_prop_types import BucketProps
from .bucket_props import (
    check_is_bucket,
    default_bucket_props,
    parse_bucket_props,
    refuse_conflicts,
    refuse_given_twice,
)
from .encryption import StorageEncryption, adopted_key, parse_encryption, parse_key
from .lifecycle import with_housekeeping, with_names_of_cdk

__all__ = ["IconikStorageProps", "StorageRequest"]


class _RequiredProps(TypedDict):
    system_domain_id: str | Sequence[str]


class IconikStorageProps(_RequiredProps, total=False):
    """The keyword arguments of `IconikStorage`, for a subclass: `**props: Unpack[IconikStorageProps]`."""

    permissions: IconikPermissions | Sequence[IconikPermissions]
    bucket_name: str | None
    encryption: StorageEncryption | None
    encryption_key: kms.IKey | kms.Key | None
    cors: Cors
    removal_policy: cdk.RemovalPolicy
    bucket_props: BucketProps | None
    bucket: s3.IBucket | s3.Bucket | None
    adoption: Adoption
    tolerate_denies: bool
    adoption_role: iam.IRole | iam.Role | None
    adoption_trigger: str | None
    via_s3_only: bool
    iconik_role_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageRequest:
    """The checked props."""

    system_domain_ids: tuple[str, ...]
    permissions: tuple[IconikPermissions, ...]
    encryption: StorageEncryption | None
    encryption_key: Any
    cors: Cors
    removal_policy: cdk.RemovalPolicy
    bucket: Any
    bucket_props: Mapping[str, Any]
    keeps_settings: bool
    adoption: Adoption
    merge_options: MergeOptions
    via_s3_only: bool
    iconik_role_arn: str

    @classmethod
    def parse(
        cls,
        *,
        system_domain_id: str | Sequence[str],
        permissions: IconikPermissions | Sequence[IconikPermissions],
        bucket_name: str | None,
        encryption: StorageEncryption | None,
        encryption_key: Any,
        cors: Cors,
        removal_policy: cdk.RemovalPolicy,
        bucket_props: Mapping[str, Any] | None,
        bucket: Any,
        adoption: Adoption,
        tolerate_denies: bool,
        adoption_role: Any,
        adoption_trigger: str | None,
        via_s3_only: bool,
        iconik_role_arn: str = ICONIK_ROLE_ARN,
    ) -> StorageRequest:
        """Check every prop, alone and together with the others.

        Raises:
            IconikTypeError: a prop of the wrong type.
            IconikValueError: a prop with an impossible value, or props that contradict each other.
        """
        _check_kinds(cors, removal_policy, adoption, via_s3_only=via_s3_only)
        keeps_settings = isinstance(bucket_props, ExistingBucketProps)
        given = parse_bucket_props(bucket_props)
        if bucket is not None:
            _check_bucket(bucket)
            _refuse_beside_bucket(bucket_name, removal_policy, bucket_props)
        if bucket is not None or keeps_settings:
            refuse_own_origins(cors)
        # RETAIN is the default, so it cannot be distinguished from a prop that is left out.
        removal = None if removal_policy is cdk.RemovalPolicy.RETAIN else removal_policy
        named = {
            "bucket_name": bucket_name,
            "cors": cors if has_own_origins(cors) else None,
            "encryption": encryption,
            "encryption_key": encryption_key,
            "removal_policy": removal,
        }
        refuse_given_twice({name: value for name, value in named.items() if value is not None}, given)
        key = parse_key(given.pop("encryption_key", None) if encryption_key is None else encryption_key)
        wanted = parse_encryption(encryption, given, has_key=key is not None)
        if bucket is not None:
            key = adopted_key(bucket, wanted, key)
        elif keeps_settings:
            given = parse_bucket_props(bucket_props)
            wanted = wanted or StorageEncryption.S3_MANAGED
            # The CDK's own default, which is not this construct's.
            removal_policy = given.get("removal_policy") or cdk.RemovalPolicy.RETAIN
        else:
            wanted = wanted or StorageEncryption.S3_MANAGED
            if bucket_name is not None:
                given["bucket_name"] = bucket_name
            given = {**default_bucket_props(wanted, cors, removal_policy, given), **with_names_of_cdk(given)}
            given["lifecycle_rules"] = with_housekeeping(given["lifecycle_rules"] or ())
            refuse_conflicts(given)
        merge_options = _merge_options(tolerate_denies, adoption_role, adoption_trigger, adoption)
        if bucket is None and key is None:
            _refuse_without_adopted(adoption, merge_options)
        if via_s3_only and key is None and not (wanted and wanted.uses_key):
            raise IconikValueError(
                "via_s3_only",
                "must be left out if no customer managed key is known",
                got=via_s3_only,
                fix="Leave it out, or give the key as encryption_key=...",
            )
        if given.get("bucket_name") is not None:
            parse_bucket_name(given["bucket_name"])
        return cls(
            system_domain_ids=parse_system_domain_ids(system_domain_id),
            permissions=parse_permissions(permissions),
            encryption=wanted,
            encryption_key=key,
            cors=cors,
            removal_policy=given.get("removal_policy", removal_policy),
            bucket=bucket,
            bucket_props=given,
            keeps_settings=keeps_settings,
            adoption=adoption,
            merge_options=merge_options,
            via_s3_only=via_s3_only,
            iconik_role_arn=parse_iconik_role_arn(iconik_role_arn),
        )

    @property
    def needs_new_key(self) -> bool:
        """Whether a customer managed key is to be created."""
        return (
            self.bucket is None
            and not self.keeps_settings
            and self.encryption_key is None
            and bool(self.encryption and self.encryption.uses_key)
        )

    @property
    def iconik_writes_cors(self) -> bool:
        """Whether iconik may write the CORS rules. Rules in the template have a writer already."""
        return self.cors.is_by_iconik and not self.bucket_props.get("cors")

    def bucket_statements(self, bucket_arn: str) -> list[Statement]:
        """Return the statements for the bucket policy."""
        return bucket_statements(
            self.permissions,
            self.system_domain_ids,
            bucket_arn,
            cors_by_iconik=self.iconik_writes_cors,
            iconik_role_arn=self.iconik_role_arn,
        )

    def key_statement(self, region: str) -> Statement:
        """Return the statement for the key policy."""
        return key_statement(
            self.permissions,
            self.system_domain_ids,
            via_service=f"s3.{region}.amazonaws.com" if self.via_s3_only else None,
            iconik_role_arn=self.iconik_role_arn,
        )


def _check_kinds(cors: object, removal_policy: object, adoption: object, *, via_s3_only: object) -> None:
    for prop, value, kind, rule, fix in (
        ("cors", cors, Cors, "a Cors", "Use Cors.by_iconik() or Cors.by_template(origins=[...])."),
        (
            "removal_policy",
            removal_policy,
            cdk.RemovalPolicy,
            "a RemovalPolicy",
            "Use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY.",
        ),
        (
            "adoption",
            adoption,
            Adoption,
            "an Adoption",
            "Use Adoption.MERGE, Adoption.TAKE_OVER or Adoption.HAND_OVER.",
        ),
        ("via_s3_only", via_s3_only, bool, "a bool", "Leave it out for False."),
    ):
        if not isinstance(value, kind):
            raise IconikTypeError(prop, f"must be {rule}", got=value, fix=fix)


def _check_bucket(bucket: object) -> None:
    fix = "Write s3.Bucket.from_bucket_name(...), or s3.Bucket.from_cfn_bucket(...) for an L1."
    check_is_bucket(bucket, "bucket", "must be an s3.IBucket", fix)
    any_bucket: Any = bucket
    refuse_arn_of_other_partition(any_bucket.bucket_arn, "bucket")
    refuse_other_kinds_of_bucket(any_bucket.bucket_name, any_bucket.bucket_arn)


def _merge_options(tolerate_denies: object, role: Any, trigger: object, adoption: Adoption) -> MergeOptions:
    """Return the merge options from their props."""
    if not isinstance(tolerate_denies, bool):
        fix = "Leave it out for False."
        raise IconikTypeError("tolerate_denies", "must be a bool", got=tolerate_denies, fix=fix)
    # The L2 of an imported role has no Python class of its own, so its attributes are checked, not its type.
    if role is not None and not (hasattr(role, "role_arn") and hasattr(role, "attach_inline_policy")):
        fix = "Give an iam.Role, or iam.Role.from_role_name(...) for an existing role."
        raise IconikTypeError("adoption_role", "must be an iam.IRole", got=role, fix=fix)
    if role is not None:
        refuse_arn_of_other_partition(role.role_arn, "adoption_role")
    if trigger is not None and not isinstance(trigger, str):
        fix = "Write any text, for example a date, and change it to run the merge again."
        raise IconikTypeError("adoption_trigger", "must be a string", got=trigger, fix=fix)
    for prop, value in (("tolerate_denies", tolerate_denies), ("adoption_role", role), ("adoption_trigger", trigger)):
        if value and adoption is not Adoption.MERGE:
            raise IconikValueError(
                prop,
                f"must be left out with {adoption}: nothing is merged then",
                got=value,
                fix="Leave it out, or use Adoption.MERGE.",
            )
    return MergeOptions(tolerate_denies, role, trigger)


def _refuse_without_adopted(adoption: Adoption, options: MergeOptions) -> None:
    """Refuse props about policies of other owners if the storage makes bucket and key: they would have no effect."""
    for prop, value in (
        ("adoption", None if adoption is Adoption.MERGE else adoption),
        ("tolerate_denies", options.tolerate_denies),
        ("adoption_role", options.role),
        ("adoption_trigger", options.trigger),
    ):
        if value:
            raise IconikValueError(
                prop,
                "must be left out for a new bucket: it concerns the policy of an existing bucket or key",
                got=value,
                fix="Leave it out, or give the existing bucket as bucket=...",
            )


def _refuse_beside_bucket(
    bucket_name: str | None, removal_policy: cdk.RemovalPolicy, bucket_props: Mapping[str, Any] | None
) -> None:
    rule = "must be left out if 'bucket' is given: the settings of an existing bucket do not change"
    fix = "Set it on the bucket itself."
    if bucket_name is not None:
        raise IconikValueError("bucket_name", rule, got=bucket_name, fix=fix)
    if bucket_props:
        raise IconikValueError("bucket_props", rule, got=dict(bucket_props), fix=fix)
    if removal_policy is not cdk.RemovalPolicy.RETAIN:
        raise IconikValueError("removal_policy", rule, got=removal_policy, fix=fix)
