"""Rewrites a Deny so that it exempts one role and is unchanged for everybody else.

Two callers use it: a refused deployment prints the result, and `check` prints it for a live bucket.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["exempted"]

_PRINCIPAL_ARN: Final = "aws:PrincipalArn"


def exempted(statement: Mapping[str, Any], role_arn: str) -> dict[str, Any] | None:
    """Return the Deny with the role exempt by `ArnNotEquals`, or None if that cannot be written.

    `NotPrincipal` becomes a condition: in a Deny it would have to name each session of the role. The caller must
    check whether the result allows the role: the Deny can still apply to the role through its account.
    """
    exempt = copy.deepcopy(dict(statement))
    condition = exempt.get("Condition", {})
    if not isinstance(condition, dict):
        return None
    operator = next((name for name in condition if name.lower() == "arnnotequals"), "ArnNotEquals")
    keys = condition.get(operator, {})
    if not isinstance(keys, dict):
        return None
    key = next((name for name in keys if name.lower() == _PRINCIPAL_ARN.lower()), _PRINCIPAL_ARN)
    named = _listed(keys.get(key, []))
    if "NotPrincipal" in exempt:
        left_out = exempt.pop("NotPrincipal")
        # If both are present, only principals in both lists are exempt. One condition cannot express that.
        if named or not isinstance(left_out, dict) or set(left_out) != {"AWS"}:
            return None
        named = _listed(left_out["AWS"])
        exempt["Principal"] = "*"
    exempt["Condition"] = {**condition, operator: {**keys, key: [*named, role_arn]}}
    return exempt


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
