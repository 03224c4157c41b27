"""Where AWS leaves an answer open: the judge says that it depends, and the other evaluators decide.

Apart from what is known of each of them because it is said of all.
"""

from __future__ import annotations

from typing import Final

from .case import Case
from .deviation import Deviation
from .tests_of import elements, tests_of

__all__ = ["LEFT_OPEN", "OF_BOTH", "names_in"]

_LENGTH_OF_A_CANONICAL_ID: Final = 64


def names_in(case: Case) -> list[str]:
    """Return whom the policy names, be it to mean or to except them."""
    return [*elements(case, "Principal"), *elements(case, "NotPrincipal")]


def _some_names_of_the_caller(case: Case) -> bool:
    caller = case.asked.caller
    own = {caller.principal, caller.role, caller.account, f"arn:aws:iam::{caller.account}:root"}
    return any(name in own for name in elements(case, "NotPrincipal"))


LEFT_OPEN: Final = (
    Deviation(
        "ForAnyValue with IfExists where the key is missing",
        "If the key is not present, evaluate the condition element as true. — If the key does not exist, ForAnyValue "
        "returns false.",
        lambda case: any(
            test.qualifier == "ForAnyValue" and test.if_exists and test.actual is None for test in tests_of(case)
        ),
        left_open=True,
    ),
    Deviation(
        "Null of a key whose value is empty",
        "false (the key exists and its value is not null). — An empty data set (for example, an empty string).",
        lambda case: any(test.operator == "Null" and test.actual == "" for test in tests_of(case)),
        left_open=True,
    ),
    Deviation(
        "some of the caller's names in NotPrincipal",
        "AWS might validate the account first, then the role, and then the assumed-role user: include the ARN of each.",
        _some_names_of_the_caller,
        left_open=True,
    ),
    Deviation(
        "a user who may have started the caller's federated session",
        "If a resource-based policy grants permission to the ARN of the IAM user who federated, then requests made by "
        "the federated user are limited by an implicit deny in a permission boundary or session policy.",
        lambda case: case.asked.caller.type == "FederatedUser" and any(":user/" in name for name in names_in(case)),
        left_open=True,
    ),
    Deviation(
        "a canonical user id, which may be the caller's",
        "The canonical user ID is an obfuscated form of the AWS account ID (AWS Account Management Reference Guide).",
        lambda case: any(len(name) == _LENGTH_OF_A_CANONICAL_ID for name in names_in(case)),
        left_open=True,
    ),
)
"""By name; the first that recognises a case is it."""

_ANOTHER_PARTITION: Final = Deviation(
    "an account is the same in every partition",
    "A partition is a group of AWS Regions. Each AWS account is scoped to one partition (Amazon Resource Names).",
    lambda case: any(":aws-cn:" in name for name in names_in(case)),
)

_AN_EMPTY_VALUE: Final = Deviation(
    "an empty value is one of the values of a set",
    "If the key values in the request resolve to an empty data set (for example, an empty string), a condition "
    "operator modified by ForAllValues returns true, and one modified by ForAnyValue returns false.",
    lambda case: any(test.qualifier and test.actuals == [""] for test in tests_of(case)),
)

OF_BOTH: Final = (_ANOTHER_PARTITION, _AN_EMPTY_VALUE)
"""What is known of both evaluators, and decided by AWS."""
