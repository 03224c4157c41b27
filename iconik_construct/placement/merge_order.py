"""The order of a stack's custom resources of one kind: a few at a time.

Apart because CloudFormation starts all custom resources of a stack at once. Each needs two functions at a time, the
provider framework's and the one that does the work, and a new AWS account runs only ten.
Source: awslabs/landing-zone-accelerator-on-aws issue 556.
"""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from constructs import Construct

__all__ = ["AT_ONCE", "run_in_turn"]

AT_ONCE: Final = 3
"""Six functions at once: four of ten are left for the account's other functions."""


def run_in_turn(scope: Construct, resource: cdk.CustomResource) -> None:
    """Have a custom resource wait for an earlier one, so that no more than `AT_ONCE` run.

    CloudFormation deletes in the opposite order, with the same number at once.

    Args:
        scope: the construct of the stack that holds the function of all of them.
        resource: made just now.
    """
    earlier = _EARLIER.setdefault(scope, [])
    if len(earlier) >= AT_ONCE:
        resource.node.add_dependency(earlier[-AT_ONCE])
    earlier.append(resource)


# Held for good, as the kernel holds its constructs.
_EARLIER: dict[Construct, list[cdk.CustomResource]] = {}
