"""What is right alone and wrong together, in one storage and between storages.

A mistaken value contradicts nothing: the rules are asked with the values that are right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..errors import IconikPropError, IconikValueError
from ..placement.record import Adoption
from ..storage.settings import storage_settings
from .file_model import Level
from .mistakes import Refusal
from .permissions import DEFAULT_PERMISSIONS

__all__ = ["STORAGE_KEY", "between_storages", "in_storage"]

STORAGE_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
"""A key of a storage: a construct id, and the beginning of its outputs' names."""
_OF_NEW_BUCKETS: Final = ("access_logs", "bucket_props", "lifecycle", "tags")


def in_storage(storage: Level, top: Level) -> Iterator[Refusal]:
    """Return what contradicts what in a storage, for which what stands at the top holds unless it says otherwise."""
    given = storage.given
    values = {**{key: value for key, value in top.values.items() if key not in given}, **storage.values}
    if "system_domain_id" not in {*given, *top.given}:
        fix = "Find it in iconik under Admin > Settings > System Settings."
        yield _refusal("system_domain_id", "must be given, here or at the top", fix)
    bucket = given.get("bucket")
    adopts = isinstance(bucket, dict) and "adopt" in bucket
    yield from _about_keys(given, values, adopts=adopts)
    yield from _about_the_bucket(given, values, adopts=adopts)
    yield from _about_the_form(values, given)


def _about_keys(given: Mapping[str, Any], values: Mapping[str, Any], *, adopts: bool) -> Iterator[Refusal]:
    encryption, key_arn, region = (values.get(key) for key in ("encryption", "encryption_key_arn", "region"))
    adopts_key = "encryption_key_arn" in given
    if adopts_key and encryption == "S3_MANAGED":
        fix = 'Write "encryption": "KMS", or leave it out.'
        yield _refusal("encryption_key_arn", "must be left out with the encryption S3_MANAGED", fix)
    if adopts and not adopts_key and encryption in ("KMS", "DSSE"):
        rule = f"must be given for an existing bucket with the encryption {encryption}"
        fix = "Write the ARN of the key that the bucket encrypts with: iconik needs a statement in its policy."
        yield _refusal("encryption_key_arn", rule, fix)
    if key_arn is not None and region is not None and key_arn.split(":")[3] != region:
        fix = "S3 encrypts with keys of the bucket's own region only."
        yield _refusal("encryption_key_arn", f"must be in the region of the storage, {region}", fix)
    if "adoption" in given and not adopts and not adopts_key:
        fix = 'Write "bucket": {"adopt": "NAME"}, or leave it out.'
        yield _refusal("adoption", "must be left out where nothing existing is adopted", fix)
    merges = values.get("adoption", Adoption.MERGE) is Adoption.MERGE and (adopts or adopts_key)
    if values.get("tolerate_denies") is True and not merges:
        rule = "must be left out where nothing is merged into a policy that others own"
        yield _refusal("tolerate_denies", rule, 'Leave it out, or write "bucket": {"adopt": "NAME"}.')
    if adopts_key and values.get("adoption") is Adoption.TAKE_OVER:
        fix = 'Write "MERGE" or "HAND_OVER": CloudFormation owns a key policy only together with its key.'
        yield _refusal("adoption", "cannot be TAKE_OVER with an existing key", fix)
    no_key = not adopts_key and ("encryption" not in given or encryption == "S3_MANAGED")
    if no_key and values.get("via_s3_only") is True:
        fix = 'Write "encryption": "KMS", or leave it out.'
        yield _refusal("via_s3_only", "must be left out where no customer managed key is used", fix)


