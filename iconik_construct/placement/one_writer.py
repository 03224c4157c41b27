"""Checks at synthesis that each bucket has one bucket policy in the app, and that it is not also adopted.

Any construct can add the bucket or a second writer after the storage. When both are deployed, the last one wins, and
the statements of the other one are lost without an error.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field

import aws_cdk as cdk
from constructs import Construct, IConstruct

from .ids import is_taken_over
from .locate import External
from .policy_lookup import BUCKETS, bucket_policies, identity, made_behind, stage_of, target_of

__all__ = ["note_adoption", "note_new_policy", "second_writers"]


@dataclass(slots=True)
class _Noted:
    """The bucket policies of one stack's storages.

    Attributes:
        new: the number of policies of new buckets.
        adopted: the adoptions of buckets, each with its construct and whether it takes the policy over.
        root: the stack's app, once it is known.
    """

    new: int = 0
    adopted: list[tuple[Construct, External, bool]] = field(default_factory=list)
    root: IConstruct | None = None


# Kept as long as the stack, which jsii keeps.
_NOTED: dict[cdk.Stack, _Noted] = {}
_ASKED_BY: weakref.WeakKeyDictionary[IConstruct, cdk.Stack] = weakref.WeakKeyDictionary()


def note_new_policy(stack: cdk.Stack) -> None:
    """Count the policy of a new bucket. If the app has no further policies, no bucket has two."""
    _NOTED.setdefault(stack, _Noted()).new += 1


def note_adoption(scope: Construct, target: External, *, takes_over: bool = False) -> None:
    """Record that a construct adopts a bucket that should not be in this app."""
    if target.resource == "bucket":
        _NOTED.setdefault(cdk.Stack.of(scope), _Noted()).adopted.append((scope, target, takes_over))


def second_writers(stack: cdk.Stack) -> list[str]:
    """Return the errors about writers of the app's bucket policies. The first stack of an app that asks gets them."""
    root = stack.node.root
    if _ASKED_BY.setdefault(root, stack) is not stack:
        return []
    noted = [stack_notes for each, stack_notes in _NOTED.items() if _root(each, stack_notes) is root]
    policies = bucket_policies(root)
    adopted = [each for stack_notes in noted for each in stack_notes.adopted]
    # Finding the bucket of a policy takes several calls to jsii, and most apps do not need it.
    if not adopted and len(policies) == sum(stack_notes.new for stack_notes in noted):
        return []
    by_target: dict[str, list[cdk.CfnResource]] = {}
    for policy in policies:
        by_target.setdefault(target_of(policy), []).append(policy)
    return [*_twice(by_target), *_adopted_beside(by_target, adopted)]


def _root(stack: cdk.Stack, noted: _Noted) -> IConstruct:
    if noted.root is None:
        noted.root = stack.node.root
    return noted.root


def _twice(by_target: dict[str, list[cdk.CfnResource]]) -> Iterator[str]:
    for policies in by_target.values():
        by_stage: dict[str, list[cdk.CfnResource]] = {}
        for policy in policies:
            by_stage.setdefault(stage_of(policy), []).append(policy)
        # Each stage can make a bucket of the same name, in its own account. A bucket that is taken over exists already.
        taken_over = any(is_taken_over(cdk.Stack.of(policy), policy) for policy in policies)
        for writers in [policies] if taken_over else by_stage.values():
            if len(writers) > 1:
                paths = [policy.node.path for policy in writers]
                yield (
                    f"The bucket of {paths[0]} has {len(paths)} bucket policies in this app: {', '.join(paths)}. The "
                    "policy that is deployed last replaces the others. Write all statements into one of them: use the "
                    "bucket's add_to_resource_policy, or make that policy first and give the bucket to "
                    "IconikStorage(bucket=...), which adds to the existing policy."
                )


def _adopted_beside(
    by_target: dict[str, list[cdk.CfnResource]], adopted: list[tuple[Construct, External, bool]]
) -> Iterator[str]:
    for scope, target, takes_over in adopted:
        stack, name = cdk.Stack.of(scope), target.name
        made = made_behind(stack, (name, target.arn), BUCKETS)
        # Of a bucket that is taken over, two policies are an error already.
        writers = [] if takes_over else by_target.get(identity(stack, name, made), [])
        beside = writers[0] if writers else made
        if beside is None:
            continue
        stage = stage_of(beside)
        fix = (
            "Create it before the storage, which then adds its statements there."
            if stage == stage_of(scope)
            else f"Move the storage to the stage '{stage}', or give iconik access there with IconikBucketAccess."
        )
        why = (
            f"which {beside.node.path} writes too: the next deployment of that removes iconik's statements"
            if writers
            else f"which {beside.node.path} makes in this app: the policy of a bucket of this app is in its templates"
        )
        yield f"'{scope.node.path}' adopts the policy of the bucket '{name}', {why}. {fix}"
