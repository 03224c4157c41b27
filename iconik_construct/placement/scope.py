"""The one place in a stack where all adoptions come together, whichever construct asked for them."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from constructs import Construct

from ..errors import IconikValueError
from .naming import shown

__all__ = ["ADOPTION_ID", "adoption_scope", "refuse_two_ways"]

ADOPTION_ID = "IconikAdoption"


def adoption_scope(stack: cdk.Stack, target: str | None = None) -> Construct:
    """Return the stack's adoption scope, or the one below it for a bucket or key."""
    shared = _child_scope(stack, ADOPTION_ID)
    return shared if target is None else _child_scope(shared, target)


def _child_scope(scope: Construct, construct_id: str) -> Construct:
    """Return a child, made on first use: jsii forgets Python attributes, so state lives in the tree."""
    found = cast("Construct | None", scope.node.try_find_child(construct_id))
    return Construct(scope, construct_id) if found is None else found


def refuse_two_ways(place: Construct, wanted: str, target: str) -> None:
    """Refuse to adopt one bucket in two ways in one stack: each would undo the other."""
    children = place.node.children
    if children and place.node.try_find_child(wanted) is None:
        raise IconikValueError(
            "adoption",
            f"must be the same for all storages of a stack on the bucket {shown(target)}: one takes its policy over, "
            "another merges into it",
            fix="Give all of them Adoption.MERGE or all of them Adoption.TAKE_OVER.",
        )
