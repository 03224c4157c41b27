"""Reads the `permissions` of a storage: a name, an object, or a list of those."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag

from ..access.permissions import NAMED_PERMISSIONS, IconikPermissions, StoragePurpose, StorageRole
from ..access.prefixes import parse_prefixes
from ..access.s3_actions import ACCESS_CHANGING_ACTIONS, BUCKET_ACTIONS, OBJECT_ACTIONS, parse_extra_actions
from .errors import FoundError, error_at
from .file_model import FileModel, left_out
from .values import Parsed, ReadAs, kind, must_be, one_of

__all__ = ["DEFAULT_PERMISSIONS", "Permissions"]

DEFAULT_PERMISSIONS: Final = (NAMED_PERMISSIONS["read_write"],)

_EXAMPLE: Final = 'Write "read_write", {"purpose": "ARCHIVE"} or {"roles": ["READ"], "prefixes": ["masters/"]}.'
_FIX_IN_FILE: Final = 'Use the roles ["READ", "WRITE"] for less than {}.'
_BY_ROLES: Final = ("delete", "extra_bucket_actions", "extra_object_actions")
_PREFIX_SCHEMA: Final = {
    "type": "string",
    "pattern": r"^[^/*?]([^*?]*[^*?/])?/+$",
    "maxLength": 1024,
    "not": {"pattern": r"\$\{|^arn:|^[A-Za-z][A-Za-z0-9+.-]*://"},
}


# Each item of a list is parsed alone, so that every error is reported.
_PREFIX: Final = Parsed(lambda value: parse_prefixes([value])[0], _PREFIX_SCHEMA)


def _action(prop: str, known: AbstractSet[str]) -> Parsed:
    schema = {"enum": sorted(known - ACCESS_CHANGING_ACTIONS)}
    return Parsed(lambda value: parse_extra_actions(prop, [value])[0], schema)


class Permission(FileModel):
    """What iconik may do: by purpose, or by iconik's roles; in the whole bucket or below prefixes."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["roles"], "not": {"required": ["purpose"]}},
                {"required": ["purpose"], "properties": dict.fromkeys(("roles", *_BY_ROLES), False)},
            ]
        }
    )
    example = _EXAMPLE

    purpose: Annotated[StoragePurpose, one_of(StoragePurpose.__members__)] = left_out(
        "The permissions that a storage of that purpose needs. Replaces 'roles'."
    )
    roles: list[Annotated[StorageRole, one_of(StorageRole.__members__)]] = left_out(
        min_length=1, description="iconik's roles: Read storage, Write storage, Admin."
    )
    prefixes: list[Annotated[str, _PREFIX]] = left_out(
        "The prefixes that iconik may use, such as 'masters/'. Default: the whole bucket."
    )
    delete: bool = left_out("Whether Write storage may delete objects. Default: true.")
    extra_bucket_actions: list[Annotated[str, _action("extra_bucket_actions", BUCKET_ACTIONS)]] = left_out(
        "Further S3 actions on the bucket itself, such as s3:GetBucketVersioning."
    )
    extra_object_actions: list[Annotated[str, _action("extra_object_actions", OBJECT_ACTIONS)]] = left_out(
        "Further S3 actions on the objects, such as s3:GetObjectTagging."
    )

    @classmethod
    def cross_field_errors(cls, given: dict[str, Any]) -> Iterable[FoundError]:
        if ("purpose" in given) == ("roles" in given):
            yield error_at((), "must have either 'roles' or 'purpose'", _EXAMPLE)
            return
        for key in _BY_ROLES:
            if "purpose" in given and key in given:
                rule = "must be left out with 'purpose', which decides it"
                fix = f"Write 'roles' instead of 'purpose' to set '{key}' yourself."
                yield error_at((key,), rule, fix)
        roles = given.get("roles")
        if isinstance(roles, list) and any(isinstance(role, str) and role.upper() == "ADMIN" for role in roles):
            if given.get("prefixes"):
                rule = "must be empty for the role Admin"
                yield error_at(("prefixes",), rule, _FIX_IN_FILE.format("the whole bucket"))
            if given.get("delete") is False:
                yield error_at(("delete",), "must be True for the role Admin", _FIX_IN_FILE.format("everything"))

    def permissions(self) -> IconikPermissions:
        """Return the value."""
        values = self.written()
        if "purpose" in values:
            return IconikPermissions.for_purpose(values["purpose"], *values.get("prefixes", ()))
        return IconikPermissions(**values)


def _all(value: Any) -> tuple[IconikPermissions, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item.permissions() if isinstance(item, Permission) else item for item in items)


_RULE: Final = "must be the name of a permission, an object, or a list of those"
_Name = Annotated[Annotated[IconikPermissions, one_of(NAMED_PERMISSIONS)], Tag("as text")]
_Object = Annotated[Permission, Tag("as an object")]
_Item = Annotated[_Name | _Object, Discriminator(kind), must_be((str, dict), _RULE, _EXAMPLE)]
_List = Annotated[list[_Item], Field(min_length=1), Tag("as a list")]
_Written = Annotated[
    _Name | _Object | _List, Discriminator(kind), must_be((str, dict, list), _RULE, _EXAMPLE), AfterValidator(_all)
]
Permissions = Annotated[tuple[IconikPermissions, ...], ReadAs(_Written)]
