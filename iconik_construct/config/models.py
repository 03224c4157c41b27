"""Defines the file of storages as models: every key, its purpose, and its checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, PrivateAttr, Tag

from ..access.cors import Cors
from ..access.key_arns import KEY_ARN_PATTERN
from ..access.permissions import StoragePurpose
from ..access.regions import OTHER_PARTITION_PATTERN, REGION_PATTERN, parse_region
from ..access.trust import FIND_IT, parse_system_domain_ids
from ..errors import IconikPropError, IconikTypeError, IconikValueError
from ..placement.record import Adoption
from .bucket_props import BucketProps
from .cross_field_checks import STORAGE_KEY, between_storages, in_storage
from .errors import FoundError, error_at
from .file_model import LEFT_OUT, FileModel, left_out
from .new_bucket import BUCKET_NAME, AccessLogs, Lifecycle, Tags
from .permissions import DEFAULT_PERMISSIONS, Permissions
from .registration import REMOVAL_POLICIES, Registration
from .values import Parsed, ReadAs, kind, matching, must_be, one_of

__all__ = ["ENCRYPTIONS", "SHARED_KEYS", "STORAGE_KEYS", "Document", "Storage"]

ENCRYPTIONS: Final = ("S3_MANAGED", "KMS", "DSSE")
"""The names of `StorageEncryption`, which is not imported because its package needs jsii."""

_CORS: Final = 'Write "BY_ICONIK", "BY_TEMPLATE" or {"origins": ["https://app.iconik.io"]}.'
# Buckets that were made in us-east-1 before March 2018 can have such names. New buckets cannot.
_EXISTING_BUCKET = re.compile(r"(arn:aws:s3:::)?([A-Za-z0-9][A-Za-z0-9._-]{2,254})")


def _existing_bucket(value: Any) -> str:
    fix = "Write the bucket's name, or its ARN such as arn:aws:s3:::acme-masters."
    if not isinstance(value, str):
        raise IconikTypeError("adopt", "must be a string", got=value, fix=fix)
    match = _EXISTING_BUCKET.fullmatch(value)
    if match is None:
        rule = "must be the name or the ARN of a bucket in the partition 'aws'"
        raise IconikValueError("adopt", rule, got=value, fix=fix)
    return match[2]


_UUID: Final = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_Domain = Annotated[
    str,
    Parsed(lambda value: parse_system_domain_ids((value,))[0], {"type": "string", "pattern": rf"^\s*{_UUID}\s*$"}),
]
_Domains = Annotated[
    Annotated[_Domain, Tag("as text")] | Annotated[list[_Domain], Field(min_length=1), Tag("as a list")],
    Discriminator(kind),
    must_be((str, list), "must be a UUID or a sequence of UUIDs", FIND_IT),
    AfterValidator(parse_system_domain_ids),
]
_Origin = Annotated[
    str,
    Parsed(
        lambda value: Cors.by_template([value]) and value,
        {"type": "string", "pattern": r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$"},
        _CORS,
    ),
]


class CorsObject(FileModel):
    """CORS rules in the template, for these origins."""

    example = _CORS

    origins: list[_Origin] = Field(
        min_length=1, description="The addresses of iconik's web application, such as https://app.iconik.io."
    )


_CORS_NAMES: Final = {"BY_ICONIK": Cors.by_iconik(), "BY_TEMPLATE": Cors.by_template()}
_CorsWritten = Annotated[
    Annotated[Cors, one_of(_CORS_NAMES), Tag("as text")] | Annotated[CorsObject, Tag("as an object")],
    Discriminator(kind),
    must_be((str, dict), "must be the name of a choice, or an object", _CORS),
    AfterValidator(lambda value: Cors.by_template(value.origins) if isinstance(value, CorsObject) else value),
]


class Bucket(FileModel):
    """A new bucket by its name, or an existing one by its name or ARN."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["name"]}, {"required": ["adopt"]}]})
    example = 'Write {"name": "acme-masters"} for a new bucket, {"adopt": "acme-masters"} for an existing one.'

    name: Annotated[str, BUCKET_NAME] = left_out("The name of the new bucket.")
    adopt: Annotated[str, Parsed(_existing_bucket, {"type": "string", "pattern": f"^{_EXISTING_BUCKET.pattern}$"})] = (
        left_out("The name or the ARN of the existing bucket.")
    )

    @classmethod
    def cross_field_errors(cls, given: dict[str, Any]) -> Iterable[FoundError]:
        known = given.keys() & {"name", "adopt"}
        if len(known) != 1 and len(known) == len(given):
            yield error_at((), "must have either 'name' or 'adopt'", cls.example)


