"""Lists the S3 actions, and those that change who has access to a bucket. Standard library only.

Source: the AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3". A test
compares the two lists with the policy engine's copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..errors import IconikTypeError, IconikValueError

__all__ = ["ACCESS_CHANGING_ACTIONS", "BUCKET_ACTIONS", "OBJECT_ACTIONS", "parse_extra_actions"]


def _actions(names: str) -> frozenset[str]:
    return frozenset(f"s3:{name}" for name in names.split())


BUCKET_ACTIONS: Final = _actions("""
    AllowVendedLogDeliveryForResource CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket
    DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration
    GetAnalyticsConfiguration GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging
    GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration
    GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock
    GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
    GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration
    GetMetricsConfiguration GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions
    ListTagsForResource PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac
    PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration
    PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment
    PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
    PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration
    PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource
    UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration
    UpdateBucketMetadataJournalTableConfiguration
""")

OBJECT_ACTIONS: Final = _actions("""
    AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging
    DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject GetObjectAcl
    GetObjectAnnotation GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging
    GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation
    GetObjectVersionAnnotationForReplication GetObjectVersionAttributes GetObjectVersionForReplication
    GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts
    ListObjectAnnotations ListObjectVersionAnnotations ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl
    PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl
    PutObjectVersionAnnotation PutObjectVersionTagging ReplicateDelete ReplicateObject ReplicateObjectAnnotation
    ReplicateTags RestoreObject UpdateObjectEncryption
""")

ACCESS_CHANGING_ACTIONS: Final = _actions(
    # what AWS classes as permissions management
    """
    BypassGovernanceRetention DeleteBucketPolicy ObjectOwnerOverrideToBucketOwner PutBucketAcl
    PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutObjectAcl PutObjectVersionAcl
    """
    # in a bucket with attribute-based access control, tags decide who has access
    "PutBucketAbac PutBucketTagging TagResource UntagResource "
    # copies objects into a bucket of the caller's choice
    "PutReplicationConfiguration "
    # the policy of another account's key then decides who can read new objects
    "PutEncryptionConfiguration UpdateObjectEncryption "
)


_BY_LOWER_CASE: Final = {action.lower(): action for action in (*BUCKET_ACTIONS, *OBJECT_ACTIONS)}


def parse_extra_actions(prop: str, value: Sequence[str]) -> tuple[str, ...]:
    """Return the actions of `extra_bucket_actions` or `extra_object_actions`, sorted and without duplicates.

    Raises:
        IconikTypeError: not a sequence of strings.
        IconikValueError: not an S3 action on that kind of resource, or an action that changes who has access.
    """
    level, known, other = ("bucket", BUCKET_ACTIONS, OBJECT_ACTIONS)
    if prop == "extra_object_actions":
        level, known, other = ("object", OBJECT_ACTIONS, BUCKET_ACTIONS)
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise IconikTypeError(prop, "must be a sequence of S3 actions", got=value, fix=f"Write {[value]!r}.")
    for action in value:
        _check(prop, action, level, known, other)
    return tuple(sorted(set(value)))


def _check(prop: str, action: object, level: str, known: frozenset[str], other: frozenset[str]) -> None:
    if not isinstance(action, str):
        raise IconikTypeError(prop, "must hold strings only", got=action, fix="Write an action such as 's3:GetObject'.")
    # IAM ignores the case of actions, so an action in another case is the same action.
    spelled = _BY_LOWER_CASE.get(action.lower(), action)
    if spelled in ACCESS_CHANGING_ACTIONS:
        raise IconikValueError(
            prop,
            "must not have an action that changes who has access to the bucket",
            got=action,
            fix="Change that in your own stack: iconik has no need for it.",
        )
    if action in known:
        return
    if spelled in other:
        there = "extra_object_actions" if level == "bucket" else "extra_bucket_actions"
        fix = f"Name it in '{there}'{'' if action == spelled else f', as {spelled!r}'}."
    else:
        near = spelled if spelled in known else _nearest(action, known)
        fix = f"Did you mean {near!r}?" if near else "Look it up in the AWS Service Authorization Reference."
    raise IconikValueError(prop, f"must hold S3 actions on {level}s only, one by one", got=action, fix=fix)


def _nearest(action: str, known: frozenset[str]) -> str | None:
    """Return the action with the most similar name; None if that one changes who has access, or if none is similar."""
    from difflib import get_close_matches  # noqa: PLC0415 - for a mistake only

    near = get_close_matches(action.lower(), [name.lower() for name in known], n=1, cutoff=0.5)
    meant = _BY_LOWER_CASE[near[0]] if near else None
    return None if meant in ACCESS_CHANGING_ACTIONS else meant
