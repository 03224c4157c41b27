"""Builds the facts about access points of buckets, also those of several Regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..assessment.fact import NotConfigured
from ..assessment.facts import AccessPointFacts
from ..judge.text import AnyText, MarkedText, is_plain, joined, unknown
from .equal_texts import unique
from .intrinsics import Scope, possible_values
from .made_bucket import MadeBucket
from .named_bucket import NamedBucket
from .own_resources import with_own_point
from .policies import Case, Policy, fact_of, resolved
from .template import App, Template, nearest, properties_of

__all__ = ["AccessPoints", "PlacedPoint"]

_ACCESS_POINT: Final = "AWS::S3::AccessPoint"
_MULTI_REGION: Final = "AWS::S3::MultiRegionAccessPoint"
_MULTI_REGION_POLICY: Final = "AWS::S3::MultiRegionAccessPointPolicy"


@dataclass(frozen=True)
class PlacedPoint:
    """An access point of a bucket, with its place.

    Attributes:
        facts: the facts.
        policy: its policy.
        cases: the statements of the policy, in the order of the facts.
        is_here: whether all buckets behind it are in the templates.
    """

    facts: AccessPointFacts
    policy: Policy
    cases: tuple[Case, ...]
    is_here: bool


class AccessPoints:
    """The access points of an app.

    Args:
        app: the app.
        app_policies: all policies of the app.
        made: the buckets of the app by name.
    """

    def __init__(
        self, app: App, app_policies: Sequence[Policy], made: Mapping[MarkedText, Sequence[MadeBucket]]
    ) -> None:
        self._app = app
        self._made = made
        self._elsewhere: set[int] = set()
        self.names: dict[MarkedText, list[Policy]] = {}
        for policy in app_policies:
            for name in self._buckets_behind(policy):
                self.names.setdefault(name, []).append(policy)
                if not self._is_here(policy, name):
                    self._elsewhere.add(id(policy))

    def _buckets_behind(self, policy: Policy) -> Iterator[MarkedText]:
        if policy.kind == _ACCESS_POINT:
            yield from possible_values(policy.properties.get("Bucket"), policy.scope)
        if policy.kind != _MULTI_REGION_POLICY:
            return
        scope = Scope(self._app, policy.template)
        wanted = set(possible_values(policy.properties.get("MrapName"), scope))
        for logical_id, resource in policy.template.resources.items():
            if resource.get("Type") == _MULTI_REGION:
                properties = properties_of(resource)
                names = {*possible_values({"Ref": logical_id}, scope), *possible_values(properties.get("Name"), scope)}
                regions = properties.get("Regions")
                for region in regions if names & wanted and isinstance(regions, list) else ():
                    yield from possible_values(region.get("Bucket"), scope) if isinstance(region, dict) else ()

    def _is_here(self, policy: Policy, name: MarkedText) -> bool:
        """Return whether the bucket of that name is in the templates. Names of buckets are global."""
        made = self._made.get(name, ())
        _, is_certain = nearest(policy.template, [(each.template, each) for each in made])
        return bool(made) and (is_certain or is_plain(name))

    def of(self, named: NamedBucket, decided: Mapping[str, bool]) -> list[PlacedPoint]:
        """Return the access points of a bucket, for the answers to conditions of its template."""
        of_bucket = self.names.get(named.name, ())
        # Several stacks of one class have equal logical ids.
        names = unique(
            (each.logical_id, each.template.stack_path or Path(each.template.path).name) for each in of_bucket
        )
        points = []
        for policy, name in zip(of_bucket, names, strict=True):
            read = policy.cases(decided if policy.template is named.template else {})
            wide, _ = resolved(read)
            for arn in _arns_of(policy):
                own = [with_own_point(each, arn) for each in wide]
                facts = AccessPointFacts(
                    arn=arn,
                    name=name,
                    network="VPC" if "VpcConfiguration" in policy.properties else "Internet",
                    policy=fact_of(policy, own) if "Policy" in policy.properties else NotConfigured(),
                    account=_account_of(policy.template, named.template),
                )
                points.append(PlacedPoint(facts, policy, read.cases, id(policy) not in self._elsewhere))
        return points


def _arns_of(policy: Policy) -> list[MarkedText]:
    """Return the possible ARNs of an access point. One of several Regions has an alias in place of its name."""
    arns = possible_values({"Fn::GetAtt": [policy.logical_id, "Arn"]}, policy.scope)
    if policy.kind == _ACCESS_POINT:
        return arns
    [account] = possible_values({"Ref": "AWS::AccountId"}, policy.scope)
    return [joined("arn:aws:s3::", account, ":accesspoint/", arn) for arn in arns]


def _account_of(template: Template, of_bucket: Template) -> AnyText:
    """Return the account of an access point, or an empty text for that of its bucket."""
    if template.account or template is of_bucket:
        return template.account or ""
    return unknown("the account of the access point") if of_bucket.account else ""
