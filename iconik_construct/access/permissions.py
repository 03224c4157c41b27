"""Lists the permissions of iconik's storage roles as exact S3 and KMS actions, for a bucket or for prefixes.

The list is in a file of its own for auditors. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..errors import IconikTypeError, IconikValueError
from .prefixes import parse_prefixes
from .s3_actions import parse_extra_actions

__all__ = [
    "ADMIN_ACTION",
    "CORS_WRITE_ACTION",
    "DELETE_ACTIONS",
    "KEY_READ_ACTIONS",
    "KEY_WRITE_ACTIONS",
    "LIST_ACTION",
    "READ_BUCKET_ACTIONS",
    "READ_OBJECT_ACTIONS",
    "WRITE_BUCKET_ACTIONS",
    "WRITE_OBJECT_ACTIONS",
    "IconikPermissions",
    "StoragePurpose",
    "StorageRole",
    "parse_permissions",
]

ADMIN_ACTION: Final = "s3:*"
LIST_ACTION: Final = "s3:ListBucket"
"""The only action here that has the condition key `s3:prefix`."""
CORS_WRITE_ACTION: Final = "s3:PutBucketCORS"
"""Granted to Read and Write storage only if iconik writes the CORS configuration (`Cors.by_iconik()`)."""

_BUCKET_SETTINGS: Final = ("s3:GetAccelerateConfiguration", "s3:GetBucketCORS", "s3:GetBucketLocation")

READ_BUCKET_ACTIONS: Final = (*_BUCKET_SETTINGS, LIST_ACTION)
READ_OBJECT_ACTIONS: Final = ("s3:GetObject", "s3:RestoreObject")
WRITE_BUCKET_ACTIONS: Final = (*_BUCKET_SETTINGS, "s3:ListBucketMultipartUploads")
WRITE_OBJECT_ACTIONS: Final = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")
DELETE_ACTIONS: Final = ("s3:DeleteObject",)

KEY_READ_ACTIONS: Final = ("kms:Decrypt", "kms:DescribeKey")
KEY_WRITE_ACTIONS: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
"""iconik's five published entries, with wildcards."""


class StorageRole(Enum):
    """A role in iconik. The value is its name there."""

    READ = "Read storage"
    WRITE = "Write storage"
    ADMIN = "Admin"

    def __repr__(self) -> str:
        return str(self)


