"""The `permissions` of a storage in the file: a name, an object, or a list of those."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Discriminator, Field, Tag

from ..access.permissions import IconikPermissions, StoragePurpose, StorageRole
from ..access.prefixes import parse_prefixes
from ..access.s3_actions import ACCESS_CHANGING_ACTIONS, BUCKET_ACTIONS, OBJECT_ACTIONS, parse_extra_actions
from ..errors import IconikPropError, IconikValueError
from .file_model import LEFT_OUT, FileModel, Level
from .mistakes import Refusal
from .value_types import Made, Parsed, Said, kind, one_of

__all__ = ["DEFAULT_PERMISSIONS", "Permissions", "Prefixes"]

DEFAULT_PERMISSIONS: Final = (IconikPermissions.read_write(),)

_EXAMPLE: Final = 'Write "read_write", {"purpose": "ARCHIVE"} or {"roles": ["READ"], "prefixes": ["masters/"]}.'
_LIST: Final = "Write a list, in brackets, even of one."
_NAMED: Final[Mapping[str, IconikPermissions]] = {
    "read": IconikPermissions.read(),
    "write": IconikPermissions.write(),
    "read_write": IconikPermissions.read_write(),
    "admin": IconikPermissions.admin(),
}
_FOR_FILES: Final[Mapping[str, str]] = {
    "roles": f"Use one or more of {', '.join(StorageRole.__members__)}.",
    "prefixes": 'Use the roles ["READ", "WRITE"] for less than the whole bucket.',
    "delete": 'Use the roles ["READ", "WRITE"] for less than everything.',
}
"""What to write in the file where the Python fix would name a constructor."""

_BY_ROLES: Final = ("delete", "extra_bucket_actions", "extra_object_actions")


def _one_by_one(parse: Callable[[list[str]], object]) -> Callable[[str], str]:
    """Return the check of one item of a list, so that every mistake is found."""

    def check(value: str) -> str:
        parse([value])
        return value

    return check


def _actions(prop: str) -> Any:
    actions = BUCKET_ACTIONS if prop == "extra_bucket_actions" else OBJECT_ACTIONS
    return Parsed(_one_by_one(partial(parse_extra_actions, prop)), {"enum": sorted(actions - ACCESS_CHANGING_ACTIONS)})


Prefix = Annotated[
    str,
    Parsed(
        _one_by_one(parse_prefixes),
        {"type": "string", "pattern": r"^[^/*?]([^*?]*[^*?/])?/+$", "not": {"pattern": r"\$\{"}, "maxLength": 1024},
    ),
]
Prefixes = Annotated[list[Prefix], Said("must be a list", _LIST)]


class Permission(FileModel):
    """What iconik may do: by its purpose, or by iconik's roles, below prefixes or everywhere."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["roles"], "not": {"required": ["purpose"]}},
                {"required": ["purpose"], "properties": dict.fromkeys(("roles", *_BY_ROLES), False)},
            ]
        }
    )

    purpose: Annotated[StoragePurpose, one_of(StoragePurpose.__members__)] = Field(
        LEFT_OUT, description="What a storage of that purpose needs and no more; takes the place of 'roles'."
    )
    roles: Annotated[
        list[Annotated[StorageRole, one_of(StorageRole.__members__)]],
        Field(min_length=1),
        Said("must be a list", 'Write ["READ", "WRITE"].', {"too_short": "must hold at least one StorageRole"}),
    ] = Field(LEFT_OUT, description="iconik's roles: Read storage, Write storage, Admin.")
    prefixes: Prefixes = Field(
        LEFT_OUT, description="Where objects may be reached, such as 'masters/'. Default: the whole bucket."
    )
    delete: Annotated[bool, Said("must be true or false", "Leave it out for true.")] = Field(
        LEFT_OUT, description="Whether Write storage may delete objects. Default: true."
    )
    extra_bucket_actions: Annotated[
        list[Annotated[str, _actions("extra_bucket_actions")]], Said("must be a list", _LIST)
    ] = Field(LEFT_OUT, description="Further S3 actions on the bucket itself, such as s3:GetBucketVersioning.")
    extra_object_actions: Annotated[
        list[Annotated[str, _actions("extra_object_actions")]], Said("must be a list", _LIST)
    ] = Field(LEFT_OUT, description="Further S3 actions on the objects, such as s3:GetObjectTagging.")

    @classmethod
    def example(cls) -> str:
        return _EXAMPLE

    @classmethod
    def contradictions(cls, here: Level, above: Sequence[Level]) -> Iterable[Refusal]:  # noqa: ARG003
        given, values = here
        if ("purpose" in given) == ("roles" in given):
            yield (), IconikValueError("", "must have either 'roles' or 'purpose'", fix=_EXAMPLE)
        elif "purpose" in given:
            for key in given.keys() & _BY_ROLES:
                fix = f"Write 'roles' instead of 'purpose' to set '{key}' yourself."
                yield (
                    (key,),
                    IconikValueError(key, "must be left out beside 'purpose', which decides it", fix=fix),
                )
        elif given.keys() == values.keys():
            try:
                _by_roles(values)
            except IconikPropError as error:
                yield (error.prop,), type(error)("", error.rule, fix=_FOR_FILES.get(error.prop, error.fix))

    def permissions(self) -> IconikPermissions:
        """Return the value."""
        values = self.written()
        if "purpose" in values:
            return IconikPermissions.for_purpose(values["purpose"], *values.get("prefixes", ()))
        return _by_roles(values)


def _by_roles(values: Mapping[str, Any]) -> IconikPermissions:
    return IconikPermissions(**values)


def _all(value: Any) -> tuple[IconikPermissions, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item.permissions() if isinstance(item, Permission) else item for item in items)


_Name = Annotated[Annotated[IconikPermissions, one_of(_NAMED)], Tag("as text")]
_Object = Annotated[Permission, Tag("as an object")]
_KIND: Final = Said("must be the name of a permission, an object, or a list of those", _EXAMPLE)
_One = Annotated[_Name | _Object, Discriminator(kind), _KIND]
_List = Annotated[
    list[_One],
    Field(min_length=1),
    Said("must be a list", _EXAMPLE, {"too_short": "must hold at least one permission"}),
    Tag("as a list"),
]
Permissions = Annotated[_Name | _Object | _List, Discriminator(kind), _KIND, Made(_all)]
"""What iconik may do, as a tuple of `IconikPermissions`."""
