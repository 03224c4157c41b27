"""Finds the policies that an `IconikWatch` checks: those that its storages are merged into."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import aws_cdk as cdk

from ..errors import IconikTypeError, IconikValueError
from ..placement.record import Placement, PlacementKind
from ..placement.size_estimate import largest_text
from ..storage.construct import IconikStorage

__all__ = ["WatchedPolicy", "refuse_too_long", "watched_policies"]

_LONGEST_INPUT: Final = 8_192
"""The maximum length of a target's input. Source: Amazon EventBridge API Reference, "Target"."""
_LONGEST_PATTERN: Final = 4_096
"""The maximum length of an event pattern. Source: Amazon EventBridge API Reference, "PutRule"."""


class WatchedPolicy:
    """A policy that one storage is merged into."""

    def __init__(self, storage: IconikStorage, placement: Placement, place: str) -> None:
        self.storage = storage
        self.placement = placement
        self.construct_id = f"{place}{self.kind}"

    @property
    def is_bucket(self) -> bool:
        """Whether it is a bucket policy, and not a key policy."""
        return self.placement.resource == "bucket"

    def written_by_others(self, role_arn: str) -> dict[str, Any]:
        """Return the pattern for CloudTrail's event of a write of the policy by others than the function.

        The function verifies its own writes in the same run.
        """
        issuer = ("userIdentity", "sessionContext", "sessionIssuer", "arn")
        if self.is_bucket:
            service, names, named = "s3", ["DeleteBucketPolicy", "PutBucketPolicy"], {"bucketName": [self.target]}
        else:
            service, names, named = "kms", ["PutKeyPolicy"], {"keyId": [self.target, self.target.rpartition("/")[2]]}
        return {
            "eventSource": [f"{service}.amazonaws.com"],
            "eventName": names,
            "requestParameters": named,
            # Users and the root user have no role.
            "$or": [_nested(issuer, [{"anything-but": role_arn}]), _nested(issuer, [{"exists": False}])],
        }

    @property
    def kind(self) -> str:
        """The start of the ids of its constructs: "Bucket" or "Key"."""
        return self.placement.resource.capitalize()

    @property
    def target(self) -> str:
        """The name of the bucket or the ARN of the key."""
        if self.is_bucket:
            return self.storage.bucket.bucket_name
        # A placement in a key policy has a key.
        return str(cast(Any, self.storage.encryption_key).key_arn)


def watched_policies(storages: object, stack: cdk.Stack) -> list[WatchedPolicy]:
    """Return the policies that storages of a stack are merged into.

    Raises:
        IconikTypeError: `storages` is not a sequence of storages.
        IconikValueError: no storage, no merged storage, or a storage of another stack.
    """
    return list(_merged(_parse_storages(storages), stack))


def refuse_too_long(event: Mapping[str, Any], pattern: Mapping[str, Any], stack: cdk.Stack) -> None:
    """Refuse an input or a pattern that is too long for a rule of EventBridge.

    Args:
        event: the input of the rule's target.
        pattern: the details of the events that it matches.
        stack: the stack of the rule.

    Raises:
        IconikValueError: one of them is too long.
    """
    for part, value, limit in (("input", event, _LONGEST_INPUT), ("pattern", pattern, _LONGEST_PATTERN)):
        size = len(json.dumps(largest_text(stack.resolve(value))))
        if size > limit:
            raise IconikValueError(
                "storages",
                f"must fit into a rule, whose {part} has at most {limit:,} characters",
                got=f"{size:,} characters",
                fix="Make several watches, each in a stack of its own, or give the stack a shorter name.",
            )


def _parse_storages(value: object) -> list[IconikStorage]:
    fix = "Write storages=[storage]."
    if isinstance(value, (str, IconikStorage)) or not isinstance(value, Sequence):
        raise IconikTypeError("storages", "must be a sequence of IconikStorage", got=value, fix=fix)
    for each in value:
        if not isinstance(each, IconikStorage):
            raise IconikTypeError("storages", "must hold IconikStorage only", got=each, fix=fix)
    if not value:
        raise IconikValueError("storages", "must hold at least one storage", got=value, fix=fix)
    return list(dict.fromkeys(value))


def _merged(storages: Sequence[IconikStorage], stack: cdk.Stack) -> Iterator[WatchedPolicy]:
    has_merged = False
    policies: set[str] = set()
    for number, storage in enumerate(storages):
        if cdk.Stack.of(storage) != stack:
            raise IconikValueError(
                "storages",
                f"must be of the watch's own stack {stack.node.path}, but {storage.node.path} is not: the merge "
                "function also checks, and each stack has its own",
                fix="Make an IconikWatch in the stack of each storage.",
            )
        for placement in storage.placements:
            if placement.how is PlacementKind.MERGED:
                has_merged = True
                each = WatchedPolicy(storage, placement, f"Storage{number}")
                # Several storages of a stack share the custom resource of a policy, and its check.
                policy = json.dumps(stack.resolve(each.target))
                if policy not in policies:
                    policies.add(policy)
                    yield each
    if not has_merged:
        raise IconikValueError(
            "storages",
            "must have at least one storage that is merged into a policy of another owner; CloudFormation protects a "
            "policy in a template of this app",
            got=[storage.node.path for storage in storages],
            fix="Leave the watch out. Check statements that were handed over with `iconik-construct check`.",
        )


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    for name in reversed(path):
        value = {name: value}
    return cast("dict[str, Any]", value)
