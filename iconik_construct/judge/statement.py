"""Checks whether one statement applies to a request: all its elements must match.

Source: AWS, IAM User Guide, "IAM JSON policy elements reference".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .arns import ARN_PARTS, is_resource
from .conditions import Part, holds, quoted_values, readable
from .effort import is_quick, steps
from .keys import Keys
from .principals import Caller, is_excepted, is_named
from .request import Request
from .scalars import scalars
from .text import MarkedText, is_marked, literal, split
from .truth import Truth, any_of
from .variables import VARIABLE, resolved
from .wildcards import ONE_CHARACTER, matches

__all__ = ["effects", "parts"]

_ELEMENTS: Final = ("Principal", "Action", "Resource")
_KEYS: Final = frozenset({"Sid", "Effect", "Condition", *_ELEMENTS, *(f"Not{name}" for name in _ELEMENTS)})
_UNREADABLE: Final = "it cannot be read"


def effects(statement: Any) -> frozenset[str]:
    """Return the possible effects of the statement: `Allow`, `Deny`, or both if the effect is unknown."""
    effect = statement.get("Effect") if isinstance(statement, Mapping) else None
    if effect in ("Allow", "Deny"):
        return frozenset({str(effect)})
    if isinstance(effect, MarkedText) and is_marked(effect):
        return frozenset(
            name for name in ("Allow", "Deny") if matches(effect, literal(name), wildcards=False) is not False
        )
    return frozenset({"Allow", "Deny"})


def parts(statement: Any, request: Request, keys: Keys, *, variables: bool | None) -> Iterator[Part]:
    """Yield for each part of the statement whether it matches the request. The cheapest part comes first."""
    if not isinstance(statement, Mapping):
        yield Part("", None, _UNREADABLE)
        return
    yield _element(statement, "Action", None, lambda element: _has_action(element, request.action, keys))
    yield _principal(statement, keys.caller)
    # The policy of a role, repository or API has no `Resource`: it applies to the resource that it is attached to.
    yield _element(statement, "Resource", True, lambda element: _has_resource(element, request, keys, variables))
    if "Condition" in statement:
        yield from holds(statement["Condition"], keys, variables=variables)
    if effects(statement) not in ({"Allow"}, {"Deny"}):
        yield Part("Effect", None, readable(statement.get("Effect")))
    for key in statement:
        if key not in _KEYS:
            yield Part(readable(key), None, "AWS describes no such element")


def _element(statement: Mapping[str, Any], name: str, missing: Truth, fits: Callable[[Any], Truth]) -> Part:
    """Evaluate an element that is written as `Name` or as `NotName`."""
    negated = f"Not{name}"
    if name in statement and negated in statement:
        return Part(name, None, f"beside {negated}, which AWS refuses")
    written = negated if negated in statement else name
    if written not in statement:
        return Part(name, missing, "it is missing")
    truth = fits(statement[written])
    if truth is None:
        return Part(written, None, _quoted(statement[written]))
    return Part(written, truth is (written == name))


def _principal(statement: Mapping[str, Any], who: Caller) -> Part:
    negated = "NotPrincipal" in statement and "Principal" not in statement
    return _element(statement, "Principal", None, lambda element: (is_excepted if negated else is_named)(element, who))


def _quoted(element: Any) -> str:
    if isinstance(element, Mapping):
        return "; ".join(f"{readable(kind)} {quoted_values(scalars(value))}" for kind, value in element.items())
    return quoted_values(scalars(element))


def _has_action(element: Any, action: MarkedText, keys: Keys) -> Truth:
    """Compare actions. "Prefixes and action names are case insensitive". Both can contain wildcards."""
    action = action.lower()
    quick = is_quick(action)

    def is_action(text: MarkedText) -> Truth:
        if (quick and ONE_CHARACTER not in text) or keys.effort.allows(steps(text, action)):
            return matches(text, action, wildcards=True)
        return None

    return any_of(None if text is None else is_action(text.lower()) for text in scalars(element))


def _has_resource(element: Any, request: Request, keys: Keys, variables: bool | None) -> Truth:
    quick = is_quick(request.resource)
    return any_of(
        None if text is None else _is_resource(text, request.resource, keys, variables, quick=quick)
        for text in scalars(element)
    )


def _is_resource(text: MarkedText, resource: MarkedText, keys: Keys, variables: bool | None, *, quick: bool) -> Truth:
    pattern = resolved(text, keys, wildcards=True, variables=variables)
    quick = quick and isinstance(pattern, str) and "?" not in pattern
    if not quick and pattern is not None and not keys.effort.allows(steps(pattern, resource)):
        return None
    truth = False if pattern is None else is_resource(pattern, resource)
    # "You can't use a variable to replace parts of the ARN before the fifth colon."
    if truth and variables and VARIABLE in text:
        return None if any(VARIABLE in part for part in split(text, ":", ARN_PARTS - 1)[: ARN_PARTS - 1]) else truth
    return truth
