"""Limits the number of a stack's custom resources of one kind that run at once.

CloudFormation starts all custom resources of a stack at once. Each needs two functions, the provider framework's and
its own, and a new AWS account can run only ten at once.
Source: awslabs/landing-zone-accelerator-on-aws issue 556.
"""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from constructs import Construct

__all__ = ["AT_ONCE", "run_in_turn"]

AT_ONCE: Final = 3
"""Six functions at once. Four of ten remain for the account's other functions."""


def run_in_turn(scope: Construct, resource: cdk.CustomResource) -> None:
    """Make a custom resource wait for an earlier one, so that no more than `AT_ONCE` run, or one in a nested stack.

    CloudFormation deploys nested stacks side by side, and an order between them could contradict that of the app.
    CloudFormation deletes in the opposite order, with the same limit.

    Args:
        scope: the construct of the stack that contains the function of these resources.
        resource: the new custom resource.
    """
    earlier = _EARLIER.setdefault(scope, [])
    at_once = 1 if cdk.Stack.of(scope).nested else AT_ONCE
    if len(earlier) >= at_once:
        resource.node.add_dependency(earlier[-at_once])
    earlier.append(resource)


# Kept for the life of the process, as jsii keeps its constructs.
_EARLIER: dict[Construct, list[cdk.CustomResource]] = {}
