"""Prepares the props of a new bucket: safe defaults, the caller's props, and warnings about weaker settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from ..access.cors import CORS_EXPOSED_HEADERS, CORS_METHODS, Cors
from ..errors import IconikTypeError, IconikValueError
from .bucket_prop_conflicts import conflicts
from .bucket_prop_kinds import prop_kinds, refuse_wrong_kinds
from .encryption import StorageEncryption
from .lifecycle import expires_objects, housekeeping_rule

__all__ = [
    "EXPIRY",
    "check_is_bucket",
    "created_bucket",
    "default_bucket_props",
    "keeps_bucket",
    "openings",
    "parse_bucket_props",
    "refuse_conflicts",
    "refuse_given_twice",
]

_PUBLIC_ACCESS_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_SAFE_TLS = 1.2
EXPIRY: Final = "a lifecycle rule deletes objects, and iconik is not informed: the asset stays, and its file is deleted"
"""The effect of a rule that expires objects."""


def created_bucket(bucket: s3.IBucket) -> s3.IBucket:
    """Return the result of `create_bucket`.

    Raises:
        IconikTypeError: None, an L1, or a construct around a bucket.
        IconikValueError: an imported bucket.
    """
    fix = "Return the s3.Bucket itself, or s3.Bucket.from_cfn_bucket(...) for an L1."
    check_is_bucket(bucket, "create_bucket", "must return an s3.IBucket", fix)
    if not isinstance(bucket, s3.Bucket) and bucket.node.default_child is None:
        raise IconikValueError(
            "create_bucket",
            "must return a bucket that this app makes",
            got=bucket,
            fix="Pass an existing bucket as bucket=... instead.",
        )
    return bucket


def check_is_bucket(bucket: object, prop: str, rule: str, fix: str) -> None:
    """Raise `IconikTypeError` if a value is not a bucket."""
    # The type is checked, not a value: reading a property of a jsii object is a call to jsii.
    if not (hasattr(type(bucket), "add_to_resource_policy") and hasattr(type(bucket), "bucket_arn")):
        raise IconikTypeError(prop, rule, got=bucket, fix=fix)


def parse_bucket_props(value: Mapping[str, Any] | None, *, named: bool = False) -> dict[str, Any]:
    """Return a copy of the caller's props.

    Args:
        value: the props.
        named: whether they were keyword arguments. An error then names the argument, not `bucket_props`.

    Raises:
        IconikTypeError: not a mapping, or a value of the wrong type.
        IconikValueError: a name that `s3.Bucket` does not have, or `public_read_access`.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        fix = "Write a dict such as {'transfer_acceleration': True}."
        raise IconikTypeError("bucket_props", "must be a mapping of s3.Bucket props", got=value, fix=fix)
    props = dict(value)
    known = prop_kinds()
    for name in props:
        if name not in known:
            from difflib import get_close_matches  # noqa: PLC0415 - for a mistake only

            near = get_close_matches(str(name), known, n=1)
            fix = f"Did you mean {near[0]!r}?" if near else "Look it up in the reference of aws_cdk.aws_s3.Bucket."
            if named:
                raise IconikValueError(name, "is not a prop of s3.Bucket", fix=fix)
            raise IconikValueError("bucket_props", "must have only props of s3.Bucket", got=name, fix=fix)
    if isinstance(encryption := props.get("encryption"), StorageEncryption):
        props["encryption"] = s3.BucketEncryption[encryption.name]
    refuse_wrong_kinds(props, "" if named else "bucket_props.")
    if props.get("public_read_access"):
        # The only prop of s3.Bucket that adds a statement for everybody to the bucket policy.
        raise IconikValueError(
            "public_read_access" if named else "bucket_props",
            "must not make the objects public: every other iconik customer would have access too",
            got=True if named else "public_read_access",
            fix="Leave it out, and use a separate bucket for public objects.",
        )
    return props


def refuse_given_twice(props: Mapping[str, Any], bucket_props: Mapping[str, Any]) -> None:
    """Refuse a prop that is also in `bucket_props`: one of the two values would have no effect.

    Raises:
        IconikValueError: as above.
    """
    for name in sorted(props.keys() & bucket_props.keys()):
        raise IconikValueError(name, "must be given once", got=props[name], fix="Leave it out of 'bucket_props'.")


def default_bucket_props(
    encryption: StorageEncryption, cors: Cors, removal_policy: cdk.RemovalPolicy, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the default props of a bucket for media that must not be lost or published.

    Args:
        encryption: how the bucket encrypts.
        cors: the writer of the CORS rules.
        removal_policy: what happens to the bucket when it leaves the stack.
        given: the caller's props, which replace defaults. Defaults that `s3.Bucket` refuses with them are left out.
    """
    props: dict[str, Any] = {
        "block_public_access": _block_all(),
        "encryption": s3.BucketEncryption[encryption.name],
        "enforce_ssl": True,
        "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        "removal_policy": removal_policy,
        "versioned": True,
        "lifecycle_rules": [housekeeping_rule()],
    }
    if given.get("enforce_ssl", True):
        props["minimum_tls_version"] = _SAFE_TLS
    if encryption is StorageEncryption.KMS:
        props["bucket_key_enabled"] = True
    if cors.origins is not None:
        props["cors"] = [
            s3.CorsRule(
                allowed_headers=["*"],
                allowed_methods=[s3.HttpMethods[method] for method in CORS_METHODS],
                allowed_origins=list(cors.origins),
                exposed_headers=list(CORS_EXPOSED_HEADERS),
            )
        ]
    return props


def openings(props: Mapping[str, Any]) -> dict[str, str]:
    """Return the weaker settings among the finished props of a bucket, by short names, with their effects."""
    weaker: dict[str, str] = {}
    if not props.get("enforce_ssl") or (props.get("minimum_tls_version") or 0) < _SAFE_TLS:
        weaker["Tls"] = "it accepts requests without TLS 1.2, so media and signed URLs can be read on the network"
    block = props.get("block_public_access")
    if block is not _block_all() and not (block and all(getattr(block, name) for name in _PUBLIC_ACCESS_BLOCKS)):
        weaker["PublicAccess"] = "not every public access block is on, so a policy or an ACL can make media public"
    if not keeps_bucket(props.get("removal_policy")) or props.get("auto_delete_objects"):
        weaker["Removal"] = "it is deleted with its stack, so the media can be deleted"
    if props.get("object_ownership") is not s3.ObjectOwnership.BUCKET_OWNER_ENFORCED or props.get("access_control"):
        weaker["Ownership"] = "ACLs are on, so the policy alone does not decide who can read an object"
    if expires_objects(props.get("lifecycle_rules") or ()):
        weaker["Expiry"] = EXPIRY
    if not props.get("versioned"):
        weaker["Versioning"] = "it keeps no versions, so an overwritten or deleted object is lost"
    return weaker


def keeps_bucket(removal_policy: object) -> bool:
    """Return whether a bucket stays when its stack is deleted."""
    return removal_policy in {cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE}


# Each of these is a call to jsii, and its value never changes.
@cache
def _block_all() -> s3.BlockPublicAccess:
    return s3.BlockPublicAccess.BLOCK_ALL


def refuse_conflicts(props: Mapping[str, Any]) -> None:
    """Refuse finished props of a new bucket that contradict each other.

    Raises:
        IconikValueError: as above.
    """
    keeps = props.get("removal_policy") is not cdk.RemovalPolicy.DESTROY
    for name, rule, fix in conflicts(props, keeps_bucket=keeps):
        raise IconikValueError(f"bucket_props.{name}", rule, fix=fix)