class StoragePurpose(Enum):
    """The purpose of an iconik storage. The values are those of iconik's API."""

    FILES = "FILES"
    KEYFRAMES = "KEYFRAMES"
    PROXIES = "PROXIES"
    EXPORTS = "EXPORTS"
    ARCHIVE = "ARCHIVE"

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IconikPermissions:
    """What iconik may do with a storage.

    Most callers use a named constructor: `read`, `write`, `read_write`, `admin` or `for_purpose`.

    Args:
        roles: iconik's roles, at least one.
        prefixes: the prefixes that iconik may use, such as `masters/`. None means the whole bucket. The `s3:prefix`
            condition limits listing. AWS has no prefix condition for these, which are not limited: listing the current
            multipart uploads (`s3:ListBucketMultipartUploads` shows their keys in the whole bucket), and the bucket's
            location, CORS and acceleration settings.
        delete: whether Write storage may delete objects. iconik deletes the files of an asset that is purged.
        extra_bucket_actions: further S3 actions on the bucket itself, for example `s3:GetBucketVersioning`.
        extra_object_actions: further S3 actions on the objects below the prefixes, for example `s3:GetObjectTagging`.

    Raises:
        IconikTypeError: a prop of the wrong type, for example a string instead of a sequence.
        IconikValueError: no role; a prefix that does not end with `/`, begins with it or has a wildcard; Admin with
            prefixes or with `delete=False`; an extra action that S3 does not have, or that changes who has access to
            the bucket.
    """

    roles: frozenset[StorageRole] | set[StorageRole] | Sequence[StorageRole]
    prefixes: Sequence[str] = ()
    delete: bool = True
    extra_bucket_actions: Sequence[str] = ()
    extra_object_actions: Sequence[str] = ()

    def __post_init__(self) -> None:
        roles = _parse_roles(self.roles)
        prefixes = parse_prefixes(self.prefixes)
        if not isinstance(self.delete, bool):
            raise IconikTypeError("delete", "must be True or False", got=self.delete, fix="Leave it out for True.")
        if StorageRole.ADMIN in roles:
            _refuse_limited_admin(prefixes, delete=self.delete)
        # The dataclass is frozen, so its normalised values are set with `object.__setattr__`.
        put = object.__setattr__
        put(self, "roles", roles)
        put(self, "prefixes", prefixes)
        put(self, "extra_bucket_actions", parse_extra_actions("extra_bucket_actions", self.extra_bucket_actions))
        put(self, "extra_object_actions", parse_extra_actions("extra_object_actions", self.extra_object_actions))

    def __repr__(self) -> str:
        """Return the shortest call that makes these permissions."""
        prefixes = [repr(prefix) for prefix in self.prefixes]
        extra = [
            f"{name}={list(actions)!r}"
            for name, actions in (
                ("extra_bucket_actions", self.extra_bucket_actions),
                ("extra_object_actions", self.extra_object_actions),
            )
            if actions
        ]
        no_delete = [] if self.delete else ["delete=False"]
        constructor = next((name for name, named in NAMED_PERMISSIONS.items() if named.roles == self.roles), None)
        # `read` has no `delete`, and no named constructor has extra actions.
        if constructor is not None and not extra and not (no_delete and constructor == "read"):
            return f"IconikPermissions.{constructor}({', '.join([*prefixes, *no_delete])})"
        roles = ", ".join(repr(role) for role in StorageRole if role in self.roles)
        below = [f"prefixes=[{', '.join(prefixes)}]"] if prefixes else []
        return f"IconikPermissions({', '.join([f'roles={{{roles}}}', *below, *no_delete, *extra])})"

    @classmethod
    def read(cls, *prefixes: str) -> IconikPermissions:
        """Return iconik's role Read storage: scan, play, download, restore from an archive class."""
        return cls(roles={StorageRole.READ}, prefixes=prefixes)

    @classmethod
    def write(cls, *prefixes: str, delete: bool = True) -> IconikPermissions:
        """Return iconik's role Write storage: upload and, unless `delete=False`, delete. It cannot list or read."""
        return cls(roles={StorageRole.WRITE}, prefixes=prefixes, delete=delete)

    @classmethod
    def read_write(cls, *prefixes: str, delete: bool = True) -> IconikPermissions:
        """Return Read storage and Write storage together. Most storages need both."""
        return cls(roles={StorageRole.READ, StorageRole.WRITE}, prefixes=prefixes, delete=delete)

    @classmethod
    def admin(cls) -> IconikPermissions:
        """Return `s3:*` on the bucket and all its objects, as in iconik's published policy.

        This also allows actions that iconik never needs: deleting versions, changing lifecycle rules and replication.
        """
        return cls(roles={StorageRole.ADMIN})

    @classmethod
    def for_purpose(cls, purpose: StoragePurpose, *prefixes: str) -> IconikPermissions:
        """Return the fewest permissions for a storage of that purpose.

        - FILES: read, write and delete. iconik uploads, scans, plays, and deletes originals with a purged asset.
        - KEYFRAMES, PROXIES: read, write and delete. iconik makes, shows and replaces these files.
        - EXPORTS: write only. iconik delivers files there for others. It cannot list or read the other files, and a
          purged asset does not delete a delivery.
        - ARCHIVE: read and write, no delete. iconik copies assets there and restores them later. Purging an asset must
          not delete the last copy.

        Source: iconik's storage form names the purposes. The actions for each purpose are inferred from iconik's
        functions.
        """
        if not isinstance(purpose, StoragePurpose):
            raise IconikTypeError("purpose", "must be a StoragePurpose", got=purpose, fix=_one_of(StoragePurpose))
        if purpose is StoragePurpose.EXPORTS:
            return cls.write(*prefixes, delete=False)
        return cls.read_write(*prefixes, delete=purpose is not StoragePurpose.ARCHIVE)

    @property
    def is_admin(self) -> bool:
        """Whether iconik's role Admin is among the roles."""
        return StorageRole.ADMIN in self.roles

    @property
    def bucket_actions(self) -> tuple[str, ...]:
        """The actions on the bucket itself, without `s3:PutBucketCORS`, sorted."""
        actions = set(self.extra_bucket_actions)
        if StorageRole.READ in self.roles:
            actions.update(READ_BUCKET_ACTIONS)
        if StorageRole.WRITE in self.roles:
            actions.update(WRITE_BUCKET_ACTIONS)
        return (ADMIN_ACTION,) if self.is_admin else tuple(sorted(actions))

    @property
    def object_actions(self) -> tuple[str, ...]:
        """The actions on the objects, sorted."""
        actions = set(self.extra_object_actions)
        if StorageRole.READ in self.roles:
            actions.update(READ_OBJECT_ACTIONS)
        if StorageRole.WRITE in self.roles:
            actions.update(WRITE_OBJECT_ACTIONS)
            actions.update(DELETE_ACTIONS if self.delete else ())
        return (ADMIN_ACTION,) if self.is_admin else tuple(sorted(actions))

    @property
    def key_actions(self) -> tuple[str, ...]:
        """The actions on the customer managed key, sorted."""
        return KEY_READ_ACTIONS if self.roles == {StorageRole.READ} else KEY_WRITE_ACTIONS


