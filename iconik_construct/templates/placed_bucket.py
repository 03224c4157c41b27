"""Defines the facts about a bucket, with their places in templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..assessment import rules
from ..assessment.fact import value_of
from ..assessment.facts import BucketFacts
from ..assessment.finding import Finding, Place
from ..assessment.names import Iconik
from ..judge.text import MarkedText, joined
from .access_points import PlacedPoint
from .encryption_keys import PlacedKey
from .equal_texts import without_names
from .policies import Case, Policy
from .template import Template

__all__ = ["ListedBucket", "PlacedBucket", "without_used_keys"]


@dataclass(frozen=True)
class PlacedBucket:
    """The facts about a bucket in one case, with their places.

    Attributes:
        facts: the facts.
        template: the template of its policy, or of the bucket if it has no policy.
        logical_id: the bucket in its template; empty if no template makes it.
        bucket_template: the template that makes the bucket, or None.
        policy: its policy, whole or merged, or None.
        cases: the statements of the policy, in the order of the facts.
        keys: its keys.
        points: its access points, by name.
        decided: the answers to conditions of the template in this case.
    """

    facts: BucketFacts
    template: Template
    logical_id: str
    bucket_template: Template | None
    policy: Policy | None
    cases: tuple[Case, ...]
    keys: tuple[PlacedKey, ...]
    points: Mapping[str, PlacedPoint]
    decided: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_merged(self) -> bool:
        """Whether the app only adds statements to its policy."""
        return self.policy is not None and self.policy.is_merged

    @property
    def is_key(self) -> bool:
        """Whether it is a key alone: the bucket is not in the templates."""
        return self.policy is None and not self.logical_id

    @property
    def statements(self) -> tuple[Case, ...]:
        """The statements of the bucket policy; of the key policy, if it is a key alone."""
        return self.keys[0].cases if self.is_key else self.cases

    def names(self, iconik: Iconik) -> bool:
        """Whether a policy allows iconik something."""
        return any(not case.is_deny and iconik.is_named_in(case.wide) for case in self.statements)

    def is_not_here(self, finding: Finding) -> bool:
        """Whether a finding is about a fact that no template has: of a merged policy, or of an imported bucket."""
        return finding.rule is rules.UNREAD and (self.is_merged or self.bucket_template is None)

    @cached_property
    def content(self) -> str:
        """The facts as text, equal for buckets with equal findings: without names that no finding depends on."""
        facts = self.facts
        text = f"{self.template.account}{self.is_merged}{self.policy is None}{not self.logical_id}{facts!r}"
        names = [joined(name) for name in (facts.bucket_arn, facts.name, *(key.named for key in facts.keys)) if name]
        policies = [
            facts.policy,
            *(key.policy for key in facts.keys),
            *(each.policy for each in facts.all_access_points),
        ]
        strict = [facts.strict_policy, *(key.strict_policy for key in facts.keys)]
        return without_names(text, names, [*map(value_of, policies), *strict])

    def place_of(self, finding: Finding) -> Place:
        """Return the place of a finding: the statement that decides, the policy, or the bucket."""
        policy, case = self.decisive(finding)
        if policy is None:
            template = self.bucket_template or self.template
            return Place(template.path, self.logical_id, "Properties")
        return policy.place(policy.location if case is None else case.location)

    def decisive(self, finding: Finding) -> tuple[Policy | None, Case | None]:
        """Return the policy that a finding is about, and the statement that decides, or None."""
        for name, point in self.points.items():
            if finding.where == f"the access point {name}":
                return point.policy, _at(point.cases, finding.index)
        for key in self.keys:
            names = (joined("the key policy of ", key.facts.arn), joined("the key ", key.facts.arn))
            if finding.where in names and key.policy is not None and (finding.index >= 0 or self.policy is None):
                case = _at(key.cases, finding.index)
                return key.policy if case is None else key.owners[finding.index], case
        return self.policy, _at(self.cases, finding.index) if finding.where == "the bucket policy" else None


@dataclass(frozen=True)
class ListedBucket:
    """A bucket of the templates that is read on demand, or a key alone.

    Attributes:
        template: the template of its policy, or of the bucket if it has no policy.
        logical_id: the bucket in its template; empty if no template makes it.
        is_together: whether one template makes the bucket and its policy.
        policy: its policy, whole or merged, or None.
        shape: the same text for buckets with the same content in the templates; empty if unknown.
        arns_with_policy: the ARNs of the bucket and of its keys, each if a template has its policy.
        key_policies: the policies of its keys; of the key, if it is a key alone.
        is_key: whether it is a key, with a bucket about which nothing is known.
        read: yields the facts, once per case of the template's conditions.
    """

    template: Template
    logical_id: str
    is_together: bool
    policy: Policy | None
    shape: str
    arns_with_policy: tuple[MarkedText, ...]
    key_policies: tuple[Policy, ...]
    is_key: bool
    read: Callable[[], Iterator[PlacedBucket]]

    @cached_property
    def cases(self) -> tuple[PlacedBucket, ...]:
        """The facts, once per case of the template's conditions."""
        return tuple(self.read())


def without_used_keys(
    listed: Iterable[ListedBucket], is_used_by: Callable[[ListedBucket], bool]
) -> Iterator[ListedBucket]:
    """Yield each bucket, and each key alone that no bucket of a kind uses.

    Args:
        listed: the buckets, and then the keys.
        is_used_by: whether a bucket is of that kind. Buckets of one shape are asked about once.
    """
    used: set[int] = set()
    by_shape: dict[str, bool] = {}
    for each in listed:
        ids = set(map(id, each.key_policies))
        if not each.is_key or used.isdisjoint(ids):
            yield each
        if ids and not each.is_key:
            is_used = by_shape[each.shape] if each.shape in by_shape else is_used_by(each)
            if each.shape:
                by_shape[each.shape] = is_used
            used |= ids if is_used else set()


def _at(cases: Sequence[Case], index: int) -> Case | None:
    return cases[index] if 0 <= index < len(cases) else None
