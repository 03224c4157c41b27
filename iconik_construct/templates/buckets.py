"""Builds the facts about each bucket of an app that has a policy, once per case of the template's conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from ..assessment.fact import Found, NotConfigured
from ..assessment.facts import AccessPointFacts, BucketFacts, Settings
from ..judge.text import MarkedText, joined, own, unknown
from .calls import bucket_policy_writers
from .cases import combinations, conditions_in
from .choices import choices_for
from .encryption_keys import KeyPolicies, ends_of_sids, keys_under
from .intrinsics import Scope, possible_values
from .made_bucket import MadeBucket, has_public_acl, made_buckets
from .own_resources import own_statements
from .placed_bucket import ListedBucket, PlacedBucket
from .policies import Case, Policy, Resolved, fact_of, policies, resolved, uncertain, without_id
from .settings import NOT_HERE, settings_of, unknown_settings
from .template import App, Template, properties_of
from .values import REGION, chosen
from .whole_policies import may_not_exist, replaced

__all__ = ["ListedBucket", "PlacedBucket", "buckets_of", "listed_buckets"]

_BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
_ACCESS_POINT: Final = "AWS::S3::AccessPoint"
_MULTI_REGION: Final = "AWS::S3::MultiRegionAccessPoint"
_MULTI_REGION_POLICY: Final = "AWS::S3::MultiRegionAccessPointPolicy"
_MOST_CONDITIONS: Final = 5
"""The maximum number of conditions that are decided for one bucket. Each condition doubles the cases."""


def buckets_of(app: App) -> Iterator[PlacedBucket]:
    """Yield the facts about each bucket with a policy, access point or public ACL, once per case of its conditions."""
    for bucket in listed_buckets(app):
        yield from bucket.read()


def listed_buckets(app: App, app_policies: Sequence[Policy] | None = None) -> Iterator[ListedBucket]:
    """Yield each bucket with a policy, access point or public ACL, and each key that encrypts none of them, unread.

    Args:
        app: the app.
        app_policies: its policies. Default: read from the app.
    """
    yield from _Reading(app, list(policies(app)) if app_policies is None else app_policies).listed()


class _Reading:
    def __init__(self, app: App, app_policies: Sequence[Policy]) -> None:
        self._app = app
        self._keys = KeyPolicies(app, app_policies)
        self._buckets: dict[MarkedText, list[MadeBucket]] = {}
        self._by_bucket: dict[MarkedText, list[Policy]] = {}
        self._points: dict[MarkedText, list[Policy]] = {}
        self._used: set[int] = set()
        self._writers = bucket_policy_writers(app)
        self._known_settings: dict[str, Settings] = {}
        for bucket in made_buckets(app):
            for name in possible_values({"Ref": bucket.logical_id}, Scope(app, bucket.template, bucket.decided)):
                self._buckets.setdefault(name, []).append(bucket)
        for policy in app_policies:
            self._add(policy)
        self._writers |= replaced(self._by_bucket)

    def _add(self, policy: Policy) -> None:
        properties, scope = policy.properties, policy.scope
        if policy.kind == _BUCKET_POLICY:
            # A policy that is read alone, from a file, does not name its bucket.
            names = possible_values(properties.get("Bucket"), scope)
            for name in names or [unknown(f"the bucket of {policy.logical_id}")]:
                self._by_bucket.setdefault(name, []).append(policy)
        elif policy.kind == _ACCESS_POINT:
            for name in possible_values(properties.get("Bucket"), scope):
                self._points.setdefault(name, []).append(policy)
        elif policy.kind == _MULTI_REGION_POLICY:
            for name in self._buckets_behind(policy):
                self._points.setdefault(name, []).append(policy)
        elif policy.is_merged and "BucketName" in properties:
            for name in possible_values(properties.get("BucketName"), scope):
                self._by_bucket.setdefault(name, []).append(policy)

    def _buckets_behind(self, policy: Policy) -> Iterator[MarkedText]:
        """Yield the buckets of the multi-Region access point that the policy belongs to."""
        scope = Scope(self._app, policy.template)
        wanted = set(possible_values(policy.properties.get("MrapName"), scope))
        for logical_id, resource in policy.template.resources.items():
            if resource.get("Type") == _MULTI_REGION:
                properties = properties_of(resource)
                names = {*possible_values({"Ref": logical_id}, scope), *possible_values(properties.get("Name"), scope)}
                regions = properties.get("Regions")
                for region in regions if names & wanted and isinstance(regions, list) else ():
                    yield from possible_values(region.get("Bucket"), scope) if isinstance(region, dict) else ()

    def listed(self) -> Iterator[ListedBucket]:
        names = dict.fromkeys([*self._by_bucket, *self._points])
        names |= dict.fromkeys(
            name
            for name, buckets in self._buckets.items()
            if any(has_public_acl(self._app, bucket) for bucket in buckets)
        )
        for name in names:
            listed: Sequence[Policy | None] = self._by_bucket.get(name, ())
            # Two policies of one bucket replace each other in an unknown order: each of them may be the last one.
            for policy in listed or (None,):
                bucket = self._bucket(name, policy)
                beside = policy or bucket
                if beside is not None:
                    yield self._listed(name, policy, bucket, beside.template)
        for key in self._keys.named():
            if not any(id(policy) in self._used for policy in self._keys.of(key)):
                policy = self._keys.of(key)[0]
                read = partial(self._without_bucket, key, policy)
                yield ListedBucket(policy.template, "", None, "", (key,), read)

    def _without_bucket(self, name: MarkedText, policy: Policy) -> Iterator[PlacedBucket]:
        """Yield a key that encrypts no bucket of the templates, with a bucket about which nothing is known."""
        template = policy.template
        key = self._keys.placed(name, policy.scope.decided, template)
        facts = BucketFacts(
            name=unknown("a bucket"),
            account=template.account or own("AWS::AccountId"),
            region=template.region or REGION,
            policy=NOT_HERE,
            settings=unknown_settings(),
            keys=(key.facts,),
        )
        yield PlacedBucket(facts, template, "", None, None, (), (key,), {})

    def _bucket(self, name: MarkedText, policy: Policy | None) -> MadeBucket | None:
        # Two templates can make buckets of the same name in two accounts. The policy is for the one in its template.
        buckets = self._buckets.get(name, [])
        beside = [bucket for bucket in buckets if policy is not None and bucket.template is policy.template]
        return next(iter([*beside, *buckets]), None)

    def _listed(
        self, name: MarkedText, policy: Policy | None, bucket: MadeBucket | None, template: Template
    ) -> ListedBucket:
        decided = {
            **(bucket.decided if bucket is not None and bucket.template is template else {}),
            **(policy.scope.decided if policy is not None else {}),
        }
        keys = {key: self._keys.of(key) for key in self._key_names(bucket, policy, template, decided)}
        self._used.update(id(each) for listed in keys.values() for each in listed)
        arns = [] if policy is None else [self._arn(name, bucket)]
        arns += (key for key, listed in keys.items() if listed)
        return ListedBucket(
            template=template,
            logical_id="" if bucket is None else bucket.logical_id,
            policy=policy,
            shape=self._shape(name, policy, bucket),
            arns_with_policy=tuple(arns),
            read=partial(self._read, name, policy, bucket, template, decided),
        )

    def _read(
        self,
        name: MarkedText,
        policy: Policy | None,
        bucket: MadeBucket | None,
        template: Template,
        decided: Mapping[str, bool],
    ) -> Iterator[PlacedBucket]:
        names = self._conditions(policy, bucket, template) - set(decided) if template.section("Conditions") else set()
        for answers in combinations(sorted(names)[:_MOST_CONDITIONS], decided):
            # If a parameter is part of the name, the policy contains the same name for the same value.
            for choice in choices_for(name, _name_node(bucket, policy, template), Scope(self._app, template, answers)):
                yield self._placed(name, policy, bucket, template, {**answers, **choice})

    def _shape(self, name: MarkedText, policy: Policy | None, bucket: MadeBucket | None) -> str:
        """Return the templates' content about a bucket, without the names of the bucket and its key."""
        if (
            policy is None
            or policy.is_merged
            or bucket is None
            or bucket.template is not policy.template
            or bucket.decided != policy.scope.decided
            or name in {*self._points, *self._writers}
        ):
            return ""
        text = json.dumps(bucket.properties, default=str)
        key = ""
        for each in self._keys.under(bucket.properties, bucket.template):
            text = without_id(text, each.logical_id)
            key += f"{each.kind}{each.text}"
        return f"{bucket.template.path}{policy.kind}{policy.text}{text}{key}"

    def _conditions(self, policy: Policy | None, bucket: MadeBucket | None, template: Template) -> set[str]:
        """Return the template's conditions that the bucket, its policy and its keys depend on."""
        names = conditions_in(policy.properties) if policy is not None else set()
        if bucket is not None and bucket.template is template:
            names |= conditions_in(bucket.properties)
            scope = Scope(self._app, template, bucket.decided)
            for key in keys_under(bucket.properties.get("BucketEncryption"), scope):
                for each in self._keys.of(key):
                    if each.template is template:
                        names |= conditions_in(each.properties)
        return names

    def _placed(
        self,
        name: MarkedText,
        policy: Policy | None,
        bucket: MadeBucket | None,
        template: Template,
        decided: Mapping[str, bool],
    ) -> PlacedBucket:
        read = policy.cases(decided) if policy is not None else Resolved(())
        arn = self._arn(name, bucket)
        wide, strict = own_statements(resolved(read), arn, "s3")
        if policy is not None and bucket is not None and may_not_exist(policy, self._by_bucket[name], bucket):
            strict = uncertain(strict)
        is_merged = policy is not None and policy.is_merged
        names = dict.fromkeys(self._key_names(bucket, policy, template, decided))
        keys = tuple(self._keys.placed(each, decided, template) for each in names)
        points = self._points_of(name, decided)
        if bucket is None:
            settings = unknown_settings()
        else:
            settings = self._settings(bucket, decided if bucket.template is template else {})
        facts = BucketFacts(
            name=name,
            bucket_arn=arn,
            account=template.account or own("AWS::AccountId"),
            region=template.region or chosen("AWS::Region", decided) or REGION,
            policy=fact_of(policy, wide),
            strict_policy=None if policy is None or wide == strict else policy.as_json(strict),
            rest_of_policy=self._writers.get(name, NOT_HERE if is_merged else NotConfigured()),
            settings=settings,
            keys=tuple(key.facts for key in keys),
            access_points=Found([each for each, _, _ in points]) if points else NotConfigured(),
        )
        return PlacedBucket(
            facts=facts,
            template=template,
            logical_id="" if bucket is None else bucket.logical_id,
            bucket_template=None if bucket is None else bucket.template,
            policy=policy,
            cases=read.cases,
            keys=keys,
            points={each.name: (point, cases) for each, point, cases in points},
        )

    def _settings(self, bucket: MadeBucket, decided: Mapping[str, bool]) -> Settings:
        """Return the settings of a bucket. They are read once for buckets with the same properties."""
        alike = {name: value for name, value in bucket.properties.items() if name != "BucketName"}
        key = f"{bucket.template.path}{sorted(decided.items())}{json.dumps(alike, sort_keys=True, default=str)}"
        if key not in self._known_settings:
            self._known_settings[key] = settings_of(bucket.properties, Scope(self._app, bucket.template, decided))
        return self._known_settings[key]

    def _arn(self, name: MarkedText, bucket: MadeBucket | None) -> MarkedText:
        if bucket is not None:
            scope = Scope(self._app, bucket.template, bucket.decided)
            arns = possible_values({"Fn::GetAtt": [bucket.logical_id, "Arn"]}, scope)
            return next((arn for arn in arns if arn.endswith(joined(":", name))), arns[0])
        return joined("arn:aws:s3:::", name)

    def _key_names(
        self, bucket: MadeBucket | None, policy: Policy | None, template: Template, decided: Mapping[str, bool]
    ) -> Iterator[MarkedText]:
        if bucket is None:
            return self._merged_beside(policy)
        own_decided = decided if bucket.template is template else bucket.decided
        scope = Scope(self._app, bucket.template, own_decided)
        return keys_under(bucket.properties.get("BucketEncryption"), scope)

    def _merged_beside(self, policy: Policy | None) -> Iterator[MarkedText]:
        """Yield the key into whose policy the storage of a merged bucket policy merges too: their Sids end alike."""
        mine = ends_of_sids(policy) if policy is not None else set()
        for name in self._keys.named():
            for each in self._keys.of(name):
                if (
                    policy is not None
                    and each.template is policy.template
                    and each.is_merged
                    and mine & ends_of_sids(each)
                ):
                    yield name
                    break

    def _points_of(
        self, name: MarkedText, decided: Mapping[str, bool]
    ) -> list[tuple[AccessPointFacts, Policy, tuple[Case, ...]]]:
        points = []
        of_bucket = self._points.get(name, ())
        logical_ids = [each.logical_id for each in of_bucket]
        for point in of_bucket:
            # Several stacks of one class have equal logical ids.
            is_only = logical_ids.count(point.logical_id) == 1
            read = point.cases(decided if self._is_beside(point, name) else {})
            wide, _ = resolved(read)
            scope = point.scope
            arn = possible_values({"Fn::GetAtt": [point.logical_id, "Arn"]}, scope)[0]
            facts = AccessPointFacts(
                arn=arn,
                name=point.logical_id if is_only else f"{point.logical_id} of {point.template.path}",
                network="VPC" if "VpcConfiguration" in point.properties else "Internet",
                policy=fact_of(point, wide) if "Policy" in point.properties else NotConfigured(),
            )
            points.append((facts, point, read.cases))
        return points

    def _is_beside(self, point: Policy, name: MarkedText) -> bool:
        listed = self._by_bucket.get(name, [])
        return any(each.template is point.template for each in listed)


def _name_node(bucket: MadeBucket | None, policy: Policy | None, template: Template) -> Any:
    """Return the template's node for the name of the bucket."""
    if bucket is not None:
        return bucket.properties.get("BucketName") if bucket.template is template else None
    return None if policy is None else policy.properties.get("Bucket", policy.properties.get("BucketName"))
