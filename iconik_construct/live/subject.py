"""A policy that decides, the bucket's or a key's, and what it says together with the policies above it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ..judge import Decision, Reason, Request, Verdict
from ..judge.iconik import Caller
from ..judge.questions import answerer
from .bucket import Bucket
from .key import Key
from .outcome import NotRead, value_of
from .requests import Ask, asked_of_bucket, asked_of_key, examples, straight_to_key

__all__ = ["Above", "Subject", "subjects"]

_ALLOW_ALL: Final = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Above:
    """A resource control policy: it allows nothing, and its Deny wins.

    Attributes:
        name: how a reader calls it.
        text: the policy as AWS gave it; None where it was not read.
    """

    name: str
    text: str | None

    @cached_property
    def document(self) -> Mapping[str, Any] | str:
        """The policy as one that allows all that it does not deny."""
        try:
            found = json.loads(self.text or "")
        except (ValueError, RecursionError):
            return self.text or ""
        if not isinstance(found, dict):
            return self.text or ""
        statements = found.get("Statement")
        listed = statements if isinstance(statements, list) else [statements]
        # First, so that a statement's place tells which it is, less one.
        return {**found, "Statement": [_ALLOW_ALL, *listed]}

    @cached_property
    def answer(self) -> Callable[[Request], Decision]:
        """Answers for the policy, which is read once."""
        return answerer(self.document)


@dataclass(frozen=True)
class Subject:
    """A policy that decides.

    Attributes:
        name: how a reader calls it.
        text: the policy as AWS gave it; None where there is none or it was not read.
        unread: why it was not read.
        bucket: the bucket.
        key: the key; None for the bucket policy.
        above: the resource control policies that apply.
    """

    name: str
    text: str | None
    unread: NotRead | None
    bucket: Bucket
    key: Key | None = None
    above: tuple[Above, ...] = ()

    @property
    def document(self) -> Mapping[str, Any] | str:
        return {"Statement": []} if self.text is None else self.text

    @cached_property
    def _answer(self) -> Callable[[Request], Decision]:
        """Answers for the policy, which is read once."""
        return answerer(self.document)

    @cached_property
    def _documents(self) -> list[Any]:
        return [self.document, *(one.document for one in self.above)]

    def asked(self, actions: Sequence[str], prefixes: Sequence[str]) -> list[Ask]:
        """Return what iconik asks."""
        if self.key is None:
            return list(asked_of_bucket(self.bucket, self._documents, actions, prefixes))
        return list(asked_of_key(self.bucket, self.key, self._documents, actions))

    def asked_by_others(self, action: str) -> list[Ask]:
        """Return what somebody else could ask, who may choose."""
        documents = self._documents
        if self.key is None:
            whole = asked_of_bucket(self.bucket, documents, [action], ())
            return [*whole, *examples(self.bucket, documents, action)]
        return [
            *asked_of_key(self.bucket, self.key, documents, [action]),
            *straight_to_key(self.bucket, self.key, documents, [action]),
        ]

    def decide(self, who: Caller, ask: Ask) -> Decision:
        """Return what the policy, and what is above it, say to one caller's request."""
        found = self.alone(who, ask)
        for one in self.above:
            if found.verdict is Verdict.DENIED:
                break
            found = _both(found, _named(one.name, one.answer(self._request(who, ask))))
        return found

    def alone(self, who: Caller, ask: Ask) -> Decision:
        """Return what the policy alone says."""
        if self.unread is not None:
            reason = Reason("the policy", -1, "", "", f"{self.name} could not be read: {self.unread.why.value}")
            return Decision(Verdict.DEPENDS, unless=(reason,))
        return self._answer(self._request(who, ask))

    def _request(self, who: Caller, ask: Ask) -> Request:
        return who.asks(ask.action, ask.resource, self.bucket.owner, ask.context, ask.absent)


def _named(name: str, decision: Decision) -> Decision:
    def renamed(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(Reason(one.statement, -1, one.effect, one.part, f"{name}: {one.text}") for one in reasons)

    return Decision(decision.verdict, renamed(decision.because), renamed(decision.unless))


def _both(first: Decision, second: Decision) -> Decision:
    """Return what two policies say that must both let through."""
    if second.verdict is Verdict.ALLOWED:
        return first
    if second.verdict is Verdict.DENIED:
        return second
    return Decision(Verdict.DEPENDS, first.because, (*first.unless, *second.unless))


def subjects(bucket: Bucket) -> Iterator[Subject]:
    """Yield the policies that decide."""
    above = tuple(
        Above(f"the resource control policy {one.name}", value_of(one.document))
        for one in value_of(bucket.organisation.control_policies) or ()
    )
    policy = bucket.answers.policy
    yield Subject("the bucket policy", bucket.policy_text, _failed(policy), bucket, None, above)
    encryption = bucket.answers.encryption
    if isinstance(encryption, NotRead):
        nameless = Key(
            named="a key not known", description=encryption, policy=encryption, grants=encryption, tags=encryption
        )
        yield Subject("the policy of the bucket's key, if it has one", None, encryption, bucket, nameless, above)
    for key in bucket.keys:
        # Nobody can edit the policy of a key of AWS's, and it lets nobody else in.
        unread = None if key.is_aws_managed else _failed(key.policy)
        text = None if key.is_aws_managed else key.policy_text
        yield Subject(f"the key policy of {key.arn}", text, unread, bucket, key, above)


def _failed(outcome: object) -> NotRead | None:
    return outcome if isinstance(outcome, NotRead) else None
