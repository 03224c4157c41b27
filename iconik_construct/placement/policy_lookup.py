"""Finds the bucket or key of this app for a name, an ARN or a reference, and the bucket's policy.

A bucket that is imported by name has no link to the construct that makes it. Two templates of one app would then write
its policy, and the last deployment would win without an error.
"""

from __future__ import annotations

import json
import re
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
    """Return every bucket policy of an app, for every kind of construct."""
    return [
        cast(cdk.CfnResource, construct)
        for construct in root.node.find_all()
        if isinstance(construct, s3.CfnBucketPolicy) or _is_raw(construct, BUCKET_POLICY)
    ]


def bucket_policy_of(stack: cdk.Stack, name: str, made: cdk.CfnResource | None) -> cdk.CfnResource | None:
    """Return the policy of a bucket in a template of this app.

    Args:
        stack: the stack in which the name is written.
        name: the bucket's name, with tokens.
        made: the bucket, if this app makes it.
    """
    wanted = identity(stack, name, made)
    return next((policy for policy in bucket_policies(stack.node.root) if target_of(policy) == wanted), None)


def target_of(policy: cdk.CfnResource) -> str:
    """Return the bucket of a bucket policy, in the form of `identity`."""
    known = _TARGETS.get(policy)
    if known is not None:
        return known
    stack = cdk.Stack.of(policy)
    if isinstance(policy, s3.CfnBucketPolicy):
        name = policy.bucket
        made = made_behind(stack, (name,), BUCKETS)
    else:
        name, made = _raw_target(stack, _raw_properties(policy).get("Bucket", ""))
    bucket_identity = _TARGETS[policy] = identity(stack, name, made)
    return bucket_identity


# Cached, because it is needed for each bucket of a tree, and each answer takes several calls to jsii.
_TARGETS: weakref.WeakKeyDictionary[cdk.CfnResource, str] = weakref.WeakKeyDictionary()


def identity(stack: cdk.Stack, name: str, made: cdk.CfnResource | None) -> str:
    """Return the same text for all names of one bucket: its literal name, or else the construct that makes it.

    A name with the account of a stack that can be deployed anywhere is not literal: two stacks can have it.
    """
    own = made.bucket_name if isinstance(made, s3.CfnBucket) else None
    text = stable_text(cdk.Stack.of(made), own) if made is not None and own is not None else None
    if made is not None and (text is None or "${" in text):
        return f"construct {made.node.path}"
    if text is None:
        text = stable_text(stack, name)
    return f"name {text}" if text is not None else f"token {json.dumps(stack.resolve(name), sort_keys=True)}"


def made_behind(stack: cdk.Stack, names: Iterable[str], kinds: Kinds) -> cdk.CfnResource | None:
    """Return the resource of this app for a name or an ARN; None if there is none or it cannot be determined.

    Args:
        stack: the stack in which the names are written.
        names: names or ARNs of one bucket or key, with tokens.
        kinds: `BUCKETS` or `KEYS`.
    """
    given = tuple(names)
    for text in given:
        targets = {target.node.path: target for target in _targets(stack, text, kinds)}
        if len(targets) == 1:
            return next(iter(targets.values()))
    if kinds is BUCKETS:
        return _by_name(stack, given)
    return _by_primary(stack, given)


def stage_of(construct: IConstruct) -> str:
    """Return the path of a construct's stage; empty outside all stages."""
    stage = cdk.Stage.of(construct)
    return "" if stage is None else stage.node.path


def references(value: str) -> list[cdk.Reference]:
    """Return the references to constructs in a text."""
    if not is_token(value):
        return []
    tokens = cdk.Tokenization.reverse_string(value).tokens
    return [cast(cdk.Reference, token) for token in tokens if cdk.Reference.is_reference(token)]


