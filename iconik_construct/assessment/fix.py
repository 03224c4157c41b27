"""Writes the policies that correct the findings: statements for iconik are replaced, Denies get an exemption.

Statements for everyone stay: their owner must decide. No statement and no Sid is repeated.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..judge.scalars import scalars
from ..judge.text import AnyText, MarkedText, joined
from . import rules
from .assess import Assessment, assess
from .edited import has_our_sid
from .fact import Fact, Found, value_of
from .facts import BucketFacts, statements_of
from .finding import Finding
from .names import Iconik
from .public import is_negated
from .reach import Reach, reach_of
from .rules import Rule
from .subject import Subject
from .tag import TagState, tag_condition_of

__all__ = ["Fixes", "PolicyFix", "fixes_of"]

_ROUNDS: Final = 6
"""The number of rounds. One Deny can hide another, so each corrected policy is assessed again."""
_LACKING: Final = frozenset({rules.NOTHING_ALLOWS, rules.NOT_ALL, rules.KEY_DENIES, rules.PARTLY, rules.DEPENDS})
_PLAIN_HTTP: Final = "DenyPlainHttp"


@dataclass(frozen=True, slots=True)
class PolicyFix:
    """A policy before and after.

    Attributes:
        where: the policy, for a reader.
        kind: `bucket` or `key`.
        arn: the bucket or the key.
        before: the current policy, or None.
        after: the policy that corrects it.
        corrects: the rules that the new policy no longer breaks.
    """

    where: AnyText
    kind: str
    arn: MarkedText
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    corrects: tuple[Rule, ...] = ()

    @property
    def removed(self) -> list[Mapping[str, Any]]:
        """The removed statements."""
        return _without(statements_of(self.before), statements_of(self.after))

    @property
    def added(self) -> list[Mapping[str, Any]]:
        """The added statements."""
        return _without(statements_of(self.after), statements_of(self.before))


@dataclass(frozen=True, slots=True)
class Fixes:
    """The corrections of the findings of an assessment.

    Attributes:
        policies: the policies to put.
        after: the assessment of the bucket with these policies. Its findings are not corrected.
    """

    policies: tuple[PolicyFix, ...]
    after: Assessment


def fixes_of(assessment: Assessment) -> Fixes:
    """Return the policies that correct the findings, and the assessment of the bucket with them."""
    current = assessment
    for _ in range(_ROUNDS):
        facts = current.facts
        for subject in current.subjects:
            facts = _corrected(facts, subject, current.findings)
        if facts == current.facts:
            break
        current = assess(facts, assessment.question)
    return Fixes(tuple(_changes(assessment, current)), current)


def _corrected(facts: BucketFacts, subject: Subject, findings: Sequence[Finding]) -> BucketFacts:
    """Return the facts with one round of corrections to the policy of one subject."""
    key = subject.key
    before = facts.policy if key is None else key.policy
    if subject.unread is not None or subject.policy.error is not None or (key is not None and key.is_aws_managed):
        return facts
    of_policy = [finding for finding in findings if finding.where == subject.name]
    statements = list(_statements(subject, of_policy))
    if statements == subject.policy.statements:
        return facts
    policy = Found({**(_parsed(before) or {"Version": "2012-10-17"}), "Statement": statements})
    if key is None:
        return dataclasses.replace(facts, policy=policy)
    keys = (dataclasses.replace(each, policy=policy) if each.arn == key.arn else each for each in facts.keys)
    return dataclasses.replace(facts, keys=tuple(keys))


def _statements(subject: Subject, findings: Sequence[Finding]) -> Iterator[Mapping[str, Any]]:
    iconik = subject.question.iconik
    exempt = {finding.index: finding.paste[0] for finding in findings if _is_deny(subject, finding) and finding.paste}
    kept: list[Mapping[str, Any]] = []
    for index, statement in enumerate(subject.policy.statements):
        if index in exempt:
            kept.append(exempt[index])
        elif statement.get("Effect") == "Allow" and _is_wrong(statement, iconik):
            if (rest := _without_iconik(statement, iconik)) is not None:
                kept.append(rest)
        else:
            kept.append(statement)
    lacks = any(finding.rule in _LACKING and not _is_deny(subject, finding) for finding in findings)
    if lacks:
        kept = [each for each in kept if not (has_our_sid(each) and iconik.is_named_in(each))]
    yield from kept
    taken = {str(each.get("Sid")) for each in kept}
    if lacks:
        for statement in subject.granting:
            yield _with_free_sid(statement, taken)
    if any(finding.rule is rules.NO_TLS for finding in findings):
        yield _with_free_sid(_deny_plain_http(subject.bucket.arn), taken)


def _is_deny(subject: Subject, finding: Finding) -> bool:
    statements = subject.policy.statements
    return 0 <= finding.index < len(statements) and statements[finding.index].get("Effect") == "Deny"


def _is_wrong(statement: Mapping[str, Any], iconik: Iconik) -> bool:
    """Return whether an Allow names iconik without the right tag."""
    if "NotPrincipal" in statement or not iconik.is_named_in(statement):
        return False
    is_for_iconik = reach_of(statement, iconik)[0] is Reach.ICONIK
    return is_for_iconik and tag_condition_of(statement, iconik).state is not TagState.RIGHT


def _without_iconik(statement: Mapping[str, Any], iconik: Iconik) -> Mapping[str, Any] | None:
    """Return an Allow for the other principals that it names; None if it names no others."""
    principal = statement.get("Principal")
    if isinstance(principal, Mapping) and any(_names(iconik, value) for value in principal.values()):
        others = {kind: _others(iconik, value) for kind, value in principal.items()}
        left = {kind: value for kind, value in others.items() if value not in ([], None)}
        return {**statement, "Principal": left} if left else None
    condition = {
        operator: {
            key: values if is_negated(operator) else _others(iconik, values, in_condition=True)
            for key, values in entries.items()
        }
        for operator, entries in (statement.get("Condition") or {}).items()
    }
    is_empty = any(values in ([], None) for entries in condition.values() for values in entries.values())
    return None if is_empty or condition == statement.get("Condition") else {**statement, "Condition": condition}


def _names(iconik: Iconik, value: object) -> bool:
    return any(text is not None and iconik.is_named_by(text) for text in scalars(value))


def _others(iconik: Iconik, value: Any, *, in_condition: bool = False) -> Any:
    names = iconik.is_written_in if in_condition else iconik.is_named_by
    if not isinstance(value, list):
        return None if isinstance(value, MarkedText) and names(value) else value
    return [each for each in value if not (isinstance(each, MarkedText) and names(each))]


def _with_free_sid(statement: Mapping[str, Any], taken: set[str]) -> Mapping[str, Any]:
    """Return a statement with a Sid that is not in the policy yet."""
    sid, number = str(statement["Sid"]), 1
    name = sid
    while name in taken:
        number += 1
        name = f"{sid}{number}"
    taken.add(name)
    return {**statement, "Sid": name}


def _deny_plain_http(arn: MarkedText) -> Mapping[str, Any]:
    return {
        "Sid": _PLAIN_HTTP,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, joined(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _changes(before: Assessment, after: Assessment) -> Iterator[PolicyFix]:
    for old, new in zip(before.subjects, after.subjects, strict=True):
        was, becomes = (each.bucket.policy if each.key is None else each.key.policy for each in (old, new))
        if was == becomes:
            continue
        yield PolicyFix(
            where=old.name,
            kind="bucket" if old.key is None else "key",
            arn=old.arn,
            before=_parsed(was),
            after=_parsed(becomes) or {},
            corrects=tuple(
                rule
                for rule in dict.fromkeys(each.rule for each in before.findings if each.where == old.name)
                if not any(each.rule is rule and each.where == old.name for each in after.findings)
            ),
        )


def _parsed(fact: Fact) -> Mapping[str, Any] | None:
    value = value_of(fact)
    document = json.loads(value) if isinstance(value, str) and value else value
    return document if isinstance(document, Mapping) else None


def _without(statements: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    left = list(others)
    rest = []
    for each in statements:
        if each in left:
            left.remove(each)
        else:
            rest.append(each)
    return rest
