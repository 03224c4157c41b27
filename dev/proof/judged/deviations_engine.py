"""Where the policy engine, iam-simulate, differs from the judge; with AWS's sentence for the judge's side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .case import Case
from .deviation import Deviation
from .deviations_open import LEFT_OPEN, OF_BOTH
from .tests_of import Test, elements, tests_of

__all__ = ["OF_THE_ENGINE"]

_VARIABLE: Final = re.compile(r"\$\{([^},]+)(, '[^']*')?\}")


def _texts_with_variables(case: Case) -> Iterator[str]:
    for name in ("Resource", "NotResource"):
        yield from elements(case, name)
    for test in tests_of(case):
        if test.operator.startswith(("String", "Arn")):
            yield from map(str, test.values)


def _variable_without_value(case: Case) -> bool:
    context = {name.lower(): value for name, value in case.asked.whole_context().items()}
    found = [match for text in _texts_with_variables(case) for match in _VARIABLE.finditer(text)]
    return any(match[2] is None and match[1].lower() not in context for match in found)


def _empty_variable(case: Case) -> bool:
    context = {name.lower(): value for name, value in case.asked.whole_context().items()}
    found = [match for text in _texts_with_variables(case) for match in _VARIABLE.finditer(text)]
    return any(context.get(match[1].lower(), (match[2] or "")[3:-1]) == "" for match in found)


def _is_all_of_ip_4(value: object) -> bool:
    return isinstance(value, str) and value.endswith("/0") and ":" not in value


def _negates(case: Case) -> bool:
    return any(test.negated for test in tests_of(case)) or any(True for _ in elements(case, "NotResource"))


def _mixes_epoch_and_date(test: Test) -> bool:
    values = [str(value) for value in (*test.values, *test.actuals)]
    return test.operator.startswith("Date") and len({value.isdigit() for value in values}) > 1


def _variable_in_an_old_version(case: Case) -> bool:
    return case.document.get("Version") != "2012-10-17" and any("${" in text for text in _texts_with_variables(case))


OF_THE_ENGINE: Final = (
    *LEFT_OPEN,
    *OF_BOTH,
    Deviation(
        "0.0.0.0/0 holds no address",
        "The value must be in the standard CIDR format (for example, 203.0.113.0/24 or 2001:DB8:1234:5678::/64).",
        lambda case: any(_is_all_of_ip_4(value) for test in tests_of(case) for value in test.values),
    ),
    Deviation(
        "an address without a prefix is no range that an address of the other kind is outside of",
        "NotIpAddress: All IP addresses except the specified IP address or range.",
        lambda case: any(
            test.operator == "NotIpAddress" and all("/" not in str(value) for value in test.values)
            for test in tests_of(case)
        ),
    ),
    Deviation(
        "epoch times and dates are not compared with each other",
        "Specify date/time values with one of the W3C implementations of the ISO 8601 date formats or in epoch time.",
        lambda case: any(_mixes_epoch_and_date(test) for test in tests_of(case)),
    ),
    Deviation(
        "variables are replaced in every version of the language",
        "If you don't include the Version element …, variables like ${aws:username} are treated as literal strings.",
        lambda case: (
            case.document.get("Version") != "2012-10-17" and any("${" in one for one in _texts_with_variables(case))
        ),
    ),
    Deviation(
        "nothing is unequal to a variable that has no value",
        "Inverted condition operators like StringNotEquals or StringNotLike do match against a null value.",
        lambda case: _negates(case) and _variable_without_value(case),
    ),
    Deviation(
        "nothing is unequal to what is no ARN",
        "ArnNotEquals, ArnNotLike: Negated matching for ARN.",
        lambda case: any(
            test.operator.startswith("ArnNot") and any(not str(value).startswith("arn:") for value in test.values)
            for test in tests_of(case)
        ),
    ),
    Deviation(
        "the colon of a variable ends a component of an ARN",
        "You can use a policy variable with the ARN condition operator.",
        lambda case: any(
            test.operator.startswith("Arn") and any("${" in str(value).rpartition("}")[0] for value in test.values)
            for test in tests_of(case)
        ),
    ),
    Deviation(
        "a variable whose value or default is empty has no value",
        "The policy variables are replaced with values that come from the request context.",
        _empty_variable,
    ),
)
"""By name; the first that recognises a case is it."""