def stable_text(stack: cdk.Stack, text: str) -> str | None:
    """Return a name or an ARN that cannot change as long as its stack does not change; None if it can.

    This is literal text, and the stack's own account, region and partition.
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
    if function == "Fn::Sub" and isinstance(argument, str):
        # Every second part is the name of a placeholder.
        split = re.split(r"\$\{([^}]*)\}", argument)
        parts = [_pseudo(stack, part) if number % 2 else part for number, part in enumerate(split)]
        return None if None in parts else "".join(part or "" for part in parts)
    return None


def _pseudo(stack: cdk.Stack, name: str) -> str | None:
    if name == "AWS::Partition":
        # iconik's role is in no other partition.
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
    # In a function such as Fn::Select the token is hidden. It is only visible in the resolved value.
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
            if owner.resolve(exported) == name and (target := made_behind(owner, (str(output.value),), kinds)):
                yield target


def _by_logical_id(stack: cdk.Stack, logical_id: object, kinds: Kinds) -> Iterator[cdk.CfnResource]:
    found = [
        made
        for construct in stack.node.root.node.find_all()
        if _is_kind(construct, kinds)
        and cdk.Stack.of(made := cast(cdk.CfnResource, construct)).resolve(made.logical_id) == logical_id
    ]
    # Stacks of one class have the same logical ids.
    yield from [made for made in found if cdk.Stack.of(made) is stack] or found


def _by_name(stack: cdk.Stack, given_names: Iterable[str]) -> cdk.CfnResource | None:
    """Return the bucket that this app makes with a literal name: first of the same stack, then of the same stage."""
    names = {text for text in (stable_text(stack, given) for given in given_names) if text is not None}
    buckets = [
        made
        for made in stack.node.root.node.find_all()
        if isinstance(made, s3.CfnBucket)
        and made.bucket_name is not None
        and stable_text(cdk.Stack.of(made), made.bucket_name) in names
    ]
    here = cdk.Stage.of(stack)
    in_stage = [made for made in buckets if cdk.Stage.of(made) is here]
    return next(iter([*(made for made in in_stage if cdk.Stack.of(made) is stack), *in_stage, *buckets]), None)


def _by_primary(stack: cdk.Stack, texts: Iterable[str]) -> cdk.CfnResource | None:
    """Return the replica key of this app for a literal ARN. A replica has the key id of its primary key."""
    arns = [cdk.Arn.split(text, cdk.ArnFormat.SLASH_RESOURCE_NAME) for text in texts if ":key/mrk-" in text]
    wanted = {(arn.region, arn.resource_name) for arn in arns}
    if is_token(stack.region):
        # S3 uses only keys of the bucket's region, so an unknown region here is that of the key.
        wanted |= {(stack.region, name) for _, name in wanted}
    for construct in stack.node.root.node.find_all() if wanted else ():
        if _is_kind(construct, (kms.CfnReplicaKey,)):
            made = cast(cdk.CfnResource, construct)
            if isinstance(made, kms.CfnReplicaKey):
                primary: object = made.primary_key_arn
            else:
                primary = _raw_properties(made).get("PrimaryKeyArn")
            if (cdk.Stack.of(made).region, str(primary).rpartition("/")[2]) in wanted:
                return made
    return None


def _is_kind(construct: IConstruct, kinds: Kinds) -> bool:
    return isinstance(construct, kinds) or any(raw in kinds and _is_raw(construct, name) for name, raw in _RAW.items())


def _is_raw(construct: object, resource_type: str) -> bool:
    """Return whether a resource is a bare `CfnResource` of a type."""
    return type(construct) is cdk.CfnResource and construct.cfn_resource_type == resource_type


def _raw_target(stack: cdk.Stack, given: Any) -> tuple[str, cdk.CfnResource | None]:
    if isinstance(given, str):
        return given, made_behind(stack, (given,), BUCKETS)
    name = cdk.Token.as_string(given)
    resolved = stack.resolve(given)
    logical_id = resolved.get("Ref") if isinstance(resolved, Mapping) else None
    # A plain Ref refers to the same template.
    own = (made for made in _by_logical_id(stack, logical_id, BUCKETS) if cdk.Stack.of(made) is stack)
    return name, next(own, None)


def _raw_properties(resource: cdk.CfnResource) -> Mapping[str, Any]:
    return resource._cfn_properties