class Shared(FileModel):
    """The keys of a storage that can also be at the top, for all storages without them."""

    system_domain_id: Annotated[tuple[str, ...], ReadAs(_Domains)] = left_out(
        "Your iconik System Domain ID, or a list of several: the iconik domains to allow."
    )
    account: Annotated[
        str,
        matching(
            "[0-9]{12}", "must be an AWS account id, a string of 12 digits", "Write it in quotes, or leave it out."
        ),
    ] = left_out("The AWS account of the stack, in quotes. Default: the account of the CDK CLI.")
    region: Annotated[
        str,
        Parsed(
            parse_region,
            {"type": "string", "pattern": f"^{REGION_PATTERN}$", "not": {"pattern": f"^{OTHER_PARTITION_PATTERN}"}},
        ),
    ] = left_out("The AWS region of the stack. Default: the region of the CDK CLI.")
    cors: Annotated[Cors, ReadAs(_CorsWritten)] = Field(
        Cors.by_iconik(),
        description="The writer of the bucket's CORS rules: iconik (BY_ICONIK, the default), or the template, for "
        "iconik's public systems (BY_TEMPLATE) or for the listed origins.",
    )
    registration: Registration = left_out(
        "Registers the storage in iconik at deployment. Default: nothing is registered."
    )
    tags: Tags = Field({}, description="Tags of the new bucket and of the new key.")
    lifecycle: Lifecycle = left_out("The lifecycle of a new bucket's objects.")
    access_logs: AccessLogs = left_out("The bucket for S3's logs of requests to a new bucket.")


