"""Warns about a System Domain ID that is a mistake, and checks at synthesis the value of one that is a CDK token.

Only jsii can read a token, after the construct tree is finished, so this is not in `trust.py`. The check is needed:
`${aws:PrincipalTag/IconikSystemDomainId}` instead of the id compares the tag with itself, and `AWS::NoValue` removes
the condition. Both would allow every iconik customer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct, IValidation

from ..access.trust import is_system_domain_id, is_token, suspect_ids

__all__ = ["problem_with", "warn_of_ids", "watch_domain_tokens"]

# Known only at deployment, and cannot contain a policy variable.
_KNOWN_AT_DEPLOYMENT: Final = frozenset({"Fn::FindInMap", "Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue"})
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:(ssm|secretsmanager):[^{}$]+\}\}")
_FIX: Final = "Give the UUID itself, a CfnParameter, an import or a value of Parameter Store."


def watch_domain_tokens(scope: Construct, system_domain_ids: Sequence[str]) -> None:
    """Make synthesis fail if an id is a token whose value is not exactly one id.

    Values that are known only at deployment pass: of a parameter, an export, an attribute, Parameter Store.

    Args:
        scope: the construct whose synthesis fails.
        system_domain_ids: the ids, tokens or not.
    """
    tokens = [value for value in system_domain_ids if is_token(value)]
    if tokens:
        scope.node.add_validation(_DomainTokens(scope, tokens))


def warn_of_ids(scope: IConstruct, system_domain_ids: Sequence[str]) -> None:
    """Add a warning for each id that is probably a mistake, such as iconik's own example."""
    for name, text in suspect_ids(system_domain_ids):
        cdk.Validations.of(scope).add_warning(f"iconik-construct:{name}", text)


@jsii.implements(IValidation)
class _DomainTokens:
    def __init__(self, scope: Construct, tokens: Sequence[str]) -> None:
        # Kept for the life of the process: if Python deleted the check, every value would pass.
        self._scope = scope
        self._tokens = list(tokens)

    def validate(self) -> list[str]:
        resolved = cdk.Stack.of(self._scope).resolve(self._tokens)
        problems = (problem_with(value) for value in resolved)
        return [f"'system_domain_id' must become a UUID, but {problem}. {_FIX}" for problem in problems if problem]


def problem_with(resolved: Any) -> str | None:
    """Return why a resolved token cannot be one System Domain ID; None if it can."""
    if isinstance(resolved, str):
        if is_system_domain_id(resolved) or _DYNAMIC_REFERENCE.fullmatch(resolved):
            return None
        return f"it is {resolved!r}"
    if not isinstance(resolved, dict) or len(resolved) != 1:
        return f"it is {resolved!r}"
    ((function, given),) = resolved.items()
    if function == "Ref":
        return f"it is {given}" if str(given).startswith("AWS::") else None
    if function in _KNOWN_AT_DEPLOYMENT:
        return None
    return next((problem for part in _parts(function, given) if (problem := problem_with(part))), None)


def _parts(function: str, given: Any) -> Sequence[Any]:
    """Return the possible values of a function, or the values that it splits."""
    if function == "Fn::If":
        return list(given[1:])
    if function == "Fn::Select":
        return list(given[1]) if isinstance(given[1], list) else [given[1]]
    if function == "Fn::Split":
        return [given[1]]
    # Fn::Sub and Fn::Join can build any text.
    return [[function]]
