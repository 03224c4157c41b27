"""Determines how the objects of a bucket are encrypted, and with which key."""

from __future__ import annotations

from enum import Enum
from typing import Any

from aws_cdk import aws_s3 as s3

from ..access.key_arns import refuse_other_than_one_key
from ..access.regions import refuse_arn_of_other_partition
from ..errors import IconikTypeError, IconikValueError

__all__ = ["StorageEncryption", "adopted_key", "created_key", "parse_encryption", "parse_key"]

_ONE_OF = "Use StorageEncryption.S3_MANAGED, .KMS or .DSSE."
_NO_AWS_KEY = (
    "must not be the AWS managed key aws/s3: nobody can edit its policy, so iconik, which is in another account, can "
    "never use it"
)
_OWN_KEY = "Use encryption=StorageEncryption.KMS to create a customer managed key, or give a key as encryption_key."


class StorageEncryption(Enum):
    """Server-side encryption of a bucket's objects. iconik supports all three."""

    S3_MANAGED = "SSE-S3"
    """S3 manages the keys. iconik needs no permission for them."""
    KMS = "SSE-KMS"
    """A customer managed key, with an S3 bucket key, which reduces KMS requests."""
    DSSE = "DSSE-KMS"
    """Two layers of encryption under a customer managed key, without bucket keys."""

    def __repr__(self) -> str:
        return str(self)

    @property
    def uses_key(self) -> bool:
        """Whether a customer managed key is needed."""
        return self is not StorageEncryption.S3_MANAGED


def parse_encryption(
    encryption: StorageEncryption | None, bucket_props: dict[str, Any], *, has_key: bool
) -> StorageEncryption | None:
    """Return the encryption from all props together; None if no prop sets it.

    Removes `encryption` from `bucket_props`.

    Raises:
        IconikTypeError: not a StorageEncryption.
        IconikValueError: the AWS managed key, which iconik can never use; or a key together with S3_MANAGED.
    """
    if encryption is not None and not isinstance(encryption, StorageEncryption):
        raise IconikTypeError("encryption", "must be a StorageEncryption", got=encryption, fix=_ONE_OF)
    if (of_bucket := bucket_props.pop("encryption", None)) is not None:
        encryption = _from_cdk(of_bucket)
    if not has_key:
        return encryption
    if encryption is StorageEncryption.S3_MANAGED:
        raise IconikValueError(
            "encryption",
            "must be StorageEncryption.KMS or .DSSE if 'encryption_key' is given",
            got=encryption,
            fix="Leave out one of the two props.",
        )
    return encryption or StorageEncryption.KMS


def created_key(key: Any) -> Any:
    """Return the result of `create_key`; with None, the CDK makes the key.

    Raises:
        IconikTypeError: an L1, or another construct.
    """
    if key is not None:
        fix = "Return the kms.Key itself, or kms.Key.from_cfn_key(...) for an L1."
        # The type is checked, because reading a property of a key is a call to jsii.
        _check_is_key(type(key), key, "create_key", "must return a kms.IKey", fix)
    return key


def _check_is_key(of: object, key: object, prop: str, rule: str, fix: str) -> None:
    if not hasattr(of, "key_arn") or not hasattr(of, "add_to_resource_policy"):
        raise IconikTypeError(prop, rule, got=key, fix=fix)


def parse_key(key: Any) -> Any:
    """Return the key to encrypt with, or None.

    Raises:
        IconikTypeError: not a KMS key.
        IconikValueError: an alias of an AWS managed key, or another alias that is imported by name. Neither has a
            policy that can allow iconik. Or an ARN that is not of one key.
    """
    if key is None:
        return None
    alias = getattr(key, "alias_name", None)
    if isinstance(alias, str) and alias.startswith("alias/aws/"):
        raise IconikValueError("encryption_key", _NO_AWS_KEY, got=alias, fix=_OWN_KEY)
    _check_is_key(key, key, "encryption_key", "must be a kms.IKey", "Write kms.Key(...) or kms.Key.from_key_arn(...).")
    arn = key.key_arn
    refuse_arn_of_other_partition(arn, "encryption_key")
    refuse_other_than_one_key(arn, "encryption_key")
    return key


def _from_cdk(value: s3.BucketEncryption) -> StorageEncryption:
    known = {
        s3.BucketEncryption.S3_MANAGED: StorageEncryption.S3_MANAGED,
        # S3 encrypts every object; "unencrypted" is its default encryption
        s3.BucketEncryption.UNENCRYPTED: StorageEncryption.S3_MANAGED,
        s3.BucketEncryption.KMS: StorageEncryption.KMS,
        s3.BucketEncryption.DSSE: StorageEncryption.DSSE,
    }
    if value not in known:
        raise IconikValueError("bucket_props.encryption", _NO_AWS_KEY, got=value.name, fix=_OWN_KEY)
    return known[value]


def adopted_key(bucket: Any, encryption: StorageEncryption | None, key: Any) -> Any:
    """Return the key of an existing bucket: the given key, or the key of the bucket object.

    Raises:
        IconikValueError: the encryption needs a key, and no key is known; or it needs none, and the bucket has one.
    """
    if key is not None:
        return key
    key = parse_key(bucket.encryption_key)
    if key is not None and encryption is StorageEncryption.S3_MANAGED:
        raise IconikValueError(
            "encryption",
            f"must be StorageEncryption.KMS or .DSSE: the bucket has the key {key.node.path}",
            got=encryption,
            fix="Leave it out, or import the bucket without a key.",
        )
    if key is None and encryption is not None and encryption.uses_key:
        raise IconikValueError(
            "encryption_key",
            f"must be given for an existing bucket with {encryption.value}",
            fix="Write encryption_key=kms.Key.from_key_arn(...): iconik needs a statement in its policy.",
        )
    return key
