"""Where the evaluator of the local AWS differs from the judge; with AWS's sentence for the judge's side."""

from __future__ import annotations

from typing import Final

from .case import Case
from .deviation import Deviation
from .deviations_open import LEFT_OPEN, OF_BOTH
from .tests_of import elements, tests_of

__all__ = ["OF_THE_LOCAL_AWS"]


def _key(*names: str) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


_ALWAYS_THERE: Final = _key("aws:SourceIp", "aws:SecureTransport", "aws:RequestedRegion", "aws:TagKeys")
_OF_A_PRINCIPAL: Final = _key("aws:PrincipalArn", "aws:PrincipalAccount")


def _tests_a_session_by_its_arn(case: Case) -> bool:
    return case.asked.caller.role is not None and any(one.key == "aws:principalarn" for one in tests_of(case))


def _asks_who_an_unsigned_caller_is(case: Case) -> bool:
    return case.asked.caller.principal is None and any(one.key in _OF_A_PRINCIPAL for one in tests_of(case))


OF_THE_LOCAL_AWS: Final = (
    *LEFT_OPEN,
    *OF_BOTH,
    Deviation(
        "a session's aws:PrincipalArn is the session's ARN",
        "For IAM roles, the request context returns the ARN of the role, not that of the user that assumed the role.",
        _tests_a_session_by_its_arn,
    ),
    Deviation(
        "an unsigned caller has an ARN and an account",
        "Anonymous requests do not include this key (aws:PrincipalArn, aws:PrincipalAccount).",
        _asks_who_an_unsigned_caller_is,
    ),
    Deviation(
        "aws:ResourceAccount is not known of an ARN without account",
        "aws:ResourceAccount: this key is always included in the request context for most service actions.",
        lambda case: any(one.key == "aws:resourceaccount" for one in tests_of(case)),
    ),
    Deviation(
        "a key that the request does not have is there all the same",
        "If the key that you specify in a policy condition is not present …, the values do not match.",
        lambda case: any(one.key in _ALWAYS_THERE and one.actual is None for one in tests_of(case)),
    ),
    Deviation(
        "policy variables are taken for text",
        "When the policy is evaluated, the policy variables are replaced with values that come from the context.",
        lambda case: any(
            "${" in str(text)
            for text in (
                *(value for one in tests_of(case) for value in one.values),
                *elements(case, "Resource"),
                *elements(case, "NotResource"),
            )
        ),
    ),
    Deviation(
        "truth values without quotes are no texts",
        "Grammar: the condition value can be a string, a number or a boolean.",
        lambda case: any(isinstance(value, bool) for one in tests_of(case) for value in one.values),
    ),
    Deviation(
        "components of an ARN are not compared one by one",
        "Each of the six colon-delimited components of the ARN is checked separately.",
        lambda case: any(
            one.operator.startswith("Arn") and any("*" in str(value) for value in one.values) for one in tests_of(case)
        ),
    ),
)
"""By name; the first that recognises a case is it."""
