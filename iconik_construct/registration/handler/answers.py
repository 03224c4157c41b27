"""Read storages from iconik's answers. An answer of an unknown form is an error, so nothing is changed after it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from .checks import STORAGES
from .client import IconikClient
from .errors import AnswerLostError, IconikApiError, RegistrationError

__all__ = ["Storage", "bucket_of", "find_storage", "id_of", "storages_named"]

Storage = dict[str, Any]

_PAGE: Final = 100
_MOST_PAGES: Final = 100


def find_storage(client: IconikClient, storage_id: str) -> Storage | None:
    """Return a storage, or None if iconik has none of this id."""
    try:
        storage = client.get(f"{STORAGES}{storage_id}/")
    except IconikApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise
    if (
        not isinstance(storage, dict)
        or id_of(storage) != storage_id
        or not isinstance(storage.get("name"), str)
        or not isinstance(storage.get("settings"), dict)
    ):
        raise _unknown_form(client, f"the storage {storage_id}")
    return storage


def storages_named(client: IconikClient, name: str) -> list[Storage]:
    """Return the storages of exactly this name. iconik's filter can return more."""
    ids: list[str] = []
    page, pages = 1, 1
    while page <= pages:
        answer = client.get(STORAGES, name=name, page=page, per_page=_PAGE)
        try:
            ids.extend(id_of(each) for each in answer["objects"] if each["name"] == name)
            page, pages = page + 1, int(answer["pages"])
        except (KeyError, TypeError, ValueError):
            raise _unknown_form(client, "the list of storages") from None
        if page > _MOST_PAGES:
            raise RegistrationError(
                f"iconik lists more than {_PAGE * _MOST_PAGES:,} storages with a name like {name!r}. Choose another "
                "name."
            )
    # Each is read separately: it is not known whether a list contains all settings.
    return [storage for storage in (find_storage(client, each) for each in ids) if storage is not None]


def id_of(storage: Any) -> str:
    """Return the id of a storage."""
    try:
        return str(UUID(storage["id"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AnswerLostError("iconik's answer has no storage id.") from None


def bucket_of(storage: Storage) -> str:
    """Return the bucket of a storage; empty if it has none."""
    return str(storage["settings"].get("bucket", ""))


def _unknown_form(client: IconikClient, what: str) -> RegistrationError:
    return RegistrationError(
        f"{client.host} answered with {what} in a form that this version does not know. Check the base URL."
    )
