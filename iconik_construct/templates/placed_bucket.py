"""Defines the facts about a bucket, with their places in templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..assessment import rules
from ..assessment.facts import BucketFacts
from ..assessment.finding import Finding, Place
from ..judge.text import in_document, joined
from .encryption_keys import PlacedKey
from .policies import Case, Policy
from .template import Template

__all__ = ["PlacedBucket"]


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
        points: its access points, by name, with their policies.
        shape: the same text for buckets with the same content in the templates; empty if unknown.
    """

    facts: BucketFacts
    template: Template
    logical_id: str
    bucket_template: Template | None
    policy: Policy | None
    cases: tuple[Case, ...]
    keys: tuple[PlacedKey, ...]
    points: Mapping[str, tuple[Policy, tuple[Case, ...]]]
    shape: str = ""

    @property
    def is_merged(self) -> bool:
        """Whether the app only adds statements to its policy."""
        return self.policy is not None and self.policy.is_merged

    def is_not_here(self, finding: Finding) -> bool:
        """Whether a finding is about a fact that no template has: of a merged policy, or of an imported bucket."""
        return finding.rule is rules.UNREAD and (self.is_merged or self.bucket_template is None)

    @cached_property
    def content(self) -> str:
        """The facts as text, without the names of the bucket and its keys: equal for buckets with equal findings."""
        text = f"{self.template.account}{self.is_merged}{self.policy is None}{not self.logical_id}{self.facts!r}"
        names = [self.facts.bucket_arn, self.facts.name, *(key.facts.named for key in self.keys)]
        for number, name in enumerate(names):
            text = text.replace(repr(in_document(name))[1:-1], f"@{number}") if name else text
        return text

    def place_of(self, finding: Finding) -> Place:
        """Return the place of a finding: the statement that decides, the policy, or the bucket."""
        policy, case = self.decisive(finding)
        if policy is None:
            template = self.bucket_template or self.template
            return Place(template.path, self.logical_id, "Properties")
        return Place(policy.template.path, policy.logical_id, policy.location if case is None else case.location)

    def decisive(self, finding: Finding) -> tuple[Policy | None, Case | None]:
        """Return the policy that a finding is about, and the statement that decides, or None."""
        for name, (policy, cases) in self.points.items():
            if finding.where == f"the access point {name}":
                return policy, _at(cases, finding.index)
        for key in self.keys:
            where = joined(finding.where)
            is_about_key = where.startswith("the key") and where.endswith(key.facts.arn)
            if is_about_key and key.policy is not None and (finding.index >= 0 or self.policy is None):
                return key.policy, _at(key.cases, finding.index)
        return self.policy, _at(self.cases, finding.index) if finding.where == "the bucket policy" else None


def _at(cases: Sequence[Case], index: int) -> Case | None:
    return cases[index] if 0 <= index < len(cases) else None
