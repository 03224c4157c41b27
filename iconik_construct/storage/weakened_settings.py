"""Finds settings of the finished buckets and keys that are weaker than their storages made them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..assessment import Finding, rules
from ..assessment.finding import Place
from ..templates.buckets import ListedBucket
from ..templates.encryption_keys import KEY_KINDS
from ..templates.intrinsics import Scope, possible_values
from ..templates.openings import is_kept, openings_of
from ..templates.template import App, Template
from .removed_statements import ResolvedPolicy

__all__ = ["weakened"]


def weakened(app: App, listed: Sequence[ListedBucket], known: Sequence[ResolvedPolicy]) -> Iterator[Finding]:
    """Yield a warning for each setting of a bucket, or of its key, that is weaker than its storage made it."""
    by_id = {(each.template.path, each.logical_id): each for each in listed if each.is_together}
    warned_of = {
        arn: each.known.weakened_by_props
        for each in known
        for arn in each.arns
        if each.known.weakened_by_props is not None
    }
    for template in app.templates:
        for logical_id, resource in template.resources.items():
            if resource.get("Type") != "AWS::S3::Bucket":
                continue
            scope = Scope(app, template)
            arns = possible_values({"Fn::GetAtt": [logical_id, "Arn"]}, scope)
            warned = next((warned_of[arn] for arn in arns if arn in warned_of), None)
            if warned is None:
                continue
            bucket = by_id.get((template.path, logical_id))
            policy = None if bucket is None or bucket.policy is None or bucket.policy.is_merged else bucket.policy
            of_policy = None if policy is None else template.resources[policy.logical_id]
            for name, text in openings_of(resource, scope, of_policy):
                if name not in warned:
                    yield _finding("the bucket", text, template, logical_id)
            if bucket is not None and is_kept(resource):
                yield from _deleted_keys(bucket)


def _deleted_keys(bucket: ListedBucket) -> Iterator[Finding]:
    for each in bucket.key_policies:
        if each.kind in KEY_KINDS and not is_kept(each.template.resources[each.logical_id]):
            text = "the bucket outlives its stack and its key does not: without the key, the media is lost"
            yield _finding("the key", text, each.template, each.logical_id)


def _finding(where: str, text: str, template: Template, logical_id: str) -> Finding:
    return Finding(rule=rules.WEAKENED, where=where, text=text, place=Place(template.path, logical_id, "Properties"))
