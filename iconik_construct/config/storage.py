"""One storage as the file has it, as values. Knows no file and no library: standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..access.permissions import IconikPermissions, StoragePurpose
from ..placement.record import Adoption
from ..storage.cors import Cors

if TYPE_CHECKING:
    from .bucket import AccessLogsConfig, LifecycleConfig
    from .registration import RegistrationConfig

__all__ = ["StorageConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageConfig:
    """One storage of the file.

    Attributes:
        key: its key in the file; the construct id.
        system_domain_id: whose iconik.
        permissions: what iconik may do. Default: read, write and delete in the whole bucket.
        bucket_name: the name of the new bucket. Default: CloudFormation chooses one.
        adopt: the name of the existing bucket. Default: a new one is made.
        adoption: what to do with a policy that this app does not own.
        tolerate_denies: whether to merge although a Deny keeps iconik from what it is granted.
        encryption: the name of the `StorageEncryption`. Default: the construct's.
        encryption_key_arn: the existing customer managed key. Default: with KMS or DSSE a new one.
        cors: who writes the CORS configuration.
        purpose: what iconik uses the storage for.
        path: the key prefix at which the storage begins. Default: the whole bucket.
        name: how iconik shows the storage. Default: its key.
        via_s3_only: whether iconik may use the key through S3 only.
        removal_policy: the name of the `RemovalPolicy` of what is new.
        account: the account of its stack. Default: the one the CDK CLI is signed in to.
        region: the region of its stack. Default: the one the CDK CLI is set to.
        registration: how it is registered in iconik. Default: not at all.
        tags: of the new bucket and the new key.
        lifecycle: what becomes of objects as they grow old. Default: the construct's.
        access_logs: where S3 logs the requests. Default: nowhere.
        bucket_props: further props of the new `s3.Bucket`.
    """

    key: str
    system_domain_id: tuple[str, ...]
    permissions: tuple[IconikPermissions, ...] = (IconikPermissions.read_write(),)
    bucket_name: str | None = None
    adopt: str | None = None
    adoption: Adoption = Adoption.MERGE
    tolerate_denies: bool = False
    encryption: str | None = None
    encryption_key_arn: str | None = None
    cors: Cors = Cors.by_iconik()  # noqa: RUF009 - frozen
    purpose: StoragePurpose = StoragePurpose.FILES
    path: str = ""
    name: str
    via_s3_only: bool = False
    removal_policy: str = "RETAIN"
    account: str | None = None
    region: str | None = None
    registration: RegistrationConfig | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    lifecycle: LifecycleConfig | None = None
    access_logs: AccessLogsConfig | None = None
    bucket_props: Mapping[str, Any] = field(default_factory=dict)
