"""The assessment of one bucket: who has access, what is wrong, and the verdict.

Every tool calls `assess`. The tools differ in where the facts come from and in how they show the answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..access.uses import USES
from ..judge import Verdict as Decided
from ..judge import unknown
from ..judge.text import AnyText, MarkedText, joined, literal, shown, split
from . import rules
from .access_points import access_point_findings, delegates_to_access_points
from .assumptions import assumed_by
from .beyond import too_wide
from .edited import edited_statements
from .expected import Question
from .fact import Found, NotConfigured, Unknown, Why, value_within
from .facts import AccessPointFacts, BucketFacts, KeyFacts, PolicyText, place_of
from .finding import Finding, Verdict, verdict_of
from .foreign_access import PolicyCheck, check_policy
from .matrix import Answer, Case, Cell, Row, rows
from .other_accounts import OtherAccount, accounts_by_grants, accounts_by_policy
from .own_access import own_cases, own_findings
from .policy import EvaluatedPolicy
from .public import is_for_everyone
from .reach import Reach, reach_of
from .setting_findings import (
    acl_findings,
    is_cut_off,
    is_owner_enforced,
    may_be_cut_off,
    setting_findings,
    unusable,
)
from .subject import Subject, subjects
from .tls import tls_findings

__all__ = ["Assessment", "assess", "assess_access_point", "assess_policy", "unread_facts"]

_CHANGE_CORS: Final = literal("s3:PutBucketCORS")
_DECIDES: Final = (
    "the bucket policy",
    "the statements of others in the bucket policy",
    "the default encryption",
    "the key policy",
    "the key's state",
    "the key's grants",
    "who pays for requests",
)
_OF_PUBLIC_ACCESS: Final = (
    "whether AWS calls the bucket policy public",
    "the bucket's public access block",
    "the account's public access block",
)


@dataclass(frozen=True)
class Assessment:
    """The answer for one bucket.

    Attributes:
        facts: the facts.
        question: the question.
        findings: the findings, those that change the verdict first.
        subjects: the policies that decide.
    """

    facts: BucketFacts
    question: Question
    findings: tuple[Finding, ...]
    subjects: tuple[Subject, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """GOOD, NOT_GOOD, or UNKNOWN."""
        return verdict_of(self.findings)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The access matrix: the decisions of the policies, and settings that block every caller."""
        matrix = []
        for subject in self.subjects:
            blocked = _blocked(subject)
            for row in rows(subject):
                cells = dict.fromkeys(row.cells, Cell(Answer.NO, (blocked,))) if blocked else row.cells
                matrix.append(dataclasses.replace(row, cells=cells))
        place = {use.name: number for number, use in enumerate(USES)}
        return tuple(sorted(matrix, key=lambda row: place[row.use.name]))

    @cached_property
    def other_accounts(self) -> tuple[OtherAccount, ...]:
        """The other accounts that the policies and the grants name. They do not change the verdict."""
        accounts: dict[OtherAccount, None] = {}
        for subject in self.subjects:
            accounts |= dict.fromkeys(accounts_by_policy(_policy_check(subject), self.facts.owner))
            if subject.key is not None:
                accounts |= dict.fromkeys(accounts_by_grants(subject.key, self.facts.owner, self.question.iconik))
        return tuple(accounts)

    @cached_property
    def assumptions(self) -> tuple[MarkedText, ...]:
        """The assumptions of the verdict."""
        iconik = self.question.iconik
        return tuple(
            dict.fromkeys(
                text
                for subject in self.subjects
                for statement in subject.policy.statements
                if not iconik.is_named_in(statement)
                if statement.get("Effect") == "Deny"
                or (reach_of(statement, iconik)[0] is Reach.NOBODY and is_for_everyone(statement.get("Principal")))
                for text in assumed_by(statement)
            )
        )


def assess(facts: BucketFacts, question: Question) -> Assessment:
    """Return the assessment of one bucket.

    Args:
        facts: the facts, from any source.
        question: the System Domain IDs, and what iconik should be able to do.
    """
    if facts.is_gone:
        no_bucket = Finding(rule=rules.NO_BUCKET, where="the bucket", text=facts.name)
        return Assessment(facts, question, (no_bucket,))
    findings: list[Finding] = []
    listed = list(subjects(facts, question))
    for subject in listed:
        cases = own_cases(subject)
        if subject.key is None and _others_write_cors(question, facts, cases):
            findings.append(
                Finding(rule=rules.CORS_BY_OTHERS, where="the CORS rules", text="the bucket policy does not allow it")
            )
            cases = [case for case in cases if case.ask.action != _CHANGE_CORS]
        findings += own_findings(subject, cases)
        if subject.unread is None:
            findings += check_policy(_policy_check(subject))
            findings += too_wide(subject)
            wrong = {each.index for each in findings if each.where == subject.name and each.severity == "error"}
            edited = edited_statements(subject.policy.statements, subject.name, question.iconik)
            findings += (each for each in edited if each.index not in wrong)
    findings += tls_findings(listed[0])
    for point in facts.all_access_points:
        findings += assess_access_point(listed[0], point)
    findings += setting_findings(facts, question)
    findings += unread_facts(facts, question)
    order = {"error": 0, "warning": 1, "note": 2}
    once = {(each.id, each.where, each.text): each for each in reversed(findings)}
    named = [dataclasses.replace(each, resource=each.resource or facts.name) for each in reversed(once.values())]
    return Assessment(facts, question, tuple(sorted(named, key=lambda each: order[each.severity])), tuple(listed))


