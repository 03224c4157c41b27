"""Reads a policy without a template: of a bucket, of a key, or the trust policy of a role.

Accepts a plain document, the output of `iconik-construct statements`, and the answers of `aws s3api get-bucket-policy`,
`aws kms get-key-policy` and `aws iam get-role`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..assessment.facts import statements_of
from ..templates.documents import read_json
from ..templates.policies import LOCATIONS
from .files import SourceError

__all__ = ["template_of_policies"]

_BUCKET: Final = "AWS::S3::BucketPolicy"
_KINDS: Final = {"kms": "AWS::KMS::Key", "sts": "AWS::IAM::Role", "s3": _BUCKET}
_NAMES: Final = {_BUCKET: "BucketPolicy", "AWS::KMS::Key": "KeyPolicy", "AWS::IAM::Role": "TrustPolicy"}


def template_of_policies(path: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a template with the policies of a file, or None if the file has none.

    Raises:
        SourceError: an identity policy, which these rules do not check.
    """
    resources: dict[str, Any] = {}
    for document in _documents(path, body):
        if not any("Principal" in statement or "NotPrincipal" in statement for statement in statements_of(document)):
            raise SourceError(path, "no statement has a principal: this is not a policy of a bucket, a key or a role")
        kind = _KINDS[_service(document)]
        name = _NAMES[kind] if _NAMES[kind] not in resources else f"{_NAMES[kind]}{len(resources)}"
        resources[name] = {"Type": kind, "Properties": {LOCATIONS[kind]: document}}
    return {"Resources": resources} if resources else None


def _documents(path: str, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "Statement" in body:
        yield body
        return
    role = body.get("Role")
    inside = role.get("AssumeRolePolicyDocument") if isinstance(role, dict) else None
    for value in (*(body.get(name) for name in ("BucketPolicy", "KeyPolicy", "Policy")), inside):
        document, has_duplicates = read_json(value) if isinstance(value, str) else (value, False)
        if has_duplicates:
            raise SourceError(path, "a key occurs twice in one object of the policy")
        if isinstance(document, dict) and "Statement" in document:
            yield document


def _service(document: Mapping[str, Any]) -> str:
    """Return the service that most actions of the policy belong to; without any, KMS or S3 by the resources."""
    statements = statements_of(document)
    named: list[str] = []
    for statement in statements:
        for element in ("Action", "NotAction"):
            value = statement.get(element, [])
            named += [
                str(action).partition(":")[0].lower() for action in (value if isinstance(value, list) else [value])
            ]
    # A bucket policy names its bucket: S3 refuses the resource "*". A key policy has no other resource.
    is_of_key = all(each.get("Resource") in ("*", ["*"]) for each in statements)
    return max(("kms" if is_of_key else "s3", "s3", "kms", "sts"), key=named.count)
