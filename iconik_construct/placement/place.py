"""Puts policy statements where they take effect, and records where that was.

Apart from the storage because CDK's own way of adding a statement does nothing on an imported bucket or key and reports
success: whether a statement has landed is asked here, resource by resource, and finished here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..errors import IconikTypeError
from .hand_over import hand_over
from .held import add_where_bucket_policy_is_held, add_where_key_policy_is_held, refuse_circle
from .merging import merge_into_bucket_policy, merge_into_key_policy
from .one_writer import note_merge
from .record import Adoption, MergeTerms, Placement, PlacementKind
from .sids import sid_suffix, with_suffix
from .take_over import refuse_to_take_over_key, take_over_bucket_policy

__all__ = ["Adoption", "Placement", "PlacementKind", "place_bucket_statements", "place_key_statements", "sid_suffix"]

Statement = dict[str, Any]


def place_bucket_statements(
    scope: Construct,
    bucket: s3.IBucket,
    statements: Sequence[Statement],
    adoption: Adoption = Adoption.MERGE,
    *,
    shared: bool = False,
    new: bool = False,
    kept: bool = False,
    terms: MergeTerms = MergeTerms(),  # noqa: B008 - frozen
    owned: Callable[[str, Any], None] | None = None,
) -> Placement:
    """Put statements into the policy of a bucket.

    Args:
        scope: the construct that the statements are for.
        bucket: owned by this app or imported.
        statements: in IAM's JSON, each with a `Sid`.
        adoption: what to do where this app does not own the bucket policy.
        shared: whether other constructs may add the same Sids to this policy; the Sids then get a suffix made of the
            stack's name and the path of `scope`. Where this app does not own the policy they always do.
        new: whether the bucket was made just now, so that nothing else of this app can hold its policy.
        kept: whether the policy of a new bucket stays when the bucket leaves the stack.
        terms: how they are merged, where they are.
        owned: told the `resource` of the placement and the policy's document, where a template of this app holds it.

    Raises:
        IconikTypeError: `adoption` is no `Adoption`.
        IconikValueError: the statements must be merged, and the bucket is known to be in another account or region,
            or its name is not known; or the policy is in another stage of this app.
    """
    _check(adoption)
    if shared:
        statements = with_suffix(statements, sid_suffix(scope))
    if documents := _add_to_bucket(scope, bucket, statements, new=new, kept=kept):
        if owned is not None:
            owned("bucket", documents[-1])
        return _placement("bucket", PlacementKind.OWNED, statements)
    if not shared:
        statements = with_suffix(statements, sid_suffix(scope))
    if adoption is Adoption.MERGE:
        note_merge(scope, bucket)
        merge_into_bucket_policy(scope, bucket, statements, terms)
        return _placement("bucket", PlacementKind.MERGED, statements)
    if adoption is Adoption.TAKE_OVER:
        take_over_bucket_policy(scope, bucket, statements)
        return _placement("bucket", PlacementKind.TAKEN_OVER, statements)
    hand_over(scope, "bucket", bucket.bucket_name, statements)
    return _placement("bucket", PlacementKind.HANDED_OVER, statements)


def place_key_statements(
    scope: Construct,
    key: kms.IKey,
    statements: Sequence[Statement],
    adoption: Adoption = Adoption.MERGE,
    *,
    shared: bool = False,
    terms: MergeTerms = MergeTerms(),  # noqa: B008 - frozen
    owned: Callable[[str, Any], None] | None = None,
) -> Placement:
    """Put statements into the policy of a key; the arguments are those of `place_bucket_statements`.

    Raises:
        IconikTypeError: `adoption` is no `Adoption`.
        IconikValueError: the statements must be merged, and the key is only an alias or is known to be in another
            account or region; or the policy was to be taken over, which a key does not allow.
    """
    _check(adoption)
    if shared:
        statements = with_suffix(statements, sid_suffix(scope))
    if documents := _add_to_key(scope, key, statements):
        if owned is not None:
            owned("key", documents[-1])
        return _placement("key", PlacementKind.OWNED, statements)
    if not shared:
        statements = with_suffix(statements, sid_suffix(scope))
    if adoption is Adoption.MERGE:
        merge_into_key_policy(scope, key, statements, terms)
        return _placement("key", PlacementKind.MERGED, statements)
    if adoption is Adoption.TAKE_OVER:
        refuse_to_take_over_key(key)
    hand_over(scope, "key", key.key_arn, statements)
    return _placement("key", PlacementKind.HANDED_OVER, statements)


def _add_to_bucket(
    scope: Construct, bucket: s3.IBucket, statements: Sequence[Statement], *, new: bool, kept: bool
) -> list[Any]:
    """Add the statements where a template of this app holds the policy, and return its document; elsewhere nothing."""
    policy = bucket.policy
    if isinstance(policy, s3.BucketPolicy):
        # What `add_to_resource_policy` does with a policy that is there, without its three calls into the kernel for
        # each statement.
        documents = [policy.document]
        documents[0].add_statements(*map(iam.PolicyStatement.from_json, statements))
    elif new:
        policy = _added(bucket, statements)
        documents = _documents(policy)
    else:
        # Asked first: a bucket of this app does not know of a policy that was made for it beside it, and would get
        # another.
        return add_where_bucket_policy_is_held(scope, bucket, statements) or _documents(_added(bucket, statements))
    if new and kept and isinstance(policy, s3.BucketPolicy):
        policy.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    return documents


def _add_to_key(scope: Construct, key: kms.IKey, statements: Sequence[Statement]) -> list[Any]:
    refuse_circle(scope, key, statements)
    return _documents(_added(key, statements)) or add_where_key_policy_is_held(scope, key, statements)


def _added(resource: s3.IBucket | kms.IKey, statements: Sequence[Statement]) -> Any:
    """Add the statements to a resource that has its policy, and return what holds them; to an imported one nothing.

    `statement_added` is asked rather than `Resource.is_owned_resource`, which is False for `kms.Key.from_cfn_key` of a
    key in this app although the statement lands.
    """
    holder = None
    for statement in statements:
        result = resource.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
        if not result.statement_added:
            return None
        # It came with the answer: asking the key for its policy would be three calls more.
        holder = result.policy_dependable
    return holder


def _documents(holder: Any) -> list[Any]:
    if holder is None:
        return []
    return [holder.document if isinstance(holder, s3.BucketPolicy) else holder]


def _placement(resource: Literal["bucket", "key"], how: PlacementKind, statements: Sequence[Statement]) -> Placement:
    return Placement(resource=resource, how=how, statements=tuple(statements))


def _check(adoption: Adoption) -> None:
    if not isinstance(adoption, Adoption):
        raise IconikTypeError(
            "adoption",
            "must be an Adoption",
            got=adoption,
            fix="Use Adoption.MERGE, Adoption.TAKE_OVER or Adoption.HAND_OVER.",
        )
