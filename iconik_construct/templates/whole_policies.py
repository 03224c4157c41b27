"""Whether a bucket certainly has the policy that a template writes: one that is the only one, and always made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..assessment.fact import Fact, Unknown, Why
from ..judge.text import is_plain, unknown
from .intrinsics import possible_values
from .made_bucket import MadeBucket
from .policies import Policy

__all__ = ["replaced", "that_may_be_missing"]


def replaced(policy: Policy, listed: Sequence[Policy]) -> Fact | None:
    """Return the fact that one of several policies of the bucket in a template replaces the others, or None.

    Args:
        policy: one policy.
        listed: all policies of the bucket.
    """
    rivals = [each.logical_id for each in _of_the_same(policy, listed) if not each.scope.decided]
    if len(rivals) < 2:  # noqa: PLR2004
        return None
    text = f"{' and '.join(rivals)} are policies of the same bucket, and the last one replaces the others"
    return Unknown("", Why.UNREADABLE, text)


def that_may_be_missing(
    statements: Sequence[Mapping[str, Any]], policy: Policy, listed: Sequence[Policy], bucket: MadeBucket
) -> list[Mapping[str, Any]]:
    """Return the statements, with an unknown effect if the bucket can exist without its policy.

    Args:
        statements: the statements of the policy.
        policy: the policy.
        listed: all policies of the bucket. Several are taken for alternatives.
        bucket: the bucket.
    """
    decided = bucket.decided if bucket.template is policy.template else {}
    conditions = sorted(name for name, _ in policy.scope.decided.items() - decided.items())
    if not conditions or len(list(_of_the_same(policy, listed))) != 1:
        return list(statements)
    named = " and ".join(f"'{name}'" for name in conditions)
    effect = unknown(f"the policy has the CloudFormation condition {named}, so it may not be deployed")
    return [{**each, "Effect": effect} for each in statements]


def _of_the_same(policy: Policy, listed: Sequence[Policy]) -> Iterator[Policy]:
    """Yield the whole policies that certainly are of the same bucket."""
    if policy.is_merged:
        return
    for each in listed:
        if each.kind == policy.kind and (each is policy or _is_of_one_bucket(each, policy)):
            yield each


def _is_of_one_bucket(first: Policy, second: Policy) -> bool:
    """Return whether two policies that can have one bucket have no other."""
    both = (first, second)
    is_beside = first.template is second.template
    nodes = [json.dumps(each.properties.get("Bucket"), sort_keys=True, default=str) for each in both]
    if is_beside and nodes[0] == nodes[1]:
        return True
    names = [name for each in both for name in possible_values(each.properties.get("Bucket"), each.scope)]
    # Names of buckets are global. Of a product, the account can have any version.
    is_global = all(map(is_plain, names)) and all(each.template.is_of_stack for each in both)
    return len(names) == len(both) and (is_beside or is_global)
