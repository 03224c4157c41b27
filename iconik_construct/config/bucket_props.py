"""Reads props of the CDK's `s3.Bucket` in the file. Props whose values a file cannot have are errors with a fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from ..errors import IconikPropError, IconikValueError
from .errors import FoundError, error_at, nearest
from .file_model import LEFT_OUT, FileModel, left_out
from .new_bucket import Days
from .values import one_of

__all__ = ["BUCKET_PROP_ENUMS", "BucketProps"]

BUCKET_PROP_ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "object_ownership": ("BUCKET_OWNER_ENFORCED", "BUCKET_OWNER_PREFERRED", "OBJECT_WRITER"),
    "transition_default_minimum_object_size": ("ALL_STORAGE_CLASSES_128_K", "VARIES_BY_STORAGE_CLASS"),
}
"""The props whose value is a member of a CDK enum, by its name."""

_ELSEWHERE: Final[Mapping[str, str]] = {
    "bucket_name": 'Write "bucket": {"name": "..."} in the storage.',
    "encryption_key": "Write 'encryption_key_arn' in the storage.",
    "lifecycle_rules": "Write 'lifecycle' in the storage.",
    **dict.fromkeys(("server_access_logs_bucket", "server_access_logs_prefix"), "Write 'access_logs' in the storage."),
    **{name: f"Write '{name}' in the storage." for name in ("cors", "encryption", "removal_policy")},
}
_FOR_CODE: Final = (
    *("access_control", "block_public_access", "blocked_encryption_types", "bucket_name_prefix", "bucket_namespace"),
    *("inventories", "notifications_handler_role", "public_read_access", "replication_role", "replication_rules"),
    *("target_object_key_format", "website_redirect", "website_routing_rules"),
)
"""Props whose values are objects of the CDK, or that give others access. A file cannot have them."""

_Text = Annotated[str, Field(min_length=1)]


class RetentionObject(FileModel):
    """For how long a new object cannot be overwritten or deleted."""

    mode: Annotated[str, one_of({"GOVERNANCE": "governance", "COMPLIANCE": "compliance"})] = Field(
        description="Whether a user with a special permission may end it early (GOVERNANCE), or nobody (COMPLIANCE)."
    )
    days: Days = Field(description="The number of days.")

    example = 'Write {"mode": "GOVERNANCE", "days": 30}.'


class TieringObject(FileModel):
    """When S3 moves objects of the class INTELLIGENT_TIERING to an archive tier."""

    name: _Text = Field(description="The name of the configuration.")
    prefix: _Text = left_out("The prefix of the objects. Default: all objects.")
    archive_access_tier_time: int = Field(
        LEFT_OUT,
        ge=90,
        le=730,
        description="The days without access after which an object is archived. Default: never.",
    )
    deep_archive_access_tier_time: int = Field(
        LEFT_OUT,
        ge=180,
        le=730,
        description="The days without access after which an object moves to deep archive. Default: never.",
    )

    example = 'Write {"name": "old", "archive_access_tier_time": 90}.'

    @classmethod
    def cross_field_errors(cls, given: dict[str, Any]) -> Iterable[FoundError]:
        if not {"archive_access_tier_time", "deep_archive_access_tier_time"} & given.keys():
            rule = "must have a time after which objects are archived"
            yield error_at((), rule, cls.example)


class MetricsObject(FileModel):
    """Request metrics in CloudWatch."""

    id: _Text = Field(description="The name of the metrics.")
    prefix: _Text = left_out("The prefix of the objects. Default: all objects.")

    example = 'Write {"id": "all"}.'


class BucketProps(FileModel):
    """Props of the CDK's s3.Bucket by their Python names, for values that a file can have."""

    abac_status: bool = left_out("Whether tags of the bucket decide about access.")
    auto_delete_objects: bool = left_out("Empties the bucket before it is deleted; needs the removal policy DESTROY.")
    bucket_key_enabled: bool = left_out("An S3 bucket key: fewer requests to KMS.")
    enforce_ssl: bool = left_out("Whether to refuse requests without TLS. Default: true.")
    event_bridge_enabled: bool = left_out("Whether to send the bucket's events to EventBridge.")
    intelligent_tiering_configurations: list[Annotated[TieringObject, AfterValidator(TieringObject.written)]] = (
        left_out("When objects of the class INTELLIGENT_TIERING move to archive tiers.")
    )
    metrics: list[Annotated[MetricsObject, AfterValidator(MetricsObject.written)]] = left_out(
        "Request metrics in CloudWatch."
    )
    minimum_tls_version: float = Field(
        LEFT_OUT, ge=1.0, le=1.3, description="The lowest accepted version of TLS. Default: 1.2."
    )
    notifications_skip_destination_validation: bool = left_out(
        "Whether S3 skips the check of the destinations of notifications."
    )
    object_lock_default_retention: Annotated[RetentionObject, AfterValidator(RetentionObject.written)] = left_out(
        "How long Object Lock keeps each new object. Turns Object Lock on."
    )
    object_lock_enabled: bool = left_out("S3 Object Lock. It cannot be turned off later.")
    object_ownership: Annotated[str, one_of(BUCKET_PROP_ENUMS["object_ownership"])] = left_out(
        "The owner of objects, and whether ACLs are on. Default: BUCKET_OWNER_ENFORCED."
    )
    transfer_acceleration: bool = left_out("S3 Transfer Acceleration.")
    transition_default_minimum_object_size: Annotated[
        str, one_of(BUCKET_PROP_ENUMS["transition_default_minimum_object_size"])
    ] = left_out("The smallest size of objects that lifecycle rules move.")
    versioned: bool = left_out("Whether to keep overwritten and deleted objects. Default: true.")
    website_error_document: _Text = left_out("The error page of the bucket's website.")
    website_index_document: _Text = left_out("The first page of the bucket's website.")

    example = 'Write {"transfer_acceleration": true}.'

    @classmethod
    def unknown(cls, key: str) -> IconikPropError:
        if key in _ELSEWHERE:
            return IconikValueError(key, "has a key of its own", fix=_ELSEWHERE[key])
        if key in _FOR_CODE:
            rule = "is a prop of s3.Bucket that only code can set"
            return IconikValueError(key, rule, fix="Write an app of your own with IconikStorage.")
        fix = nearest(key, cls.model_fields) or f"The props are {', '.join(cls.model_fields)}."
        return IconikValueError(key, "is not a known prop of s3.Bucket", fix=fix)
