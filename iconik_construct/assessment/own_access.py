"""Checks that iconik for the right domains has the expected access, and no more: findings about one policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..judge import Reason, Verdict
from ..judge.keys import Keys
from ..judge.scalars import scalars
from ..judge.statement import effects, parts
from ..judge.text import MarkedText, has_unknown_within, if_plain, shown
from . import rules
from .callers import iconik_session
from .exemption import exempted
from .finding import Finding
from .foreign_access import in_words, listed, name_of
from .matrix import Case
from .policy import EvaluatedPolicy
from .rules import Rule
from .subject import Subject
from .tag import TagState, tag_condition_of

__all__ = ["own_cases", "own_findings"]

_UNKNOWN_IF: Final = "it is not known whether its "
_SPARED: Final = frozenset(
    {
        "s3:AbortMultipartUpload",
        "s3:GetAccelerateConfiguration",
        "s3:ListBucketMultipartUploads",
        "s3:ListMultipartUploadParts",
    }
)
"""Actions that iconik does not need to read and write media.

Source: Amazon S3 User Guide, "Multipart upload and permissions".
"""


def own_cases(subject: Subject) -> list[Case]:
    """Return the decision on each request that iconik should be able to make, for each domain."""
    question = subject.question
    return [
        Case(who, ask, subject.decide_for_iconik(who, ask))
        for each in question.system_domain_ids
        for who in [iconik_session(each, question.role_arn)]
        for ask in subject.of_domain(each).asked_by_iconik()
    ]


@dataclass(slots=True)
class _About:
    """The effect of one statement, or of none, on iconik's requests."""

    rule: Rule
    reason: Reason | None
    cases: dict[int, Case] = field(default_factory=dict)
    actions: dict[MarkedText, None] = field(default_factory=dict)
    details: dict[str, None] = field(default_factory=dict)


def own_findings(subject: Subject, cases: Iterable[Case]) -> Iterator[Finding]:
    """Yield a finding for each rule and statement that blocks iconik, or may."""
    if subject.unread is not None or (subject.key is not None and subject.key.is_aws_managed):
        return
    abouts: dict[tuple[str, str], _About] = {}
    near: dict[str, None] = {}

    def add(rule: Rule, reason: Reason | None, case: Case, detail: str = "") -> None:
        about = abouts.setdefault((rule.id, reason.statement if reason else ""), _About(rule, reason))
        # A case can have one reason for each condition of a statement.
        about.cases[id(case)] = case
        about.actions[case.ask.action] = None
        if detail:
            about.details[detail] = None

    for case in cases:
        decision = case.decision
        if decision.verdict is Verdict.DENIED:
            if not decision.because:
                near.update(dict.fromkeys(_near_misses(subject, case)))
                add(_lacking(subject, case.ask.action), None, case)
            for reason in decision.because:
                add(rules.CONTROL_POLICY if reason.index < 0 else rules.DENIED, reason, case)
        elif decision.verdict is Verdict.DEPENDS:
            is_partly = all(_allows_in_a_part(each, subject.strict.statements) for each in decision.unless)
            rule = rules.PARTLY if is_partly else rules.DEPENDS
            for reason in decision.unless:
                add(rule, reason, case, reason.text)
    spared, more = abouts.get((rules.NOT_ALL.id, "")), abouts.get((rules.NOTHING_ALLOWS.id, ""))
    if spared and more:
        # If more is missing than these actions, one finding reports it.
        more.actions.update(spared.actions)
        del abouts[rules.NOT_ALL.id, ""]
    for about in abouts.values():
        yield _finding(subject, about, near)


def _finding(subject: Subject, about: _About, near: Mapping[str, None]) -> Finding:
    rule, reason = about.rule, about.reason
    actions = listed(list(about.actions))
    paste, paste_is = _fix(subject, about)
    if reason is None:
        text = f"nothing allows iconik {actions}" + (f": {'; '.join(near)}" if near else "")
    elif rule is rules.CONTROL_POLICY:
        text = f"{reason.text}: {actions}"
    else:
        name = reason.statement if reason.statement.startswith("statement ") else f"'{reason.statement}'"
        details = [each.removeprefix(f"{reason.statement}: ") for each in about.details]
        if rule is rules.PARTLY:
            # Whether it matches differs between the objects.
            details = [each.removeprefix(_UNKNOWN_IF).removesuffix(" matches") for each in details]
        effect = reason.effect
        if missing := _effect_unless_missing(subject, reason):
            # The source of the unknown effect is the sentence that says why the statement may be missing.
            effect = missing
            details = [each.removeprefix(f"{_UNKNOWN_IF}Effect (${{").removesuffix("}) matches") for each in details]
        detail = f": {'; '.join(details[:3])}" if details else ""
        where = " in a part of the bucket only" if rule is rules.PARTLY else ""
        text = f"{in_words(name)} {_verb(rule, effect)} {actions}{where}{detail}"
    return Finding(
        rule=rule,
        where=subject.name,
        text=text,
        statement=reason.statement if reason else "",
        index=reason.index if reason else -1,
        paste=paste,
        paste_is=paste_is,
    )


