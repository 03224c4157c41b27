"""What each storage is meant to let iconik do, and whom it is meant to let in: data, and the rules to read it.

Apart from the package on purpose. Nothing here is imported from it: the tables are written from iconik's help page and
the AWS Service Authorization Reference, so that a slip in the package is not repeated by its proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "CALLERS",
    "CORS_WRITE",
    "LISTED_BY_PREFIX",
    "ROLE",
    "SAMPLE",
    "TAG",
    "Caller",
    "Scope",
    "Storage",
    "key_actions",
    "may_act_on_bucket",
    "may_act_on_object",
    "may_use_key",
    "named_actions",
]

ROLE: Final = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
TAG: Final = "aws:PrincipalTag/IconikSystemDomainId"
_SESSION: Final = "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/iconik"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who asks.

    Args:
        name: what a report calls the caller.
        principal: the caller's ARN; None is an unsigned request.
        tag: the value of the tag on the caller's session; `{domain}` stands for the storage's own System Domain ID,
            `{upper}` for the same in capitals. None is a session without the tag.
        tag_key: the tag's condition key as the request carries it.
        let_in: whether the storage is meant to let this caller in at all.
    """

    name: str
    principal: str | None = _SESSION
    tag: str | None = "{domain}"
    tag_key: str = TAG
    let_in: bool = False


CALLERS: Final = (
    Caller(name="right tag", let_in=True),
    # AWS compares the names of condition keys without their case, and tag keys of IAM sessions too: the same tag.
    Caller(name="tag key in another case", tag_key="aws:PrincipalTag/iconiksystemdomainid", let_in=True),
    Caller(name="wrong tag", tag="1297c8b6-3563-11e7-adf1-6c4008b85488"),
    Caller(name="tag value in another case", tag="{upper}"),
    Caller(name="tag value with something before it", tag="x{domain}"),
    Caller(name="tag value with something behind it", tag="{domain}x"),
    Caller(name="empty tag", tag=""),
    Caller(name="no tag", tag=None),
    Caller(name="another tag key", tag_key="aws:PrincipalTag/SystemDomainId"),
    Caller(name="tag in the request instead", tag_key="aws:RequestTag/IconikSystemDomainId"),
    Caller(
        name="another role of iconik's account", principal="arn:aws:sts::283217727627:assumed-role/IconikTranscode/job"
    ),
    Caller(
        name="same role name in another account",
        principal="arn:aws:sts::444455556666:assumed-role/IconikS3AccessRole/iconik",
    ),
    Caller(name="iconik's account root", principal="arn:aws:iam::283217727627:root"),
    Caller(name="anonymous", principal=None, tag=None),
)

_SETTINGS = {"s3:GetBucketLocation", "s3:GetBucketCORS", "s3:GetAccelerateConfiguration"}

