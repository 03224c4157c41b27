"""What the policies say about who gets in, as findings: one for each rule and statement that decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.statements import bucket_statements, key_statement
from ..access.trust import EXAMPLE_SYSTEM_DOMAIN_ID
from ..judge import Reason, Request, Verdict
from ..judge.exemption import exempted
from ..judge.keys import Keys
from ..judge.scalars import scalars
from ..judge.statement import effects, parts
from . import rules
from .finding import Finding
from .matrix import ICONIK, Answer, Case, Cells, Question, cases_beyond
from .outcome import NotRead
from .requests import statements_of
from .rules import Rule
from .subject import Subject

__all__ = ["access_findings"]

_LONGEST_LIST = 6
_ABSENCES: Final = (rules.NOTHING_ALLOWS, rules.NOT_ALL, rules.KEY_FORGETS)
_SPARED: Final = frozenset(
    {
        "s3:AbortMultipartUpload",
        "s3:GetAccelerateConfiguration",
        "s3:ListBucketMultipartUploads",
        "s3:ListMultipartUploadParts",
    }
)
"""What iconik reads and writes media without. Source: Amazon S3 User Guide, "Multipart upload and permissions"."""


def access_findings(question: Question, subject: Subject, table: Iterable[Cells]) -> Iterator[Finding]:
    """Yield what one policy says about iconik and about everybody else, from its part of the table."""
    if isinstance(subject.unread, NotRead) or (subject.key is not None and subject.key.is_aws_managed):
        return
    found = _Collected(question, subject)
    for row, columns in table:
        wanted = question.wants_some_of(row)
        for column, (cell, cases) in columns.items():
            if column == ICONIK:
                if wanted:
                    beyond = cases_beyond(question, subject, row)
                    found.add_too_much([case for case in beyond if case.decision.verdict is Verdict.ALLOWED])
                if wanted and cell.answer is not Answer.YES:
                    found.add_of_iconik([case for case in cases if question.wants(case.ask.action)])
                elif not wanted and cell.answer is not Answer.NO and not row.on_key:
                    found.add_too_much([case for case in cases if case.decision.verdict is Verdict.ALLOWED])
            elif cell.answer is not Answer.NO:
                found.add_of_others(column, cases)
    yield from found.findings()


class _Collected:
    """Findings, those about one statement put together."""

    def __init__(self, question: Question, subject: Subject) -> None:
        self._question = question
        self._subject = subject
        self._statements = statements_of(subject.document)
        self._about: dict[tuple[str, str], tuple[Rule, Reason | None, dict[str, None], dict[str, None]]] = {}
        self._near: dict[str, None] = {}

    def add_of_iconik(self, cases: Sequence[Case]) -> None:
        for case in cases:
            decision = case.decision
            if decision.verdict is Verdict.ALLOWED:
                continue
            if decision.verdict is Verdict.DENIED:
                if not decision.because:
                    self._near.update(dict.fromkeys(_near_misses(self._subject, case)))
                    self._add(_lacking(self._subject, case.ask.action), None, case)
                for reason in decision.because:
                    self._add(rules.CONTROL_POLICY if reason.index < 0 else rules.DENIED, reason, case)
                continue
            partly = [one for one in decision.unless if one.effect == "Allow" and _is_about_place(one.part)]
            only_place = len(partly) == len(decision.unless)
            for reason in decision.unless:
                self._add(rules.PARTLY if only_place else rules.DEPENDS, reason, case, reason.text)

    def add_too_much(self, cases: Sequence[Case]) -> None:
        for case in cases:
            for reason in case.decision.because:
                self._add(rules.TOO_MUCH, reason, case)

    def add_of_others(self, column: str, cases: Sequence[Case]) -> None:
        for case in cases:
            if case.decision.verdict is Verdict.ALLOWED:
                rule = rules.EVERYONE if column == "everyone" else rules.OTHERS
                if case.who.context.get("aws:PrincipalTag/IconikSystemDomainId") == EXAMPLE_SYSTEM_DOMAIN_ID:
                    rule = rules.EXAMPLE
                for reason in case.decision.because:
                    self._add(rule, reason, case, case.who.name)
            elif case.decision.verdict is Verdict.DEPENDS:
                for reason in case.decision.unless:
                    self._add(rules.OTHERS_DEPEND, reason, case, f"{case.who.name}: {reason.text}")

    def findings(self) -> Iterator[Finding]:
        spared = self._about.get((rules.NOT_ALL.id, ""))
        more = self._about.get((rules.NOTHING_ALLOWS.id, ""))
        if spared and more:
            # Where it lacks more than these, one finding says it.
            more[2].update(spared[2])
            del self._about[rules.NOT_ALL.id, ""]
        everyone = {name for rule, name in self._about if rule == rules.EVERYONE.id}
        for (rule_id, name), (rule, reason, actions, details) in self._about.items():
            # Whoever lets in everyone lets in iconik's others too: one finding says it.
            if rule_id in {rules.OTHERS.id, rules.TOO_MUCH.id} and name in everyone:
                continue
            paste, paste_is = self._fix(rule, reason, actions)
            yield Finding(
                rule=rule,
                where=self._subject.name,
                text=self._text(rule, reason, actions, details),
                statement=reason.statement if reason else "",
                paste=paste,
                paste_is=paste_is,
            )

    def _add(self, rule: Rule, reason: Reason | None, case: Case, detail: str = "") -> None:
        name = reason.statement if reason else ""
        entry = self._about.setdefault((rule.id, name), (rule, reason, {}, {}))
        entry[2][case.ask.action] = None
        if detail:
            entry[3][detail] = None

    def _text(self, rule: Rule, reason: Reason | None, actions: Mapping[str, None], details: Mapping[str, None]) -> str:
        what = _listed(list(actions))
        if rule in _ABSENCES:
            near = f" {'; '.join(self._near)}." if self._near else ""
            return f"Nothing allows iconik {what}.{near}"
        if rule is rules.CONTROL_POLICY and reason is not None:
            return f"{reason.text}: {what}"
        name = f"'{reason.statement}'" if reason else "the policy"
        more = f": {'; '.join(list(details)[:3])}" if details else ""
        verb = {
            rules.DENIED.id: "keeps iconik from",
            rules.DEPENDS.id: "decides about",
            rules.PARTLY.id: "is limited for",
            rules.TOO_MUCH.id: "also allows",
        }.get(rule.id, "lets in for")
        return f"{name} {verb} {what}{more}"

    def _fix(
        self, rule: Rule, reason: Reason | None, lacking: Mapping[str, None]
    ) -> tuple[tuple[Mapping[str, Any], ...], str]:
        question, subject = self._question, self._subject
        if rule in {rules.NOTHING_ALLOWS, rules.NOT_ALL, rules.OTHERS, rules.EXAMPLE}:
            if subject.key is None:
                made = bucket_statements(
                    [question.permissions],
                    question.system_domain_ids,
                    subject.bucket.arn,
                    cors_by_iconik=question.cors_by_iconik,
                    iconik_role_arn=question.role_arn,
                )
            else:
                made = [self._key_statement()]
            if rule in _ABSENCES:
                made = [one for one in made if not lacking.keys().isdisjoint(scalars(one["Action"]))] or made
                return tuple(made), f"add to {subject.name}{self._in_place_of(made)}"
            return tuple(made), f"put in the place of that statement in {subject.name}"
        if rule is rules.KEY_FORGETS:
            return (self._key_statement(),), f"add to {subject.name}"
        if rule in {rules.DENIED, rules.DEPENDS} and reason and 0 <= reason.index < len(self._statements):
            statement = self._statements[reason.index]
            if statement.get("Effect") == "Deny" and (rewritten := exempted(statement, question.role_arn)):
                return (rewritten,), f"put in the place of that statement in {subject.name}"
        return (), ""

    def _in_place_of(self, made: Sequence[Mapping[str, Any]]) -> str:
        """Say which statements for iconik go, because those that come are called as they are."""
        sids = {one["Sid"] for one in made}
        account = self._question.role_arn.split(":")[4]
        there = [one.get("Sid") for one in self._statements if one.get("Sid") in sids and account in str(one)]
        return f", in the place of {' and '.join(map(repr, there))} there" if there else ""

    def _key_statement(self) -> dict[str, Any]:
        question = self._question
        return key_statement([question.permissions], question.system_domain_ids, iconik_role_arn=question.role_arn)


def _lacking(subject: Subject, action: str) -> Rule:
    """Return the rule for an action that nothing allows."""
    if subject.key is not None:
        return rules.KEY_FORGETS
    return rules.NOT_ALL if action in _SPARED else rules.NOTHING_ALLOWS


def _is_about_place(part: str) -> bool:
    return part in {"Resource", "NotResource"} or part.lower().endswith("s3:prefix")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LONGEST_LIST} more" if len(names) > _LONGEST_LIST else ""
    return ", ".join(names[:_LONGEST_LIST]) + more


def _near_misses(subject: Subject, case: Case) -> Iterator[str]:
    """Yield the Allow statements that name iconik's account, and the part of each that does not fit."""
    account = case.who.principal.split(":")[4] if case.who.principal else ""
    request: Request = case.who.asks(
        case.ask.action, case.ask.resource, subject.bucket.owner, case.ask.context, case.ask.absent
    )
    keys = Keys(request)
    for index, statement in enumerate(statements_of(subject.document)):
        if account not in str(statement) or effects(statement) != frozenset({"Allow"}):
            continue
        for part in parts(statement, request, keys, variables=True):
            if part.truth is False:
                if part.name not in {"Action", "NotAction"}:
                    name = statement.get("Sid") or f"statement {index + 1}"
                    yield f"'{name}' names iconik, but its {part.name} does not fit"
                break
