"""Defines the adoption of a policy, and the record of how statements took effect.

Code that only reads these (tests, a configuration file) need not start jsii. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .policy_in_app import PolicyInApp

__all__ = ["Adoption", "MergeOptions", "Placement", "PlacementKind"]


class Adoption(Enum):
    """What to do with a bucket or key whose policy this app does not own. Without effect if the app owns the policy."""

    MERGE = "merge"
    """A custom resource adds the statements to the existing policy, and changes no other statement."""
    TAKE_OVER = "take over"
    """This stack owns the bucket policy from now on. For a bucket without a policy: if one exists, CloudFormation
    fails with "The bucket policy already exists on bucket …". Not for keys."""
    HAND_OVER = "hand over"
    """Nothing is deployed. The statements are a stack output: the owner of the policy adds them."""

    def __repr__(self) -> str:
        return str(self)


class PlacementKind(Enum):
    """How statements are deployed, or not."""

    OWNED = "owned"
    """Part of a policy in a template of this app."""
    MERGED = "merged"
    """Added at deployment to a policy that this app does not own."""
    TAKEN_OVER = "taken over"
    """Part of a bucket policy in this stack, for a bucket that is not in this app."""
    HANDED_OVER = "handed over"
    """Not deployed: iconik has no access until the owner adds the statements."""

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Placement:
    """The place of the statements for one resource.

    Attributes:
        resource: "bucket" or "key".
        how: whether and how the statements are deployed.
        statements: the statements as in the policy, in IAM's JSON, possibly with CDK tokens.
        policy: the policy with the statements, for OWNED and TAKEN_OVER; None if no template of this app has it.
            `policy.construct` and `policy.stack` are its place, `policy.resolved()` is its document.
    """

    resource: Literal["bucket", "key"]
    how: PlacementKind
    statements: tuple[dict[str, Any], ...]
    policy: PolicyInApp | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class MergeOptions:
    """Options for merging statements at deployment.

    Attributes:
        tolerate_denies: whether they are written although a Deny in the policy blocks iconik.
        role: an `iam.IRole` for the stack's function that writes them; None for a new one.
        trigger: a text. When it changes, the policy is read, and missing statements are written again.
    """

    tolerate_denies: bool = False
    role: Any = None
    trigger: str | None = None
