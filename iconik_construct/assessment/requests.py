"""Builds the requests to a bucket and its keys, with their known condition keys. All others stay unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..access.trust import PRINCIPAL_TAG, is_system_domain_id
from ..judge import AtLeast, OneOf, OwnerValue, unknown
from ..judge.clock import seconds
from ..judge.scalars import scalars
from ..judge.text import AnyText, MarkedText, has_unknown, if_plain, is_plain, joined, literal
from ..judge.wildcards import ONE_CHARACTER, STAR
from .expected import NEEDED, Wanted, any_object
from .fact import Fact, Found, Unknown, value_of, value_within
from .facts import BucketFacts, KeyFacts, statements_of
from .public import condition_entries
from .resolved_actions import is_on_object

__all__ = [
    "Ask",
    "asked_of_bucket",
    "asked_of_key",
    "asked_of_wanted",
    "by_session",
    "domains_in",
    "is_abac_on",
    "straight_to_key",
]


_TAG_KEYS: Final = ("aws:resourcetag/", "s3:buckettag/")
_GRANT_HEADERS: Final = frozenset(
    {"s3:x-amz-grant-read", "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write", "s3:x-amz-grant-write-acp"}
)
_OF_LISTINGS: Final = ("s3:delimiter", "s3:max-keys", "s3:prefix")
_OF_UPLOADS: Final = (
    "s3:if-match",
    "s3:if-none-match",
    "s3:object-lock-",
    "s3:objectcreationoperation",
    "s3:requestobjecttag",
    "s3:x-amz-acl",
    "s3:x-amz-copy-source",
    "s3:x-amz-grant-",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-storage-class",
    "s3:x-amz-website-redirect-location",
)
_OF_OBJECTS: Final = "s3:existingobjecttag/"
_OF_CRYPTOGRAPHY: Final = "kms:encryptioncontext"
_OF_SOME_ACTIONS: Final = (*_OF_LISTINGS, *_OF_UPLOADS, _OF_OBJECTS, _OF_CRYPTOGRAPHY)
"""Keys, or the starts of keys, that only the requests of some actions have.

