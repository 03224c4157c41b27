"""Whether a policy is within reach of this stack: only in its own account and region can it be written."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from ..access.trust import is_token
from ..errors import IconikValueError
from .naming import shown

__all__ = ["refuse_elsewhere"]


def refuse_elsewhere(stack: cdk.Stack, resource: str, adopted: s3.IBucket | kms.IKey, target: str) -> None:
    """Refuse a bucket or key that is known to be in another account or region than the stack.

    What is unknown at synthesis is checked again at deployment, before anything is written.
    """
    env = adopted.env
    for what, theirs, ours in (("account", env.account, stack.account), ("region", env.region, stack.region)):
        if not is_token(theirs) and not is_token(ours) and theirs != ours:
            raise IconikValueError(
                "adoption",
                f"must be Adoption.HAND_OVER for the {resource} {shown(target)}: it is in the {what} {theirs} and this "
                f"stack in {ours}, and a policy can be written only from its own account and region",
                way_out="With Adoption.HAND_OVER the stack gives the statements to whoever owns the policy. Or put the "
                f"storage into a stack of the {what} {theirs}.",
            )
