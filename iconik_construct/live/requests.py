"""What iconik asks of AWS, and what else somebody could: requests to a bucket and its keys, and what is known of them.

Apart because a wrong assumption here makes a wrong yes or a wrong no of every policy: what is not known of a request
stays unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..access.permissions import IconikPermissions
from ..access.trust import PRINCIPAL_TAG, is_system_domain_id
from ..access.uses import is_on_bucket
from ..judge import OneOf, unknown
from .bucket import Bucket
from .key import Key
from .outcome import Absent, NotRead, Outcome, Read, value_of

__all__ = [
    "Ask",
    "asked_of_bucket",
    "asked_of_key",
    "domains_in",
    "examples",
    "is_abac_on",
    "is_wanted",
    "statements_of",
    "straight_to_key",
]


_TAG_KEYS: Final = ("aws:resourcetag/", "s3:buckettag/")
_THROUGH_S3: Final = "kms:ViaService"
_ENCRYPTION_CONTEXT: Final = "kms:EncryptionContext:aws:s3:arn"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what is done to what, and what is known of it."""

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


def is_wanted(action: str, permissions: IconikPermissions, *, cors_by_iconik: bool) -> bool:
    """Tell whether iconik is meant to do this."""
    if action == "s3:PutBucketCORS":
        return cors_by_iconik
    if action.startswith("kms:"):
        return action in {one.rstrip("*") for one in permissions.key_actions}
    return permissions.is_admin or action in {*permissions.bucket_actions, *permissions.object_actions}


def asked_of_bucket(
    bucket: Bucket, documents: Sequence[Any], actions: Sequence[str], prefixes: Sequence[str]
) -> Iterator[Ask]:
    """Yield what iconik asks of the bucket: of any object below each prefix, or of any at all.

    Args:
        bucket: the bucket.
        documents: the policies that are to answer.
        actions: what is done.
        prefixes: where; none means the whole bucket.
    """
    context, absent = _known_of_bucket(bucket, documents)
    for action in actions:
        if not is_on_bucket(action):
            for prefix in prefixes or ("",):
                yield Ask(action, f"{bucket.arn}/{prefix}{unknown('an object')}", context, absent)
        elif action == "s3:ListBucket" and prefixes:
            for prefix in prefixes:
                listed = {**context, "s3:prefix": f"{prefix}{unknown('the rest of a prefix')}"}
                yield Ask(action, bucket.arn, listed, absent)
        else:
            yield Ask(action, bucket.arn, context, absent)


def examples(bucket: Bucket, documents: Sequence[Any], action: str) -> Iterator[Ask]:
    """Yield what somebody could choose to ask beside: an object, or a listing, that a statement of the first names."""
    context, absent = _known_of_bucket(bucket, documents)
    for statement in statements_of(documents[0]):
        if not is_on_bucket(action):
            for text in _texts(statement.get("Resource")):
                if text.startswith(f"{bucket.arn}/"):
                    yield Ask(action, _example(text), context, absent)
        elif action == "s3:ListBucket":
            for _, key, values in _conditions(statement):
                if key == "s3:prefix":
                    for one in values:
                        yield Ask(action, bucket.arn, {**context, "s3:prefix": _example(one)}, absent)


def asked_of_key(bucket: Bucket, key: Key, documents: Sequence[Any], actions: Sequence[str]) -> Iterator[Ask]:
    """Yield what S3 asks of the key on behalf of whoever reads or writes an object."""
    context, absent = _known_of_key(bucket, key, documents)
    below = f"{bucket.arn}/{unknown('an object')}"
    # Under a bucket key S3 names the bucket, for what was encrypted without it still the object.
    context[_ENCRYPTION_CONTEXT] = OneOf((bucket.arn, below)) if bucket.has_bucket_key else below
    context["kms:EncryptionContextKeys"] = ["aws:s3:arn"]
    if bucket.region is not None:
        context[_THROUGH_S3] = f"s3.{bucket.region}.amazonaws.com"
    for action in actions:
        yield Ask(action, key.arn, context, absent)


