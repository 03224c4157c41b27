"""Whether a policy is within reach of this stack: known, in its own account and region, and of a function."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from ..access.trust import is_token
from ..errors import IconikValueError
from .in_this_app import stable_text
from .naming import shown

__all__ = ["refuse_changing", "refuse_elsewhere", "refuse_without_assets"]


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
                fix="With Adoption.HAND_OVER the stack gives the statements to whoever owns the policy. Or put the "
                f"storage into a stack of the {what} {theirs}.",
            )


def refuse_changing(stack: cdk.Stack, prop: str, target: str) -> None:
    """Refuse a name or an ARN that can become another one without a change of the app.

    The right to change the policy would move with it: CloudFormation first updates the function's role, and then our
    statements could no longer be taken out of the former policy.
    """
    if stable_text(stack, target) is None:
        raise IconikValueError(
            prop,
            "must be known when the app is synthesized to have its policy merged into, but it comes from a parameter, "
            "an import or another value of the deployment: when that changes, iconik's statements could not be taken "
            "out of the former policy any more",
            got=stack.resolve(target),
            fix="Write the name or the ARN itself, look it up at synthesis (such as "
            "ssm.StringParameter.value_from_lookup), or use Adoption.HAND_OVER.",
        )


def refuse_without_assets(stack: cdk.Stack) -> None:
    """Refuse to merge in a stack whose synthesizer takes no files: the function's code could not be deployed."""
    outermost = stack
    while (parent := outermost.nested_stack_parent) is not None:
        outermost = parent
    if isinstance(outermost.synthesizer, cdk.BootstraplessSynthesizer):
        raise IconikValueError(
            "adoption",
            f"must not be Adoption.MERGE in the stack {outermost.node.path}: it brings the code of a Lambda function, "
            "and a BootstraplessSynthesizer takes no files",
            fix="Use the DefaultStackSynthesizer in a bootstrapped account, or Adoption.HAND_OVER.",
        )
