"""Checks one bucket, made by anybody: may iconik do what it is meant to do, and may nobody else?

Apart from the command so that a report and an audit ask the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..access.uses import USES
from ..judge.access_points import who_gets_in_through
from . import rules
from .access_findings import access_findings
from .bucket import Bucket
from .finding import Finding
from .key import Key
from .matrix import CALLERS, ICONIK, Answer, Cell, Cells, Line, Question, callers, cells
from .outcome import NotRead, Read, Why, value_of
from .rules import Level
from .setting_findings import is_cut_off, is_owner_enforced, setting_findings, unusable
from .subject import Subject, subjects

__all__ = ["Checked", "check"]

_CHANGE_CORS: Final = ("s3:PutBucketCORS",)
_DECIDES: Final = ("the bucket policy", "the default encryption", "the key policy", "the key's state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found.

    Attributes:
        bucket: the bucket as it was read.
        question: what was asked.
        lines: the table.
        findings: the findings, those that make the answer bad first.
    """

    bucket: Bucket
    question: Question
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        """Whether iconik gets in and no stranger does, certainly."""
        return not any(one.level in {Level.ERROR, Level.UNKNOWN} for one in self.findings)

    @property
    def is_unknown(self) -> bool:
        """Whether nothing bad was found, and something that decides could not be read."""
        levels = {one.level for one in self.findings}
        return Level.UNKNOWN in levels and Level.ERROR not in levels


def check(bucket: Bucket, question: Question) -> Checked:
    """Check a bucket that was read."""
    found: list[Finding] = []
    if bucket.is_gone:
        found.append(Finding(rule=rules.NO_BUCKET, where="the bucket", text=bucket.name))
        return Checked(bucket=bucket, question=question, lines=(), findings=tuple(found))
    lines: list[Line] = []
    for subject in subjects(bucket):
        table = list(cells(question, subject))
        if subject.key is None and question.cors_by_iconik and _others_write_cors(question, bucket, table):
            question = dataclasses.replace(question, cors_by_iconik=False)
            found.append(Finding(rule=rules.CORS_BY_OTHERS, where="the CORS rules", text="iconik may not change them"))
        found += access_findings(question, subject, table)
        lines += _lines(question, subject, table)
    found += _access_points(bucket, question)
    found += setting_findings(bucket, question)
    found += _unread(bucket)
    order = list(Level)
    found.sort(key=lambda one: order.index(one.level))
    placed = {row.name: place for place, row in enumerate(USES)}
    lines.sort(key=lambda one: placed[one.row.name])
    return Checked(bucket=bucket, question=question, lines=tuple(lines), findings=tuple(found))


def _others_write_cors(question: Question, bucket: Bucket, table: Iterable[Cells]) -> bool:
    """Tell whether iconik may do all that it is meant to but change CORS rules, of which the bucket has some."""
    may = {row.actions: columns[ICONIK][0].answer for row, columns in table if question.wants_some_of(row)}
    change = may.pop(_CHANGE_CORS, None)
    has_rules = bool((value_of(bucket.answers.cors) or {}).get("CORSRules"))
    return has_rules and change is Answer.NO and set(may.values()) == {Answer.YES}


def _lines(question: Question, subject: Subject, table: Iterable[Cells]) -> Iterator[Line]:
    """Yield the rows of the table: what the policy says, and what keeps out whatever it says."""
    blocked = _blocked(subject)
    for row, columns in table:
        shown: dict[str, Cell] = {column: cell for column, (cell, _) in columns.items()}
        if blocked:
            shown = dict.fromkeys(CALLERS, Cell(Answer.NO, (blocked,)))
        yield Line(row, subject.name, question.wants_some_of(row), {name: shown[name] for name in CALLERS})


def _blocked(subject: Subject) -> str:
    """Return what keeps every other account out, whatever the policy says."""
    if subject.key is None:
        return "RestrictPublicBuckets, and the policy is public" if is_cut_off(subject.bucket) else ""
    if subject.key.is_aws_managed:
        return "the AWS managed key never lets another account in"
    state = unusable(subject.key)
    return f"the key's state is {state}" if state else ""


def _access_points(bucket: Bucket, question: Question) -> Iterator[Finding]:
    for point in value_of(bucket.access_points) or ():
        text = (value_of(point.policy) or {}).get("Policy")
        if text is None:
            continue
        for people in callers(question, text).values():
            open_to = who_gets_in_through(
                text,
                arn=point.arn,
                network=point.network or "Internet",
                bucket_policy=bucket.policy_text or {"Statement": []},
                bucket_arn=bucket.arn,
                account=bucket.owner,
                people=people,
            )
            if open_to:
                yield Finding(
                    rule=rules.ACCESS_POINT,
                    where=f"the access point {point.name}",
                    text=f"its policy and the bucket policy let in {', '.join(sorted(open_to))}",
                )


def _unread(bucket: Bucket) -> Iterator[Finding]:
    """Yield what could not be read, each with the action that is missing."""
    deciding = _DECIDES if is_owner_enforced(bucket) else (*_DECIDES, "the bucket's ACL")
    for what, outcome in bucket.outcomes():
        if not isinstance(outcome, NotRead) or outcome is bucket.organisation.control_policies:
            continue
        if any(_is_gone(key) and what.endswith(key.arn) for key in bucket.keys):
            # A finding of its own.
            continue
        if what.startswith(("the organisation", "the findings of Access Analyzer")):
            if outcome.why is Why.DENIED and not isinstance(bucket.organisation.itself, Read):
                yield _not_read(rules.CONTROL_POLICIES_UNREAD, what, outcome)
            continue
        yield _not_read(rules.UNREAD if what.startswith(deciding) else rules.UNREAD_BESIDE, what, outcome)


def _is_gone(key: Key) -> bool:
    return isinstance(key.description, NotRead) and key.description.why is Why.GONE


def _not_read(rule: rules.Rule, what: str, outcome: NotRead) -> Finding:
    says = "" if outcome.why is Why.UNKNOWN else f" ({outcome.says})"
    needs = f"; it takes {outcome.action}" if outcome.action else ""
    return Finding(rule=rule, where=what, text=f"{outcome.why.value}{needs}{says}", action=outcome.action)