def parse_permissions(value: IconikPermissions | Sequence[IconikPermissions]) -> tuple[IconikPermissions, ...]:
    """Return one or several permissions as a tuple.

    Raises:
        IconikTypeError: anything but `IconikPermissions` or a sequence of them.
        IconikValueError: none at all.
    """
    fix = "Use IconikPermissions.read(), .write(), .read_write(), .admin() or .for_purpose(...)."
    given: object = (value,) if isinstance(value, IconikPermissions) else value
    if (
        not isinstance(given, Sequence)
        or isinstance(given, str)
        or not all(isinstance(item, IconikPermissions) for item in given)
    ):
        raise IconikTypeError("permissions", "must be IconikPermissions or a sequence of them", got=value, fix=fix)
    if not given:
        raise IconikValueError("permissions", "must hold at least one IconikPermissions", got=value, fix=fix)
    return tuple(given)


def _parse_roles(value: object) -> frozenset[StorageRole]:
    if isinstance(value, (str, StorageRole)) or not isinstance(value, Iterable):
        raise IconikTypeError("roles", "must be a set of StorageRole", got=value, fix=_one_of(StorageRole))
    roles = tuple(value)
    for role in roles:
        if not isinstance(role, StorageRole):
            raise IconikTypeError("roles", "must hold StorageRole only", got=role, fix=_one_of(StorageRole))
    if not roles:
        raise IconikValueError("roles", "must hold at least one StorageRole", got=value, fix=_one_of(StorageRole))
    return frozenset(roles)


def _refuse_limited_admin(prefixes: tuple[str, ...], *, delete: bool) -> None:
    fix = "Use IconikPermissions.read_write(...) for less than the whole bucket."
    if prefixes:
        raise IconikValueError("prefixes", "must be empty for the role Admin", got=prefixes, fix=fix)
    if not delete:
        raise IconikValueError("delete", "must be True for the role Admin", got=delete, fix=fix)


def _one_of(kind: type[Enum]) -> str:
    return f"Use one of {', '.join(f'{kind.__name__}.{member.name}' for member in kind)}."


# At the end, because the constructors need the functions above. Not in `__all__`, whose constants are all actions.
NAMED_PERMISSIONS: Final = {
    "read": IconikPermissions.read(),
    "write": IconikPermissions.write(),
    "read_write": IconikPermissions.read_write(),
    "admin": IconikPermissions.admin(),
}
"""The permissions for a whole bucket, by the name of their constructor."""
