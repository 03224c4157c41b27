"""Resolves the actions that an Allow contains, and picks one of each kind to evaluate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.kms_actions import KEY_ACTIONS
from ..access.s3_actions import BUCKET_ACTIONS, OBJECT_ACTIONS
from ..judge.scalars import scalars
from ..judge.text import has_unknown, own, tokens, unknown
from ..judge.wildcards import matches

__all__ = ["is_on_object", "kinds_of", "one_of_each_kind", "resolved_actions", "resources_of"]

_KNOWN: Final = {
    "s3": tuple(sorted(BUCKET_ACTIONS | OBJECT_ACTIONS)),
    "kms": tuple(sorted(KEY_ACTIONS)),
}
_LOWER: Final = {service: tuple(action.lower() for action in actions) for service, actions in _KNOWN.items()}
_WRITTEN: Final = {action.lower(): action for actions in _KNOWN.values() for action in actions}
_BUCKET: Final = frozenset(action.lower() for action in BUCKET_ACTIONS)


def resolved_actions(statement: Mapping[str, Any], service: str) -> list[str]:
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
    actions: dict[str, None] = {}
    for text in scalars(statement.get("Action")):
        if text is None or has_unknown(text):
            actions[_KNOWN[service][0] if text is None else text] = None
        elif "*" in text or "?" in text:
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


def one_of_each_kind(actions: Sequence[str], others: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one action for each combination of other statements that contain it. Actions of a kind have one answer."""
    return [kind[0] for kind in kinds_of(actions, others)]


def kinds_of(actions: Sequence[str], others: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return groups of actions: one group for each combination of other statements that contain them."""
    patterns = [
        (negated, [text.lower() for text in scalars(each[name]) if text is not None])
        for each in others
        for name, negated in (("Action", False), ("NotAction", True))
        if name in each
    ]
    groups: dict[tuple[bool, ...], list[str]] = {}
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


def is_on_object(action: str) -> bool:
    """Return whether an S3 action is on objects and not on the bucket."""
    return action.lower().startswith("s3:") and action.lower() not in _BUCKET


def resources_of(statement: Mapping[str, Any], arn: str, action: str) -> Iterator[str]:
    """Yield a resource of each kind in a statement that the action can be on.

    Args:
        statement: the statement.
        arn: the bucket, the key or the access point that the policy belongs to.
        action: the action.
    """
    objects = f"{arn}/{unknown('an object')}"
    whole = objects if is_on_object(action) else arn
    if "NotResource" in statement or "Resource" not in statement:
        # An object that no policy names.
        yield f"{arn}/{own('an object')}" if is_on_object(action) else arn
        return
    for text in scalars(statement["Resource"]):
        if text is None or text == "*" or has_unknown(text):
            yield whole
        elif "/" in tokens(text) and not arn.startswith("arn:aws:kms"):
            if is_on_object(action):
                yield text.replace("*", unknown("an object")).replace("?", unknown("a character"))
        elif not is_on_object(action) or "*" in text:
            yield whole
