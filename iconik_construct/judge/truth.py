"""Three-valued logic after Kleene: true, false, and unknown (`None`).

Use these functions, because `not None` is `True` in Python.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Truth", "all_of", "any_of", "negation"]

Truth = bool | None


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return false if a value is false, else unknown if a value is unknown. An empty list is true."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return true if a value is true, else unknown if a value is unknown. An empty list is false."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result
