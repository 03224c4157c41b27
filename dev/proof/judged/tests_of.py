"""Takes a small policy apart into what it tests, so that a known deviation says in one line what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .case import Case, Value

__all__ = ["Test", "elements", "tests_of"]


class Test(NamedTuple):
    """One condition: an operator in its parts, a key, the values it is compared with and what the request has."""

    qualifier: str
    operator: str
    if_exists: bool
    key: str
    values: list[Any]
    actual: Value | None

    @property
    def actuals(self) -> list[str]:
        """Return the values of the request, none if it does not have the key."""
        return [self.actual] if isinstance(self.actual, str) else list(self.actual or ())

    @property
    def negated(self) -> bool:
        """Whether the operator asks for no match."""
        return "Not" in self.operator


def tests_of(case: Case) -> Iterator[Test]:
    """Yield the conditions of a case."""
    context = {name.lower(): value for name, value in case.asked.whole_context().items()}
    for statement in case.document["Statement"]:
        for written, tests in statement.get("Condition", {}).items():
            qualifier, _, name = written.rpartition(":")
            operator = name.removesuffix("IfExists")
            for key, compared in tests.items():
                values = compared if isinstance(compared, list) else [compared]
                yield Test(qualifier, operator, operator != name, key.lower(), values, context.get(key.lower()))


def elements(case: Case, name: str) -> Iterator[str]:
    """Yield the texts of an element such as Resource; of Principal the names, whatever their kind."""
    for statement in case.document["Statement"]:
        found = statement.get(name, [])
        for one in found.values() if isinstance(found, dict) else [found]:
            yield from one if isinstance(one, list) else [one]
