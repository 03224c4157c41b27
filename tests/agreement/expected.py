"""What each tool has to answer: the truth, or "unknown" where a fact is unknown to the tool. Never better than that."""

from __future__ import annotations

from typing import Final

from tests.agreement.cases import Case
from tests.agreement.truth import Truth

__all__ = ["ASKED", "UNKNOWN_TO", "expected"]

PERMISSIONS: Final = "what iconik should be able to do"
LATER: Final = "the time of later requests"
REGION: Final = "the region of the bucket"

UNKNOWN_TO: Final = {
    "guard": {PERMISSIONS, LATER},
    "kit": {LATER},
    "synthesis": {LATER},
    "guardrail": {LATER},
    "report --assembly": {LATER},
    "function": {LATER, REGION},
    "check": {LATER},
    "report --bucket": {LATER},
    "audit": {LATER},
}
"""The facts that a tool does not have. Of the storages of an app and of a merge no statement is missing.

No tool knows the time of later requests: what a date in the future changes is no lasting answer.
"""
ASKED: Final = {
    "guard": 340, "kit": 340, "synthesis": 300, "guardrail": 300, "report --assembly": 300, "function": 290,
    "check": 340, "report --bucket": 340, "audit": 340,
}  # fmt: skip
"""How many cases a tool is asked at least: a storage of this library can be most of them, but not all."""

_NEEDS: Final = {"a Deny from next year on": LATER, "a Deny of other regions": REGION}
"""The fact on which the answer depends, by case."""
_BY_RULE: Final = {
    # Only StringEquals on the tag counts, so that a reviewer has one form to look for.
    "the tag that any value may have": "not_good",
    # A statement for everyone is judged by conditions on the caller. A date is no protection, and nobody needs to
    # exclude the account of the bucket.
    "everyone until last year": "not_good",
    "everyone but the resource account": "not_good",
    # AWS asks for the ARN of each session in NotPrincipal, which the policy engine does not. Source: IAM User Guide,
    # "NotPrincipal", "Specifying NotPrincipal with Deny".
    "a Deny of everybody but iconik": "unknown",
}
"""Where the verdict is stricter than the policy engine, for all tools."""


def expected(tool: str, case: Case, truth: Truth) -> str | None:
    """Return the verdict that a tool has to give; None where it is not told enough to give one."""
    unknown = UNKNOWN_TO[tool]
    if case.is_lacking and PERMISSIONS in unknown:
        return "not_good" if truth.others == "yes" else None
    kind = case.name.partition(", with ")[0]
    verdict = truth.verdict
    if verdict == "good" and kind in _BY_RULE:
        return _BY_RULE[kind]
    return "unknown" if verdict == "good" and _NEEDS.get(kind) in unknown else verdict
