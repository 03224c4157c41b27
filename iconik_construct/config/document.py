"""The declarative file that the app reads: parsed and checked as a whole before anything is built.

Apart from the app because it must be right without a deployment: standard library only, no jsii.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..access.trust import is_token
from ..errors import IconikPropError
from .json_document import Place
from .storage import StorageConfig, parse_storage
from .values import SHARED_KEYS, parse_values

__all__ = ["Config", "IconikConfigError", "StorageConfig", "parse_config"]

DEFAULT_STACK_NAME: Final = "Iconik"

_EXAMPLE: Final = 'Write {"system_domain_id": "...", "storages": {"masters": {}}}.'
_STORAGE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")


class IconikConfigError(ValueError):
    """The configuration cannot be.

    Attributes:
        mistakes: every reason, each with its path in the document.
    """

    def __init__(self, mistakes: list[IconikPropError]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, mistakes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file.

    Attributes:
        storages: in the order of the file.
        stack_name: what the names of the stacks begin with.
    """

    storages: tuple[StorageConfig, ...]
    stack_name: str = DEFAULT_STACK_NAME


def parse_config(document: Any, root: str = "iconik") -> Config:
    """Return the configuration that a JSON document holds.

    Args:
        document: the parsed JSON.
        root: what the document is called where a mistake concerns the whole of it.

    Raises:
        IconikConfigError: the document has mistakes; all of them are listed.
    """
    mistakes: list[IconikPropError] = []
    place = Place(root, document, mistakes, root=True)
    _refuse_unwritable(place)
    # What cannot be written into a template would make the checks below stumble.
    config = None if mistakes else _parse(place)
    if config is None or mistakes:
        raise IconikConfigError(mistakes)
    return config


def _refuse_unwritable(place: Place) -> None:
    for text in place.strings():
        if is_token(text.value):
            text.refuse("must hold no CDK token, which only code can make", "Write the value itself.")
        elif any("\ud800" <= character <= "\udfff" for character in text.value):
            text.refuse("must be text that UTF-8 can hold", "Take out the lone surrogate.")


def _parse(place: Place) -> Config | None:
    given = place.fields((*SHARED_KEYS, "stack_name", "storages"), _EXAMPLE)
    if given is None:
        return None
    stack_name = _stack_name(given["stack_name"]) if "stack_name" in given else DEFAULT_STACK_NAME
    # Parsed here, so that a mistake in what is shared is listed once and not for every storage.
    shared = parse_values({key: given[key] for key in SHARED_KEYS if key in given})
    if "storages" not in given:
        place.missing("storages", "must list the storages", _EXAMPLE)
        return None
    storages = _storages(given["storages"], shared)
    return Config(storages=tuple(storages), stack_name=stack_name or "")


def _stack_name(place: Place) -> str | None:
    rule = "must be at most 64 letters, digits and hyphens, beginning with a letter"
    name = place.text(rule, f"Leave it out for {DEFAULT_STACK_NAME!r}.")
    if name is not None and not _STACK_NAME.fullmatch(name):
        place.refuse(rule, f"Leave it out for {DEFAULT_STACK_NAME!r}.")
    return name


def _storages(place: Place, shared: Mapping[str, Any]) -> list[StorageConfig]:
    entries = place.entries('Write {"masters": {"permissions": "read_write"}}.')
    if entries is None:
        return []
    if not entries:
        place.refuse("must hold at least one storage", 'Write {"masters": {}} for a new bucket with all defaults.')
    _refuse_keys(entries)
    found = [storage for key, entry in entries.items() if (storage := parse_storage(key, entry, shared)) is not None]
    _refuse_shared_buckets(entries, found)
    _refuse_shared_names(entries, found)
    return found


def _refuse_keys(entries: Mapping[str, Place]) -> None:
    """Refuse keys that cannot be construct ids, or whose outputs would have the same name."""
    seen: dict[str, str] = {}
    for key, entry in entries.items():
        if not _STORAGE_KEY.fullmatch(key):
            rule = "must have a key of at most 63 letters, digits and hyphens, beginning with a letter"
            entry.refuse(rule, "Write one such as 'masters'.", got=key)
        plain = key.replace("-", "").casefold()
        if plain in seen:
            rule = f"must differ from the storage '{seen[plain]}' by more than case and hyphens"
            entry.refuse(rule, "Rename one of the two.", got=key)
        seen.setdefault(plain, key)


def _refuse_shared_names(entries: Mapping[str, Place], storages: list[StorageConfig]) -> None:
    """Refuse two storages that would be registered under one name: the second would be taken for the first."""
    seen: dict[tuple[str, str, str], str] = {}
    for storage in storages:
        if storage.registration is None:
            continue
        # One token belongs to one system domain, within which a name is unique.
        name = (storage.registration.base_url, storage.registration.credentials, storage.name)
        if name in seen:
            rule = f"must not be the name of the storage '{seen[name]}' too, as both are registered with one token"
            entries[storage.key].at("name").refuse(rule, "Give one of the two another name.", got=storage.name)
        seen.setdefault(name, storage.key)


def _refuse_shared_buckets(entries: Mapping[str, Place], storages: list[StorageConfig]) -> None:
    seen: dict[str, str] = {}
    for storage in storages:
        name = storage.bucket_name or storage.adopt
        if name is None:
            continue
        if name in seen:
            rule = f"must not be the bucket of the storage '{seen[name]}' too"
            way_out = "Use another bucket, or give that one storage a list of permissions."
            entries[storage.key].at("bucket").refuse(rule, way_out)
        seen.setdefault(name, storage.key)
