"""Checks values that are valid alone and contradict each other, in one storage and between storages.

The checks use the file as it was written, so that other errors do not hide them. A value of a wrong type is a
separate error, and causes none here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from ..access.regions import is_region
from ..access.trust import FIND_IT
from ..errors import IconikPropError, IconikValueError
from ..registration.base_url import DEFAULT_BASE_URL
from ..registration.handler.client import parse_base_url
from ..registration.handler.errors import RegistrationError
from ..storage.bucket_prop_conflicts import conflicts
from ..storage.settings import storage_settings
from .errors import FoundError, error_at
from .permissions import DEFAULT_PERMISSIONS, Permissions

__all__ = ["STORAGE_KEY", "between_storages", "in_storage"]

STORAGE_KEY: Final = "[A-Za-z][A-Za-z0-9-]{0,62}"
"""A key of a storage. It is a construct id, and the start of its outputs' names."""
_OF_NEW_BUCKETS: Final = ("access_logs", "bucket_props", "lifecycle", "tags")
_PERMISSIONS: Final[TypeAdapter[Any]] = TypeAdapter(Permissions)


def in_storage(given: Mapping[str, Any], top: Mapping[str, Any]) -> Iterator[FoundError]:
    """Yield the errors between the keys of a storage, with the keys at the top that apply to it."""
    if "system_domain_id" not in {*given, *top}:
        yield error_at(("system_domain_id",), "must be given, here or at the top", FIND_IT)
    bucket = given.get("bucket")
    adopts = isinstance(bucket, dict) and "adopt" in bucket
    yield from _about_adoption(given, adopts=adopts)
    yield from _about_keys(given, given.get("region", top.get("region")), adopts=adopts)
    props = given.get("bucket_props")
    keeps = _name(given, "removal_policy") != "DESTROY"
    name = bucket.get("name") if isinstance(bucket, dict) else None
    together = {**props, "bucket_name": name} if isinstance(props, dict) else {}
    for prop, rule, fix in conflicts(together, keeps_bucket=keeps):
        yield error_at(("bucket_props", prop), rule, fix)
    yield from _about_the_form(given)


def _about_keys(given: Mapping[str, Any], region: Any, *, adopts: bool) -> Iterator[FoundError]:
    encryption, key_arn = _name(given, "encryption"), given.get("encryption_key_arn")
    has_key = "encryption_key_arn" in given
    if has_key and encryption == "S3_MANAGED":
        rule = "must be left out with the encryption S3_MANAGED"
        yield error_at(("encryption_key_arn",), rule, 'Write "encryption": "KMS", or leave it out.')
    if adopts and not has_key and encryption in ("KMS", "DSSE"):
        rule = f"must be given for an existing bucket with the encryption {encryption}"
        fix = "Write the ARN of the bucket's key: iconik needs a statement in its policy."
        yield error_at(("encryption_key_arn",), rule, fix)
    parts = key_arn.split(":") if isinstance(key_arn, str) else []
    if len(parts) > 5 and isinstance(region, str) and is_region(region) and parts[3] != region:  # noqa: PLR2004 - the parts of an ARN
        rule = f"must be in the region of the storage, {region}"
        yield error_at(("encryption_key_arn",), rule, "S3 encrypts only with keys of the bucket's own region.")
    if not has_key and encryption in ("", "S3_MANAGED") and given.get("via_s3_only") is True:
        rule = "must be left out if no customer managed key is used"
        yield error_at(("via_s3_only",), rule, 'Write "encryption": "KMS", or leave it out.')


