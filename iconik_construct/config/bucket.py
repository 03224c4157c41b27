"""What the file says of a new bucket beyond iconik: its tags, its lifecycle, its access logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from ..access.prefixes import parse_prefixes
from ..errors import IconikTypeError, IconikValueError
from ..storage.bucket_names import parse_bucket_name
from .file_model import LEFT_OUT, FileModel, Level
from .mistakes import Refusal
from .value_types import Made, Parsed, Said, one_of

__all__ = [
    "BUCKET_NAME",
    "STORAGE_CLASSES",
    "AccessLogs",
    "AccessLogsConfig",
    "Days",
    "Lifecycle",
    "LifecycleConfig",
    "Tags",
]

BUCKET_NAME: Final = Parsed(
    parse_bucket_name, {"type": "string", "pattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "not": {"pattern": r"\.\."}}
)

STORAGE_CLASSES: Final = {
    name: name
    for name in (
        "INFREQUENT_ACCESS",
        "ONE_ZONE_INFREQUENT_ACCESS",
        "INTELLIGENT_TIERING",
        "GLACIER_INSTANT_RETRIEVAL",
        "GLACIER",
        "DEEP_ARCHIVE",
    )
}
"""CDK's names in `s3.StorageClass`."""

_FOREVER: Final = "FOREVER"
_LIFECYCLE: Final = 'Write {"archive": {"after_days": 90, "storage_class": "DEEP_ARCHIVE"}, "keep_noncurrent": 30}.'
_LOGS: Final = 'Write {"bucket": "acme-access-logs"}, a bucket that lets S3 write logs, in the same account and region.'
# S3 moves objects to these only after 30 days.
_AFTER_30_DAYS: Final = ("INFREQUENT_ACCESS", "ONE_ZONE_INFREQUENT_ACCESS")
_LONGEST_DAYS: Final = 36_500
_DAYS: Final = f"must be a whole number of days, 1 to {_LONGEST_DAYS}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleConfig:
    """What becomes of objects as they grow old.

    Attributes:
        archive_after_days: when current objects move to another storage class. Default: never.
        archive_class: the name of that `s3.StorageClass`.
        noncurrent_days: how long an overwritten or deleted object is kept. None: for ever.
    """

    archive_after_days: int | None = None
    archive_class: str | None = None
    noncurrent_days: int | None = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogsConfig:
    """Where S3 logs the requests: an existing bucket, and the prefix there. Default: the storage's key as a prefix."""

    bucket: str
    prefix: str | None = None


Days = Annotated[
    int,
    Field(ge=1, le=_LONGEST_DAYS),
    Said(_DAYS, "Write a number such as 90, without quotes."),
]


class ArchiveObject(FileModel):
    """Moves current objects to a cheaper storage class."""

    after_days: Days = Field(description="How many days after its upload an object moves.")
    storage_class: Annotated[str, one_of(STORAGE_CLASSES)] = Field(
        description="Where it moves. iconik restores from GLACIER and DEEP_ARCHIVE before it plays; the other classes "
        "are read at once."
    )

    @classmethod
    def example(cls) -> str:
        return 'Write {"after_days": 90, "storage_class": "DEEP_ARCHIVE"}.'

    @classmethod
    def contradictions(cls, here: Level, above: Sequence[Level]) -> Iterable[Refusal]:  # noqa: ARG003
        values = here.values
        storage_class = values.get("storage_class")
        if storage_class in _AFTER_30_DAYS and values.get("after_days", 30) < 30:  # noqa: PLR2004 - S3's own limit
            rule = f"must be at least 30 for {storage_class}"
            yield ("after_days",), IconikValueError("", rule, fix="S3 moves nothing there earlier.")


