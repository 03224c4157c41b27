"""Describes the settings of templates that differ from the defaults of this library.

A reviewer who compares two pages sees every change of a template: each value that is not a default is listed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterator, Mapping
from typing import Any, Final

from ..judge.text import shown
from ..templates.intrinsics import Scope, intrinsic, possible_values
from ..templates.policies import MERGE_PREFIX
from ..templates.template import mapping, properties_of
from ..templates.values import resource_of

__all__ = ["differences_of_bucket", "differences_of_resource", "plain_of", "text_of"]

_RETAINED: Final = "Retain"
_LONGEST: Final = 300
_BLOCKED: Final = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)
_HOUSEKEEPING_DAYS: Final = 30

_BUCKET: Final[Mapping[str, Any]] = {
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "PublicAccessBlockConfiguration": _BLOCKED,
    "VersioningConfiguration": {"Status": "Enabled"},
}
"""The defaults of a bucket's properties."""

_SHOWN_ELSEWHERE: Final[Mapping[str, frozenset[str]]] = {
    "AWS::S3::Bucket": frozenset({"BucketName"}),
    "AWS::S3::BucketPolicy": frozenset({"Bucket", "PolicyDocument"}),
    "AWS::KMS::Key": frozenset({"KeyPolicy", "Description"}),
    "AWS::Lambda::Function": frozenset({"Code", "Role", "Runtime", "Handler", "Description"}),
    "AWS::IAM::ManagedPolicy": frozenset({"Description", "Path", "PolicyDocument", "Roles"}),
    "AWS::IAM::Policy": frozenset({"PolicyDocument", "PolicyName", "Roles"}),
    "AWS::IAM::Role": frozenset({"ManagedPolicyArns", "Policies"}),
}
"""The properties that other sections of the page show, by the type of the resource."""
_OF_MERGE: Final = frozenset({"Account", "Answers", "BucketName", "KeyArn", "ServiceToken", "Statements"})
"""The properties of a merge. The page shows a merge as a policy."""
_PROVIDER: Final = "IconikAdoptionProvider"
_OF_FUNCTIONS: Final = frozenset({"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role"})
"""The types that other sections of the page show only for the roles of functions."""

_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "AWS::KMS::Key": {"EnableKeyRotation": True},
}
_NOT_LISTED: Final = frozenset({"AWS::CDK::Metadata"})
_KEPT: Final = frozenset({"AWS::S3::Bucket", "AWS::KMS::Key"})
"""Resources that this library keeps when the stack is deleted."""
_POLICY: Final = "AWS::S3::BucketPolicy"
"""Kept with its bucket, because its Denies protect the bucket."""


