"""Determines who gains and who loses access between two versions of one policy.

Only a new Allow or a removed Deny can give access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...judge.document import Document, Unreadable, read
from ...judge.statement import effects
from ...judge.text import AnyText, MarkedText, has_unknown_within
from ..canonical import canonical_statement
from ..expected import Question
from ..facts import PolicyText, statements_of
from ..foreign_access import name_of
from .coverage import uncovered
from .gains import Versions, gains
from .parties import OTHERS, Party, parties
from .places import Places

__all__ = ["Change", "Side", "compare"]

_NOTHING: Final[Mapping[str, Any]] = {"Version": "2012-10-17", "Statement": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One version of a policy.

    Attributes:
        document: the policy. If a value has several possibilities, an Allow contains all of them.
        strict: the policy in which such a value is unknown; None if both are the same.
        unread: why a part of it was not read; empty if all was read.
        context: what else decides its meaning, such as the conditions of its template.
        written: each statement as its template has it. Two unknown values are the same only if they are written alike.
    """

    document: PolicyText = field(default_factory=lambda: _NOTHING)
    strict: PolicyText | None = None
    unread: str = ""
    context: str = ""
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a caller gains and loses on a resource, each as action and place; `may_...` if it depends."""

    resource: AnyText
    caller: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    may_gain: tuple[str, ...] = ()
    may_lose: tuple[str, ...] = ()


def compare(
    old: Side, new: Side, *, resource: AnyText, arn: MarkedText, service: str, account: MarkedText, question: Question
) -> list[Change]:
    """Return the changes between two versions of a policy; none if both allow the same.

    Args:
        old: the policy before.
        new: the policy after.
        resource: the resource for a reader.
        arn: the bucket or the key, as the policies write it.
        service: `s3` or `kms`. For another service, only "somebody may have access" can be determined.
        account: the account that owns the resource.
        question: the System Domain IDs and iconik's role.
    """
    try:
        first, second = _Version.of(old), _Version.of(new)
    except Unreadable as error:
        if old == new:
            return []
        why = (f"access, because the policies cannot be compared: {error}",)
        return [Change(resource=resource, caller=OTHERS, may_gain=why, may_lose=why)]
    statements = [*first.statements, *second.statements]
    people: list[Party] = []
    kinds_by_party: dict[str, dict[str, tuple[str, ...]]] = {}
    for before, after, names in ((first, second, ("gained", "may_gain")), (second, first, ("lost", "may_lose"))):
        wider = list(before.widened_by(after, service))
        if not wider:
            continue
        people = people or parties(question, statements, account)
        has_variables = before.wide.variables if before.wide.variables == after.wide.variables else None
        versions = Versions((*before.forms, *after.forms), has_variables, account, question)
        found_by = gains(versions, wider, Places(arn, service, statements), people, service)
        for name, by_party in zip(names, found_by, strict=True):
            for party, listed in by_party.items():
                kinds_by_party.setdefault(party, {})[name] = tuple(listed)
    return [Change(resource=resource, caller=party, **kinds) for party, kinds in kinds_by_party.items()]


@dataclass(frozen=True, slots=True)
class _Version:
    """A side, parsed."""

    side: Side
    wide: Document
    strict: Document

    @classmethod
    def of(cls, side: Side) -> _Version:
        """Parse a side.

        Raises:
            Unreadable: it is not a policy.
        """
        if side.unread:
            raise Unreadable(side.unread)
        wide = read(side.document)
        return cls(side, wide, wide if side.strict is None else read(side.strict))

    @property
    def forms(self) -> tuple[PolicyText, PolicyText]:
        return self.side.document, self.side.document if self.side.strict is None else self.side.strict

    @property
    def statements(self) -> list[Mapping[str, Any]]:
        return [*statements_of(self.side.document), *statements_of(self.side.strict)]

    @property
    def _pairs(self) -> Iterator[tuple[Any, Any, str]]:
        """Yield the statements in both forms, with a key for their meaning."""
        pairs = zip(self.wide.statements, self.strict.statements, strict=True)
        for number, (wide, strict) in enumerate(pairs):
            context = "" if wide == strict else self.side.context
            variables = self.wide.variables if "${" in repr(wide) else None
            read_as = (canonical_statement(wide), canonical_statement(strict))
            has_source = number < len(self.side.written) and has_unknown_within([*read_as])
            source = self.side.written[number] if has_source else ""
            yield wide, strict, repr((*read_as, variables, context, source))

    def widened_by(self, new: _Version, service: str) -> Iterator[tuple[Mapping[str, Any], str, list[MarkedText]]]:
        """Yield each new Allow and each removed Deny, with its name and the actions that decide."""
        own_pairs, other = list(self._pairs), list(new._pairs)
        kept = {key for *_, key in own_pairs} & {key for *_, key in other}
        is_alike = self.wide.variables == new.wide.variables
        for effect, narrow, wide in (
            ("Allow", [each[0::2] for each in other], [each[1] for each in own_pairs]),
            ("Deny", [each[1:] for each in own_pairs], [each[0] for each in other]),
        ):
            by = [each for each in wide if isinstance(each, Mapping) and (is_alike or "${" not in repr(each))]
            for index, (statement, key) in enumerate(narrow):
                if key not in kept and effect in effects(statement):
                    read_as = statement if isinstance(statement, Mapping) else {}
                    for each, actions in uncovered([read_as], by, service):
                        yield each, name_of(each, index), actions
        if self.wide.more != new.wide.more:
            yield {}, "a part of the policy that AWS does not describe", []
