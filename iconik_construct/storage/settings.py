"""The storage as iconik wants it: the body of `POST /files/v1/storages/`, never claiming more than the policy allows.

Apart from the construct because the same body is printed, registered and verified. Standard library only.

Source of the fields: iconik's published OpenAPI documents, `StorageSchema` and `S3SettingsSchema`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

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

__all__ = ["FLAGS", "OPTIONAL_SETTINGS", "SECRET_SETTINGS", "STORAGE_STATES", "allowed_flags", "storage_settings"]

FLAGS: Final = ("read", "write", "delete", "scan")
"""What iconik's form lets an administrator tick; here they follow from the permissions."""
STORAGE_STATES: Final = ("ACTIVE", "INACTIVE", "FAILING")
SECRET_SETTINGS: Final = frozenset({"access_key", "secret_key", "session_token"})
"""Never written: without them iconik is expected to use its own managed credentials, which is our reading of its API
(the two keys were required in 2023 and are optional since 2024); no field selects them."""

_READ_ACTION: Final = "s3:GetObject"
_BOOLEAN: Final = "True or False"
_TEXT: Final = "a string"
_NUMBER: Final = "a whole number"
_TEXTS: Final = "a list of strings"

OPTIONAL_SETTINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(FLAGS, _BOOLEAN),
    "access_group_id": _TEXT,
    "acl_template_id": _TEXT,
    "add_uuid_to_filenames": _BOOLEAN,
    "aggregate_identical_files": _BOOLEAN,
    "aggregate_ignore": _TEXTS,
    "aggregate_only_on_same_storage": _BOOLEAN,
    "enable_collection_directory_mapping": _BOOLEAN,
    "filename_is_external_id": _BOOLEAN,
    "folder_name_tags_metadata_field_name": _TEXT,
    "folder_name_tags_metadata_view_id": _TEXT,
    "glacier_restore_timeout": _NUMBER,
    "metadata_conversion_url": _TEXT,
    "metadata_view_id": _TEXT,
    "notification_sqs_url": _TEXT,
    "preload_edge_jobs": _NUMBER,
    "presign_md5_checksum": _BOOLEAN,
    "root_collection_id": _TEXT,
    "scan_directories": _TEXTS,
    "scan_ignore": _TEXTS,
    "sidecar_metadata_required": _BOOLEAN,
    "title_includes_extension": _BOOLEAN,
    "transcode_ignore": _TEXTS,
}
"""The further fields of iconik's S3 settings and their types. `metadata_conversion_url_headers` is left out: it holds
credentials of another service."""

_OPTIONAL_FIELDS: Final[Mapping[str, str]] = {"description": _TEXT, "status": _TEXT}


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
    **more: Any,
) -> dict[str, Any]:
    """Return the body with which iconik creates the storage; it holds no secret.

    Args:
        bucket: the bucket's name; a CDK token may stand for it, as for `region` and `endpoint`.
        region: where the bucket is.
        permissions: what the policies allow; `read`, `write`, `delete` and `scan` follow from it.
        name: how iconik shows the storage. iconik wants it unique in a system domain.
        purpose: what iconik uses the storage for.
        path: the key prefix at which the storage begins, such as `masters/`; empty for the whole bucket. A flag is
            True only if the policies allow it everywhere below the path, so with permissions below prefixes only, the
            empty path leaves every flag False.
        endpoint: where iconik reaches S3; None is the region's own, `https://s3.REGION.amazonaws.com`.
        use_acceleration: whether iconik uses S3 Transfer Acceleration, which the bucket must have switched on.
        more: `description`, `status`, and any field of `OPTIONAL_SETTINGS`; `read`, `write`, `delete` and `scan` can
            be switched off here, never on.

    Raises:
        IconikTypeError: a field of the wrong type.
        IconikValueError: no name; a path of another form than a prefix, or one that the permissions do not touch; a
            field iconik does not have; a secret; a flag that claims more than the policies allow.
    """
    _check_text("name", name, "Say how iconik shall show the storage.")
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
                fix=f"Leave it out, or let iconik do that everywhere below {path or 'the whole bucket'!r}.",
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

    # Extra object actions alone give no permission to encrypt with the bucket's key.
    encrypts = any(item.key_actions == KEY_WRITE_ACTIONS for item in permissions)
    read = objects(_READ_ACTION)
    return {
        "read": read,
        "write": encrypts and objects(*WRITE_OBJECT_ACTIONS),
        "delete": objects(*DELETE_ACTIONS),
        # A scan lists, and reads what it found to make an asset of it.
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
            "path", "must lie below a prefix that the permissions name", got=path, fix=f"They name {choices}."
        )


def _sorted_out(more: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the checked fields of the storage and those of its S3 settings, in the order of their names."""
    fields: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for key, value in sorted(more.items()):
        if key in SECRET_SETTINGS:
            # The value is a secret if it is anything: it is not quoted.
            raise IconikValueError(
                key, "must not be given", fix="iconik-managed credentials need no key, and settings hold no secret."
            )
        if key in _OPTIONAL_FIELDS:
            fields[key] = _checked(key, value, _OPTIONAL_FIELDS[key])
        elif key in OPTIONAL_SETTINGS:
            settings[key] = _checked(key, value, OPTIONAL_SETTINGS[key])
        else:
            known = [*_OPTIONAL_FIELDS, *OPTIONAL_SETTINGS, "endpoint", "name", "path", "purpose", "use_acceleration"]
            from difflib import get_close_matches  # noqa: PLC0415 - for a mistake only

            near = get_close_matches(key, known, n=1, cutoff=0.5)
            fix = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(sorted(known))}."
            raise IconikValueError(key, "is no field of an iconik S3 storage", fix=fix)
    state = fields.get("status", STORAGE_STATES[0])
    if state not in STORAGE_STATES:
        raise IconikValueError(
            "status", "must be a state of iconik's", got=state, fix=f"Use one of {', '.join(STORAGE_STATES)}."
        )
    return fields, settings


def _checked(key: str, value: object, kind: str) -> Any:
    if not _is(kind, value):
        raise IconikTypeError(key, f"must be {kind}", got=value, fix="Leave it out for iconik's own default.")
    return list(value) if isinstance(value, Sequence) and kind == _TEXTS else value


def _is(kind: str, value: object) -> bool:
    if kind == _TEXTS:
        return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
    if kind == _NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if kind == _BOOLEAN else str)


def _check_text(prop: str, value: object, fix: str) -> None:
    if not isinstance(value, str):
        raise IconikTypeError(prop, "must be a string", got=value, fix=fix)
    if not value.strip():
        raise IconikValueError(prop, "must not be empty", got=value, fix=fix)