def differences_of_bucket(resource: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    """Yield the differences of a bucket from the bucket that this library makes."""
    properties = properties_of(resource)
    yield from _kept(resource, scope)
    for name, default in _BUCKET.items():
        value = plain_of(properties.get(name), scope)
        if value != default:
            yield f"{name}: {text_of(value)}" if value is not None else f"{name}: not set"
    if "LifecycleConfiguration" not in properties:
        yield "LifecycleConfiguration: not set"
    for name, value in sorted(properties.items()):
        # The bucket's name is on the page anyway.
        if name not in {*_BUCKET, "BucketName"} and not _is_default(name, plain_of(value, scope)):
            yield f"{name}: {text_of(plain_of(value, scope))}"


def _is_default(name: str, value: Any) -> bool:
    if name == "LifecycleConfiguration":
        rules = mapping(value).get("Rules")
        return isinstance(rules, list) and len(rules) == 1 and _is_housekeeping(rules[0])
    if name == "BucketEncryption":
        return _is_usual_encryption(value)
    return False


def _is_usual_encryption(value: Any) -> bool:
    """Return whether one rule encrypts with SSE-S3, or with KMS and a bucket key. The page shows both."""
    rules = mapping(value).get("ServerSideEncryptionConfiguration")
    if not isinstance(rules, list) or len(rules) != 1:
        return False
    rule = mapping(rules[0])
    algorithm = mapping(rule.get("ServerSideEncryptionByDefault")).get("SSEAlgorithm")
    return algorithm == "AES256" or (algorithm == "aws:kms" and rule.get("BucketKeyEnabled") is True)


def _is_housekeeping(rule: Any) -> bool:
    return (
        isinstance(rule, Mapping)
        and set(rule)
        <= {
            "AbortIncompleteMultipartUpload",
            "ExpiredObjectDeleteMarker",
            "Id",
            "NoncurrentVersionExpiration",
            "Status",
        }
        and rule.get("NoncurrentVersionExpiration") == {"NoncurrentDays": _HOUSEKEEPING_DAYS}
    )


def differences_of_resource(
    name: str, logical_id: str, resource: Mapping[str, Any], scope: Scope, roles: Container[tuple[str, str]]
) -> Iterator[str]:
    """Yield the differences of any other resource that are not elsewhere on the page and not defaults.

    Args:
        name: the resource, for a reader.
        logical_id: the logical id.
        resource: the resource.
        scope: the scope of its values.
        roles: the roles of functions, each by its template and its logical id; the page shows their rights.
    """
    kind = str(resource.get("Type"))
    if kind in _NOT_LISTED:
        return
    texts = [*_kept(resource, scope)]
    is_merge = kind.startswith(MERGE_PREFIX)
    shown_elsewhere = _OF_MERGE if is_merge else _SHOWN_ELSEWHERE.get(kind, frozenset())
    if is_merge and not _is_own_provider(properties_of(resource).get("ServiceToken"), scope):
        shown_elsewhere -= {"ServiceToken"}
    if kind in _OF_FUNCTIONS and not _is_of_function(logical_id, resource, scope, roles):
        shown_elsewhere = frozenset()
    defaults = {"ServiceTimeout": "600"} if is_merge else _DEFAULTS.get(kind, {})
    for key, value in sorted(properties_of(resource).items()):
        plain = plain_of(value, scope)
        if key not in shown_elsewhere and defaults.get(key) != plain and not _is_trust_of_lambda(key, plain):
            texts.append(f"{key}: {text_of(plain)}")
    missing = [key for key in defaults if key not in properties_of(resource)]
    texts += [f"{key}: not set" for key in missing]
    if texts or not (is_merge or kind in _SHOWN_ELSEWHERE):
        yield f"{name} ({kind}): {'; '.join(texts) or 'no properties'}"


def _is_own_provider(token: Any, scope: Scope) -> bool:
    """Return whether a merge calls the function of this library in its own stack. The page shows the code."""
    named = [resource_of(each) for each in possible_values(token, scope)]
    return len(named) == 1 and all(
        path == scope.template.path
        and logical_id.startswith(_PROVIDER)
        and scope.template.resources.get(logical_id, {}).get("Type") == "AWS::Lambda::Function"
        for path, logical_id in named
    )


def _is_of_function(
    logical_id: str, resource: Mapping[str, Any], scope: Scope, roles: Container[tuple[str, str]]
) -> bool:
    """Return whether a role, or each role to which a policy is attached, is the role of a function."""
    if resource.get("Type") == "AWS::IAM::Role":
        return (scope.template.path, logical_id) in roles
    named = [resource_of(role) for role in possible_values(properties_of(resource).get("Roles"), scope)]
    return bool(named) and all(each in roles for each in named)


def _is_trust_of_lambda(key: str, value: Any) -> bool:
    """Return whether a trust policy allows only the service Lambda to assume the role."""
    return key == "AssumeRolePolicyDocument" and mapping(value).get("Statement") == [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    ]


def _kept(resource: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    if "Condition" in resource:
        yield f"exists only under the condition {resource['Condition']}"
    kind = resource.get("Type")
    is_kept = kind in _KEPT or (kind == _POLICY and _bucket_is_kept(resource, scope))
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        value = resource.get(policy)
        usual = {_RETAINED} if is_kept else {None, "Delete", _RETAINED} if kind == _POLICY else {None, "Delete"}
        if value not in usual:
            yield f"{policy}: {value or 'Delete, the default of CloudFormation'}"


def _bucket_is_kept(policy: Mapping[str, Any], scope: Scope) -> bool:
    node = properties_of(policy).get("Bucket")
    made = scope.template.resources.get(str(node.get("Ref"))) if isinstance(node, Mapping) else None
    return made is not None and made.get("DeletionPolicy") == _RETAINED


def plain_of(node: Any, scope: Scope) -> Any:
    """Return a value with its functions evaluated, for a reader."""
    if intrinsic(node) is not None:
        listed = [shown(text) for text in possible_values(node, scope)]
        return listed[0] if len(listed) == 1 else listed
    if isinstance(node, Mapping):
        return {key: plain_of(value, scope) for key, value in node.items()}
    return [plain_of(item, scope) for item in node] if isinstance(node, list) else node


def text_of(value: Any) -> str:
    """Return a value as short JSON. A long value ends with its hash, so that each change is visible."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… (SHA-256 {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]})"
