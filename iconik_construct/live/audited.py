"""Reads one resource of an audit, and yields its findings.

If a resource does not concern iconik, only its policy is read, and for a bucket its ACL if ACLs are on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from ..access.trust import PRINCIPAL_TAG
from ..assessment import BucketFacts, Finding, Question, assess, rules
from ..assessment.assess import assess_access_point, unread_facts
from ..assessment.edited import edited_statements
from ..assessment.fact import Fact, Found, NotConfigured, Unknown, value_of
from ..assessment.facts import AccessPointFacts, KeyFacts, Settings, statements_of
from ..assessment.foreign_access import PolicyCheck, check_policy
from ..assessment.policy import EvaluatedPolicy
from ..assessment.reach import Reach, reach_of
from ..assessment.setting_findings import (
    grant_findings,
    ignores_public_acls,
    is_cut_off,
    is_owner_enforced,
    public_acl_findings,
)
from ..assessment.subject import subjects
from ..judge.text import literal, shown
from . import calls
from .asking import Aws
from .bucket import Account, buckets_behind, facts_of, read_access_point, read_multi_region_point
from .key import text_of_policy
from .organisation import read_organisation

__all__ = ["ResourceReader", "Result", "unread"]

_ACCOUNT_BLOCK: Final = "the account's public access block"


@dataclass(frozen=True, slots=True)
class Result:
    """The findings about one resource. `is_for_iconik` is whether its policy names iconik."""

    resource: str
    findings: tuple[Finding, ...] = ()
    is_for_iconik: bool = False


class ResourceReader:
    """Reads the resources of one account.

    Args:
        aws: calls AWS; used by several threads.
        question: the question.
        account: the account.
        expected: buckets that iconik should be able to use.
        organisations: calls AWS to read the resource control policies.
    """

    def __init__(
        self, aws: Aws, question: Question, account: str, expected: frozenset[str], organisations: Aws
    ) -> None:
        self.expected = expected
        self.listed: frozenset[str] = frozenset()
        """The resources of the audit. The findings about a key or an access point are in its own result only."""
        self._aws = aws
        self._question = question
        self._iconik = question.iconik
        self._account = Account(
            number=account,
            access_block=aws.ask(calls.ACCOUNT_ACCESS_BLOCK, AccountId=account),
            organisation=read_organisation(organisations, aws, account, None, None),
        )

    def account(self) -> Iterator[Finding]:
        """Yield the findings about the account itself."""
        settings = Settings(account_access_block=self._account.access_block)
        nothing = BucketFacts(
            name="", policy=NotConfigured(), settings=settings, organisation=self._account.organisation
        )
        yield from unread_facts(nothing)

    def bucket(self, name: str) -> Result:
        """Return the findings about a bucket: all findings if it is for iconik, else whether it is public."""
        arn = f"arn:aws:s3:::{name}"
        answer = text_of_policy(self._aws.ask(calls.BUCKET_POLICY, Bucket=name))
        if isinstance(answer, Unknown):
            return Result(arn, (unread("the bucket policy", answer),))
        text = value_of(answer)
        if name in self.expected or (text is not None and self._is_for_iconik(text)):
            facts = self._without_listed_points(facts_of(self._aws, name, self._account, policy=answer))
            of_keys = {
                (each.rule, each.text, shown(key.arn))
                for key in facts.keys
                if shown(key.arn) in self.listed
                for each in self._of_key(key)
            }
            findings = [
                each
                for each in assess(facts, self._question).findings
                if each.severity != "note"
                and each.rule is not rules.CONTROL_POLICIES_UNREAD
                and (each.where != _ACCOUNT_BLOCK or each.rule is rules.UNREAD)
                and (each.rule, each.text, shown(each.where).rpartition(" ")[2]) not in of_keys
            ]
            return Result(arn, tuple(findings), is_for_iconik=True)
        return Result(arn, tuple(self._public(name, answer)))

    def _without_listed_points(self, facts: BucketFacts) -> BucketFacts:
        if not isinstance(facts.access_points, Found):
            return facts
        points = [each for each in facts.access_points.value if each.arn not in self.listed]
        return replace(facts, access_points=Found(points))

    def _public(self, name: str, policy: Fact) -> Iterator[Finding]:
        """Yield the findings that make a bucket public which does not concern iconik."""
        facts = BucketFacts(name=name, account=self._account.number, policy=policy)
        evaluated = self._evaluated(value_of(policy) or "")
        public = []
        if isinstance(policy, Found):
            for each in check_policy(PolicyCheck(evaluated, facts.arn, "the bucket policy")):
                statement = evaluated.statements[each.index] if each.index >= 0 else {}
                # A canonical user, or a deleted role, is not known to be iconik's.
                if each.index < 0 or reach_of(statement, self._iconik)[0] in {Reach.EVERYONE, Reach.ALL_BUT}:
                    public.append(each)
        ask = self._aws.ask
        ownership = ask(calls.BUCKET_CALLS["ownership"], Bucket=name)
        settings = Settings(ownership=ownership, account_access_block=self._account.access_block)
        has_acls = not is_owner_enforced(replace(facts, settings=settings))
        if public or has_acls:
            settings = replace(
                settings, public_access_block=ask(calls.BUCKET_CALLS["public_access_block"], Bucket=name)
            )
        if has_acls:
            yield from self._public_by_acl(replace(facts, settings=settings))
        if public:
            settings = replace(settings, policy_status=ask(calls.BUCKET_CALLS["policy_status"], Bucket=name))
            if not is_cut_off(replace(facts, settings=settings)):
                yield from public

    def _public_by_acl(self, facts: BucketFacts) -> Iterator[Finding]:
        """Yield the findings about the ACL of a bucket whose ACLs are on, or may be."""
        acl = self._aws.ask(calls.BUCKET_CALLS["acl"], Bucket=facts.name)
        facts = replace(facts, settings=replace(facts.settings, acl=acl))
        is_unread = isinstance(acl, Unknown) and not ignores_public_acls(facts)
        public = list(public_acl_findings(facts))
        if isinstance(facts.settings.ownership, Unknown):
            yield unread("the object ownership", facts.settings.ownership, decides=is_unread or bool(public))
        else:
            yield from public
        if isinstance(acl, Unknown):
            yield unread("the bucket's ACL", acl, decides=is_unread)

    def key(self, arn: str, region: str) -> Result:
        """Return the findings about a key, used by a bucket or not."""
        answer = text_of_policy(self._aws.ask(calls.KEY_POLICY, region, KeyId=arn, PolicyName="default"))
        grants: Fact = NotConfigured()
        if not isinstance(answer, Unknown):
            grants = self._aws.ask_all(calls.KEY_GRANTS, region, KeyId=arn)
        findings = tuple(self._of_key(KeyFacts(named=arn, description=NotConfigured(), policy=answer, grants=grants)))
        is_for_iconik = self._is_for_iconik(str(value_of(answer) or "")) or bool(findings)
        return Result(arn, findings, is_for_iconik and not isinstance(answer, Unknown))

    def _of_key(self, key: KeyFacts) -> Iterator[Finding]:
        """Yield the findings about a key itself, whatever bucket uses it."""
        if isinstance(key.policy, Unknown):
            yield unread("the key policy", key.policy)
        else:
            policy = self._evaluated(str(value_of(key.policy) or ""))
            yield from self._of_policy(PolicyCheck(policy, key.arn, "the key policy", service="kms"))
        yield from grant_findings(key, self._iconik, "the grants")
        if isinstance(key.grants, Unknown):
            yield unread("the key's grants", key.grants)

    def access_point(self, listed: Mapping[str, Any], region: str) -> Result:
        """Return the findings about an access point."""
        number = str(self._account.number)
        point = read_access_point(self._aws, number, listed, region)
        return self._access_point(point, [str(listed.get("Bucket", ""))])

    def multi_region_point(self, listed: Mapping[str, Any]) -> Result:
        """Return the findings about a multi-Region access point, with each of its buckets in this account."""
        number = str(self._account.number)
        return self._access_point(read_multi_region_point(self._aws, number, listed), buckets_behind(number, listed))

    def _access_point(self, point: AccessPointFacts, buckets: Sequence[str]) -> Result:
        if isinstance(point.policy, Unknown):
            return Result(shown(point.arn), (unread("the access point's policy", point.policy),))
        if not isinstance(point.policy, Found):
            return Result(shown(point.arn))
        text = str(point.policy.value)
        if all(reach_of(each, self._iconik)[0] is Reach.NOBODY for each in statements_of(text)):
            return Result(shown(point.arn))
        findings: list[Finding] = []
        for name in buckets:
            policy = text_of_policy(self._aws.ask(calls.BUCKET_POLICY, Bucket=name))
            if isinstance(policy, Unknown):
                if f"arn:aws:s3:::{name}" not in self.listed:
                    findings.append(unread("the bucket policy", policy))
                continue
            facts = BucketFacts(name=name, account=self._account.number, policy=policy)
            bucket = next(subjects(facts, self._question))
            findings += [each for each in assess_access_point(bucket, point) if each not in findings]
        return Result(shown(point.arn), tuple(findings), self._is_for_iconik(text))

    def other(self, name: str, call: calls.Call, region: str) -> Result:
        """Return the findings about a topic, a queue or a secret."""
        parameters: dict[str, Any] = {call.parameter: name}
        if call is calls.QUEUE:
            parameters["AttributeNames"] = ["Policy"]
        answer = self._aws.ask(call, region, **parameters)
        if isinstance(answer, Unknown):
            return Result(name, (unread(call.what, answer),))
        value = value_of(answer) or {}
        text = value.get("ResourcePolicy") or (value.get("Attributes") or {}).get("Policy")
        return self._elsewhere(name, text) if isinstance(text, str) else Result(name)

    def role(self, listed: Mapping[str, Any]) -> Result:
        """Return the findings about a role: whether its trust policy names iconik's account."""
        return self._elsewhere(str(listed.get("Arn")), json.dumps(listed.get("AssumeRolePolicyDocument") or {}))

    def _elsewhere(self, name: str, text: str) -> Result:
        named = [each for each in statements_of(text) if self._iconik.is_named_in(each)]
        if not any(each.get("Effect") != "Deny" for each in named):
            return Result(name)
        # No storage of iconik needs it, whatever its condition is.
        finding = Finding(rule=rules.ELSEWHERE, where="its policy", text="the policy names iconik's account")
        return Result(name, (finding,), is_for_iconik=True)

    def _of_policy(self, check: PolicyCheck) -> Iterator[Finding]:
        findings = [each for each in check_policy(check) if each.severity != "note"]
        yield from findings
        wrong = {each.index for each in findings}
        for each in edited_statements(check.policy.statements, check.where, self._iconik):
            if each.index not in wrong:
                yield each

    def _evaluated(self, text: str) -> EvaluatedPolicy:
        return EvaluatedPolicy(text or "{}", literal(str(self._account.number)), self._iconik)

    def _is_for_iconik(self, text: str) -> bool:
        """Whether a policy names iconik, its tag, or has a Sid of this library."""
        return (
            any(account in text for account in self._iconik.accounts)
            or PRINCIPAL_TAG.lower() in text.lower()
            or any(each.get("Effect") == "Allow" and self._reaches_by_name(each) for each in statements_of(text))
            or bool(list(edited_statements(statements_of(text), "", self._iconik)))
        )

    def _reaches_by_name(self, statement: Mapping[str, Any]) -> bool:
        return reach_of(statement, self._iconik)[0] is Reach.ICONIK or self._role_name in json.dumps(statement)

    @cached_property
    def _role_name(self) -> str:
        return self._iconik.role_arn.rpartition("/")[2]


def unread(what: str, answer: Unknown, *, decides: bool = True) -> Finding:
    """Return the finding that something could not be read."""
    rule = rules.UNREAD if decides else rules.UNREAD_BESIDE
    text = f"{answer.why.value}; reading it needs {answer.action} ({answer.says})"
    return Finding(rule=rule, where=what, text=text, action=answer.action, why=answer.why)
