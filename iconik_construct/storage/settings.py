"""Writes the body of iconik's `POST /files/v1/storages/`, which never claims more than the policy allows.

The same body is printed, registered and verified. Standard library only.

Source of the fields: iconik's published OpenAPI documents, `StorageSchema` and `S3SettingsSchema`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict, get_type_hints

from ..access.permissions import (
    DELETE_ACTIONS,
    KEY_WRITE_ACTIONS,
    LIST_ACTION,
    WRITE_OBJECT_ACTIONS,
    IconikPermissions,
    StoragePurpose,
)
from ..access.prefixes import parse_prefixes
from ..errors import IconikTypeError, IconikValueError

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "FLAGS",
    "OPTIONAL_SETTINGS",
    "SECRET_SETTINGS",
    "STORAGE_STATES",
    "MoreSettings",
    "OptionalSettings",
    "StorageFieldsAndSettings",
    "allowed_flags",
    "storage_settings",
]

FLAGS: Final = ("read", "write", "delete", "scan")
"""The flags of iconik's form. Here they follow from the permissions."""
STORAGE_STATES: Final = ("ACTIVE", "INACTIVE", "FAILING")
SECRET_SETTINGS: Final = frozenset({"access_key", "secret_key", "session_token"})
"""Never written. Without them, iconik is expected to use its managed credentials. This is inferred from its API: the
two keys were required in 2023 and are optional since 2024, and no field selects the credentials."""

_READ_ACTION: Final = "s3:GetObject"


class MoreSettings(TypedDict, total=False):
    """Further fields of iconik's S3 settings and their types, for type checkers and for the checks here.

    `metadata_conversion_url_headers` is left out: it holds credentials of another service.
    """

    read: bool
    write: bool
    delete: bool
    scan: bool
    access_group_id: str
    acl_template_id: str
    add_uuid_to_filenames: bool
    aggregate_identical_files: bool
    aggregate_ignore: Sequence[str]
    aggregate_only_on_same_storage: bool
    enable_collection_directory_mapping: bool
    filename_is_external_id: bool
    folder_name_tags_metadata_field_name: str
    folder_name_tags_metadata_view_id: str
    glacier_restore_timeout: int
    metadata_conversion_url: str
    metadata_view_id: str
    notification_sqs_url: str
    preload_edge_jobs: int
    presign_md5_checksum: bool
    root_collection_id: str
    scan_directories: Sequence[str]
    scan_ignore: Sequence[str]
    sidecar_metadata_required: bool
    title_includes_extension: bool
    transcode_ignore: Sequence[str]


class _StorageFields(TypedDict, total=False):
    """Further fields of iconik's storage, outside its settings."""

    description: str
    status: str


class StorageFieldsAndSettings(MoreSettings, _StorageFields, total=False):
    """Both."""


class OptionalSettings(StorageFieldsAndSettings, total=False):
    """The further arguments of `IconikStorage.settings(...)`."""

    endpoint: str | None
    use_acceleration: bool


_KINDS: Final[Mapping[object, str]] = {
    bool: "True or False",
    str: "a string",
    int: "a whole number",
    Sequence[str]: "a list of strings",
}


def _kinds(fields: type[object]) -> dict[str, str]:
    return {name: _KINDS[kind] for name, kind in get_type_hints(fields).items()}


OPTIONAL_SETTINGS: Final[Mapping[str, str]] = _kinds(MoreSettings)
"""The names of `MoreSettings`, and the type of each in words."""
_OPTIONAL_FIELDS: Final[Mapping[str, str]] = _kinds(_StorageFields)


def storage_settings(
    *,
    bucket: str,
    region: str,
    permissions: Sequence[IconikPermissions],
    name: str,
    purpose: StoragePurpose = StoragePurpose.FILES,
    path: str = "",
    endpoint: str | None = None,
    use_acceleration: bool = False,
    **more: Unpack[StorageFieldsAndSettings],
) -> dict[str, Any]:
    """Return the body with which iconik creates the storage. It contains no secret.

    Args:
        bucket: the bucket's name. It can be a CDK token, as can `region` and `endpoint`.
        region: the region of the bucket.
        permissions: the permissions in the policies. `read`, `write`, `delete` and `scan` follow from them.
        name: the name of the storage in iconik. It must be unique in a system domain.
        purpose: the purpose of the storage in iconik.
        path: the key prefix at which the storage begins, such as `masters/`; empty for the whole bucket. A flag is True
            only if the policies allow it everywhere below the path. So with permissions for prefixes only, an empty
            path makes every flag False.
        endpoint: the S3 endpoint for iconik. None is the region's own, `https://s3.REGION.amazonaws.com`.
        use_acceleration: whether iconik uses S3 Transfer Acceleration, which must be on for the bucket.
        more: `description`, `status`, and any field of `OPTIONAL_SETTINGS`. `read`, `write`, `delete` and `scan` can be
            switched off here, but not on.

    Raises:
        IconikTypeError: a field of the wrong type.
        IconikValueError: no name; a path that is not a prefix, or outside the permissions; a field that iconik does not
            have; a secret; a flag that the policies do not allow.
    """
    _check_text("name", name, "Give the name of the storage in iconik.")
    if not isinstance(purpose, StoragePurpose):
        choices = ", ".join(f"StoragePurpose.{member.name}" for member in StoragePurpose)
        raise IconikTypeError("purpose", "must be a StoragePurpose", got=purpose, fix=f"Use one of {choices}.")
    _check_path(path, permissions)
    fields, optional = _sorted_out(more)
    flags = allowed_flags(permissions, path)
    for flag, allowed in flags.items():
        if optional.get(flag, allowed) and not allowed:
            raise IconikValueError(
                flag,
                "must not claim more than the permissions allow below the path",
                got=True,
                fix=f"Leave it out, or allow it {f'everywhere below {path!r}' if path else 'in the whole bucket'}.",
            )
    settings = {
        "bucket": bucket,
        "region": region,
        "endpoint": f"https://s3.{region}.amazonaws.com" if endpoint is None else endpoint,
        "path": path,
        **flags,
        "use_acceleration": use_acceleration,
        **optional,
    }
    return {"method": "S3", "name": name, "purpose": purpose.value, **fields, "settings": settings}


