"""Which bucket or key of this app stands behind a name, an ARN or a reference, and which bucket policy is for it.

Apart because a bucket that is imported by its name has lost the construct that makes it: two templates of one app would
then both write its policy, and the one that is deployed last would win without a word.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from ..access.trust import is_token

__all__ = [
    "BUCKETS",
    "KEYS",
    "bucket_policies",
    "bucket_policy_of",
    "identity",
    "made_behind",
    "references",
    "stable_text",
    "stage_of",
    "target_of",
]

BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
BUCKETS: Final = (s3.CfnBucket,)
KEYS: Final = (kms.CfnKey, kms.CfnReplicaKey)
_RAW: Final[Mapping[str, type[Any]]] = {
    "AWS::S3::Bucket": s3.CfnBucket,
    "AWS::KMS::Key": kms.CfnKey,
    "AWS::KMS::ReplicaKey": kms.CfnReplicaKey,
}


Kinds = tuple[type[Any], ...]


def bucket_policies(root: IConstruct) -> list[cdk.CfnResource]:
    """Return every bucket policy of an app, whichever construct it is written with."""
    return [
        cast(cdk.CfnResource, found)
        for found in root.node.find_all()
        if isinstance(found, s3.CfnBucketPolicy) or _is_raw(found, BUCKET_POLICY)
    ]


def bucket_policy_of(stack: cdk.Stack, name: str, made: cdk.CfnResource | None) -> cdk.CfnResource | None:
    """Return the policy that a template of this app has for a bucket.

    Args:
        stack: where the name is written.
        name: the bucket's, tokens included.
        made: the bucket, if this app makes it.
    """
    wanted = identity(stack, name, made)
    return next((policy for policy in bucket_policies(stack.node.root) if target_of(policy) == wanted), None)


def target_of(policy: cdk.CfnResource) -> str:
    """Return which bucket a bucket policy is for, in the form of `identity`."""
    known = _TARGETS.get(policy)
    if known is not None:
        return known
    stack = cdk.Stack.of(policy)
    if isinstance(policy, s3.CfnBucketPolicy):
        name = policy.bucket
        made = made_behind(stack, (name,), BUCKETS)
    else:
        name, made = _raw_target(stack, _raw_properties(policy).get("Bucket", ""))
    found = _TARGETS[policy] = identity(stack, name, made)
    return found


# Asked for each bucket of a tree, and each answer takes several calls into the kernel.
_TARGETS: weakref.WeakKeyDictionary[cdk.CfnResource, str] = weakref.WeakKeyDictionary()


def identity(stack: cdk.Stack, name: str, made: cdk.CfnResource | None) -> str:
    """Return what two ways of naming one bucket have in common: its literal name, or else what makes it."""
    own = made.bucket_name if isinstance(made, s3.CfnBucket) else None
    text = stable_text(cdk.Stack.of(made), own) if made is not None and own is not None else None
    if text is None and made is not None:
        return f"construct {made.node.path}"
    if text is None:
        text = stable_text(stack, name)
    return f"name {text}" if text is not None else f"token {json.dumps(stack.resolve(name), sort_keys=True)}"


def made_behind(stack: cdk.Stack, texts: Iterable[str], kinds: Kinds) -> cdk.CfnResource | None:
    """Return the resource of this app that a name or an ARN is of; None where it is none or cannot be told.

    Args:
        stack: where the texts are written.
        texts: names or ARNs of one bucket or key, tokens included.
        kinds: `BUCKETS` or `KEYS`.
    """
    given = tuple(texts)
    for text in given:
        found = {target.node.path: target for target in _targets(stack, text, kinds)}
        if len(found) == 1:
            return next(iter(found.values()))
    if kinds is BUCKETS:
        return _by_name(stack, given)
    return None


def stage_of(construct: IConstruct) -> str:
    """Return the path of a construct's stage; empty outside of all stages."""
    stage = cdk.Stage.of(construct)
    return "" if stage is None else stage.node.path


def references(value: str) -> list[cdk.Reference]:
    """Return the references to constructs that a text holds."""
    if not is_token(value):
        return []
    tokens = cdk.Tokenization.reverse_string(value).tokens
    return [cast(cdk.Reference, token) for token in tokens if cdk.Reference.is_reference(token)]


