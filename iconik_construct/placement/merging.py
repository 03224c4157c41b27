"""Defines the custom resource that adds statements to a policy of another owner, one for each policy and stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

import aws_cdk as cdk
from constructs import Construct

from ..access.statements import Statement
from .dependencies import wait_for
from .handler import claim
from .ids import adoption_scope, refuse_two_ways, shown, target_id
from .locate import External
from .merge_order import run_in_turn
from .one_writer import note_adoption
from .preconditions import refuse_unmergeable, warn_of_role
from .record import MergeOptions, PlacementKind
from .trust_check import check_trust

__all__ = ["Merge", "merge_of", "policy_properties"]

BUCKET_POLICY_ACTIONS = (
    "s3:DeleteBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:PutBucketPolicy",
)
KEY_POLICY_ACTIONS = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy")

_ACTIONS: Final = {"bucket": BUCKET_POLICY_ACTIONS, "key": KEY_POLICY_ACTIONS}

MERGE_ID = "Merge"
_NOT_DECIDED = "NotDecided"


@dataclass(frozen=True, slots=True)
class Merge:
    """Statements of `scope` that a custom resource adds to a policy at deployment."""

    kind: ClassVar[PlacementKind] = PlacementKind.MERGED

    scope: Construct
    target: External
    statements: Sequence[Statement]
    options: MergeOptions

    def check(self) -> None:
        """Refuse a policy that the custom resource could not change.

        Raises:
            IconikValueError: see `refuse_unmergeable`; or another storage of the stack takes the policy over, or merges
                with another role.
        """
        # Imported here: it loads the CDK's Lambda module, which takes half a second and only a merge needs.
        from .adoption_provider import refuse_other_role  # noqa: PLC0415

        stack, target = cdk.Stack.of(self.scope), self.target
        refuse_unmergeable(stack, target, self.options.role)
        refuse_two_ways(stack, target_id(stack, target.kind, target.name), target.name, takes_over=False)
        refuse_other_role(stack, self.options.role)

    def apply(self) -> None:
        """Merge the statements at deployment."""
        stack, target = cdk.Stack.of(self.scope), self.target
        note_adoption(self.scope, target)
        if self.options.role is not None:
            warn_of_role(self.scope, self.options.role)
            check_trust(self.options.role)
        place = adoption_scope(stack, target_id(stack, target.kind, target.name))
        _merge(place, target, self.options)
        wait_for(self.scope, place)
        _add(place, self.statements, self.options)


def policy_properties(stack: cdk.Stack, kind: str, target: str) -> dict[str, str]:
    """Return the properties that identify the policy for the function. `kind` is "Bucket" or "Key"."""
    return {"BucketName" if kind == "Bucket" else "KeyArn": target, "Account": stack.account}


def merge_of(stack: cdk.Stack, kind: str, target: str) -> Construct:
    """Return the custom resource that merges into the policy of a bucket or key. `kind` is "Bucket" or "Key"."""
    return cast(Construct, adoption_scope(stack, target_id(stack, kind, target)).node.find_child(MERGE_ID))


def _merge(place: Construct, target: External, options: MergeOptions) -> None:
    """Make the custom resource, unless it exists, and allow the handler to change this policy."""
    from .adoption_provider import SERVICE_TIMEOUT, adoption_role_of, permit, service_token  # noqa: PLC0415 - see above
    from .provider import warn_if_kept  # noqa: PLC0415 - as above

    stack = cdk.Stack.of(place)
    role = adoption_role_of(stack, options.role)
    if place.node.try_find_child(MERGE_ID) is not None:
        return
    merge = cdk.CustomResource(
        place,
        MERGE_ID,
        service_token=service_token(stack),
        service_timeout=SERVICE_TIMEOUT,
        resource_type=f"Custom::Iconik{target.kind}PolicyStatements",
        # The attribute is named, so that a stack whose function answered nothing before calls it again.
        properties={**policy_properties(stack, target.kind, target.name), "Answers": [_NOT_DECIDED]},
    )
    warn_if_kept(merge, f"iconik's statements stay in the policy of {shown(target.name)}")
    run_in_turn(adoption_scope(stack), merge)
    merge.node.add_dependency(permit(stack, role, place.node.id, _ACTIONS[target.resource], target.arn))
    cdk.CfnOutput(
        place,
        _NOT_DECIDED,
        description=f"What may block iconik's access to {shown(target.name)}, and foreign statements that allow other "
        "iconik customers",
        value=merge.get_att_string(_NOT_DECIDED),
    )


def _add(place: Construct, statements: Sequence[dict[str, Any]], options: MergeOptions) -> None:
    merge = cast(cdk.CustomResource, place.node.find_child(MERGE_ID))
    resource = cast(cdk.CfnResource, merge.node.default_child)
    for statement in statements:
        # By Sid, so that storages add to one custom resource independently of their number. The function replaces the
        # end of the Sid by the claim of the custom resource.
        sid = f"{statement['Sid']}{claim.PLACE}"
        resource.add_property_override(f"Statements.{sid}", {**statement, "Sid": sid})
        if options.tolerate_denies:
            resource.add_property_override(f"TolerateDenies.{sid}", "true")
        if options.trigger is not None:
            resource.add_property_override(f"Triggers.{statement['Sid']}", options.trigger)
