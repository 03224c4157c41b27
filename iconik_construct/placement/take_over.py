"""Makes the bucket policy of an imported bucket, which this stack then owns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..access.statements import Statement
from ..errors import IconikValueError
from .dependencies import wait_for
from .ids import TAKEN_OVER_ID, adoption_scope, refuse_two_ways, shown, target_id
from .locate import External
from .one_writer import note_adoption
from .policy_in_app import PolicyInApp, policy_of_bucket
from .preconditions import refuse_other_account_or_region
from .record import PlacementKind

__all__ = ["TakeOver"]


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Statements of `scope` for the policy of a bucket without a policy.

    If the bucket has a policy at deployment, CloudFormation fails with "The bucket policy already exists on bucket …"
    and changes nothing. The policy stays when the stack or the construct is removed.
    """

    kind: ClassVar[PlacementKind] = PlacementKind.TAKEN_OVER

    scope: Construct
    target: External
    statements: Sequence[Statement]

    def check(self) -> None:
        """Refuse a key, and a bucket that is known to be in another account or region.

        Raises:
            IconikValueError: see above; or another storage of the stack adopts the policy in another way.
        """
        if self.target.resource == "key":
            raise IconikValueError(
                "adoption",
                f"cannot be Adoption.TAKE_OVER with the imported key {shown(self.target.name)}: CloudFormation owns a "
                "key policy only together with its key",
                fix="Use Adoption.MERGE to add to the key policy, Adoption.HAND_OVER to get the statements for the "
                "key's owner, or import the key into a stack with 'cdk import'.",
            )
        stack, name = cdk.Stack.of(self.scope), self.target.name
        refuse_other_account_or_region(stack, self.target)
        refuse_two_ways(stack, target_id(stack, "Bucket", name), name, takes_over=True)

    def apply(self) -> PolicyInApp:
        """Make the bucket policy, or add to the policy of another storage of the stack."""
        note_adoption(self.scope, self.target, takes_over=True)
        stack, name = cdk.Stack.of(self.scope), self.target.name
        place = adoption_scope(stack, target_id(stack, "Bucket", name))
        bucket_policy = cast("s3.BucketPolicy | None", place.node.try_find_child(TAKEN_OVER_ID))
        if bucket_policy is None:
            bucket, kept = self.target.construct, cdk.RemovalPolicy.RETAIN
            bucket_policy = s3.BucketPolicy(place, TAKEN_OVER_ID, bucket=bucket, removal_policy=kept)
        wait_for(self.scope, place)
        policy = policy_of_bucket(None, bucket_policy)
        policy.add(self.statements)
        cdk.Validations.of(self.scope).add_warning(
            "iconik-construct:TakenOverBucket",
            f"This stack takes over the bucket policy of the bucket {shown(name)}. If the bucket already has a policy, "
            "the deployment fails with: 'The bucket policy already exists on bucket ...'. "
            "Use Adoption.MERGE to add to an existing policy.",
        )
        return policy