def stable_text(stack: cdk.Stack, text: str) -> str | None:
    """Return a name or an ARN that stays what it is as long as its stack does; None where it can change.

    Beside literal text that is the stack's own account, region and partition.
    """
    return text if not is_token(text) else _flat(stack, stack.resolve(text))


def _flat(stack: cdk.Stack, value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((function, argument),) = value.items()
    if function == "Ref":
        return _pseudo(stack, argument)
    if function == "Fn::Join" and isinstance(argument[1], list):
        parts = [_flat(stack, part) for part in argument[1]]
        return None if None in parts else str(argument[0]).join(part or "" for part in parts)
    return None


def _pseudo(stack: cdk.Stack, name: str) -> str | None:
    if name == "AWS::Partition":
        # iconik's role is in no other.
        return "aws"
    value = {"AWS::AccountId": stack.account, "AWS::Region": stack.region}.get(name)
    return None if value is None else f"${{{name}}}" if is_token(value) else value


def _targets(stack: cdk.Stack, text: str, kinds: Kinds) -> Iterator[cdk.CfnResource]:
    if not is_token(text):
        return
    direct = [target for reference in references(text) if _is_kind(target := reference.target, kinds)]
    if direct:
        yield from cast("list[cdk.CfnResource]", direct)
        return
    # Inside a function such as Fn::Select the token is hidden, and shows only in what it becomes.
    for function, argument in _functions(stack.resolve(text)):
        if function == "Fn::ImportValue":
            yield from _exported(stack, argument, kinds)
        elif function in {"Ref", "Fn::GetAtt"}:
            yield from _by_logical_id(stack, argument if isinstance(argument, str) else argument[0], kinds)


def _functions(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, argument in value.items():
            yield name, argument
            yield from _functions(argument)
    elif isinstance(value, list):
        for item in value:
            yield from _functions(item)


def _exported(stack: cdk.Stack, name: Any, kinds: Kinds) -> Iterator[cdk.CfnResource]:
    for output in stack.node.root.node.find_all():
        if isinstance(output, cdk.CfnOutput) and (exported := output.export_name) is not None:
            owner = cdk.Stack.of(output)
            if owner.resolve(exported) == name and (found := made_behind(owner, (str(output.value),), kinds)):
                yield found


def _by_logical_id(stack: cdk.Stack, logical_id: object, kinds: Kinds) -> Iterator[cdk.CfnResource]:
    for found in stack.node.root.node.find_all():
        if _is_kind(found, kinds):
            made = cast(cdk.CfnResource, found)
            if cdk.Stack.of(made).resolve(made.logical_id) == logical_id:
                yield made


def _by_name(stack: cdk.Stack, texts: Iterable[str]) -> cdk.CfnResource | None:
    """Return the bucket that this app makes under a literal name, in the same stage if in several."""
    names = {text for text in (stable_text(stack, given) for given in texts) if text is not None}
    found = [
        made
        for made in stack.node.root.node.find_all()
        if isinstance(made, s3.CfnBucket)
        and made.bucket_name is not None
        and stable_text(cdk.Stack.of(made), made.bucket_name) in names
    ]
    here = cdk.Stage.of(stack)
    return next((made for made in found if cdk.Stage.of(made) is here), found[0] if found else None)


def _is_kind(found: IConstruct, kinds: Kinds) -> bool:
    return isinstance(found, kinds) or any(raw in kinds and _is_raw(found, name) for name, raw in _RAW.items())


def _is_raw(found: object, resource_type: str) -> bool:
    """Tell whether a resource is written as a bare `CfnResource` of a type."""
    return type(found) is cdk.CfnResource and found.cfn_resource_type == resource_type


def _raw_target(stack: cdk.Stack, given: Any) -> tuple[str, cdk.CfnResource | None]:
    if isinstance(given, str):
        return given, made_behind(stack, (given,), BUCKETS)
    name = cdk.Token.as_string(given)
    resolved = stack.resolve(given)
    logical_id = resolved.get("Ref") if isinstance(resolved, Mapping) else None
    # What is written as a plain Ref is of the same template.
    own = (made for made in _by_logical_id(stack, logical_id, BUCKETS) if cdk.Stack.of(made) is stack)
    return name, next(own, None)


def _raw_properties(resource: cdk.CfnResource) -> Mapping[str, Any]:
    return resource._cfn_properties
