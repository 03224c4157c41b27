"""Defines the condition operators: how each compares a value of the policy with a value of the request.

Source: AWS, IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from operator import eq, ge, gt, le, lt
from typing import Final

from .addresses import are_few, is_in
from .arns import is_arn
from .clock import seconds
from .text import MarkedText, is_plain
from .truth import Truth
from .wildcards import Pattern, folded, matches

__all__ = ["OPERATORS", "Comparison", "Incomparable", "Operator"]


class Incomparable(Enum):
    """The result if one value is not of the operator's type: not equal, but perhaps not unequal."""

    HERE = "incomparable"


Comparison = Truth | Incomparable


@dataclass(frozen=True, slots=True)
class Operator:
    """How to compare.

    Attributes:
        compare: compares a value of the policy with a value of the request.
        negated: whether the condition holds if nothing matches.
        wildcards: whether `*` and `?` match other characters.
        variables: whether policy variables are replaced.
        of_text: whether it compares any text. Such an operator can compare unknown values of other organisations too.
        are_few: for address ranges: whether all of them can belong to one company.
        at_least: compares a value of the policy with a value of which only the minimum is known.
    """

    compare: Callable[[Pattern, MarkedText], Comparison]
    negated: bool = False
    wildcards: bool = False
    variables: bool = False
    of_text: bool = False
    are_few: Callable[[Iterable[Pattern]], bool] | None = None
    at_least: Callable[[Pattern, str], Comparison] | None = None


def _equals(wanted: Pattern, given: MarkedText) -> Comparison:
    return matches(wanted, given, wildcards=False)


def _equals_ignoring_case(wanted: Pattern, given: MarkedText) -> Comparison:
    return matches(folded(wanted), given.lower(), wildcards=False)


def _like(wanted: Pattern, given: MarkedText) -> Comparison:
    return matches(wanted, given, wildcards=True)


def _bool(wanted: Pattern, given: MarkedText) -> Comparison:
    if not isinstance(wanted, str) or not is_plain(given):
        return None
    return wanted.lower() == given.lower() and wanted.lower() in {"true", "false"}


def _compares(read: Callable[[str], float | None], holds: Callable[[float, float], bool]) -> Callable[..., Comparison]:
    def compare(wanted: Pattern, given: MarkedText) -> Comparison:
        if not isinstance(wanted, str) or not is_plain(given):
            return None
        of_policy, of_request = read(wanted), read(given)
        if of_policy is None or of_request is None:
            return Incomparable.HERE
        return holds(of_request, of_policy)

    return compare


def _compares_least(
    read: Callable[[str], float | None], holds: Callable[[float, float], bool]
) -> Callable[[Pattern, str], Comparison]:
    """Return a comparison for a value of which only the minimum is known. The result must hold for all values."""

    def compare(wanted: Pattern, least: str) -> Comparison:
        if not isinstance(wanted, str):
            return None
        limit, start = read(wanted), read(least)
        if limit is None or start is None:
            return Incomparable.HERE
        answers = {holds(value, limit) for value in (start, max(start, limit), math.inf)}
        return answers.pop() if len(answers) == 1 else None

    return compare


_LONGEST_NUMBER: Final = 400


def _number(text: str) -> float | None:
    """Read "an integer or decimal value"."""
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if len(text) > _LONGEST_NUMBER or not digits.isascii() or not digits.replace(".", "", 1).isdigit():
        return None
    return float(text) if "." in digits else int(text)


def _ip(wanted: Pattern, given: MarkedText) -> Comparison:
    if not isinstance(wanted, str) or not is_plain(given):
        return None
    contained = is_in(wanted, given)
    return Incomparable.HERE if contained is None else contained


def _are_few(wanted: Iterable[Pattern]) -> bool:
    networks = list(wanted)
    return are_few(network for network in networks if isinstance(network, str)) and all(
        isinstance(network, str) for network in networks
    )


def _operator(
    read: Callable[[str], float | None], holds: Callable[[float, float], bool], *, negated: bool = False
) -> Operator:
    return Operator(_compares(read, holds), negated=negated, at_least=_compares_least(read, holds))


def _ordered(read: Callable[[str], float | None], name: str) -> dict[str, Operator]:
    return {
        f"{name}Equals": _operator(read, eq),
        f"{name}NotEquals": _operator(read, eq, negated=True),
        f"{name}LessThan": _operator(read, lt),
        f"{name}LessThanEquals": _operator(read, le),
        f"{name}GreaterThan": _operator(read, gt),
        f"{name}GreaterThanEquals": _operator(read, ge),
    }


def _pair(
    name: tuple[str, str], compare: Callable[[Pattern, MarkedText], Comparison], *, wildcards: bool
) -> dict[str, Operator]:
    start, end = name
    made = {}
    for word, negated in (("", False), ("Not", True)):
        made[f"{start}{word}{end}"] = Operator(
            compare, negated=negated, wildcards=wildcards, variables=True, of_text=True
        )
    return made


OPERATORS: Final[dict[str, Operator]] = {
    **_pair(("String", "Equals"), _equals, wildcards=False),
    **_pair(("String", "EqualsIgnoreCase"), _equals_ignoring_case, wildcards=False),
    **_pair(("String", "Like"), _like, wildcards=True),
    # "The ArnEquals and ArnLike condition operators behave identically."
    **_pair(("Arn", "Equals"), is_arn, wildcards=True),
    **_pair(("Arn", "Like"), is_arn, wildcards=True),
    **_ordered(_number, "Numeric"),
    **_ordered(seconds, "Date"),
    "Bool": Operator(_bool),
    "BinaryEquals": Operator(_equals, of_text=True),
    "IpAddress": Operator(_ip, are_few=_are_few),
    "NotIpAddress": Operator(_ip, negated=True, are_few=_are_few),
}
"""All operators but `Null`, which compares nothing."""