def allowed_flags(permissions: Sequence[IconikPermissions], path: str = "") -> dict[str, bool]:
    """Return iconik's flags `read`, `write`, `delete` and `scan`: what the policies allow everywhere below the path."""

    def objects(*actions: str) -> bool:
        return all(any(_allows(item, item.object_actions, action, path) for item in permissions) for action in actions)

    def listed() -> bool:
        return any(_allows(item, item.bucket_actions, LIST_ACTION, path) for item in permissions)

    # Extra object actions alone do not allow encryption with the bucket's key.
    encrypts = any(item.key_actions == KEY_WRITE_ACTIONS for item in permissions)
    read = objects(_READ_ACTION)
    return {
        "read": read,
        "write": encrypts and objects(*WRITE_OBJECT_ACTIONS),
        "delete": objects(*DELETE_ACTIONS),
        # A scan lists objects, and reads them to make assets.
        "scan": read and listed(),
    }


def _allows(item: IconikPermissions, actions: Sequence[str], action: str, path: str) -> bool:
    return (item.is_admin or action in actions) and (not item.prefixes or path.startswith(tuple(item.prefixes)))


def _check_path(path: str, permissions: Sequence[IconikPermissions]) -> None:
    if not isinstance(path, str):
        raise IconikTypeError("path", "must be a string", got=path, fix="Leave it out for the whole bucket.")
    if not path:
        return
    parse_prefixes((path,), "path")
    reached = [prefix for item in permissions for prefix in item.prefixes or ("",)]
    if not any(path.startswith(prefix) or prefix.startswith(path) for prefix in reached):
        choices = ", ".join(repr(prefix) for prefix in sorted(set(reached)))
        raise IconikValueError(
            "path", "must be below a prefix of the permissions", got=path, fix=f"The prefixes are {choices}."
        )


def _sorted_out(more: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the checked fields of the storage and of its S3 settings, ordered by name."""
    fields: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for key, value in sorted(more.items()):
        if key in SECRET_SETTINGS:
            # The value can be a secret, so it is not quoted.
            raise IconikValueError(
                key, "must not be given", fix="iconik-managed credentials need no key, and settings contain no secret."
            )
        if key in _OPTIONAL_FIELDS:
            fields[key] = _checked(key, value, _OPTIONAL_FIELDS[key])
        elif key in OPTIONAL_SETTINGS:
            settings[key] = _checked(key, value, OPTIONAL_SETTINGS[key])
        else:
            known = [*_OPTIONAL_FIELDS, *OPTIONAL_SETTINGS, "endpoint", "name", "path", "purpose", "use_acceleration"]
            from difflib import get_close_matches  # noqa: PLC0415 - for a mistake only

            near = get_close_matches(key, known, n=1, cutoff=0.5)
            fix = f"Did you mean {near[0]!r}?" if near else f"The fields are {', '.join(sorted(known))}."
            raise IconikValueError(key, "is not a field of an iconik S3 storage", fix=fix)
    days = settings.get("glacier_restore_timeout", 1)
    if days < 1:
        rule, fix = "must be a whole number of days, at least 1", "Leave it out for iconik's default."
        raise IconikValueError("glacier_restore_timeout", rule, got=days, fix=fix)
    state = fields.get("status", STORAGE_STATES[0])
    if state not in STORAGE_STATES:
        raise IconikValueError(
            "status", "must be a state of an iconik storage", got=state, fix=f"Use one of {', '.join(STORAGE_STATES)}."
        )
    return fields, settings


def _checked(key: str, value: object, kind: str) -> Any:
    if not _is(kind, value):
        fix = (
            "Leave it out. It then follows from the permissions."
            if key in FLAGS
            else "Leave it out for iconik's default."
        )
        raise IconikTypeError(key, f"must be {kind}", got=value, fix=fix)
    return list(value) if isinstance(value, (list, tuple)) else value


def _is(kind: str, value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return kind == _KINDS[Sequence[str]] and all(isinstance(item, str) for item in value)
    # In Python, a bool is also an int.
    types = (bool,) if isinstance(value, bool) else (int, str)
    return any(_KINDS[each] == kind and isinstance(value, each) for each in types)


def _check_text(prop: str, value: object, fix: str) -> None:
    if not isinstance(value, str):
        raise IconikTypeError(prop, "must be a string", got=value, fix=fix)
    if not value.strip():
        raise IconikValueError(prop, "must not be empty", got=value, fix=fix)
