"""Finds, in a template, the policies of a bucket, of its key and of its access points, with their statements judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..guardrail.encryption_keys import BucketKeys, identity
from ..guardrail.iconik import Iconik
from ..guardrail.intrinsics import Scope, texts
from ..guardrail.policies import Policy, Statement, policies
from ..guardrail.template import App, Template, properties_of
from ..judge.text import shown

__all__ = ["Policies", "readable"]

_BUCKET: Final = "AWS::S3::Bucket"
_OF_BUCKETS: Final = {"AWS::S3::BucketPolicy": "Bucket", "Custom::IconikBucketPolicyStatements": "BucketName"}
_OF_KEYS: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_OF_MERGED_KEYS: Final = "Custom::IconikKeyPolicyStatements"
_OF_ACCESS_POINTS: Final = "AWS::S3::AccessPoint"


class Policies:
    """The policies of a template.

    Args:
        template: the template.
        system_domain_ids: whose iconik may be let in.
        role_arn: iconik's role.
    """

    def __init__(self, template: Mapping[str, Any], system_domain_ids: Sequence[str], role_arn: str) -> None:
        self._template = Template("", template)
        self._app = App([self._template])
        self._scope = Scope(self._app, self._template)
        self._found = list(policies(self._app, Iconik(frozenset(system_domain_ids), role_arn)))

    def buckets(self) -> list[str]:
        """Return the buckets of the template by logical id, and those whose policies it adds to by name."""
        found = {name for name, one in self._template.resources.items() if one.get("Type") == _BUCKET}
        known = {text for name in found for text in self._names(name)}
        for policy in self._of_kind(*_OF_BUCKETS):
            found |= {readable(text) for text in self._bucket_of(policy) if text not in known}
        return sorted(found)

    def used(self) -> list[str]:
        """Return the buckets whose policy lets iconik in."""
        return [name for name in self.buckets() if any(_lets_in(one) for one in self.of_bucket(name))]

    def arn(self, bucket: str) -> str:
        """Return the ARN of a bucket, as statements of this template say it."""
        if bucket in self._template.resources:
            return texts({"Fn::GetAtt": [bucket, "Arn"]}, self._scope)[0]
        for policy in self._of_kind(*_OF_BUCKETS):
            for text in self._bucket_of(policy):
                if readable(text) == bucket:
                    return f"arn:aws:s3:::{text}"
        return f"arn:aws:s3:::{bucket}"

    def of_bucket(self, bucket: str) -> list[Policy]:
        """Return the policies of a bucket, of which there should be one."""
        names = self._names(bucket)
        return [one for one in self._of_kind(*_OF_BUCKETS) if names & set(self._bucket_of(one))]

    def of_access_points(self, bucket: str) -> list[Policy]:
        """Return the policies of the access points of a bucket."""
        names = self._names(bucket)
        return [
            one
            for one in self._of_kind(_OF_ACCESS_POINTS)
            if names & set(texts(one.properties.get("Bucket"), self._scope))
        ]

    def keys_of(self, bucket: str) -> list[str]:
        """Return the keys that a bucket of this template encrypts with."""
        keys = BucketKeys(self._app)
        return [key for name in self._names(bucket) for key in keys.of(name, self._scope)]

    def of_key(self, key: str) -> list[Policy]:
        """Return the policies of a key."""
        name = identity(key)
        return [
            one
            for one in self._found
            if (one.kind in _OF_KEYS and f"{one.template.path}#{one.logical_id}" == name)
            or (
                one.kind == _OF_MERGED_KEYS
                and name in {identity(arn) for arn in texts(one.properties.get("KeyArn"), one.scope)}
            )
        ]

    def _of_kind(self, *kinds: str) -> Iterator[Policy]:
        return (one for one in self._found if one.kind in kinds)

    def _bucket_of(self, policy: Policy) -> list[str]:
        return texts(policy.properties.get(_OF_BUCKETS[policy.kind]), policy.scope)

    def _names(self, bucket: str) -> set[str]:
        """Return the texts that mean a bucket where a policy names it."""
        resource = self._template.resources.get(bucket)
        if resource is not None and resource.get("Type") == _BUCKET:
            return {
                bucket,
                *texts({"Ref": bucket}, self._scope),
                *texts(properties_of(resource).get("BucketName"), self._scope),
            }
        return {bucket} | {
            text for one in self._of_kind(*_OF_BUCKETS) for text in self._bucket_of(one) if readable(text) == bucket
        }


def _lets_in(policy: Policy) -> bool:
    return any(_is_let_in(one) for one in policy.cases())


def _is_let_in(statement: Statement) -> bool:
    return statement.lets_in.name != "NO"


def readable(text: str) -> str:
    """Return a text for a message, without the marks of a reference."""
    return shown(text).removeprefix("${").removesuffix("}").removesuffix(".Ref")
