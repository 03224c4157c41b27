"""Defines the question, and what it expects: the requests that iconik must be able to make, and expected actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from ..access.permissions import (
    ADMIN_ACTION,
    CORS_WRITE_ACTION,
    DELETE_ACTIONS,
    KEY_WRITE_ACTIONS,
    READ_BUCKET_ACTIONS,
    READ_OBJECT_ACTIONS,
    WRITE_BUCKET_ACTIONS,
    WRITE_OBJECT_ACTIONS,
    IconikPermissions,
)
from ..access.statements import PREFIX_CONDITION_ACTIONS, bucket_statements, key_statement
from ..access.trust import ICONIK_ROLE_ARN
from ..judge.scalars import scalars
from ..judge.text import AnyText, MarkedText, if_plain, in_document, joined, literal, tokens, unknown
from ..judge.wildcards import STAR, has_wildcard, matches
from .names import Iconik
from .tag import TagState, tag_condition_of

__all__ = ["NEEDED", "Question", "Wanted", "any_object", "objects_below", "single_actions", "wanted_by"]

_NEEDED_OF_BUCKET: Final = tuple(dict.fromkeys((*READ_BUCKET_ACTIONS, *WRITE_BUCKET_ACTIONS, CORS_WRITE_ACTION)))
_NEEDED_OF_OBJECTS: Final = (*READ_OBJECT_ACTIONS, *WRITE_OBJECT_ACTIONS, *DELETE_ACTIONS)
_NEEDED_OF_KEY: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")
_WITHOUT_CONTEXT: Final = "kms:DescribeKey"
"""An action without an encryption context: a statement with a condition on the context does not grant it."""
NEEDED: Final = frozenset({*_NEEDED_OF_BUCKET, *_NEEDED_OF_OBJECTS, *_NEEDED_OF_KEY})
"""Actions that a storage of iconik can need."""
_LISTINGS: Final = frozenset(map(str.lower, PREFIX_CONDITION_ACTIONS))
_NO_PREFIX: Final = literal("")
_ANY_KEY: Final = unknown("an object", but=("",))
"""The key of any object: it has at least one character."""
_BELOW_A_PREFIX: Final = unknown("an object")


@dataclass(frozen=True)
class Question:
    """The question about the facts.

    Args:
        system_domain_ids: the System Domain IDs that iconik may act for.
        permissions: what iconik should be able to do. None: what the statements for iconik allow.
        cors_by_iconik: whether iconik should write the CORS rules.
        role_arn: the role that iconik assumes.
        complete: without permissions: whether the statements must also allow the essential actions for reading or for
            writing. A storage that can only list is of no use.
        granted: statements with the access that iconik should have, instead of `permissions`.
        own_account: the account of the facts, if its principals do not count as iconik's. A stand-in for iconik's role
            can be in it.
        is_archive: whether the purpose of the storage in iconik is ARCHIVE. iconik then restores objects itself.
    """

    system_domain_ids: tuple[str, ...]
    permissions: tuple[IconikPermissions, ...] | None = None
    cors_by_iconik: bool = True
    role_arn: str = ICONIK_ROLE_ARN
    granted: tuple[Mapping[str, Any], ...] | None = None
    complete: bool = False
    own_account: AnyText | None = None
    is_archive: bool = False

    @cached_property
    def iconik(self) -> Iconik:
        """iconik, as a policy can name it."""
        return Iconik(frozenset(self.system_domain_ids), self.role_arn, self.own_account)

    def of_account(self, account: AnyText | None) -> Question:
        """Return the question about facts of this account; of an unknown account, the same question."""
        return replace(self, own_account=account) if account else self

    def bucket_statements(
        self, arn: MarkedText, statements: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the statements that grant iconik what it should be able to do with the bucket.

        Args:
            arn: the bucket.
            statements: the statements of its policy. They define the access if no permissions are given.
        """
        if self.granted is not None:
            return self.granted
        if self.permissions is None:
            granting = self._granting(statements)
            return [*granting, *self._essential(granting, arn)] if self.complete else granting
        return bucket_statements(
            self.permissions,
            self.system_domain_ids,
            in_document(arn),
            cors_by_iconik=self.cors_by_iconik,
            iconik_role_arn=self.role_arn,
        )

    def key_statements(
        self, statements: Sequence[Mapping[str, Any]], of_bucket: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the statements that grant iconik what it needs of a key.

        Args:
            statements: the statements of the key policy.
            of_bucket: the statements for the bucket, from `bucket_statements`.
        """
        if self.granted is not None:
            return self.granted
        if self.permissions is not None:
            return [key_statement(self.permissions, self.system_domain_ids, iconik_role_arn=self.role_arn)]
        actions = [action for each in of_bucket for action in scalars(each.get("Action")) if action is not None]
        needed = [
            on_key
            for action, on_key in (("s3:GetObject", "kms:Decrypt"), ("s3:PutObject", "kms:GenerateDataKey"))
            if _holds((each.lower() for each in actions), action)
        ]
        granting = self._granting(statements)
        if not needed:
            return granting
        statement = key_statement([IconikPermissions.read()], self.system_domain_ids, iconik_role_arn=self.role_arn)
        return [{**statement, "Action": needed}, *granting]

    def _granting(self, statements: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the statements that allow iconik for the right domains."""
        return [
            each
            for each in statements
            if each.get("Effect") == "Allow"
            and not {"NotAction", "NotResource"} & set(each)
            and self.iconik.is_named_in(each)
            and tag_condition_of(each, self.iconik).state is TagState.RIGHT
        ]

    def _essential(self, granting: Sequence[Mapping[str, Any]], arn: MarkedText) -> Iterator[Mapping[str, Any]]:
        """Yield statements with the essential actions for reading and writing, below the granted prefixes."""
        actions = [text.lower() for each in granting for text in scalars(each.get("Action")) if text is not None]
        objects = [
            text
            for each in granting
            for text in scalars(each.get("Resource"))
            if text is not None and text.startswith(joined(arn, "/"))
        ] or [joined(arn, "/*")]
        limits = [each["Condition"] for each in granting if "s3:prefix" in str(each.get("Condition"))][:1]
        if not actions or _holds(actions, "s3:GetObject") or _holds(actions, "s3:ListBucket"):
            limit = {"Condition": limits[0]} if limits else {}
            yield {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn, **limit}
            yield {"Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}
        if not actions or _holds(actions, "s3:PutObject") or _holds(actions, "s3:DeleteObject"):
            yield {"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects}

    def expects(self, action: MarkedText, *, wanted: Iterable[Wanted]) -> bool:
        """Return whether iconik should be able to perform the action on some resource."""
        if self.permissions is None and self.granted is None:
            return if_plain(action) in NEEDED
        if self.permissions is not None and any(each.is_admin for each in self.permissions):
            return action.startswith("s3:") or _is_key_action(action)
        return any(each.action == action for each in wanted) or (action.startswith("kms:") and _is_key_action(action))


def _holds(actions: Iterable[MarkedText], action: str) -> bool:
    return any(matches(each, literal(action.lower()), wildcards=True) for each in actions)


def _is_key_action(action: MarkedText) -> bool:
    return any(matches(each.lower(), action.lower(), wildcards=True) for each in KEY_WRITE_ACTIONS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action on a resource that iconik should be able to perform. `below` is the prefix of a limited listing."""

    action: MarkedText
    resource: MarkedText
    below: MarkedText = _NO_PREFIX


def objects_below(resource: MarkedText) -> MarkedText:
    """Return the start of the ARNs of any object, such as `arn:aws:s3:::masters/`; else the ARN."""
    return resource.removesuffix(_ANY_KEY).removesuffix(_BELOW_A_PREFIX)


def any_object(arn: MarkedText, prefix: AnyText = "") -> MarkedText:
    """Return the ARN of any object of a bucket; an object whose key is the prefix is one."""
    return joined(arn, "/", prefix, _BELOW_A_PREFIX if prefix else _ANY_KEY)


def _with_any_object(resource: MarkedText) -> MarkedText:
    whole = resource.removesuffix("/*")
    is_whole = whole != resource and literal("/") not in tokens(whole)
    return any_object(whole) if is_whole else resource.replace(STAR, _BELOW_A_PREFIX)


def wanted_by(statements: Iterable[Mapping[str, Any]], arn: MarkedText) -> Iterator[Wanted]:
    """Yield each action on each resource that the statements grant. `*` in a resource is an object of any name.

    Args:
        statements: statements for iconik.
        arn: the bucket or the key: in a key policy `*` is the key itself.
    """
    for statement in statements:
        condition = statement.get("Condition")
        like = condition.get("StringLike") if isinstance(condition, Mapping) else None
        has_context = "kms:encryptioncontext" in str(condition).lower()
        below = [text for text in scalars(like.get("s3:prefix")) if text] if isinstance(like, Mapping) else []
        for resource in scalars(statement.get("Resource")):
            named = arn if resource is None or resource == STAR else resource
            for action in scalars(statement.get("Action")):
                for each in single_actions(action or _NO_PREFIX, is_object=literal("/") in tokens(named)):
                    if has_context and if_plain(each) == _WITHOUT_CONTEXT:
                        continue
                    for prefix in (below or [_NO_PREFIX]) if if_plain(each.lower()) in _LISTINGS else [_NO_PREFIX]:
                        yield Wanted(each, _with_any_object(named), prefix.removesuffix("*"))


def single_actions(action: MarkedText, *, is_object: bool) -> Sequence[MarkedText]:
    """Return the actions of an entry of a statement. For a wildcard, the actions that iconik can need."""
    if not has_wildcard(action):
        return (action,)
    needed: Sequence[str] = _NEEDED_OF_OBJECTS if is_object else _NEEDED_OF_BUCKET
    if action.lower().startswith("kms:"):
        needed = _NEEDED_OF_KEY
    if if_plain(action) == "kms:ReEncrypt*":
        needed = ("kms:ReEncryptFrom", "kms:ReEncryptTo")
    elif if_plain(action) not in {ADMIN_ACTION, "*"}:
        needed = [each for each in needed if matches(action.lower(), literal(each.lower()), wildcards=True)]
    return tuple(map(literal, needed))
