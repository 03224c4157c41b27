"""The order of a stack's merges: a few at a time.

Apart because CloudFormation starts all custom resources of a stack at once. A merge needs two functions at a time, the
provider framework's and the one that changes policies, and a new AWS account runs only ten.
Source: awslabs/landing-zone-accelerator-on-aws issue 556.
"""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from constructs import Construct

__all__ = ["AT_ONCE", "run_in_turn"]

AT_ONCE: Final = 3
"""Six functions at once: four of ten are left for the account's other functions."""


def run_in_turn(scope: Construct, merge: cdk.CustomResource) -> None:
    """Have a merge wait for an earlier one, so that no more than `AT_ONCE` run.

    CloudFormation deletes in the opposite order, with the same number at once.

    Args:
        scope: the construct of the stack that holds all adoptions.
        merge: made just now.
    """
    merges = _MERGES.setdefault(scope, [])
    if len(merges) >= AT_ONCE:
        merge.node.add_dependency(merges[-AT_ONCE])
    merges.append(merge)


# Held for good, as the kernel holds its constructs.
_MERGES: dict[Construct, list[cdk.CustomResource]] = {}
