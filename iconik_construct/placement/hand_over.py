"""Nothing deployed: the exact policy as a stack output, and a warning that names what waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import aws_cdk as cdk
from constructs import Construct

from .naming import shown

__all__ = ["hand_over"]


def hand_over(
    scope: Construct, resource: Literal["bucket", "key"], target: str, statements: Sequence[dict[str, Any]]
) -> None:
    """Write the policy to apply by hand into an output of the stack, and warn that it is not applied.

    Args:
        scope: the construct that the statements are for.
        resource: whose policy it is.
        target: the bucket's name or the key's ARN.
        statements: what the owner must add to the policy.
    """
    output = f"{resource.capitalize()}PolicyToApply"
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    cdk.CfnOutput(
        scope,
        output,
        value=cdk.Stack.of(scope).to_json_string(document),
        description=f"Statements that the owner must add to the {resource} policy before iconik gets in",
    )
    cdk.Validations.of(scope).add_warning(
        f"iconik-construct:HandedOver{resource.capitalize()}",
        f"iconik has no access to the {resource} {shown(target)} until its owner adds the statements of the stack "
        f"output '{output}' to the {resource} policy: this stack does not. "
        "docs/adopting.md shows the AWS CLI commands.",
    )
