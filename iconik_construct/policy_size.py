"""Measures finished policies at synthesis: AWS refuses one that is too large only in the middle of a deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_s3 as s3
from constructs import Construct, IValidation

from .errors import IconikValueError
from .landing_record import Landing, LandingKind
from .props import StorageRequest
from .statements import BUCKET_POLICY_LIMIT, KEY_POLICY_LIMIT, size_in_bytes

__all__ = ["check_bucket_statements", "largest_text", "watch_policy_sizes"]

# What AWS fills in later is counted at its longest: a bucket name has up to 63 characters.
_LONGEST_BUCKET_NAME: Final = "b" * 63
_LONGEST_BUCKET_ARN: Final = f"arn:aws:s3:::{_LONGEST_BUCKET_NAME}"
_PSEUDO_PARAMETERS: Final = {
    "AWS::AccountId": "1" * 12,
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-2",
    "AWS::URLSuffix": "amazonaws.com",
}
_WAY_OUT: Final = "Use fewer or shorter prefixes, a common parent prefix, or a bucket of its own for part of the media."


def check_bucket_statements(request: StorageRequest) -> None:
    """Refuse permissions whose own statements are larger than any bucket policy may be.

    Raises:
        IconikValueError: they take more than 20,480 bytes.
    """
    name = request.bucket_props.get("bucket_name")
    arn = f"arn:aws:s3:::{name}" if name else "arn:aws:s3:::bkt"
    statements = request.bucket_statements(arn)
    size = size_in_bytes(statements)
    if size > BUCKET_POLICY_LIMIT:
        raise IconikValueError(
            "permissions",
            f"must fit into a bucket policy of {BUCKET_POLICY_LIMIT:,} bytes, but they take at least {size:,} "
            f"({_by_statement(statements)})",
            way_out=_WAY_OUT,
        )


def watch_policy_sizes(
    scope: Construct, stack: cdk.Stack, bucket: s3.IBucket, key: Any, landings: Sequence[Landing]
) -> None:
    """Measure, at synthesis, the finished policies of this app that the statements are in, whoever else adds to them.

    What is merged at deployment is measured there.
    """
    owned = {landing.resource for landing in landings if landing.how is LandingKind.OWNED}
    watch = _WATCHES.get(stack)
    if watch is None:
        # One for a stack: a validation is a callback from the kernel, and a stack can hold hundreds of storages.
        watch = _WATCHES[stack] = _PolicySizes(stack)
        stack.node.add_validation(watch)
    if "bucket" in owned:
        watch.buckets.append((scope, bucket))
    if "key" in owned:
        watch.keys.append((scope, key))


@jsii.implements(IValidation)
class _PolicySizes:
    """The bucket and key policies of one stack's storages."""

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self.buckets: list[tuple[Construct, Any]] = []
        self.keys: list[tuple[Construct, Any]] = []

    def validate(self) -> list[str]:
        found = [
            *(("bucket policy", BUCKET_POLICY_LIMIT, scope, _bucket_policy(bucket)) for scope, bucket in self.buckets),
            *(("key policy", KEY_POLICY_LIMIT, scope, _key_policy(key)) for scope, key in self.keys),
        ]
        found = [item for item in found if item[3] is not None]
        # Resolved in one go: each resolution is a call into the kernel.
        resolved = self._stack.resolve([document for *_, document in found])
        return [
            text
            for (kind, limit, scope, _), document in zip(found, resolved, strict=True)
            if (text := _too_large(kind, limit, scope, document))
        ]


# Held for good, as the kernel holds its constructs: a check that went away with its stack would pass everything.
_WATCHES: dict[cdk.Stack, _PolicySizes] = {}


def _bucket_policy(bucket: Any) -> Any:
    return bucket.policy.document if bucket.policy else None


def _key_policy(key: Any) -> Any:
    # `kms.Key.from_cfn_key` hangs the L2 below its L1
    l1 = key.node.default_child or key.node.scope
    return getattr(l1, "key_policy", None)


def _too_large(kind: str, limit: int, scope: Construct, document: Any) -> str | None:
    longest = largest_text(document)
    size = size_in_bytes(longest)
    if size <= limit:
        return None
    return (
        f"The {kind} of '{scope.node.path}' takes up to {size:,} bytes, and AWS allows {limit:,} "
        f"({_by_statement(longest['Statement'])}). {_WAY_OUT}"
    )


def largest_text(value: Any) -> Any:
    """Return a resolved policy with every CloudFormation function replaced by the longest text it can become."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            (name, argument) = next(iter(value.items()))
            if name == "Ref" or name.startswith("Fn::"):
                return _longest(name, argument)
        return {name: largest_text(item) for name, item in value.items()}
    return [largest_text(item) for item in value] if isinstance(value, list) else value


def _longest(name: str, argument: Any) -> str:
    if name == "Fn::Join":
        separator, parts = argument
        return str(separator).join(map(str, largest_text(parts))) if isinstance(parts, list) else _LONGEST_BUCKET_ARN
    if name == "Ref":
        return _PSEUDO_PARAMETERS.get(str(argument), _LONGEST_BUCKET_NAME)
    return _LONGEST_BUCKET_ARN


def _by_statement(statements: Sequence[Mapping[str, Any]]) -> str:
    """Return what takes the room: the three largest statements."""
    sizes = sorted(((size_in_bytes(item), _name(item)) for item in statements), key=lambda pair: (-pair[0], pair[1]))
    return ", ".join(f"{name} {size:,}" for size, name in sizes[:3])


def _name(statement: Mapping[str, Any]) -> str:
    resources = statement.get("Resource", ())
    count = len(resources) if isinstance(resources, list) else 1
    return f"{statement.get('Sid', 'a statement without Sid')} with {count} resources"
