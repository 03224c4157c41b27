"""Checks at synthesis whether the Lambda service can assume a role of this app. Later changes of the role count too."""

from __future__ import annotations

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import IValidation

from ..errors import IconikValueError
from ..judge import Request, Verdict, judge

__all__ = ["check_trust"]

_LAMBDA = "lambda.amazonaws.com"


def check_trust(role: iam.IRole) -> None:
    """Fail synthesis if the trust policy certainly does not allow Lambda. That of an imported role is not known."""
    if isinstance(role, iam.Role) and role not in _CHECKS:
        _CHECKS[role] = _Trust(role)
        role.node.add_validation(_CHECKS[role])


@jsii.implements(IValidation)
class _Trust:
    def __init__(self, role: iam.Role) -> None:
        self._role = role

    def validate(self) -> list[str]:
        stack = cdk.Stack.of(self._role)
        request = Request(
            action="sts:AssumeRole", resource=self._role.role_arn, account=stack.account, principal=_LAMBDA
        )
        trust = stack.resolve(self._role.assume_role_policy)
        if trust is None or judge(trust, request).verdict is not Verdict.DENIED:
            return []
        error = IconikValueError(
            "adoption_role",
            f"must be a role that the service {_LAMBDA} can assume, because the function runs with it, but the trust "
            f"policy of {self._role.node.path} does not allow this service",
            fix=f"Write assumed_by=iam.ServicePrincipal('{_LAMBDA}') for the role, or leave 'adoption_role' out.",
        )
        return [str(error)]


# Kept for the life of the process: if Python deleted a check with its stack, everything would pass.
_CHECKS: dict[iam.IRole, _Trust] = {}
