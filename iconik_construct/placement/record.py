"""How a policy statement reaches a bucket or key, and the record of how it did.

Apart from `place.py` so that what only asks or reads (tests, a configuration file) need not start jsii. Standard
library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .policy_in_app import PolicyInApp

__all__ = ["Adoption", "MergeOptions", "Placement", "PlacementKind"]


class Adoption(Enum):
    """What to do with a bucket or key whose policy this app does not own. Of no effect where it owns the policy."""

    MERGE = "merge"
    """A custom resource adds our statements to the policy that is there, and leaves every other statement as it was."""
    TAKE_OVER = "take over"
    """This stack owns the bucket policy from now on. For a bucket that has no policy: where one exists, CloudFormation
    fails with "The bucket policy already exists on bucket …". Not for keys."""
    HAND_OVER = "hand over"
    """Nothing is deployed. The statements are a stack output: the owner of the policy adds them."""

    def __repr__(self) -> str:
        return str(self)


class PlacementKind(Enum):
    """How statements reached a policy, or did not."""

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
    """Where the statements for one resource took effect.

    Attributes:
        resource: "bucket" or "key".
        how: whether and how the statements are deployed.
        statements: the statements as they are in the policy, in IAM's JSON; CDK tokens may stand for values.
        policy: the policy that holds the statements, for OWNED and TAKEN_OVER; None where no template of this app
            holds it. `policy.construct` and `policy.stack` say where it is, `policy.resolved()` is its document.
    """

    resource: Literal["bucket", "key"]
    how: PlacementKind
    statements: tuple[dict[str, Any], ...]
    policy: PolicyInApp | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class MergeOptions:
    """How statements are merged at deployment.

    Attributes:
        tolerate_denies: whether they are written although a Deny there keeps iconik from what they grant.
        role: an `iam.IRole` for the stack's function that writes them; None for a new one.
        trigger: a text whose change has the policy read, and missing statements written again.
    """

    tolerate_denies: bool = False
    role: Any = None
    trigger: str | None = None
