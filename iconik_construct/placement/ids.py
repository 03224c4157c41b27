"""Makes the ids of an adoption: of its constructs, of its statements, and names for messages.

Ownership depends on the ids: the same stack and construct must give the same Sids in every run, on every machine. So
they come from SHA-256 and never from `hash()`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, cast

import aws_cdk as cdk
from constructs import Construct, IConstruct

from ..access.statements import Statement
from ..access.trust import is_token
from ..errors import IconikValueError

__all__ = [
    "ADOPTION_ID",
    "TAKEN_OVER_ID",
    "adoption_scope",
    "is_taken_over",
    "outermost",
    "refuse_two_ways",
    "shown",
    "sid_suffix",
    "target_id",
    "with_suffix",
]

ADOPTION_ID: Final = "IconikAdoption"
TAKEN_OVER_ID: Final = "TakenOverPolicy"
_LENGTH: Final = 8


def sid_suffix(scope: Construct, *, by_account: bool = False) -> str:
    """Return the end of each Sid of a construct. No other construct and no other stack has the same.

    Args:
        scope: the construct.
        by_account: whether the same stack in another account gets another suffix.
    """
    # A nested stack has no name before the deployment. Its outermost stack has one.
    stack = outermost(cdk.Stack.of(scope))
    name = stack.stack_name
    owner = stack.node.addr if is_token(name) else name
    digest = _digest(f"{owner}\n{scope.node.path}").upper()
    return f"{digest}{stack.account}" if by_account else digest


def outermost(stack: cdk.Stack) -> cdk.Stack:
    """Return the stack that is deployed by itself: the one around all nested stacks, or the stack itself."""
    parent = stack.nested_stack_parent
    return stack if parent is None else outermost(parent)


def with_suffix(statements: Sequence[Statement], suffix: str) -> list[Statement]:
    """Return the statements with the suffix appended to each Sid."""
    return [{**statement, "Sid": f"{statement['Sid']}{suffix}"} for statement in statements]


def target_id(stack: cdk.Stack, kind: str, target: str) -> str:
    """Return the id of the construct with all statements of a stack for a bucket or key.

    Two imports of one bucket resolve to the same name and so to the same id.
    """
    return f"{kind}{_digest(json.dumps(stack.resolve(target), sort_keys=True))}"


def adoption_scope(stack: cdk.Stack, target: str | None = None) -> Construct:
    """Return the construct of the stack that contains all adoptions, or the child for a bucket or key."""
    shared = _child_scope(stack, ADOPTION_ID)
    return shared if target is None else _child_scope(shared, target)


def is_taken_over(stack: cdk.Stack, policy: IConstruct) -> bool:
    """Return whether a storage of this stack made the bucket policy. Other storages must then use the same adoption."""
    parent = policy.node.scope
    return parent is not None and parent.node.id == TAKEN_OVER_ID and cdk.Stack.of(policy) is stack


def refuse_two_ways(stack: cdk.Stack, target: str, name: str, *, takes_over: bool) -> None:
    """Refuse to take over a policy that others merge into or hand over in one stack: it replaces their statements.

    Args:
        stack: the stack of the adoption.
        target: the `target_id` of the bucket.
        name: the bucket's name.
        takes_over: whether the adoption takes the policy over.

    Raises:
        IconikValueError: another storage takes the policy over and this one does not, or the reverse.
    """
    shared = cast("Construct | None", stack.node.try_find_child(ADOPTION_ID))
    place = None if shared is None else shared.node.try_find_child(target)
    if place is None or not place.node.children:
        return
    if takes_over is (place.node.try_find_child(TAKEN_OVER_ID) is None):
        raise IconikValueError(
            "adoption",
            f"must be the same for all storages of a stack on the bucket {shown(name)}: one takes its policy over, "
            "another does not",
            fix="Give all of them Adoption.TAKE_OVER, or none.",
        )


def shown(target: str) -> str:
    """Return a name or an ARN for a message."""
    return "whose name is known only at deployment" if is_token(target) else f"'{target}'"


def _child_scope(scope: Construct, construct_id: str) -> Construct:
    """Return a child, made on first use. jsii loses Python attributes, so state is stored in the tree."""
    child = cast("Construct | None", scope.node.try_find_child(construct_id))
    return Construct(scope, construct_id) if child is None else child


def _digest(text: str) -> str:
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which a storage with a new bucket does not need

    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
