"""Defines the Lambda function of all adoptions of a stack, and the permissions of its role."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from ..errors import IconikValueError
from . import provider
from .ids import ADOPTION_ID, adoption_scope
from .size_estimate import largest_text

__all__ = [
    "SERVICE_TIMEOUT",
    "adoption_function",
    "adoption_role",
    "adoption_role_of",
    "permit",
    "refuse_other_role",
    "service_token",
]

HANDLER_TIMEOUT: Final = cdk.Duration.minutes(5)
SERVICE_TIMEOUT: Final = cdk.Duration.minutes(10)
"""The time for an answer to CloudFormation. CloudFormation's default is one hour."""

LOCK_ACTIONS: Final = ("ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter")
LOCKS: Final = "iconik-construct/*"
"""The parameters with the locks of the policies, and with the wanted statements of each custom resource."""

_PACKAGE: Final = Path(__file__).parent.parent
_MODULES: Final = {
    "": "errors",
    "/access": "__init__ cors folding kms_actions permissions prefixes regions s3_actions statements trust uses",
    "/assessment": (
        "__init__ access_points assess assumptions beyond caller_conditions callers cors_findings edited exemption "
        "expected fact facts finding foreign_access matrix names other_accounts own_access policy public reach "
        "requests resolved_actions setting_findings subject tag tls"
    ),
    "/assessment/rules": "__init__ access rule settings",
    "/judge": (
        "__init__ addresses arns clock conditions document effort evaluation index keys operators principals "
        "request scalars statement text truth variables verdict wildcards"
    ),
    "/placement": "__init__",
    "/placement/handler": "*",
    "/placement/handler/advice": "*",
    "/placement/handler/writer": "*",
}
"""The function's code, by directory: its own files, and the files that `advice` imports. A test loads each of them."""

_FILES: Final = tuple(
    name for place, modules in _MODULES.items() for name in (place, *(f"{place}/{each}.py" for each in modules.split()))
)

_HASH_LENGTH: Final = 8
_MANAGED_POLICY_LIMIT: Final = 6_144
"""The maximum length of a managed policy, without blanks. Source: IAM User Guide, "IAM and AWS STS quotas"."""


def adoption_role_of(stack: cdk.Stack, role: iam.IRole | None) -> iam.IRole:
    """Return the role of the function that reads and writes the policies, made on first use."""
    scope = adoption_scope(stack)
    provider.make_provider(
        scope,
        directory=_PACKAGE.parent,
        files=tuple(f"{_PACKAGE.name}{each}" for each in _FILES),
        entry=f"{_PACKAGE.name}.placement.handler.index.on_event",
        description="Adds iconik's statements to bucket and key policies that other stacks or people own",
        timeout=HANDLER_TIMEOUT,
        role=role,
    )
    return provider.handler_role(scope)


def refuse_other_role(stack: cdk.Stack, role: iam.IRole | None) -> None:
    """Refuse another role than that of the stack's function, if the function is made already.

    Raises:
        IconikValueError: as above.
    """
    scope = cast("Construct | None", stack.node.try_find_child(ADOPTION_ID))
    if scope is None or not provider.is_made(scope):
        return
    of_function = provider.handler_role(scope)
    # A role that is made here is below the adoptions. A given role is not.
    given = None if of_function.node.scope == scope else of_function.node.path
    wanted = None if role is None else role.node.path
    is_same = given == wanted
    if role is not None and given is not None and not is_same:
        # One role can be imported several times.
        is_same = stack.resolve(role.role_arn) == stack.resolve(of_function.role_arn)
    if not is_same:
        raise IconikValueError(
            "adoption_role",
            f"must be the same for all storages of the stack {stack.node.path} that merge: one function serves them",
            got=wanted,
            fix=f"Give all of them {'none' if given is None else f'the role {given}'}, or put the storage into a "
            "stack of its own.",
        )


def adoption_role(stack: cdk.Stack) -> iam.IRole:
    """Return the role of the existing function."""
    return provider.handler_role(adoption_scope(stack))


def adoption_function(stack: cdk.Stack) -> lambda_.IFunction:
    """Return the existing function."""
    return provider.handler(adoption_scope(stack))


def service_token(stack: cdk.Stack) -> str:
    """Return the service token for a custom resource of this stack."""
    return provider.service_token(adoption_scope(stack))


def permit(stack: cdk.Stack, role: iam.IRole, target: str, actions: Sequence[str], arn: str) -> iam.ManagedPolicy:
    """Allow the function to change one more policy. `target` is the same name under every flag of the CDK.

    All policies are in one IAM policy. With each added or removed bucket or key it becomes another resource:
    CloudFormation makes the new one before it changes anything else, and deletes the old one last, after the removed
    custom resources used it. It is a managed policy, because the inline policies of a role share 10,240 characters.
    The old and the new ones could exceed that while a large stack is updated.
    """
    scope = adoption_scope(stack)
    permission = _PERMISSIONS.get(scope)
    if permission is None:
        permission = _PERMISSIONS[scope] = _Permission(stack, scope, role)
        scope.node.add_validation(permission)
    permission.add(target, actions, arn)
    return permission.policy


@jsii.implements(IValidation)
class _Permission:
    """The permissions of one stack's function, except writing its log."""

    def __init__(self, stack: cdk.Stack, scope: Construct, role: iam.IRole) -> None:
        self._stack = stack
        self._contents: list[str] = []
        self.policy = iam.ManagedPolicy(
            scope,
            "Permission",
            description="The bucket and key policies that iconik's statements are merged into",
            document=iam.PolicyDocument(minimize=True),
            roles=[role],
        )
        locks = stack.format_arn(service="ssm", resource="parameter", resource_name=LOCKS)
        self.add("locks", LOCK_ACTIONS, locks)

    def add(self, target: str, actions: Sequence[str], arn: str) -> None:
        self.policy.document.add_statements(iam.PolicyStatement(actions=list(actions), resources=[arn]))
        self._contents.append(" ".join([target, *actions]))
        digest = hashlib.sha256("\n".join(sorted(self._contents)).encode()).hexdigest()
        resource = cast("cdk.CfnResource | None", self.policy.node.default_child)
        if resource is None:
            # `iam.Role.customize_roles` reports the policy, and makes no resource.
            return
        resource.override_logical_id(f"IconikAdoptionPermission{digest[:_HASH_LENGTH].upper()}")

    def validate(self) -> list[str]:
        document = largest_text(self._stack.resolve(self.policy.document))
        size = len(json.dumps(document, separators=(",", ":")))
        if size <= _MANAGED_POLICY_LIMIT:
            return []
        text = (
            f"The policy of the function that merges in the stack '{self._stack.node.path}' could take up to {size:,} "
            f"characters, and IAM allows {_MANAGED_POLICY_LIMIT:,}. Put some of the storages into another stack, which "
            "has a function and a role of its own."
        )
        return [text]


# Kept for the life of the process: if Python deleted a check with its stack, everything would pass.
_PERMISSIONS: dict[Construct, _Permission] = {}
