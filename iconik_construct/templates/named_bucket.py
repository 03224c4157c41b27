"""Defines a bucket with one of its policies, as the templates name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..judge.text import MarkedText
from .made_bucket import MadeBucket
from .policies import Policy
from .template import Template, nearest

__all__ = ["NamedBucket", "named_buckets"]


@dataclass(frozen=True)
class NamedBucket:
    """A bucket with one policy.

    Attributes:
        name: its name.
        policy: its policy, or None.
        bucket: the bucket, or None if no template makes it.
        template: the template of the policy, or of the bucket if it has no policy.
    """

    name: MarkedText
    policy: Policy | None
    bucket: MadeBucket | None
    template: Template

    @property
    def is_together(self) -> bool:
        """Whether one template makes the bucket and its policy."""
        return self.bucket is not None and self.bucket.template is self.template

    @property
    def home(self) -> Template:
        """The template of the bucket if one makes it, else that of the policy."""
        return self.template if self.bucket is None else self.bucket.template

    @property
    def decided(self) -> Mapping[str, bool]:
        """The answers, in its template, to the conditions under which the policy and the bucket exist."""
        of_bucket = self.bucket.decided if self.bucket is not None and self.is_together else {}
        return {**of_bucket, **(self.policy.scope.decided if self.policy is not None else {})}

    def decided_at_home(self, decided: Mapping[str, bool]) -> Mapping[str, bool]:
        """Return the answers in the template of the bucket, of those in the template of the policy."""
        return decided if self.bucket is None or self.is_together else self.bucket.decided

    @property
    def name_node(self) -> Any:
        """The template's node for the name of the bucket."""
        if self.bucket is not None:
            return self.bucket.properties.get("BucketName") if self.is_together else None
        properties = {} if self.policy is None else self.policy.properties
        return properties.get("Bucket", properties.get("BucketName"))


def named_buckets(name: MarkedText, policies: Sequence[Policy], made: Sequence[MadeBucket]) -> Iterator[NamedBucket]:
    """Yield each policy of a name with its bucket, and each other bucket of that name.

    Two templates can make buckets of the same name in two accounts.
    """
    with_policy = set()
    for policy in policies:
        for bucket in _of_policy(policy, made) or (None,):
            with_policy.add(id(bucket))
            yield NamedBucket(name, policy, bucket, policy.template)
    for bucket in made:
        if id(bucket) not in with_policy:
            yield NamedBucket(name, None, bucket, bucket.template)


def _of_policy(policy: Policy, made: Sequence[MadeBucket]) -> Sequence[MadeBucket]:
    """Return the bucket of a policy: the one that it refers to, else all that it can mean, the nearest first."""
    template, node = policy.template, policy.properties.get("Bucket")
    beside = [bucket for bucket in made if bucket.template is template]
    if isinstance(node, dict) and "Ref" in node:
        beside = [bucket for bucket in beside if bucket.logical_id == node["Ref"]] or beside
    return (
        beside or [bucket for _, bucket in nearest(template, [(each.template, each) for each in made])[0]] or made[:1]
    )