def straight_to_key(bucket: Bucket, key: Key, documents: Sequence[Any], actions: Sequence[str]) -> Iterator[Ask]:
    """Yield what somebody could ask of the key himself, with whatever encryption context he likes."""
    context, absent = _known_of_key(bucket, key, documents)
    for action in actions:
        yield Ask(action, key.arn, context, absent | {_THROUGH_S3})


def domains_in(document: Any) -> list[str]:
    """Return the System Domain IDs that the conditions of a policy write out."""
    found: dict[str, None] = {}
    for statement in statements_of(document):
        for _, key, values in _conditions(statement):
            if key == PRINCIPAL_TAG.lower():
                found.update(dict.fromkeys(one for one in values if is_system_domain_id(one)))
    return list(found)


def _known_account(bucket: Bucket) -> dict[str, Any]:
    return {} if bucket.account else {"aws:ResourceAccount": bucket.owner}


def _known_of_bucket(bucket: Bucket, documents: Sequence[Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what is known of each request to the bucket; its tags are condition keys only with ABAC."""
    names = _tag_keys_in(documents)
    enabled = bucket.answers.abac
    if isinstance(enabled, NotRead):
        return _known_account(bucket), frozenset()
    if is_abac_on(bucket):
        tags = bucket.answers.tags
        if isinstance(tags, Read):
            tags = Read({str(one.get("Key")): str(one.get("Value")) for one in tags.value.get("TagSet") or ()})
        known, absent = _as_keys(tags, names)
        return {**_known_account(bucket), **known}, absent
    return _known_account(bucket), frozenset(names)


def is_abac_on(bucket: Bucket) -> bool:
    """Whether the bucket's tags decide about access, as far as that was read."""
    status = (value_of(bucket.answers.abac) or {}).get("AbacStatus") or {}
    return bool(status.get("Status") == "Enabled")


def _known_of_key(bucket: Bucket, key: Key, documents: Sequence[Any]) -> tuple[dict[str, Any], frozenset[str]]:
    known, absent = _as_keys(key.tags, _tag_keys_in(documents))
    return {**_known_account(bucket), **known}, absent


def _as_keys(tags: Outcome, names: Sequence[str]) -> tuple[dict[str, Any], frozenset[str]]:
    if not isinstance(tags, (Read, Absent)):
        return {}, frozenset()
    values: dict[str, str] = tags.value if isinstance(tags, Read) else {}
    known = {f"{kind}{name.lower()}": value for kind in _TAG_KEYS for name, value in values.items()}
    return {name: known[name] for name in names if name in known}, frozenset(set(names) - set(known))


def _tag_keys_in(documents: Sequence[Any]) -> list[str]:
    keys = {key for one in documents for statement in statements_of(one) for _, key, _ in _conditions(statement)}
    return sorted(key for key in keys if key.startswith(_TAG_KEYS))


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each operator, the key in lower case, and the texts among its values."""
    block = statement.get("Condition")
    for operator, entries in block.items() if isinstance(block, Mapping) else ():
        for key, values in entries.items() if isinstance(entries, Mapping) else ():
            yield str(operator), str(key).lower(), _texts(values)


def statements_of(document: Any) -> list[Mapping[str, Any]]:
    """Return the statements of a policy as they stand in it, in their places; what is none of them is an empty one."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return []
    found = document.get("Statement") if isinstance(document, Mapping) else None
    listed = [found] if isinstance(found, Mapping) else found
    return [one if isinstance(one, Mapping) else {} for one in listed] if isinstance(listed, list) else []


def _texts(node: Any) -> list[str]:
    return [one for one in (node if isinstance(node, list) else [node]) if isinstance(one, str)]


def _example(pattern: str) -> str:
    return pattern.replace("*", "x").replace("?", "x")
