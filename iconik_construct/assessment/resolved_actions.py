"""Resolves the actions that an Allow contains, and picks one of each kind to evaluate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.kms_actions import KEY_ACTIONS
from ..access.s3_actions import BUCKET_ACTIONS, OBJECT_ACTIONS
from ..judge.scalars import scalars
from ..judge.text import MarkedText, has_unknown, joined, literal, own, tokens, unknown
from ..judge.variables import VARIABLE
from ..judge.wildcards import ONE_CHARACTER, STAR, has_wildcard, matches

__all__ = ["is_on_object", "kinds_of", "one_of_each_kind", "resolved_actions", "resources_of"]

_KNOWN: Final = {
    "s3": tuple(map(literal, sorted(BUCKET_ACTIONS | OBJECT_ACTIONS))),
    "kms": tuple(map(literal, sorted(KEY_ACTIONS))),
}
_LOWER: Final = {service: tuple(action.lower() for action in actions) for service, actions in _KNOWN.items()}
_WRITTEN: Final = {action.lower(): action for actions in _KNOWN.values() for action in actions}
_BUCKET: Final = frozenset(literal(action.lower()) for action in BUCKET_ACTIONS)


def resolved_actions(statement: Mapping[str, Any], service: str) -> list[MarkedText]:
    """Return the actions of a service that a statement contains, with patterns and `NotAction` resolved.

    A written action counts also if it is unknown, because the list of known actions can be older than AWS's.
    """
    if "NotAction" in statement:
        left_out = [text.lower() for text in scalars(statement["NotAction"]) if text is not None]
        return [
            action
            for action, lower in zip(_KNOWN[service], _LOWER[service], strict=True)
            if not any(matches(each, lower, wildcards=True) is True for each in left_out)
        ]
    actions: dict[MarkedText, None] = {}
    for text in scalars(statement.get("Action")):
        if text is None or has_unknown(text):
            actions[_KNOWN[service][0] if text is None else text] = None
        elif has_wildcard(text):
            lower = text.lower()
            known = [
                action
                for action, each in zip(_KNOWN[service], _LOWER[service], strict=True)
                if matches(lower, each, wildcards=True)
            ]
            actions |= dict.fromkeys(known)
        elif text.lower().startswith(f"{service}:"):
            actions[_WRITTEN.get(text.lower(), text)] = None
    return list(actions)


def one_of_each_kind(actions: Sequence[MarkedText], others: Sequence[Mapping[str, Any]]) -> list[MarkedText]:
    """Return one action for each combination of other statements that contain it. Actions of a kind have one answer."""
    return [kind[0] for kind in kinds_of(actions, others)]


def kinds_of(actions: Sequence[MarkedText], others: Sequence[Mapping[str, Any]]) -> list[list[MarkedText]]:
    """Return groups of actions: one group for each combination of other statements that contain them."""
    patterns = [
        (negated, [text.lower() for text in scalars(each[name]) if text is not None])
        for each in others
        for name, negated in (("Action", False), ("NotAction", True))
        if name in each
    ]
    groups: dict[tuple[bool, ...], list[MarkedText]] = {}
    for action in actions:
        lower = action.lower()
        key = (
            is_on_object(action),
            *(
                any(matches(text, lower, wildcards=True) is not False for text in names) is not negated
                for negated, names in patterns
            ),
        )
        groups.setdefault(key, []).append(action)
    return list(groups.values())


def is_on_object(action: MarkedText) -> bool:
    """Return whether an S3 action is on objects and not on the bucket."""
    return action.lower().startswith("s3:") and action.lower() not in _BUCKET


def resources_of(statement: Mapping[str, Any], arn: MarkedText, action: MarkedText) -> Iterator[MarkedText]:
    """Yield a resource of each kind in a statement that the action can be on.

    Args:
        statement: the statement.
        arn: the bucket, the key or the access point that the policy belongs to.
        action: the action.
    """
    objects = joined(arn, "/", unknown("an object"))
    whole = objects if is_on_object(action) else arn
    if "NotResource" in statement or "Resource" not in statement:
        # An object that no policy names.
        yield joined(arn, "/", own("an object")) if is_on_object(action) else arn
        return
    for text in scalars(statement["Resource"]):
        if text is None or text == STAR or VARIABLE in text or has_unknown(text):
            yield whole
        elif literal("/") in tokens(text) and not arn.startswith("arn:aws:kms"):
            if is_on_object(action):
                yield text.replace(STAR, unknown("an object")).replace(ONE_CHARACTER, unknown("a character"))
        elif not is_on_object(action) or STAR in text:
            yield whole
