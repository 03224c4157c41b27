"""Deploys nothing: writes the statements into a stack output, and warns that their owner must add them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import aws_cdk as cdk
from constructs import Construct

from ..access.statements import Statement
from .ids import adoption_scope, refuse_two_ways, shown, target_id
from .locate import External
from .one_writer import note_adoption
from .record import PlacementKind

__all__ = ["HandOver"]

_RESOURCE_ID: Final = "HandedOver"
_COMMANDS: Final = "https://iconik-construct.github.io/iconik-construct/latest/adopting.html#hand-over"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Statements of `scope` that the owner of the policy adds by hand."""

    kind: ClassVar[PlacementKind] = PlacementKind.HANDED_OVER

    scope: Construct
    target: External
    statements: Sequence[Statement]

    def check(self) -> None:
        """Refuse a policy that another storage of the stack takes over. Wherever else it is, its owner applies them.

        Raises:
            IconikValueError: as above.
        """
        stack, target = cdk.Stack.of(self.scope), self.target
        refuse_two_ways(stack, target_id(stack, target.kind, target.name), target.name, takes_over=False)

    def apply(self) -> None:
        """Write the statements into an output of the stack, and warn that they are not applied."""
        stack, resource = cdk.Stack.of(self.scope), self.target.resource
        note_adoption(self.scope, self.target)
        place = adoption_scope(stack, target_id(stack, self.target.kind, self.target.name))
        if place.node.try_find_child(_RESOURCE_ID) is None:
            # So that another storage does not take the policy over.
            Construct(place, _RESOURCE_ID)
        output = f"{resource.capitalize()}PolicyToApply"
        document = {"Version": "2012-10-17", "Statement": list(self.statements)}
        cdk.CfnOutput(
            self.scope,
            output,
            value=stack.to_json_string(document),
            description=f"Statements that the owner must add to the {resource} policy before iconik has access",
        )
        _make_deployable(stack)
        cdk.Validations.of(self.scope).add_warning(
            f"iconik-construct:HandedOver{resource.capitalize()}",
            f"iconik has no access to the {resource} {shown(self.target.name)} until its owner adds the statements of "
            f"the stack output '{output}' to the {resource} policy. This stack does not add them. "
            f"The AWS CLI commands: {_COMMANDS}",
        )


def _make_deployable(stack: cdk.Stack) -> None:
    """Give the stack a resource that does nothing, unless it has one already.

    The CDK CLI skips a stack without resources, and deletes it if it is deployed. Its outputs would not exist.
    """
    scope = adoption_scope(stack)
    if scope.node.try_find_child(_RESOURCE_ID) is None:
        cdk.CfnWaitConditionHandle(scope, _RESOURCE_ID)
