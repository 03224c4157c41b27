"""Whether a bucket certainly has the policy that a template writes: one that is the only one, and always made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ..assessment.fact import Fact, Unknown, Why
from ..judge.text import MarkedText
from .made_bucket import MadeBucket
from .policies import Policy

__all__ = ["may_not_exist", "replaced"]


def replaced(by_bucket: Mapping[MarkedText, Sequence[Policy]]) -> dict[MarkedText, Fact]:
    """Return, for each bucket with several policies of one template, that one of them replaces the others."""
    facts: dict[MarkedText, Fact] = {}
    for name, listed in by_bucket.items():
        for policy in listed:
            rivals = [each.logical_id for each in _of_the_same(policy, listed) if not each.scope.decided]
            if len(rivals) > 1 and not policy.scope.decided:
                text = f"{' and '.join(rivals)} are policies of the same bucket, and the last one replaces the others"
                facts[name] = Unknown("", Why.UNREADABLE, text)
    return facts


def may_not_exist(policy: Policy, listed: Sequence[Policy], bucket: MadeBucket) -> bool:
    """Return whether the bucket can exist without its policy. Several policies are taken for alternatives."""
    decided = bucket.decided if bucket.template is policy.template else {}
    return not policy.scope.decided.items() <= decided.items() and len(list(_of_the_same(policy, listed))) == 1


def _of_the_same(policy: Policy, listed: Sequence[Policy]) -> Iterator[Policy]:
    """Yield the whole policies of a template that name the bucket as this one does."""
    if policy.is_merged:
        return
    named = json.dumps(policy.properties.get("Bucket"), sort_keys=True, default=str)
    for each in listed:
        where = json.dumps(each.properties.get("Bucket"), sort_keys=True, default=str)
        if (each.kind, each.template, where) == (policy.kind, policy.template, named):
            yield each
