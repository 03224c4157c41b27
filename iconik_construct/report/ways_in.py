"""Who gets into the buckets of an app beside what their policies say: by access points, by what the guardrail finds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..guardrail import rules
from ..guardrail.check import check
from ..guardrail.iconik import Iconik
from ..guardrail.intrinsics import Scope
from ..guardrail.manifest import Assembly as Manifest
from ..guardrail.template import App, Template, properties_of
from ..judge.access_points import who_gets_in_through
from ..judge.iconik import others
from ..judge.text import shown
from .app_keys import Resource
from .model import Policy
from .resolving import account_of, document_of, plain

__all__ = ["found_by_the_guardrail", "open_access_points"]

_WAYS_IN: Final = frozenset(
    {
        rules.NO_TAG,
        rules.INEFFECTIVE_TAG,
        rules.OTHER_DOMAIN,
        rules.EVERYONE,
        rules.NOT_PRINCIPAL,
        rules.UNRESOLVED,
    }
)
_ACCESS_POINT: Final = "AWS::S3::AccessPoint"
_POLICIES: Final = ("AWS::S3::BucketPolicy", "Custom::Iconik")


def found_by_the_guardrail(
    app: App, iconik: Iconik, manifest: Manifest, buckets: Collection[str], keys: Collection[str]
) -> Iterator[tuple[bool, str]]:
    """Yield the ways in for iconik's others, or what may be one, unless acknowledged.

    With each goes whether it is in a policy of which the page asks the judge itself. That everyone gets in there is the
    judge's word alone: the policy may be of a bucket that has nothing to do with iconik. So is what an access point
    lets in: that takes the policy of its bucket too.

    Args:
        app: the templates.
        iconik: whom to look out for.
        manifest: the constructs, and what was acknowledged on them.
        buckets: the names of the buckets whose policies were judged, with those of their access points.
        keys: the ARNs of the keys whose policies are on the page.
    """
    templates = {one.path: one for one in app.templates}
    for one in check(app, iconik):
        template = templates[one.template_path]
        is_judged = _is_judged(one.logical_id, template, app, buckets, keys)
        kind = template.resources.get(one.logical_id, {}).get("Type")
        left_to_the_judge = is_judged and (
            one.rule is rules.EVERYONE or (kind == _ACCESS_POINT and one.rule is not rules.UNRESOLVED)
        )
        if one.rule not in _WAYS_IN or left_to_the_judge:
            continue
        path = manifest.place_of(one, template)
        if not manifest.is_acknowledged(f"iconik-guardrail::{one.rule.id}", path):
            yield is_judged, f"{path} ({one.logical_id}): {one.rule.text.rstrip('.')} ({one.rule.id})"


def _is_judged(logical_id: str, template: Template, app: App, buckets: Collection[str], keys: Collection[str]) -> bool:
    """Tell whether the page asks the judge about a resource itself."""
    resource, scope = template.resources.get(logical_id, {}), Scope(app, template)
    kind = str(resource.get("Type"))
    if kind == _ACCESS_POINT:
        names = plain(properties_of(resource).get("Bucket"), scope)
        return bool(names) and all(name in buckets for name in names)
    return kind.startswith(_POLICIES) or any(arn in keys for arn in plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope))


def open_access_points(
    resources: Iterable[Resource],
    policies: Mapping[str, tuple[Policy, Template]],
    system_domain_ids: Sequence[str],
    role_arn: str,
) -> Iterator[str]:
    """Yield whom an access point lets in, together with the policy of its bucket, but iconik for its domains.

    Args:
        resources: those of all templates.
        policies: the bucket policies, by the bucket's name.
        system_domain_ids: whose iconik is meant to get in.
        role_arn: the role that it comes as.
    """
    for _, logical_id, resource, scope in resources:
        properties = properties_of(resource)
        if resource.get("Type") != _ACCESS_POINT or "Policy" not in properties:
            continue
        document = document_of(properties["Policy"], scope)
        for name in plain(properties.get("Bucket"), scope):
            if name not in policies:
                continue
            policy, template = policies[name]
            people = {
                who
                for arn in _arns(logical_id, properties, scope)
                for who in who_gets_in_through(
                    document,
                    arn=arn,
                    network="VPC" if "VpcConfiguration" in properties else "Internet",
                    bucket_policy=policy.document,
                    bucket_arn=policy.arn,
                    account=account_of(template),
                    people=others(system_domain_ids, role_arn),
                )
            }
            if people:
                yield f"{shown(name)}: the access point {logical_id} lets in {', '.join(sorted(people))}"


def _arns(logical_id: str, properties: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    """Yield the ARN of an access point in the two ways in which its policy can write it."""
    yield from plain({"Fn::GetAtt": [logical_id, "Arn"]}, scope)
    start = "arn:${AWS::Partition}:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/"
    for name in plain(properties.get("Name", {"Ref": logical_id}), scope):
        yield from (f"{one}{name}" for one in plain({"Fn::Sub": start}, scope))