Source: AWS Service Authorization Reference, "Actions, resources, and condition keys" for Amazon S3 and for AWS KMS.
"""
_KEYS_OF: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(NEEDED, ()) | {
    **dict.fromkeys(("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"), (_OF_CRYPTOGRAPHY,)),
    "s3:DeleteObject": ("s3:if-match",),
    "s3:GetObject": (_OF_OBJECTS,),
    "s3:ListBucket": _OF_LISTINGS,
    "s3:PutObject": _OF_UPLOADS,
}
"""Those that iconik's requests have, by action. Of other actions this is not known here."""
_EARLIEST: Final = "2026-01-01T00:00:00Z"
"""The earliest time of a request if the time is unknown: this library is newer."""
_LONGEST_SESSION: Final = 12 * 60 * 60
"""In seconds. Source: AWS, IAM User Guide, "Update the maximum session duration for a role"."""
_SIGNATURE: Final = "s3:signatureversion"
_SIGNATURES: Final = ("AWS4-HMAC-SHA256", "AWS")
_SIGNED_IN: Final = OneOf(("REST-HEADER", "REST-QUERY-STRING", "POST"))
_LIST: Final = literal("s3:ListBucket")
_THROUGH_S3: Final = "kms:ViaService"
_ENCRYPTION_CONTEXT: Final = "kms:EncryptionContext:aws:s3:arn"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the action, the resource, and the known facts."""

    action: MarkedText
    resource: MarkedText
    context: Mapping[str, Any] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


def asked_of_bucket(bucket: BucketFacts, documents: Sequence[Any], action: MarkedText) -> Iterator[Ask]:
    """Yield requests that a caller can choose to make, also for each object and listing in the first policy.

    Args:
        bucket: the bucket.
        documents: the policies that will be evaluated.
        action: the action.
    """
    context, absent = _known_of_bucket(bucket, documents)
    if is_on_object(action):
        yield Ask(action, any_object(bucket.arn), context, absent)
        for statement in statements_of(documents[0]):
            for text in scalars(statement.get("Resource")):
                if text is not None and text.startswith(joined(bucket.arn, "/")):
                    yield Ask(action, _example(text), context, absent)
        return
    yield Ask(action, bucket.arn, context, absent)
    if action == _LIST:
        for key, values in _conditions(documents[:1]):
            for value in values if key == "s3:prefix" else ():
                yield Ask(action, bucket.arn, {**context, "s3:prefix": _example(value)}, absent)


def asked_of_wanted(bucket: BucketFacts, documents: Sequence[Any], wanted: Sequence[Wanted]) -> Iterator[Ask]:
    """Yield the requests to the bucket that iconik should be able to make."""
    context, absent = _known_of_bucket(bucket, documents)
    signed = _known_signature(documents)
    for each in wanted:
        listed = {"s3:prefix": joined(each.below, unknown("the rest of a prefix"))} if each.below else {}
        never = _never_sent(each.action, documents)
        known = {key: value for key, value in context.items() if key not in never}
        yield Ask(each.action, each.resource, {**known, **signed, **listed}, absent | never)


def _never_sent(action: MarkedText, documents: Sequence[Any]) -> frozenset[str]:
    """Return the keys in the policies that no request of the action has, such as `s3:prefix` for an object.

    With a negated operator, such a key makes a Deny of `s3:*` match: it denies every other action too.
    """
    sent = _KEYS_OF.get(if_plain(action) or "")
    if sent is None:
        return frozenset()
    tested = (key for key, _ in _conditions(documents))
    return frozenset(key for key in tested if key.startswith(_OF_SOME_ACTIONS) and not key.startswith(sent))


def _known_signature(documents: Sequence[Any]) -> dict[str, Any]:
    """Return how iconik signs its requests: the version if the policies name no other value than the two that exist.

    S3 takes only the newer one for encrypted objects, for buckets made since June 2020 and in the newer regions.
    Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
    """
    named = {value for key, values in _conditions(documents) if key == _SIGNATURE for value in values}
    # The values of `Null` are not versions.
    is_known = named.issubset(map(literal, (*_SIGNATURES, "true", "false")))
    return {_SIGNATURE: _SIGNATURES[0] if is_known else unknown("a signature version"), "s3:authType": _SIGNED_IN}


def by_session(bucket: BucketFacts, asks: Iterable[Ask]) -> list[Ask]:
    """Return requests with what is known of the temporary credentials of a role's session."""
    issued = AtLeast(str(_earliest(bucket)[1] - _LONGEST_SESSION))
    return [replace(ask, context={**ask.context, "aws:TokenIssueTime": issued}) for ask in asks]


def asked_of_key(
    bucket: BucketFacts, key: KeyFacts, documents: Sequence[Any], actions: Sequence[MarkedText]
) -> Iterator[Ask]:
    """Yield the requests that S3 makes to the key for a caller that reads or writes an object."""
    context, absent = _known_of_key(bucket, key, documents)
    below = any_object(bucket.arn)
    # With a bucket key, S3 names the bucket; for objects that were encrypted without it, the object.
    context[_ENCRYPTION_CONTEXT] = OneOf((bucket.arn, below)) if bucket.has_bucket_key else below
    context["kms:EncryptionContextKeys"] = ["aws:s3:arn"]
    # The partition of an unknown region is unknown too.
    context[_THROUGH_S3] = joined("s3.", _region(bucket), ".amazonaws.com" if bucket.region else "")
    for action in actions:
        never = _never_sent(action, documents)
        known = {name: value for name, value in context.items() if name.lower() not in never}
        yield Ask(action, key.arn, known, absent | never)


def straight_to_key(
    bucket: BucketFacts, key: KeyFacts, documents: Sequence[Any], actions: Sequence[MarkedText]
) -> Iterator[Ask]:
    """Yield direct requests to the key, with any encryption context."""
    context, absent = _known_of_key(bucket, key, documents)
    for action in actions:
        yield Ask(action, key.arn, context, absent | _never_sent(action, documents) | {_THROUGH_S3})


