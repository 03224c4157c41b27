"""Asks the evaluator of the local AWS, which is Python and runs in this process, as a second opinion.

Apart from the policy engine because it answers a narrower question: what the resource policy alone says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy

from .case import Case

__all__ = ["allows", "can_answer", "opinion"]


_OWN_CLOCK: Final = ("aws:currenttime", "aws:epochtime")


def can_answer(case: Case) -> bool:
    """Tell whether the evaluator reads all of a policy.

    It looks at its own clock instead of the request's time, and says of itself that it leaves NotPrincipal out.
    """
    return not any("NotPrincipal" in one for one in case.document["Statement"]) and not any(
        name.lower() in _OWN_CLOCK for name in case.names
    )


def opinion(cases: Sequence[Case]) -> list[bool]:
    """Return which of these requests the evaluator lets through."""
    return [allows(case) for case in cases]


def allows(case: Case) -> bool:
    """Tell whether the evaluator lets the request through, if the caller's own policies allow everything."""
    asked = case.asked
    caller = asked.caller
    context: dict[str, Any] = {
        name.lower(): value if isinstance(value, str) else list(value) for name, value in asked.whole_context().items()
    }
    decision = evaluate_resource_policy(
        dict(case.document),
        EvalContext(
            principal_arn=caller.principal or "anonymous",
            principal_type=caller.type,
            principal_account=caller.account or "",
            action=asked.action,
            resource_arn=asked.resource,
            region=str(context.get("aws:requestedregion", "")),
            source_ip=str(context.get("aws:sourceip", "")),
            secure_transport=context.get("aws:securetransport") == "true",
            service_context=context,
            principal_keys=context,
        ),
    ).decision
    if decision == "ImplicitDeny":
        return caller.account == asked.account and not asked.action.startswith(("kms:", "sts:"))
    return bool(decision == "Allow")
