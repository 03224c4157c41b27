"""Reads further parts of a new bucket: its tags, its lifecycle, its access logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, Final

from pydantic import Field

from ..access.bucket_names import parse_bucket_name
from ..access.prefixes import parse_prefixes
from ..errors import IconikTypeError, IconikValueError
from .errors import FoundError, error_at
from .file_model import FileModel, left_out
from .values import Parsed, one_of

__all__ = ["BUCKET_NAME", "STORAGE_CLASSES", "AccessLogs", "Archive", "Days", "Lifecycle", "Tags"]

BUCKET_NAME: Final = Parsed(
    parse_bucket_name, {"type": "string", "pattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "not": {"pattern": r"\.\."}}
)
STORAGE_CLASSES: Final = (
    "INFREQUENT_ACCESS",
    "ONE_ZONE_INFREQUENT_ACCESS",
    "INTELLIGENT_TIERING",
    "GLACIER_INSTANT_RETRIEVAL",
    "GLACIER",
    "DEEP_ARCHIVE",
)
"""The CDK's names in `s3.StorageClass`."""

_FOREVER: Final = "FOREVER"
# S3 moves objects to these only after 30 days.
_AFTER_30_DAYS: Final = ("INFREQUENT_ACCESS", "ONE_ZONE_INFREQUENT_ACCESS")
_MOST_DAYS: Final = 36_500
_DAYS_SCHEMA: Final = {"type": "integer", "minimum": 1, "maximum": _MOST_DAYS}
_DAYS: Final = f"must be a whole number of days, 1 to {_MOST_DAYS}"


def _days(value: Any, rule: str = _DAYS, fix: str = "Write a number such as 90, without quotes.") -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise IconikTypeError("", rule, got=value, fix=fix)
    if not 1 <= value <= _MOST_DAYS:
        raise IconikValueError("", rule, got=value, fix=fix)
    return value


def _days_or_forever(value: Any) -> int | None:
    if isinstance(value, str) and value.upper() == _FOREVER:
        return None
    return _days(value, f"{_DAYS}, or {_FOREVER}", f'Write a number such as 30, or "{_FOREVER}".')


Days = Annotated[int, Parsed(_days, _DAYS_SCHEMA)]


class Archive(FileModel):
    """Moves current objects to a cheaper storage class."""

    example = 'Write {"after_days": 90, "storage_class": "DEEP_ARCHIVE"}.'

    after_days: Days = Field(description="The days after the upload at which an object moves.")
    storage_class: Annotated[str, one_of(STORAGE_CLASSES)] = Field(
        description="The storage class. iconik restores from GLACIER and DEEP_ARCHIVE before it plays. The other "
        "classes can be read at once."
    )

    @classmethod
    def cross_field_errors(cls, given: dict[str, Any]) -> Iterable[FoundError]:
        days, storage_class = given.get("after_days"), str(given.get("storage_class")).upper()
        if storage_class in _AFTER_30_DAYS and isinstance(days, int) and 1 <= days < 30:  # noqa: PLR2004 - S3's limit
            rule = f"must be at least 30 for {storage_class}"
            yield error_at(("after_days",), rule, "S3 moves no object to this class earlier.")


class Lifecycle(FileModel):
    """The lifecycle of objects. Unfinished uploads are always aborted after 7 days."""

    example = 'Write {"archive": {"after_days": 90, "storage_class": "DEEP_ARCHIVE"}, "keep_noncurrent": 30}.'

    archive: Archive = left_out("When objects move to another storage class. Default: never.")
    keep_noncurrent: Annotated[int | None, Parsed(_days_or_forever, {"anyOf": [_DAYS_SCHEMA, {"const": _FOREVER}]})] = (
        Field(
            30, description=f"The days for which an overwritten or deleted object is kept, or {_FOREVER}. Default: 30."
        )
    )


class AccessLogs(FileModel):
    """S3's server access logs."""

    example = 'Write {"bucket": "acme-access-logs"}, a bucket whose policy allows S3 to write logs, in the same region.'

    bucket: Annotated[str, BUCKET_NAME] = Field(
        description="An existing bucket in the same account and region, whose policy allows S3 to write logs."
    )
    prefix: Annotated[
        str, Parsed(lambda value: parse_prefixes([value])[0], {"type": "string", "pattern": "^[^/].*/$"})
    ] = left_out("The start of the logs' names, such as 'masters/'. Default: the storage's key.")


_TAG_KEY = re.compile(r"(?!aws:)[\w\s+=.:/@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w\s+=.:/@-]{0,256}")
_MOST_TAGS: Final = 50
_TAGS: Final = 'Write {"cost-centre": "4711"}.'


def _tag_key(key: str) -> str:
    if not _TAG_KEY.fullmatch(key):
        rule = "must have a key of 1 to 128 letters, digits, spaces and + - = . _ : / @, not beginning with aws:"
        raise IconikValueError("", rule, got=key, fix=_TAGS)
    return key


def _tag_value(value: Any) -> str:
    rule = "must be text of at most 256 letters, digits, spaces and + - = . _ : / @"
    if not isinstance(value, str):
        raise IconikTypeError("", rule, got=value, fix=f'Write it in quotes: "{value}".')
    if not _TAG_VALUE.fullmatch(value):
        raise IconikValueError("", rule, got=value, fix=_TAGS)
    return value


Tags = Annotated[
    dict[
        Annotated[str, Parsed(_tag_key, {"type": "string"})],
        Annotated[str, Parsed(_tag_value, {"type": "string", "maxLength": 256})],
    ],
    Field(max_length=_MOST_TAGS, json_schema_extra={"propertyNames": {"pattern": "^(?!aws:)", "maxLength": 128}}),
]
