"""Adds statements to a policy in a template of this app."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

from ..access.statements import Statement
from ..access.trust import is_token
from ..errors import IconikValueError
from .locate import InApp
from .policy_in_app import PolicyInApp
from .policy_lookup import references
from .record import PlacementKind

__all__ = ["AddToOwned"]

_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"


@dataclass(frozen=True, slots=True)
class AddToOwned:
    """Statements of `scope` for a policy of this app.

    Attributes:
        new: whether the storage makes the bucket or key. The kind of a new key is checked in the finished policies,
            because an aspect can change it, and each check here is a call to jsii for each storage.
    """

    kind: ClassVar[PlacementKind] = PlacementKind.OWNED

    scope: Construct
    located: InApp
    statements: Sequence[Statement]
    new: bool = False

    def check(self) -> None:
        """Refuse a policy that cannot get the statements.

        Raises:
            IconikTypeError: nothing can be added to the form of the policy.
            IconikValueError: two stacks would wait for each other, or S3 cannot use the key.
        """
        self.located.policy.check()
        if self.located.resource == "key":
            if not self.new:
                _refuse_other_kinds_of_key(self.located.policy.construct)
            _refuse_circle(self.scope, self.located.policy.construct, self.statements)

    def apply(self) -> PolicyInApp:
        """Add the statements, and return the policy."""
        _warn_of_condition(self.scope, self.located.bucket_policy, self.located.made)
        self.located.policy.add(self.statements)
        return self.located.policy


def _refuse_other_kinds_of_key(key: IConstruct) -> None:
    """Refuse a key that S3 cannot encrypt objects with, if its template says so.

    Source: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys": symmetric encryption keys only.
    """
    l1 = key if isinstance(key, cdk.CfnResource) else key.node.default_child
    if not isinstance(l1, kms.CfnKey):
        return
    for name, value, usable in (("spec", l1.key_spec, _SYMMETRIC), ("usage", l1.key_usage, "ENCRYPT_DECRYPT")):
        if value is not None and not is_token(value) and value != usable:
            raise IconikValueError(
                "encryption_key",
                f"must be a symmetric encryption key, the only kind that S3 can use, but {key.node.path} has the "
                f"{name} {value}",
                fix=f"Give a kms.Key without 'key_spec' and 'key_usage', whose spec is {_SYMMETRIC}.",
            )


def _refuse_circle(scope: Construct, key: IConstruct, statements: Sequence[Statement]) -> None:
    """Refuse a value of this stack in the policy of another stack's key, if a bucket of this stack uses the key.

    Raises:
        IconikValueError: CloudFormation could deploy neither of the two stacks before the other.
    """
    named = references(json.dumps(list(statements)))
    if not named:
        return
    stack, owner = cdk.Stack.of(scope), cdk.Stack.of(key)
    if owner is stack:
        return
    for reference in named:
        if cdk.Stack.of(reference.target) is stack:
            raise IconikValueError(
                "system_domain_id",
                f"must not be a value of the stack {stack.node.path}, because the key's policy is in the stack "
                f"{owner.node.path}: each of the two stacks would wait for the other",
                fix="Write the System Domain ID itself, or take it from the key's stack.",
            )


def _warn_of_condition(scope: Construct, policy: cdk.CfnResource | None, made: cdk.CfnResource | None) -> None:
    """Warn about a policy that may not be made although the bucket is made."""
    condition = None if policy is None else policy.cfn_options.condition
    if policy is None or condition is None or (made is not None and made.cfn_options.condition == condition):
        return
    cdk.Validations.of(scope).add_warning(
        "iconik-construct:ConditionalPolicy",
        f"The bucket policy {policy.node.path} is made only if the condition {condition.node.path} is true, and "
        "only then iconik has access. Remove the condition from the policy, or move it to the statements that need "
        "it.",
    )
