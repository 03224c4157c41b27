"""Finds what iconik can do beyond its permissions: actions, and objects or listings outside its prefixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.permissions import ADMIN_ACTION
from ..access.s3_actions import ACCESS_CHANGING_ACTIONS
from ..access.statements import PREFIX_CONDITION_ACTIONS
from ..judge.scalars import scalars
from ..judge.text import MarkedText, if_plain, is_marked, joined, literal
from ..judge.wildcards import STAR, matches
from . import rules
from .expected import objects_below
from .finding import Finding
from .foreign_access import in_words, listed, name_of
from .public import condition_entries
from .resolved_actions import is_on_object, resolved_actions
from .subject import Subject
from .tag import TagState, tag_condition_of

__all__ = ["too_wide"]

_ADMIN_SID: Final = "IconikAdmin"
_FOR_A_DOMAIN: Final = frozenset({TagState.RIGHT, TagState.WRONG_DOMAIN})
_GIVES_AWAY: Final = (
    ACCESS_CHANGING_ACTIONS
    | {
        "s3:DeleteBucket",
        "s3:DeleteObjectVersion",
        "s3:PutLifecycleConfiguration",
        "kms:CreateGrant",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
    }
) - {"s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"}
"""Actions that no storage of iconik needs. They give the bucket or the key away, or delete for good."""


def too_wide(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each statement by which iconik can do more than its permissions.

    If the question has no permissions, only actions that give the bucket or the key away count.
    """
    question = subject.question
    known = question.permissions is not None
    for index, statement in enumerate(subject.policy.statements):
        if statement.get("Effect") != "Allow" or not question.iconik.is_named_in(statement):
            continue
        if tag_condition_of(statement, question.iconik).state not in _FOR_A_DOMAIN:
            continue
        if _is_admin(statement) and (not known or any(each.is_admin for each in question.permissions or ())):
            continue
        actions = resolved_actions(statement, subject.service)
        beyond = [
            action
            for action in actions
            if not question.expects(action, wanted=subject.wanted)
            and (known or if_plain(action) in _GIVES_AWAY or is_marked(action))
        ]
        outside = [] if beyond or not known else list(dict.fromkeys(_elsewhere(subject, statement, actions)))
        if beyond or outside:
            name = name_of(statement, index)
            yield Finding(
                rule=rules.TOO_WIDE,
                where=subject.name,
                text=f"{in_words(name)} also allows {listed(beyond or outside)}",
                statement=name,
                index=index,
            )


def _is_admin(statement: Mapping[str, Any]) -> bool:
    actions = scalars(statement.get("Action"))
    return str(statement.get("Sid", "")).startswith(_ADMIN_SID) and actions == [literal(ADMIN_ACTION)]


def _elsewhere(subject: Subject, statement: Mapping[str, Any], actions: Sequence[MarkedText]) -> Iterator[MarkedText]:
    """Yield the actions on objects, and the listings, that are outside the expected prefixes."""
    if subject.key is not None or any(each.is_admin for each in subject.question.permissions or ()):
        return
    objects = joined(subject.bucket.arn, "/")
    # A statement with NotResource is for nearly everything.
    named = [STAR] if "NotResource" in statement else scalars(statement.get("Resource"))
    resources = [text for text in named if text is not None]
    is_for_bucket = any(matches(text, subject.bucket.arn, wildcards=True) is not False for text in resources)
    for action in actions:
        wanted = [each for each in subject.wanted if each.action == action]
        if is_on_object(action):
            below = tuple(objects_below(each.resource) for each in wanted)
            for text in resources:
                reaches = text.startswith(objects) or matches(text, joined(objects, "x"), wildcards=True) is not False
                if reaches and objects not in below and not text.startswith(below):
                    yield joined(action, " on ", text.removeprefix(objects))
        elif if_plain(action) in PREFIX_CONDITION_ACTIONS and is_for_bucket:
            prefixes = tuple(each.below for each in wanted)
            if literal("") in prefixes:
                continue
            listed = _listed_below(statement)
            if not listed:
                yield joined(action, " of the whole bucket")
            yield from (joined(action, " below ", each) for each in listed if not each.startswith(prefixes))


def _listed_below(statement: Mapping[str, Any]) -> list[MarkedText]:
    """Return the prefixes to which a statement limits listings; none if it sets no limit."""
    return [
        value.removesuffix("*") if value else literal("")
        for operator, key, values in condition_entries(statement.get("Condition"))
        if key == "s3:prefix" and operator in {"StringLike", "StringEquals"}
        for value in values
    ]
