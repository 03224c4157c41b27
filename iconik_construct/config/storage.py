"""One storage of the configuration file, and what contradicts what in it. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..access.permissions import IconikPermissions, StoragePurpose
from ..errors import IconikPropError
from ..landing.record import Adoption
from ..storage.cors import Cors
from ..storage.settings import storage_settings
from .json_document import Place
from .registration import RegistrationConfig
from .values import PARSERS, REMOVAL_POLICIES, parse_values

__all__ = ["StorageConfig", "parse_storage"]

_DEFAULT_PERMISSIONS: Final = (IconikPermissions.read_write(),)


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
    """

    key: str
    system_domain_id: tuple[str, ...]
    permissions: tuple[IconikPermissions, ...] = _DEFAULT_PERMISSIONS
    bucket_name: str | None = None
    adopt: str | None = None
    adoption: Adoption = Adoption.MERGE
    encryption: str | None = None
    encryption_key_arn: str | None = None
    cors: Cors = Cors.by_iconik()  # noqa: RUF009 - frozen
    purpose: StoragePurpose = StoragePurpose.FILES
    path: str = ""
    name: str
    via_s3_only: bool = False
    removal_policy: str = REMOVAL_POLICIES[0]
    account: str | None = None
    region: str | None = None
    registration: RegistrationConfig | None = None


def parse_storage(key: str, place: Place, shared: Mapping[str, Any]) -> StorageConfig | None:
    """Return the storage at a place of the document; None after a mistake, which is collected there.

    Args:
        key: the storage's key in the document.
        place: the storage.
        shared: the parsed values that hold where the storage says nothing else.
    """
    before = len(place.mistakes)
    given = place.fields(PARSERS, 'Write {} for a new bucket with all defaults, or {"permissions": "read"}.')
    if given is None:
        return None
    values = {"name": key, **shared, **parse_values(given)}
    if "system_domain_id" not in values:
        place.missing(
            "system_domain_id",
            "must be given, here or at the top",
            "Find it in iconik under Admin > Settings > System Settings.",
        )
    _refuse_contradictions(place, given, values)
    if len(place.mistakes) > before:
        return None
    bucket = values.pop("bucket", {})
    return StorageConfig(key=key, **values, **bucket)


def _refuse_contradictions(place: Place, given: Mapping[str, Place], values: Mapping[str, Any]) -> None:
    """Refuse values that are right alone and wrong together; a mistaken one contradicts nothing."""
    encryption, key_arn, region = (values.get(key) for key in ("encryption", "encryption_key_arn", "region"))
    adopts = "bucket" in given and isinstance(given["bucket"].value, Mapping) and "adopt" in given["bucket"].value
    adopts_key = "encryption_key_arn" in given
    no_key = not adopts_key and ("encryption" not in given or encryption == "S3_MANAGED")
    checks = (
        (
            adopts_key and encryption == "S3_MANAGED",
            "encryption_key_arn",
            "must be left out with the encryption S3_MANAGED",
            'Write "encryption": "KMS", or leave it out.',
        ),
        (
            adopts and not adopts_key and encryption in ("KMS", "DSSE"),
            "encryption_key_arn",
            f"must be given for an existing bucket with the encryption {encryption}",
            "Write the ARN of the key that the bucket encrypts with: iconik needs a statement in its policy.",
        ),
        (
            key_arn is not None and region is not None and _region_of(key_arn) != region,
            "encryption_key_arn",
            f"must be in the region of the storage, {region}",
            "S3 encrypts with keys of the bucket's own region only.",
        ),
        (
            adopts and "removal_policy" in given,
            "removal_policy",
            "must be left out for an existing bucket",
            "An existing bucket always stays.",
        ),
        (
            "adoption" in given and not adopts and not adopts_key,
            "adoption",
            "must be left out where nothing existing is adopted",
            'Write "bucket": {"adopt": "NAME"}, or leave it out.',
        ),
        (
            adopts_key and values.get("adoption") is Adoption.TAKE_OVER,
            "adoption",
            "cannot be TAKE_OVER with an existing key",
            'Write "MERGE" or "HAND_OVER": CloudFormation owns a key policy only together with its key.',
        ),
        (
            no_key and values.get("via_s3_only") is True,
            "via_s3_only",
            "must be left out where no customer managed key is used",
            'Write "encryption": "KMS", or leave it out.',
        ),
    )
    for contradicts, key, rule, way_out in checks:
        if contradicts and key in given:
            given[key].refuse(rule, way_out)
        elif contradicts:
            place.missing(key, rule, way_out)
    _refuse_settings(place, values)


def _region_of(key_arn: str) -> str:
    return key_arn.split(":")[3]


def _refuse_settings(place: Place, values: Mapping[str, Any]) -> None:
    """Refuse what iconik's form would not take: the rules are those of `settings.py`."""
    form = {"permissions": _DEFAULT_PERMISSIONS, "path": "", **values}
    form = {key: form[key] for key in ("name", "path", "permissions")}
    if None in form.values():
        return
    try:
        storage_settings(bucket="", region="", **form)
    except IconikPropError as error:
        place.collect(error, at=error.prop)