def assess_policy(
    document: PolicyText,
    *,
    arn: AnyText,
    account: AnyText,
    question: Question,
    region: AnyText | None = None,
    time: str | None = None,
) -> tuple[Finding, ...]:
    """Return the findings about one policy alone, of a bucket or of a key.

    Args:
        document: the policy.
        arn: the bucket or the key.
        account: the account that owns it.
        question: the question.
        region: the region of a bucket. The ARN of a key contains it. Default: unknown.
        time: of the requests, as in `BucketFacts`. Default: unknown.
    """
    parts = split(joined(arn), ":")
    if literal("kms") in parts:
        key = KeyFacts(named=arn, description=NotConfigured(), policy=Found(document))
        bucket = BucketFacts(
            name=unknown("a bucket"), account=account, region=parts[3], time=time, policy=NotConfigured(), keys=(key,)
        )
        *_, subject = subjects(bucket, question)
        subject = dataclasses.replace(subject, name="the key policy")
    else:
        bucket = BucketFacts(
            name=parts[-1], bucket_arn=arn, account=account, region=region, time=time, policy=Found(document)
        )
        [subject] = subjects(bucket, question)
    return (*own_findings(subject, own_cases(subject)), *check_policy(_policy_check(subject)))


def _policy_check(subject: Subject) -> PolicyCheck:
    return PolicyCheck(subject.policy, subject.arn, subject.name, subject.service)


def _others_write_cors(question: Question, facts: BucketFacts, cases: Iterable[Case]) -> bool:
    """Return whether iconik has all its access except the right to change the CORS rules, and the bucket has rules."""
    if question.permissions is None or not value_within(facts.settings.cors, "CORSRules"):
        return False
    listed = list(cases)
    changing = [case.decision for case in listed if case.ask.action == _CHANGE_CORS]
    rest = [case.decision.verdict for case in listed if case.ask.action != _CHANGE_CORS]
    return (
        bool(changing)
        and all(each.verdict is Decided.DENIED and not each.because for each in changing)
        and set(rest) == {Decided.ALLOWED}
    )


def _blocked(subject: Subject) -> str:
    """Return what blocks every other account, whatever the policy says; empty if nothing does."""
    if subject.key is None:
        return "RestrictPublicBuckets is on, and the policy is public" if is_cut_off(subject.bucket) else ""
    if subject.key.is_aws_managed:
        return "no other account can use an AWS managed key"
    return unusable(subject.key)


def assess_access_point(bucket: Subject, point: AccessPointFacts) -> Iterator[Finding]:
    """Yield the findings about an access point, whose policy and bucket policy decide together.

    Args:
        bucket: the bucket policy.
        point: the access point.
    """
    if isinstance(point.policy, Found):
        owner = joined(point.account) or bucket.bucket.owner
        policy = EvaluatedPolicy(point.policy.value, owner, bucket.question.iconik)
        yield from access_point_findings(bucket, point, policy)
        yield from too_wide(dataclasses.replace(bucket, name=f"the access point {point.name}", policy=policy))


def unread_facts(facts: BucketFacts, question: Question | None = None) -> Iterator[Finding]:
    """Yield a finding for each unknown fact, with the missing action."""
    deciding = tuple(_deciding(facts, question))
    missing_keys = [key.arn for key in facts.keys if key.is_gone]
    above = False
    for name, fact in facts.named():
        if not isinstance(fact, Unknown) or any(joined(name).endswith(arn) for arn in missing_keys):
            continue
        text = shown(name)
        if text.startswith(("the organisation", "the findings of Access Analyzer", "the resource control policy")):
            if not above:
                yield _not_read(rules.CONTROL_POLICIES_UNREAD, name, fact)
            above = True
        elif fact.why is Why.NOT_HERE and text.startswith("the key policy"):
            yield _not_read(rules.KEY_ELSEWHERE, name, fact)
        else:
            is_deciding = text.startswith(deciding) or fact.why is Why.CALLED
            yield _not_read(rules.UNREAD if is_deciding else rules.UNREAD_BESIDE, name, fact)


def _deciding(facts: BucketFacts, question: Question | None) -> Iterator[str]:
    """Yield the starts of the names of the facts that decide, in view of the facts that are known."""
    yield from _DECIDES
    if not is_owner_enforced(facts):
        yield "the bucket's ACL"
    if isinstance(facts.settings.acl, Unknown) or any(acl_findings(facts)):
        yield "the object ownership"
    if question is None:
        return
    if may_be_cut_off(facts, question.iconik):
        yield from _OF_PUBLIC_ACCESS
    is_delegated = delegates_to_access_points(facts, question)
    if facts.region is None and (is_delegated or not all(place_of(joined(key.named)) for key in facts.keys)):
        # Another region has other access points, and other keys of the same name.
        yield "the bucket's region"
    if is_delegated:
        yield from ("the access points", "the multi-region access points", "the policy of the access point")


def _not_read(rule: rules.Rule, name: AnyText, fact: Unknown) -> Finding:
    says = f" ({fact.says})" if fact.says and fact.why is not Why.UNKNOWN_CALL else ""
    needs = f"; reading it needs {fact.action}" if fact.action else ""
    return Finding(rule=rule, where=name, text=f"{fact.why.value}{needs}{says}", action=fact.action, why=fact.why)
