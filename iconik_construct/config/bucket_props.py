"""Props of the CDK's `s3.Bucket` in the file: those whose values a file can hold, and where the others belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from ..errors import IconikValueError
from .mistakes import LEFT_OUT, FileModel, Refusal, nearest
from .value_types import Parsed, Said, one_of

__all__ = ["BUCKET_PROP_ENUMS", "BucketProps"]

BUCKET_PROP_ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "object_ownership": ("BUCKET_OWNER_ENFORCED", "BUCKET_OWNER_PREFERRED", "OBJECT_WRITER"),
    "transition_default_minimum_object_size": ("ALL_STORAGE_CLASSES_128_K", "VARIES_BY_STORAGE_CLASS"),
}
"""The props whose value is a member of an enum of the CDK, by its name."""

_ELSEWHERE: Final[Mapping[str, str]] = {
    "bucket_name": 'Write "bucket": {"name": "..."} in the storage.',
    "cors": "Write 'cors' in the storage.",
    "encryption": "Write 'encryption' in the storage.",
    "encryption_key": "Write 'encryption_key_arn' in the storage.",
    "lifecycle_rules": "Write 'lifecycle' in the storage.",
    "removal_policy": "Write 'removal_policy' in the storage.",
    "server_access_logs_bucket": "Write 'access_logs' in the storage.",
    "server_access_logs_prefix": "Write 'access_logs' in the storage.",
}
_FOR_CODE: Final = (
    "access_control",
    "block_public_access",
    "blocked_encryption_types",
    "bucket_name_prefix",
    "bucket_namespace",
    "intelligent_tiering_configurations",
    "inventories",
    "metrics",
    "notifications_handler_role",
    "object_lock_default_retention",
    "public_read_access",
    "replication_role",
    "replication_rules",
    "target_object_key_format",
    "website_redirect",
    "website_routing_rules",
)
"""Props whose values are objects of the CDK, or that let others in: a file holds neither."""

_Flag = Annotated[bool, Said("must be true or false", "Leave it out for this library's default.")]
_Page = Annotated[str, Field(min_length=1), Said("must be the key of an object", "Write one such as 'index.html'.")]


def _member(prop: str) -> Parsed:
    return one_of({name: name for name in BUCKET_PROP_ENUMS[prop]})


class BucketProps(FileModel):
    """Props of the CDK's s3.Bucket under the CDK's names in Python, for values that a file can hold."""

    abac_status: _Flag = Field(LEFT_OUT, description="Whether tags of the bucket take part in access decisions.")
    auto_delete_objects: _Flag = Field(
        LEFT_OUT, description="Empties the bucket before it is deleted; needs the removal policy DESTROY."
    )
    bucket_key_enabled: _Flag = Field(LEFT_OUT, description="An S3 bucket key: fewer requests to KMS.")
    enforce_ssl: _Flag = Field(LEFT_OUT, description="Refuse requests without TLS. Default: true.")
    event_bridge_enabled: _Flag = Field(LEFT_OUT, description="Send the bucket's events to EventBridge.")
    minimum_tls_version: Annotated[
        float, Field(ge=1.0, le=1.3), Said("must be a version of TLS such as 1.2", "Leave it out for 1.2.")
    ] = Field(LEFT_OUT, description="The lowest version of TLS that is let in. Default: 1.2.")
    notifications_skip_destination_validation: _Flag = Field(
        LEFT_OUT, description="Whether S3 does not check where it sends notifications."
    )
    object_lock_enabled: _Flag = Field(LEFT_OUT, description="S3 Object Lock; it cannot be switched off again.")
    object_ownership: Annotated[str, _member("object_ownership")] = Field(
        LEFT_OUT, description="Who owns objects, and whether ACLs count. Default: BUCKET_OWNER_ENFORCED."
    )
    transfer_acceleration: _Flag = Field(LEFT_OUT, description="S3 Transfer Acceleration.")
    transition_default_minimum_object_size: Annotated[str, _member("transition_default_minimum_object_size")] = Field(
        LEFT_OUT, description="Which objects are too small for lifecycle rules to move."
    )
    versioned: _Flag = Field(LEFT_OUT, description="Keep overwritten and deleted objects. Default: true.")
    website_error_document: _Page = Field(LEFT_OUT, description="The page of the bucket's website for errors.")
    website_index_document: _Page = Field(LEFT_OUT, description="The first page of the bucket's website.")

    @classmethod
    def example(cls) -> str:
        return 'Write {"transfer_acceleration": true}.'

    @classmethod
    def unknown(cls, key: str) -> Refusal:
        if key in _ELSEWHERE:
            return (key,), IconikValueError(key, "has a key of its own", way_out=_ELSEWHERE[key])
        if key in _FOR_CODE:
            rule = "is a prop of s3.Bucket that only code can give"
            return (key,), IconikValueError(key, rule, way_out="Write an app of your own with IconikStorage.")
        way_out = nearest(key, cls.model_fields) or f"Known are {', '.join(cls.model_fields)}."
        return (key,), IconikValueError(key, "is no known prop of s3.Bucket", way_out=way_out)
