"""Puts policy statements into effect: finds the policy, chooses the strategy, checks it, and then applies it.

A storage checks all its placements before it applies the first one, so that an error changes no policy.

The CDK's own methods do nothing on an imported bucket or key, and report success.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..access.statements import Statement
from ..errors import IconikTypeError, IconikValueError
from .add_to_owned import AddToOwned
from .hand_over import HandOver
from .ids import shown, sid_suffix, with_suffix
from .locate import External, InApp, OtherStage, locate
from .merging import Merge
from .policy_in_app import PolicyInApp
from .policy_lookup import stage_of
from .record import Adoption, MergeOptions, Placement, PlacementKind
from .take_over import TakeOver

__all__ = ["CheckedPlacement", "check_placement"]


class _Strategy(Protocol):
    """A way to put statements into effect."""

    kind: ClassVar[PlacementKind]

    def check(self) -> None:
        """Refuse what cannot work, before anything is changed."""

    def apply(self) -> PolicyInApp | None:
        """Apply the statements, and return the policy of this app that has them."""


@dataclass(frozen=True, slots=True)
class CheckedPlacement:
    """Statements that can be put into a policy."""

    resource: Literal["bucket", "key"]
    statements: Sequence[Statement]
    strategy: _Strategy

    def apply(self) -> Placement:
        """Put the statements into effect."""
        policy = self.strategy.apply()
        return Placement(self.resource, self.strategy.kind, tuple(self.statements), policy)


def check_placement(
    scope: Construct,
    resource: s3.IBucket | kms.IKey,
    statements: Sequence[Statement],
    adoption: Adoption = Adoption.MERGE,
    *,
    shared: bool = False,
    new: bool = False,
    options: MergeOptions = MergeOptions(),  # noqa: B008 - frozen
) -> CheckedPlacement:
    """Check that statements can be put into the policy of a bucket or key.

    Args:
        scope: the construct that the statements are for.
        resource: the bucket or key, of this app or imported.
        statements: the statements in IAM's JSON, each with a `Sid`.
        adoption: what to do if this app does not own the policy.
        shared: whether other constructs can add the same Sids to this policy. The Sids then get a suffix made from the
            stack's name and the path of `scope`. If this app does not own the policy, they always get it; handed-over
            statements also get the account's id.
        new: whether the storage makes the bucket or key, so that nothing else in this app can have its policy.
        options: the options for merged statements.

    Raises:
        IconikTypeError: `adoption` is not an `Adoption`, or nothing can be added to the form of the policy.
        IconikValueError: the policy is in another stage of this app; or it is outside this app, and this adoption is
            not possible.
    """
    if not isinstance(adoption, Adoption):
        fix = "Use Adoption.MERGE, Adoption.TAKE_OVER or Adoption.HAND_OVER."
        raise IconikTypeError("adoption", "must be an Adoption", got=adoption, fix=fix)
    location = locate(scope, resource, new=new)
    if isinstance(location, OtherStage):
        raise _other_stage(scope, location)
    if shared or isinstance(location, External):
        # One owner can get the statements of the same app from several accounts.
        by_account = isinstance(location, External) and adoption is Adoption.HAND_OVER
        statements = with_suffix(statements, sid_suffix(scope, by_account=by_account))
    strategy = _strategy(scope, location, statements, adoption, options, new=new)
    strategy.check()
    return CheckedPlacement(location.resource, statements, strategy)


def _strategy(
    scope: Construct,
    location: InApp | External,
    statements: Sequence[Statement],
    adoption: Adoption,
    options: MergeOptions,
    *,
    new: bool,
) -> _Strategy:
    if isinstance(location, InApp):
        return AddToOwned(scope, location, statements, new)
    if adoption is Adoption.MERGE:
        return Merge(scope, location, statements, options)
    if adoption is Adoption.TAKE_OVER:
        return TakeOver(scope, location, statements)
    return HandOver(scope, location, statements)


def _other_stage(scope: Construct, location: OtherStage) -> IconikValueError:
    return IconikValueError(
        "bucket" if location.resource == "bucket" else "encryption_key",
        f"must be made in the stage of the storage, '{stage_of(scope)}', but {location.path} makes the "
        f"{location.resource} {shown(location.name)} or its policy in the stage '{location.stage}': each "
        "policy has only one writer",
        fix=f"Move the storage to the stage '{location.stage}', or give iconik access there with "
        f"Iconik{location.resource.capitalize()}Access.",
    )