def _about_the_bucket(given: Mapping[str, Any], values: Mapping[str, Any], *, adopts: bool) -> Iterator[Refusal]:
    if adopts and "removal_policy" in given:
        yield _refusal("removal_policy", "must be left out for an existing bucket", "An existing bucket always stays.")
    for key in _OF_NEW_BUCKETS if adopts else ():
        if key in given:
            yield _refusal(key, "must be left out for an existing bucket", "An existing bucket keeps what it has.")
    props = values.get("bucket_props")
    if props is not None and props.auto_delete_objects and values.get("removal_policy") != "DESTROY":
        rule = "must be left out where the bucket outlives its stack"
        fix = 'Write "removal_policy": "DESTROY" too, and lose the media with the stack.'
        yield ("bucket_props", "auto_delete_objects"), IconikValueError("", rule, fix=fix)


def _about_the_form(values: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Refusal]:
    """Return what iconik's form would not take: the rules are those of its settings."""
    if not {"name", "path", "permissions"} & given.keys() <= values.keys():
        return
    form = {"name": "-", "path": "", "permissions": DEFAULT_PERMISSIONS, **values}
    try:
        storage_settings(bucket="", region="", **{key: form[key] for key in ("name", "path", "permissions")})
    except IconikPropError as error:
        yield (error.prop,), error


def between_storages(given: Mapping[str, Any], top: Mapping[str, Any]) -> Iterator[Refusal]:
    """Return what is wrong with the storages' keys, and what contradicts what between storages.

    Args:
        given: the storages as they were written.
        top: the right values at the top of the file.
    """
    yield from _about_ids(given)
    registered: dict[tuple[str, ...], str] = {}
    buckets: dict[str, str] = {}
    for key, storage in given.items():
        if not isinstance(storage, dict):
            continue
        for name in _bucket_names(storage.get("bucket")):
            if name in buckets:
                rule = f"must not be the bucket of the storage '{buckets[name]}' too"
                fix = "Use another bucket, or give that one storage a list of permissions."
                yield ("storages", key, "bucket"), IconikValueError("", rule, fix=fix)
            buckets.setdefault(name, key)
        for entry in _registered_names(key, storage, top):
            if entry in registered:
                first = registered[entry]
                rule = f"must not be the name of the storage '{first}' too, as both are registered with one token"
                fix = "Give one of the two another name."
                yield ("storages", key, "name"), IconikValueError("", rule, got=entry[-1], fix=fix)
            registered.setdefault(entry, key)


def _about_ids(keys: Iterable[str]) -> Iterator[Refusal]:
    """Refuse keys that cannot be construct ids, or whose outputs would have the same name."""
    seen: dict[str, str] = {}
    for key in keys:
        if not STORAGE_KEY.fullmatch(key):
            rule = "must have a key of at most 63 letters, digits and hyphens, beginning with a letter"
            yield ("storages", key), IconikValueError("", rule, got=key, fix="Write one such as 'masters'.")
        plain = key.replace("-", "").casefold()
        if plain in seen:
            rule = f"must differ from the storage '{seen[plain]}' by more than case and hyphens"
            yield ("storages", key), IconikValueError("", rule, got=key, fix="Rename one of the two.")
        seen.setdefault(plain, key)


def _bucket_names(bucket: Any) -> Iterator[str]:
    written = bucket.get("name", bucket.get("adopt")) if isinstance(bucket, dict) else None
    if isinstance(written, str):
        yield written.removeprefix("arn:aws:s3:::")


def _registered_names(key: str, storage: Mapping[str, Any], top: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Return the name under which a storage is registered: unique for one token, which belongs to one system domain."""
    own, above = storage.get("registration"), top.get("registration")
    if isinstance(own, dict):
        token = (own.get("base_url", "https://app.iconik.io"), own.get("credentials"))
    elif above is not None and "registration" not in storage:
        token = (above.base_url, above.credentials)
    else:
        return
    entry = tuple(part for part in (*token, storage.get("name", key)) if isinstance(part, str))
    if len(entry) == 3:  # noqa: PLR2004 - each of them is right
        yield entry


def _refusal(key: str, rule: str, fix: str) -> Refusal:
    return (key,), IconikValueError("", rule, fix=fix)
