"""Builds the facts about each bucket of an app that has a policy, once per case of the template's conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ..assessment.fact import Found, NotConfigured
from ..assessment.facts import BucketFacts, Settings, place_of
from ..judge.text import AnyText, MarkedText, in_document, is_own, joined, own, unknown
from .access_points import AccessPoints
from .calls import changes_by_calls
from .cases import conditions_in
from .choices import choices_for
from .conditions import combinations
from .encryption_keys import KeyPolicies, PlacedKey, arns_of, ends_of_sids, keys_under
from .equal_texts import without_id
from .intrinsics import Scope, possible_values
from .made_bucket import MadeBucket, has_public_acl, made_buckets
from .named_bucket import NamedBucket, named_buckets
from .own_resources import own_statements
from .placed_bucket import ListedBucket, PlacedBucket, without_used_keys
from .policies import Policy, Resolved, fact_of, policies, resolved
from .settings import NOT_HERE, settings_of, unknown_settings
from .template import App, Template
from .values import REGION, chosen
from .whole_policies import replaced, that_may_be_missing

__all__ = ["ListedBucket", "PlacedBucket", "buckets_of", "listed_buckets"]

_BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
_MOST_CASES: Final = 64
_MOST_CONDITIONS: Final = 5
"""The maximum number of conditions that are decided for one bucket if all of them have more cases than that."""


def buckets_of(app: App) -> Iterator[PlacedBucket]:
    """Yield the facts about each bucket with a policy, access point or public ACL, once per case of its conditions.

    A key that encrypts no such bucket is alone, with a bucket about which nothing is known.
    """
    for bucket in without_used_keys(listed_buckets(app), lambda _: True):
        yield from bucket.cases


def listed_buckets(app: App, app_policies: Sequence[Policy] | None = None) -> Iterator[ListedBucket]:
    """Yield each bucket with a policy, access point or public ACL, and then each key alone, unread.

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
        self._changed: dict[MarkedText, dict[str, Any]] = {}
        self._changed_keys: dict[int, dict[str, Any]] = {}
        for change in changes_by_calls(app):
            for name in change.buckets:
                self._changed.setdefault(name, {})[change.name] = change.fact
            for policy in (each for name in change.keys for each in self._keys.of(name, change.template)):
                self._changed_keys.setdefault(id(policy), {})[change.name] = change.fact
        self._known_settings: dict[str, Settings] = {}
        for bucket in made_buckets(app):
            for name in possible_values({"Ref": bucket.logical_id}, Scope(app, bucket.template, bucket.decided)):
                self._buckets.setdefault(name, []).append(bucket)
        self._points = AccessPoints(app, app_policies, self._buckets)
        for policy in app_policies:
            self._add(policy)

    def _add(self, policy: Policy) -> None:
        properties, scope = policy.properties, policy.scope
        if policy.kind == _BUCKET_POLICY:
            # A policy that is read alone, from a file, does not name its bucket.
            names = possible_values(properties.get("Bucket"), scope)
            for name in names or [unknown(f"the bucket of {policy.logical_id}")]:
                self._by_bucket.setdefault(name, []).append(policy)
        elif policy.is_merged and "BucketName" in properties:
            for name in possible_values(properties.get("BucketName"), scope):
                self._by_bucket.setdefault(name, []).append(policy)

    def listed(self) -> Iterator[ListedBucket]:
        names = dict.fromkeys([*self._by_bucket, *self._points.names])
        names |= dict.fromkeys(
            name
            for name, buckets in self._buckets.items()
            if any(has_public_acl(self._app, bucket) for bucket in buckets)
        )
        for name in names:
            # Two policies of one bucket replace each other in an unknown order: each of them may be the last one.
            for each in named_buckets(name, self._by_bucket.get(name, ()), self._buckets.get(name, ())):
                is_public = each.bucket is not None and has_public_acl(self._app, each.bucket)
                if each.policy is not None or is_public or name in self._points.names:
                    yield self._listed(each)
        for key, of_key in self._keys.named():
            yield ListedBucket(
                template=of_key[0].template,
                logical_id="",
                is_together=False,
                policy=None,
                shape="",
                arns_with_policy=(key,),
                key_policies=tuple(of_key),
                is_key=True,
                read=partial(self._without_bucket, key, of_key[0]),
            )

    def _without_bucket(self, name: MarkedText, policy: Policy) -> Iterator[PlacedBucket]:
        """Yield a key that encrypts no bucket of the templates, with a bucket about which nothing is known."""
        template = policy.template
        key = self._key(name, policy.scope.decided, template, template, unknown("a bucket"))
        # Stacks of several Regions can merge into the policy of one key.
        region, account = place_of(name) or template.environment
        facts = BucketFacts(
            name=unknown("a bucket"),
            account=account or own("AWS::AccountId"),
            region=region or REGION,
            policy=NOT_HERE,
            settings=unknown_settings(),
            keys=(key.facts,),
        )
        yield PlacedBucket(facts, template, "", None, None, (), (key,), {})

    def _key(
        self, name: MarkedText, decided: Mapping[str, bool], template: Template, home: Template, bucket: MarkedText
    ) -> PlacedKey:
        key = self._keys.placed(name, decided, template, home, bucket=bucket)
        return replace(key, facts=replace(key.facts, **self._changed_keys.get(id(key.policy), {})))

    def _listed(self, named: NamedBucket) -> ListedBucket:
        keys = {key: self._keys.of(key, named.home) for key in self._key_names(named, named.decided)}
        key_policies = tuple(each for listed in keys.values() for each in listed)
        arns = [] if named.policy is None else [self._arn(named)]
        arns += (key for key, listed in keys.items() if listed)
        # The bucket can name the key by an alias.
        arns += (arn for policy in key_policies if policy.is_merged for arn in arns_of(policy))
        return ListedBucket(
            template=named.template,
            logical_id="" if named.bucket is None else named.bucket.logical_id,
            is_together=named.is_together,
            policy=named.policy,
            shape=self._shape(named, key_policies),
            arns_with_policy=tuple(arns),
            key_policies=key_policies,
            is_key=False,
            read=partial(self._read, named),
        )

    def _read(self, named: NamedBucket) -> Iterator[PlacedBucket]:
        decided, template = named.decided, named.template
        names = sorted(self._conditions(named) - set(decided)) if template.section("Conditions") else []
        listed = combinations(names, decided, template, _MOST_CASES)
        for answers in listed or combinations(names[:_MOST_CONDITIONS], decided, template, _MOST_CASES) or ():
            # If a parameter is part of the name, the policy contains the same name for the same value.
            for choice in choices_for(named.name, named.name_node, Scope(self._app, template, answers)):
                yield self._placed(named, {**answers, **choice})

    def _shape(self, named: NamedBucket, key_policies: Sequence[Policy]) -> str:
        """Return the templates' content about a bucket, without the names of the bucket and its key."""
        policy, bucket = named.policy, named.bucket
        if (
            policy is None
            or policy.is_merged
            or bucket is None
            or not named.is_together
            or bucket.decided != policy.scope.decided
            or len(self._by_bucket[named.name]) > 1
            or named.name in {*self._points.names, *self._changed}
            or any(id(each) in self._changed_keys for each in key_policies)
        ):
            return ""
        text = json.dumps(bucket.properties, default=str)
        ids = [bucket.logical_id]
        key = ""
        under = list(self._keys.under(bucket.properties, bucket.template))
        for each in under:
            text = without_id(text, each.logical_id)
            ids.append(each.logical_id)
            key += f"{each.kind}{each.text}"
        content = f"{policy.kind}{policy.text}{text}{key}"
        is_other = {id(each) for each in key_policies}.difference(map(id, under))
        if is_other or any(logical_id in content for logical_id in ids):
            return ""
        name = "" if is_own(named.name) else in_document(named.name)
        return f"{bucket.template.path}{name}{content}"

    def _conditions(self, named: NamedBucket) -> set[str]:
        """Return the template's conditions that the bucket, its policy and its keys depend on."""
        template, bucket = named.template, named.bucket
        names = conditions_in(named.policy.properties) if named.policy is not None else set()
        if bucket is not None and named.is_together:
            names |= conditions_in(bucket.properties)
            for key in self._key_names(named, bucket.decided):
                for each in self._keys.of(key, template):
                    if each.template is template:
                        names |= conditions_in(each.properties)
        return names

    def _placed(self, named: NamedBucket, decided: Mapping[str, bool]) -> PlacedBucket:
        name, policy, bucket, template = named.name, named.policy, named.bucket, named.template
        read = policy.cases(decided) if policy is not None else Resolved(())
        arn = self._arn(named)
        wide, strict = own_statements(resolved(read), arn, "s3")
        if policy is not None and bucket is not None:
            strict = that_may_be_missing(strict, policy, self._by_bucket[name], bucket)
        is_merged = policy is not None and policy.is_merged
        changed = dict(self._changed.get(name, {}))
        rest = changed.pop("rest_of_policy", None) or (policy and replaced(policy, self._by_bucket[name]))
        settings = unknown_settings() if bucket is None else self._settings(bucket, named.decided_at_home(decided))
        names = dict.fromkeys(self._key_names(named, decided))
        keys = tuple(self._key(each, decided, template, named.home, arn) for each in names)
        points = self._points.of(named, decided)
        facts = BucketFacts(
            name=name,
            bucket_arn=arn,
            account=template.account or own("AWS::AccountId"),
            region=template.region or chosen("AWS::Region", decided) or _region_of(bucket),
            policy=fact_of(policy, wide),
            strict_policy=None if policy is None or wide == strict else policy.as_json(strict),
            rest_of_policy=rest or (NOT_HERE if is_merged else NotConfigured()),
            settings=replace(settings, **changed),
            keys=tuple(key.facts for key in keys),
            access_points=Found([each.facts for each in points]) if points else NotConfigured(),
        )
        return PlacedBucket(
            facts=facts,
            template=template,
            logical_id="" if bucket is None else bucket.logical_id,
            bucket_template=None if bucket is None else bucket.template,
            policy=policy,
            cases=read.cases,
            keys=keys,
            points={each.facts.name: each for each in points},
            decided=decided,
        )

    def _settings(self, bucket: MadeBucket, decided: Mapping[str, bool]) -> Settings:
        """Return the settings of a bucket. They are read once for buckets with the same properties."""
        alike = {name: value for name, value in bucket.properties.items() if name != "BucketName"}
        key = f"{bucket.template.path}{sorted(decided.items())}{json.dumps(alike, sort_keys=True, default=str)}"
        if key not in self._known_settings:
            self._known_settings[key] = settings_of(bucket.properties, Scope(self._app, bucket.template, decided))
        return self._known_settings[key]

    def _arn(self, named: NamedBucket) -> MarkedText:
        if named.bucket is None:
            return joined("arn:aws:s3:::", named.name)
        scope = Scope(self._app, named.home, named.bucket.decided)
        arns = possible_values({"Fn::GetAtt": [named.bucket.logical_id, "Arn"]}, scope)
        return next((arn for arn in arns if arn.endswith(joined(":", named.name))), arns[0])

    def _key_names(self, named: NamedBucket, decided: Mapping[str, bool]) -> Iterator[MarkedText]:
        if named.bucket is None:
            yield from self._merged_beside(named.policy)
            return
        scope = Scope(self._app, named.home, named.decided_at_home(decided))
        for name in keys_under(named.bucket.properties.get("BucketEncryption"), scope):
            yield from self._keys.targets(name, named.home)

    def _merged_beside(self, policy: Policy | None) -> Iterator[MarkedText]:
        """Yield the key into whose policy the storage of a merged bucket policy merges too: their Sids end alike."""
        mine = ends_of_sids(policy) if policy is not None else set()
        for name, of_key in self._keys.named():
            if policy is not None and any(
                each.template is policy.template and each.is_merged and mine & ends_of_sids(each) for each in of_key
            ):
                yield name


def _region_of(bucket: MadeBucket | None) -> AnyText:
    """Return the Region of a bucket whose template has no Region. Only a plan of Terraform writes it to the bucket."""
    region = None if bucket is None else bucket.properties.get("Region")
    return region if isinstance(region, str) else REGION
