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
from ..judge.access_points import gets_in_through
from ..judge.iconik import others
from ..judge.text import shown
from .app_keys import Resource
from .model import Policy
from .resolving import account_of, document_of, plain

__all__ = ["found_by_the_guardrail", "open_access_points"]

_WAYS_IN: Final = frozenset({rules.NO_TAG, rules.INEFFECTIVE_TAG, rules.OTHER_DOMAIN, rules.NOT_PRINCIPAL})
_JUDGED_BY_THE_PAGE: Final = ("AWS::S3::BucketPolicy", "AWS::S3::AccessPoint", "Custom::Iconik")


def found_by_the_guardrail(app: App, iconik: Iconik, manifest: Manifest, keys: Collection[str]) -> Iterator[str]:
    """Yield the ways in for iconik's others beside the policies of the page, which nobody acknowledged.

    Args:
        app: the templates.
        iconik: whom to look out for.
        manifest: the constructs, and what was acknowledged on them.
        keys: the ARNs of the keys whose policies are on the page.
    """
    templates = {one.path: one for one in app.templates}
    for one in check(app, iconik):
        template = templates[one.template_path]
        kind = str(template.resources.get(one.logical_id, {}).get("Type"))
        arns = plain({"Fn::GetAtt": [one.logical_id, "Arn"]}, Scope(app, template))
        if one.rule not in _WAYS_IN or kind.startswith(_JUDGED_BY_THE_PAGE) or any(arn in keys for arn in arns):
            continue
        path = manifest.place_of(one, template)
        if not manifest.is_acknowledged(f"iconik-guardrail::{one.rule.id}", path):
            yield f"{path} ({one.logical_id}): {one.rule.text.rstrip('.')} ({one.rule.id})"


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
        if resource.get("Type") != "AWS::S3::AccessPoint" or "Policy" not in properties:
            continue
        document = document_of(properties["Policy"], scope)
        for name in plain(properties.get("Bucket"), scope):
            if name not in policies:
                continue
            policy, template = policies[name]
            people = {
                who.name
                for who in others(system_domain_ids, role_arn)
                for arn in _arns(logical_id, properties, scope)
                if gets_in_through(
                    document,
                    arn=arn,
                    network="VPC" if "VpcConfiguration" in properties else "Internet",
                    bucket_policy=policy.document,
                    bucket_arn=policy.arn,
                    account=account_of(template),
                    who=who,
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