def _keep(value: Any) -> int | None:
    fix = f'Write a number such as 30, or "{_FOREVER}".'
    if isinstance(value, str) and value.upper() == _FOREVER:
        return None
    rule = f"{_DAYS}, or {_FOREVER}"
    if not isinstance(value, int) or isinstance(value, bool):
        raise IconikTypeError("", rule, got=value, fix=fix)
    if not 1 <= value <= _LONGEST_DAYS:
        raise IconikValueError("", rule, got=value, fix=fix)
    return value


class LifecycleObject(FileModel):
    """What becomes of objects as they grow old; unfinished uploads are always aborted after 7 days."""

    archive: ArchiveObject = Field(LEFT_OUT, description="When objects move to another storage class. Default: never.")
    keep_noncurrent: Annotated[
        int | None,
        Parsed(_keep, {"anyOf": [{"type": "integer", "minimum": 1, "maximum": _LONGEST_DAYS}, {"const": _FOREVER}]}),
    ] = Field(
        LEFT_OUT,
        description=f"For how many days an overwritten or deleted object is kept, or {_FOREVER}. Default: 30.",
    )

    @classmethod
    def example(cls) -> str:
        return _LIFECYCLE

    def config(self) -> LifecycleConfig:
        """Return the value."""
        given: dict[str, Any] = {}
        if "archive" in self.model_fields_set:
            given = {"archive_after_days": self.archive.after_days, "archive_class": self.archive.storage_class}
        if "keep_noncurrent" in self.model_fields_set:
            given["noncurrent_days"] = self.keep_noncurrent
        return LifecycleConfig(**given)


Lifecycle = Annotated[LifecycleObject, Made(LifecycleObject.config)]
"""What becomes of old objects, as a `LifecycleConfig`."""


def _log_prefix(value: Any) -> str:
    parse_prefixes([value])
    return str(value)


class AccessLogsObject(FileModel):
    """S3's server access logs."""

    bucket: Annotated[str, BUCKET_NAME] = Field(
        description="The name of an existing bucket in the same account and region, whose policy lets S3 write logs."
    )
    prefix: Annotated[str, Parsed(_log_prefix, {"type": "string", "pattern": "^[^/].*/$"})] = Field(
        LEFT_OUT, description="What the names of the logs begin with, such as 'masters/'. Default: the storage's key."
    )

    @classmethod
    def example(cls) -> str:
        return _LOGS

    def config(self) -> AccessLogsConfig:
        """Return the value."""
        return AccessLogsConfig(**self.written())


AccessLogs = Annotated[AccessLogsObject, Made(AccessLogsObject.config)]
"""Where requests are logged, as an `AccessLogsConfig`."""

_TAG_KEY = re.compile(r"(?!aws:)[\w\s+=.:/@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w\s+=.:/@-]{0,256}")
_MOST_TAGS: Final = 50
_TAG_RULES: Final = 'Write {"cost-centre": "4711"}.'


def _tag_key(key: str) -> str:
    if not _TAG_KEY.fullmatch(key):
        rule = "must have a key of 1 to 128 letters, digits, spaces and + - = . _ : / @, not beginning with aws:"
        raise IconikValueError("", rule, got=key, fix=_TAG_RULES)
    return key


def _tag_value(value: Any) -> str:
    rule = "must be text of at most 256 letters, digits, spaces and + - = . _ : / @"
    if not isinstance(value, str):
        raise IconikTypeError("", rule, got=value, fix=f'Write it in quotes: "{value}".')
    if not _TAG_VALUE.fullmatch(value):
        raise IconikValueError("", rule, got=value, fix=_TAG_RULES)
    return value


Tags = Annotated[
    dict[
        Annotated[str, Parsed(_tag_key, {"type": "string"})],
        Annotated[str, Parsed(_tag_value, {"type": "string", "maxLength": 256})],
    ],
    Field(max_length=_MOST_TAGS, json_schema_extra={"propertyNames": {"pattern": "^(?!aws:)", "maxLength": 128}}),
    Said("must be an object", _TAG_RULES, {"too_long": f"must hold at most {_MOST_TAGS} tags"}),
]
