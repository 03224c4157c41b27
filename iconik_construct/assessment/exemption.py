"""A Deny rewritten so that it leaves out one role and says the same to everybody else.

Apart because a deployment that is refused prints it, and so does whoever looks at a live bucket.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["exempted"]

_PRINCIPAL_ARN: Final = "aws:PrincipalArn"


def exempted(statement: Mapping[str, Any], role_arn: str) -> dict[str, Any] | None:
    """Return the Deny with the role exempt by `ArnNotEquals`; None where that cannot be written.

    `NotPrincipal` becomes a condition: beside a Deny it would have to name each session of the role. Whether the result
    lets the role in must be asked: it may still be hit as one of its account.
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
        # Where both stand, only who is in both lists is let out, and one condition cannot say that.
        if named or not isinstance(left_out, dict) or set(left_out) != {"AWS"}:
            return None
        named = _listed(left_out["AWS"])
        exempt["Principal"] = "*"
    exempt["Condition"] = {**condition, operator: {**keys, key: [*named, role_arn]}}
    return exempt


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
