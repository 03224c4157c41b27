"""Three values: true, false, and not known (`None`), after Kleene.

Apart because every other file here counts in them, and because `not None` is `True` in Python.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Truth", "all_of", "any_of", "negation"]

Truth = bool | None


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return false as soon as one is false, whatever is not known; no truths at all are true."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return true as soon as one is true, whatever is not known; no truths at all are false."""
    found: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            found = None
    return found
