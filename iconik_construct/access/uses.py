"""Groups the actions by their use, for the tables of `check` and `report`.

The granted permissions are in `permissions.py`. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .permissions import CORS_WRITE_ACTION, LIST_ACTION

__all__ = ["USES", "Use"]


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a storage.

    Attributes:
        name: the name in JSON.
        label: the name in a table.
        actions: the actions that the use needs.
        on_key: whether the actions are on the key.
        also: further actions that are granted with the use but not needed. No other caller may have them.
    """

    name: str
    label: str
    actions: tuple[str, ...]
    on_key: bool = False
    also: tuple[str, ...] = ()


USES: Final = (
    Use("list", "list the objects", (LIST_ACTION,)),
    Use("read", "read objects", ("s3:GetObject",)),
    Use("restore", "restore archived objects", ("s3:RestoreObject",)),
    Use("write", "write objects", ("s3:PutObject",)),
    Use(
        "multipart",
        "upload in parts",
        ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads"),
    ),
    Use("delete", "delete objects", ("s3:DeleteObject",)),
    Use("settings", "look up settings", ("s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetAccelerateConfiguration")),
    Use("cors", "change CORS", (CORS_WRITE_ACTION,)),
    Use("decrypt", "decrypt with the key", ("kms:Decrypt",), on_key=True, also=("kms:DescribeKey",)),
    Use("encrypt", "encrypt with the key", ("kms:GenerateDataKey",), on_key=True, also=("kms:Encrypt",)),
)
"""S3 calls these actions on the key for a caller that reads or writes an object."""
