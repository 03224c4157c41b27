"""The `permissions` of a storage in the configuration file: a name, an object, or a list of those.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from ..access.permissions import IconikPermissions, StoragePurpose, StorageRole
from ..access.prefixes import parse_prefixes
from ..access.s3_actions import parse_extra_actions
from ..errors import IconikPropError
from .json_document import Place

__all__ = ["parse_permissions_at"]

_NAMED: Final[Mapping[str, Callable[[], IconikPermissions]]] = {
    "read": IconikPermissions.read,
    "write": IconikPermissions.write,
    "read_write": IconikPermissions.read_write,
    "admin": IconikPermissions.admin,
}
_ROLES: Final = tuple(role.name for role in StorageRole)
_PURPOSES: Final = tuple(purpose.name for purpose in StoragePurpose)
_EXTRA: Final = ("extra_bucket_actions", "extra_object_actions")
_KEYS: Final = ("roles", "purpose", "prefixes", "delete", *_EXTRA)
_EXAMPLE: Final = 'Write "read_write", {"purpose": "ARCHIVE"} or {"roles": ["READ"], "prefixes": ["masters/"]}.'


def parse_permissions_at(place: Place) -> tuple[IconikPermissions, ...] | None:
    """Return the permissions at a place of the document; None after a mistake, which is collected there."""
    if not isinstance(place.value, list):
        found = _parse_one(place)
        return None if found is None else (found,)
    items = [_parse_one(item) for item in place.items(_EXAMPLE) or ()]
    if not items:
        place.refuse("must hold at least one permission", _EXAMPLE)
    parsed = tuple(item for item in items if item is not None)
    return parsed if parsed and len(parsed) == len(items) else None


def _parse_one(place: Place) -> IconikPermissions | None:
    if isinstance(place.value, str):
        name = place.choice(tuple(_NAMED))
        return None if name is None else _NAMED[name]()
    if not isinstance(place.value, Mapping):
        place.refuse_type("must be the name of a permission, an object, or a list of those", _EXAMPLE)
        return None
    before = len(place.mistakes)
    given = place.fields(_KEYS, _EXAMPLE) or {}
    if ("purpose" in given) == ("roles" in given):
        place.refuse("must have either 'roles' or 'purpose'", _EXAMPLE)
    elif "purpose" in given:
        return _parse_purpose(place, given, before)
    return _parse_roles(place, given, before)


def _parse_purpose(place: Place, given: Mapping[str, Place], before: int) -> IconikPermissions | None:
    purpose = given["purpose"].choice(_PURPOSES)
    prefixes = _strings(given.get("prefixes"), _check_prefix)
    for key in given.keys() - {"purpose", "prefixes"}:
        way_out = f"Write 'roles' instead of 'purpose' to set '{key}' yourself."
        given[key].refuse("must be left out beside 'purpose', which decides it", way_out)
    if purpose is None or len(place.mistakes) > before:
        return None
    return IconikPermissions.for_purpose(StoragePurpose[purpose], *prefixes)


def _parse_roles(place: Place, given: Mapping[str, Place], before: int) -> IconikPermissions | None:
    roles = [item.choice(_ROLES) for item in _items(given.get("roles"), 'Write ["READ", "WRITE"].')]
    prefixes = _strings(given.get("prefixes"), _check_prefix)
    delete = given["delete"].flag("Leave it out for true.") if "delete" in given else True
    extra = {key: _strings(given.get(key), partial(_check_action, key)) for key in _EXTRA}
    if len(place.mistakes) > before:
        return None
    try:
        return IconikPermissions(
            roles=[StorageRole[role] for role in roles if role], prefixes=prefixes, delete=bool(delete), **extra
        )
    except IconikPropError as error:
        place.collect(error, at=error.prop, way_out=_FOR_JSON.get(error.prop))
        return None


_FOR_JSON: Final[Mapping[str, str]] = {
    "roles": f"Use one or more of {', '.join(_ROLES)}.",
    "prefixes": 'Use the roles ["READ", "WRITE"] for less than the whole bucket.',
    "delete": 'Use the roles ["READ", "WRITE"] for less than everything.',
}
"""What to write in the file where the Python way out would name a constructor."""


def _check_prefix(value: str) -> None:
    parse_prefixes([value])


def _check_action(prop: str, value: str) -> None:
    parse_extra_actions(prop, [value])


def _items(place: Place | None, way_out: str) -> list[Place]:
    return [] if place is None else place.items(way_out) or []


def _strings(place: Place | None, check: Callable[[str], object]) -> list[str]:
    """Return the items of a list, each checked on its own so that every mistake is found."""
    items = _items(place, "Write a list, in brackets, even of one.")
    for item in items:
        item.parsed(check)
    return [item.value for item in items]