def _effect_unless_missing(subject: Subject, reason: Reason) -> str:
    """Return the effect of a statement that may be missing from the policy; empty for any other reason."""
    if reason.part != "Effect" or not 0 <= reason.index < len(subject.policy.statements):
        return ""
    # In the strict form, the effect of such a statement is unknown.
    possible = effects(subject.policy.statements[reason.index])
    return "".join(possible) if len(possible) == 1 else ""


def _verb(rule: Rule, effect: str) -> str:
    if rule is rules.DENIED:
        return "denies iconik"
    if rule is rules.PARTLY:
        return "allows iconik"
    return {"Deny": "may deny iconik", "Allow": "may not allow iconik"}.get(effect, "may decide about iconik's")


def _fix(subject: Subject, about: _About) -> tuple[tuple[Mapping[str, Any], ...], str]:
    rule, reason = about.rule, about.reason
    if reason is None:
        granting = [each for each in subject.granting if not about.actions.keys().isdisjoint(scalars(each["Action"]))]
        made = granting or subject.granting
        return tuple(made), f"add to {shown(subject.name)}{_in_place_of(subject, made)}"
    statements = subject.policy.statements
    if rule in {rules.DENIED, rules.DEPENDS} and 0 <= reason.index < len(statements):
        statement = statements[reason.index]
        exempt = exempted(statement, subject.question.role_arn) if statement.get("Effect") == "Deny" else None
        if exempt is not None and not _still_denies(subject, about, exempt):
            return (exempt,), f"put in place of that statement in {shown(subject.name)}"
    return (), ""


def _still_denies(subject: Subject, about: _About, exempt: Mapping[str, Any]) -> bool:
    """Return whether a Deny with an exemption still denies, or may deny, one of the requests."""
    alone = EvaluatedPolicy(
        {"Version": "2012-10-17", "Statement": [exempt]}, subject.policy.account, subject.question.iconik
    )
    cases = about.cases.values()
    return any(outcome.applies is not False for case in cases for outcome in alone.outcomes(case.who, case.ask))


def _in_place_of(subject: Subject, made: Iterable[Mapping[str, Any]]) -> str:
    """Return which statements for iconik to replace, because the new ones have the same Sids."""
    sids = {each.get("Sid") for each in made}
    account = subject.question.role_arn.split(":")[4]
    there = [each.get("Sid") for each in subject.policy.statements if each.get("Sid") in sids and account in str(each)]
    return f", in place of {' and '.join(map(repr, there))} there" if there else ""


def _lacking(subject: Subject, action: MarkedText) -> Rule:
    if subject.key is not None:
        return rules.KEY_DENIES
    return rules.NOT_ALL if if_plain(action) in _SPARED else rules.NOTHING_ALLOWS


def _allows_in_a_part(reason: Reason, statements: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether an Allow is for some objects. If its resource is not known, it can be for all or none."""
    if reason.effect != "Allow":
        return False
    if reason.part in {"Resource", "NotResource"}:
        return reason.index < 0 or not has_unknown_within(statements[reason.index].get(reason.part))
    return reason.part.lower().endswith("s3:prefix")


def _near_misses(subject: Subject, case: Case) -> Iterator[str]:
    """Yield the Allow statements that name iconik, and why each does not apply."""
    iconik = subject.question.iconik
    request = case.who.asks(
        case.ask.action, case.ask.resource, subject.policy.account, case.ask.context, case.ask.absent
    )
    keys = Keys(request)
    for index, statement in enumerate(subject.policy.statements):
        if effects(statement) != frozenset({"Allow"}) or not iconik.is_named_in(statement):
            continue
        for part in parts(statement, request, keys, variables=True):
            if part.truth is False:
                tag = tag_condition_of(statement, iconik)
                if part.name == "Condition" and tag.state not in {TagState.RIGHT, TagState.MISSING}:
                    yield f"{name_of(statement, index)} nearly fits: {tag.detail}"
                elif part.name not in {"Action", "NotAction"}:
                    yield f"{name_of(statement, index)} names iconik, but its {part.name} does not match"
                break