def _about_adoption(given: Mapping[str, Any], *, adopts: bool) -> Iterator[FoundError]:
    of_others = adopts or "encryption_key_arn" in given
    adoption = _name(given, "adoption") or "MERGE"
    if "adoption" in given and not of_others:
        rule = "must be left out if nothing existing is adopted"
        yield error_at(("adoption",), rule, 'Write "bucket": {"adopt": "NAME"}, or leave it out.')
    if given.get("tolerate_denies") is True and not (of_others and adoption == "MERGE"):
        rule = "must be left out if nothing is merged into a policy of another owner"
        yield error_at(("tolerate_denies",), rule, 'Leave it out, or write "bucket": {"adopt": "NAME"}.')
    if "encryption_key_arn" in given and adoption == "TAKE_OVER":
        fix = 'Write "MERGE" or "HAND_OVER": CloudFormation owns a key policy only together with its key.'
        yield error_at(("adoption",), "cannot be TAKE_OVER with an existing key", fix)
    if adopts and "removal_policy" in given:
        rule = "must be left out for an existing bucket"
        yield error_at(("removal_policy",), rule, "An existing bucket always stays.")
    if adopts and isinstance(given.get("cors"), dict):
        rule = "must have no origins for an existing bucket, because its CORS rules do not change"
        yield error_at(("cors",), rule, 'Write "BY_TEMPLATE", and put a rule for these origins on the bucket itself.')
    for key in _OF_NEW_BUCKETS:
        if adopts and key in given:
            rule = "must be left out for an existing bucket"
            yield error_at((key,), rule, "The settings of an existing bucket do not change.")


def _about_the_form(given: Mapping[str, Any]) -> Iterator[FoundError]:
    """Yield errors about values that iconik's form would refuse. The rules are those of its settings."""
    name, path = given.get("name", "-"), given.get("path", "")
    try:
        permissions = _PERMISSIONS.validate_python(given["permissions"]) if "permissions" in given else None
        if isinstance(name, str) and isinstance(path, str):
            storage_settings(bucket="", region="", name=name, path=path, permissions=permissions or DEFAULT_PERMISSIONS)
    except ValidationError:
        # Reported where the permissions are read.
        return
    except IconikPropError as error:
        yield (error.prop,), error


def between_storages(given: Mapping[str, Any], registration: Any) -> Iterator[FoundError]:
    """Yield errors about the storages' keys, and between storages.

    Args:
        given: the storages as written.
        registration: the registration at the top of the file.
    """
    yield from _about_ids(given)
    registered: dict[tuple[str, ...], str] = {}
    buckets: dict[str, str] = {}
    for key, storage in given.items():
        if not isinstance(storage, dict):
            continue
        bucket = storage.get("bucket")
        written = bucket.get("name", bucket.get("adopt")) if isinstance(bucket, dict) else None
        name = written.removeprefix("arn:aws:s3:::") if isinstance(written, str) else key
        if isinstance(written, str) and name in buckets:
            rule = f"must not be the bucket of the storage '{buckets[name]}' too"
            fix = "Use another bucket, or give one storage a list of permissions."
            yield error_at(("storages", key, "bucket"), rule, fix)
        if isinstance(written, str):
            buckets.setdefault(name, key)
        # A storage's name is unique for a token, and a token belongs to one system domain.
        how = storage.get("registration", registration)
        token = (_host(how.get("base_url", DEFAULT_BASE_URL)), how.get("credentials")) if isinstance(how, dict) else ()
        entry = tuple(part for part in (*token, storage.get("name", key)) if isinstance(part, str))
        if len(entry) == 3 and entry in registered:  # noqa: PLR2004 - each of them is text
            rule = f"must not be the name of the storage '{registered[entry]}' too: both are registered with one token"
            error = IconikValueError("", rule, got=entry[-1], fix="Give one of the two another name.")
            yield ("storages", key, "name"), error
        registered.setdefault(entry, key)


def _host(base_url: Any) -> Any:
    """Return the same text for each spelling of the address of one iconik; a wrong address unchanged."""
    try:
        _, host, port = parse_base_url(base_url)
    except (AttributeError, RegistrationError, TypeError):
        return base_url
    return f"{host}:{port}"


def _about_ids(keys: Iterable[str]) -> Iterator[FoundError]:
    """Refuse keys that cannot be construct ids, or whose outputs would have the same name."""
    seen: dict[str, str] = {}
    for key in keys:
        if not re.fullmatch(STORAGE_KEY, key):
            rule = "must have a key of at most 63 letters, digits and hyphens, beginning with a letter"
            yield ("storages", key), IconikValueError("", rule, got=key, fix="Write one such as 'masters'.")
        plain = key.replace("-", "").casefold()
        if plain in seen:
            rule = f"must differ from the storage '{seen[plain]}' in more than case and hyphens"
            yield ("storages", key), IconikValueError("", rule, got=key, fix="Rename one of the two.")
        seen.setdefault(plain, key)


def _name(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    return value.upper() if isinstance(value, str) else ""