# iconik's role -> where -> actions. KMS wildcards are written out.
_READ = {
    "bucket": {*_SETTINGS, "s3:ListBucket"},
    "object": {"s3:GetObject", "s3:RestoreObject"},
    "key": {"kms:Decrypt", "kms:DescribeKey"},
}
_WRITE = {
    "bucket": {*_SETTINGS, "s3:ListBucketMultipartUploads"},
    "object": {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
    "key": {
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyPairWithoutPlaintext",
        "kms:DescribeKey",
    },
}
_DELETE = {"s3:DeleteObject"}
CORS_WRITE: Final = "s3:PutBucketCORS"

LISTED_BY_PREFIX: Final = frozenset({"s3:ListBucket", "s3:ListBucketVersions"})
"""What AWS can limit by the prefix that a listing asks for; no other bucket action has that condition key."""

_MEANT_BY_NONE: Final = {
    "bucket": (
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:ListBucketVersions",
        "s3:PutBucketAcl",
        "s3:PutBucketNotification",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
    ),
    "object": (
        "s3:BypassGovernanceRetention",
        "s3:DeleteObjectVersion",
        "s3:GetObjectAcl",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:ObjectOwnerOverrideToBucketOwner",
        "s3:PutObjectAcl",
        "s3:PutObjectRetention",
        "s3:PutObjectTagging",
        "s3:ReplicateObject",
    ),
    "key": (
        "kms:CreateGrant",
        "kms:DisableKey",
        "kms:GetKeyPolicy",
        "kms:ListGrants",
        "kms:PutKeyPolicy",
        "kms:ReplicateKey",
        "kms:RetireGrant",
        "kms:ScheduleKeyDeletion",
        "kms:Sign",
        "kms:UpdateKeyDescription",
    ),
}
# A sample of what exists and no role of iconik's but Admin is meant to have.

SAMPLE: Final = {
    "bucket": _READ["bucket"].union(_WRITE["bucket"], {CORS_WRITE}, _MEANT_BY_NONE["bucket"]),
    "object": _READ["object"].union(_WRITE["object"], _DELETE, _MEANT_BY_NONE["object"]),
    "key": _READ["key"].union(_WRITE["key"], _MEANT_BY_NONE["key"]),
}
"""What is asked about every storage beside what it names: what others name, and what none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One of the permissions that a storage is given, in words."""

    read: bool = False
    write: bool = False
    delete: bool = False
    admin: bool = False
    prefixes: tuple[str, ...] = ()
    more_on_bucket: frozenset[str] = frozenset()
    more_on_objects: frozenset[str] = frozenset()

    def actions(self, where: str) -> frozenset[str]:
        """Return what it names on the `bucket`, the `object` or the `key`; Admin names nothing, it means all."""
        found: set[str] = set()
        if self.read:
            found |= _READ[where]
        if self.write or (self.admin and where == "key"):
            found |= _WRITE[where]
        if self.delete and where == "object":
            found |= _DELETE
        more = {"bucket": self.more_on_bucket, "object": self.more_on_objects}
        return frozenset(found | more.get(where, frozenset()))

    def reaches(self, place: str) -> bool:
        """Tell whether an object key or a listed prefix lies inside."""
        return not self.prefixes or any(place.startswith(prefix) for prefix in self.prefixes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """One storage as it is meant."""

    scopes: tuple[Scope, ...]
    domains: tuple[str, ...]
    encryption: str = "S3_MANAGED"
    cors_by_iconik: bool = True
    via_s3_only: bool = False

    @property
    def is_admin(self) -> bool:
        """Whether all of S3 is meant."""
        return any(scope.admin for scope in self.scopes)

    @property
    def has_key(self) -> bool:
        """Whether a customer managed key encrypts the objects."""
        return self.encryption in {"KMS", "DSSE"}


def named_actions(storage: Storage, where: str) -> frozenset[str]:
    """Return every action that the storage names on the `bucket`, the `object` or the `key`."""
    found = frozenset[str]().union(*(scope.actions(where) for scope in storage.scopes))
    return found | {CORS_WRITE} if where == "bucket" and storage.cors_by_iconik else found


def may_act_on_bucket(storage: Storage, action: str, listed: str | None = None) -> bool:
    """Tell whether the caller that is let in may do this to the bucket; `listed` is the prefix a listing asks for."""
    if storage.is_admin or (action == CORS_WRITE and storage.cors_by_iconik):
        return True
    return any(
        action in scope.actions("bucket")
        and (action not in LISTED_BY_PREFIX or not scope.prefixes or (listed is not None and scope.reaches(listed)))
        for scope in storage.scopes
    )


def may_act_on_object(storage: Storage, action: str, key: str) -> bool:
    """Tell whether the caller that is let in may do this to the object of that key."""
    return storage.is_admin or any(action in scope.actions("object") and scope.reaches(key) for scope in storage.scopes)


def key_actions(storage: Storage) -> frozenset[str]:
    """Return what the storage names on its key; nothing where there is no such key."""
    return named_actions(storage, "key") if storage.has_key else frozenset()


def may_use_key(storage: Storage, action: str, *, through_s3: bool) -> bool:
    """Tell whether the caller that is let in may do this with the key, straight or through S3 of the same region."""
    return action in key_actions(storage) and (through_s3 or not storage.via_s3_only)