def domains_in(document: Any) -> list[str]:
    """Return the literal System Domain IDs in the conditions of a policy."""
    domains: dict[str, None] = {}
    for key, values in _conditions([document]):
        if key == PRINCIPAL_TAG.lower():
            domains |= dict.fromkeys(each for each in values if is_plain(each) and is_system_domain_id(each))
    return list(domains)


def _known_account(bucket: BucketFacts) -> dict[str, Any]:
    known: dict[str, Any] = {} if bucket.account else {"aws:ResourceAccount": OwnerValue("the account of the bucket")}
    # Later requests count too: a policy that applies today and ends tomorrow gives no lasting access.
    time, epoch = _earliest(bucket)
    known["aws:CurrentTime"] = AtLeast(time)
    known["aws:EpochTime"] = AtLeast(str(epoch))
    known["aws:RequestedRegion"] = _region(bucket)
    return known


def _earliest(bucket: BucketFacts) -> tuple[str, int]:
    """Return the earliest time of a request, also in seconds since 1970."""
    earliest = bucket.time or _EARLIEST
    return earliest, int(seconds(earliest) or 0)


def _region(bucket: BucketFacts) -> AnyText:
    return bucket.region or unknown("the region of the bucket")


def _known_without_acls(bucket: BucketFacts) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the ACL headers of a request. If ACLs are off, S3 refuses all but the one for the bucket's owner.

    Source: Amazon S3 User Guide, "Controlling ownership of objects".
    """
    if bucket.object_ownership == "BucketOwnerEnforced":
        return {"s3:x-amz-acl": OneOf(("bucket-owner-full-control",), maybe_absent=True)}, _GRANT_HEADERS
    return {}, frozenset()


def _known_of_bucket(bucket: BucketFacts, documents: Sequence[Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the known facts about each request to the bucket. Its tags are condition keys only with ABAC."""
    names = _tag_keys_in(documents)
    known, headers = _known_without_acls(bucket)
    known |= _known_account(bucket)
    if not bucket.account:
        known["s3:ResourceAccount"] = known["aws:ResourceAccount"]
    if isinstance(bucket.settings.abac, Unknown):
        return known, headers
    if is_abac_on(bucket):
        tags = bucket.settings.tags
        if isinstance(tags, Found):
            tags = Found({str(tag.get("Key")): str(tag.get("Value")) for tag in tags.value.get("TagSet") or ()})
        values, absent = _as_keys(tags, names)
        return {**known, **values}, absent | headers
    return known, frozenset(names) | headers


def is_abac_on(bucket: BucketFacts) -> bool:
    """Whether the bucket's tags decide who has access, as far as that was read."""
    return bool(value_within(bucket.settings.abac, "AbacStatus", "Status") == "Enabled")


def _known_of_key(
    bucket: BucketFacts, key: KeyFacts, documents: Sequence[Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    tags, absent = _as_keys(key.tags, _tag_keys_in(documents))
    known = _known_account(bucket)
    if key.place:
        # The key can be of another account. Its policy is evaluated for that account.
        known.pop("aws:ResourceAccount", None)
    return {**known, **tags}, absent


def _as_keys(tags: Fact, names: Sequence[str]) -> tuple[dict[str, Any], frozenset[str]]:
    if isinstance(tags, Unknown):
        return {}, frozenset()
    values: dict[str, str] = value_of(tags) or {}
    known = {f"{kind}{name.lower()}": value for kind in _TAG_KEYS for name, value in values.items()}
    # A tag whose name is not known can be any other one.
    absent = set() if any(map(has_unknown, values)) else set(names) - set(known)
    return {name: known[name] for name in names if name in known}, frozenset(absent)


def _tag_keys_in(documents: Sequence[Any]) -> list[str]:
    return sorted({key for key, _ in _conditions(documents) if key.startswith(_TAG_KEYS)})


def _conditions(documents: Iterable[Any]) -> Iterator[tuple[str, list[MarkedText]]]:
    """Yield each condition key in lower case, and its values that can be read."""
    for document in documents:
        for statement in statements_of(document):
            for _, key, values in condition_entries(statement.get("Condition")):
                yield key, [value for value in values if value is not None]


def _example(pattern: MarkedText) -> MarkedText:
    return pattern.replace(STAR, "x").replace(ONE_CHARACTER, "x")