class Storage(Shared):
    """One storage. {} is a new bucket with all defaults."""

    example = 'Write {} for a new bucket with all defaults, or {"permissions": "read"}.'

    permissions: Permissions = Field(
        DEFAULT_PERMISSIONS,
        description="What iconik may do: read, write, read_write (the default), admin, an object, or a list of those.",
    )
    bucket: Bucket = left_out("A new bucket's name, or an existing bucket. Default: new, named by CloudFormation.")
    encryption: Annotated[str, one_of(ENCRYPTIONS)] = left_out(
        "The encryption of the bucket. Default: S3_MANAGED; KMS with encryption_key_arn."
    )
    encryption_key_arn: Annotated[
        str,
        matching(
            KEY_ARN_PATTERN,
            "must be the ARN of a KMS key in the partition 'aws', not of an alias",
            "Write one such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab.",
        ),
    ] = left_out("An existing customer managed key. Default: a new one if one is needed.")
    via_s3_only: bool = Field(False, description="Whether iconik may use the key only through S3. Default: false.")
    adoption: Annotated[Adoption, one_of(Adoption.__members__)] = Field(
        Adoption.MERGE,
        description="What happens to a policy that this app does not own: MERGE (the default), TAKE_OVER, HAND_OVER.",
    )
    tolerate_denies: bool = Field(
        False,
        description="Whether to merge although a Deny in that policy blocks iconik. Default: false.",
    )
    removal_policy: Annotated[str, one_of(REMOVAL_POLICIES)] = Field(
        "RETAIN", description="Whether a new bucket stays when its stack is deleted: RETAIN (the default) or DESTROY."
    )
    bucket_props: BucketProps = left_out("Further props of the CDK's s3.Bucket, by their Python names.")
    purpose: Annotated[StoragePurpose, one_of(StoragePurpose.__members__)] = Field(
        StoragePurpose.FILES, description="The purpose of the storage in iconik. Default: FILES."
    )
    path: str = Field(
        "",
        description="The prefix at which the storage begins in iconik, such as 'masters/'. Default: the whole bucket.",
        json_schema_extra={"pattern": r"^([^/*?].*/)?$"},
    )
    name: str = left_out("The name of the storage in iconik. Default: its key.", json_schema_extra={"pattern": r"\S"})

    _key: str = PrivateAttr("")

    @property
    def key(self) -> str:
        """Its key in the file, which is the construct id."""
        return self._key

    @property
    def bucket_name(self) -> str | None:
        """The name of the new bucket. Default: CloudFormation chooses one."""
        return self.bucket.name if self.bucket else None

    @property
    def adopt(self) -> str | None:
        """The name of the existing bucket. Default: a new one is made."""
        return self.bucket.adopt if self.bucket else None

    @classmethod
    def unknown(cls, key: str) -> IconikPropError:
        if key in Document.model_fields:
            return IconikValueError(
                "", "is not a key of a storage", fix="Move it to the top: it applies to the whole file."
            )
        return super().unknown(key)

    def resolved(self, key: str, shared: Mapping[str, Any]) -> Storage:
        """Return the storage with the values at the top of the file for the keys that it does not have.

        Args:
            key: its key in the file.
            shared: the values at the top.
        """
        storage = self.model_copy(update={"name": key, **shared, **self.written()})
        storage._key = key
        return storage


class Document(Shared):
    """The storages that iconik may use, for the CDK app of iconik-construct."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["system_domain_id"]},
                {"properties": {"storages": {"additionalProperties": {"required": ["system_domain_id"]}}}},
            ]
        }
    )

    example = 'Write {"system_domain_id": "...", "storages": {"masters": {}}}.'

    schema_: str = Field(LEFT_OUT, alias="$schema", description="The JSON Schema of this file, for editors.")
    stack_name: Annotated[
        str,
        matching(
            "[A-Za-z][A-Za-z0-9-]{0,63}",
            "must be at most 64 letters, digits and hyphens, beginning with a letter",
            "Leave it out for 'Iconik'.",
        ),
    ] = Field("Iconik", description="The start of the stacks' names. Default: Iconik.")
    record: bool = Field(
        False,
        description="Whether a file next to this one records the stack of each storage. Recorded storages never "
        "move. Needed for more than 25 storages in one account and region. Default: false.",
    )
    guardrail: bool = Field(
        True,
        description="Whether the finished templates are checked: a template that allows other iconik customers is "
        "refused. Default: true.",
    )
    storages: dict[str, Storage] = Field(
        min_length=1,
        json_schema_extra={"propertyNames": {"pattern": f"^{STORAGE_KEY}$"}},
        description="The storages by key. A key is a construct id, so a renamed storage gets a new bucket.",
    )

    @classmethod
    def cross_field_errors(cls, given: dict[str, Any]) -> Iterable[FoundError]:
        storages = given.get("storages")
        if not isinstance(storages, dict):
            return
        yield from between_storages(storages, given.get("registration"))
        for key, storage in storages.items():
            for place, error in in_storage(storage, given) if isinstance(storage, dict) else ():
                yield ("storages", key, *place), error

    def shared(self) -> dict[str, Any]:
        """Return the values for every storage that does not set them."""
        return {name: value for name, value in self.written().items() if name in SHARED_KEYS}


SHARED_KEYS: Final = tuple(Shared.model_fields)
"""The keys that can be at the top of the file only, or also there."""
STORAGE_KEYS: Final = tuple(Storage.model_fields)
"""The keys of a storage."""
