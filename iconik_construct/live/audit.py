"""Audits an account: every bucket, key and access point whose policy names iconik, in all its regions.

Apart from the check of one bucket because here most resources have nothing to do with iconik: of those only the policy
is read. What is kept is findings, never the answers, so that memory does not grow with the account.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ..access.trust import EXAMPLE_SYSTEM_DOMAIN_ID, PRINCIPAL_TAG
from ..judge.questions import may_anybody_else
from . import calls, rules
from .asking import Aws
from .bucket import read_account
from .check import check
from .finding import Finding
from .matrix import Question
from .organisation import Organisation
from .outcome import Absent, NotRead, Read, value_of
from .requests import domains_in, statements_of
from .rules import Level

__all__ = ["Audited", "Found", "audit"]

_OURS: Final = re.compile("Iconik(Bucket|Objects|List|Key)[A-Za-z]*([0-9A-F]{8})?")
_ALLOWED: Final = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
_AHEAD: Final = 4
"""How many tasks may wait for each worker."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding and the resource that it is about."""

    resource: str
    finding: Finding


@dataclass(slots=True)
class Audited:
    """What was looked at, counted while the audit runs."""

    buckets: int = 0
    keys: int = 0
    access_points: int = 0
    others: int = 0
    for_iconik: int = 0
    not_listed: list[str] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        return self.buckets + self.keys + self.access_points + self.others


Task = Callable[[], list[Found]]


def audit(
    aws: Aws,
    question: Question,
    audited: Audited,
    *,
    account: str,
    regions: Sequence[str] = (),
    expected: Iterable[str] = (),
    everything: bool = False,
    workers: int = 16,
) -> Iterator[Found]:
    """Yield what is found, as it is found.

    Args:
        aws: asks AWS; used by several threads.
        question: whose iconik is meant to get in, and to do what.
        audited: is counted up.
        account: the account.
        regions: where keys and access points are looked for. Default: all that the account has.
        expected: buckets that iconik is meant to use.
        everything: whether to look at queues, topics and secrets too.
        workers: how many calls are under way at a time.
    """
    look = _Look(aws, question, audited, account, frozenset(expected))
    where = list(regions) or look.regions()
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[list[Found]]] = deque()
        for task in look.tasks(where, everything=everything):
            waiting.append(pool.submit(task))
            # Bounded, or the whole account would stand in memory as tasks.
            while len(waiting) > _AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    yield from look.failures


class _Look:
    """One account, looked at."""

    def __init__(self, aws: Aws, question: Question, audited: Audited, account: str, expected: frozenset[str]) -> None:
        self._aws = aws
        self._question = question
        self._audited = audited
        self._account = account
        self._expected = expected
        self._access_block = aws.ask(calls.ACCOUNT_ACCESS_BLOCK, AccountId=account)
        self.failures: list[Found] = []

    def regions(self) -> list[str]:
        outcome = self._aws.ask(calls.REGIONS)
        found = [str(one.get("RegionName")) for one in (value_of(outcome) or {}).get("Regions") or ()]
        if isinstance(outcome, NotRead):
            self._not_listed("the account's regions", outcome)
        return sorted(found) or [self._aws.region]

    def tasks(self, regions: Sequence[str], *, everything: bool) -> Iterator[Task]:
        seen = set()
        for one in self._pages(calls.BUCKETS, "Buckets", "ContinuationToken"):
            name = str(one.get("Name"))
            seen.add(name)
            self._audited.buckets += 1
            yield partial(self._bucket, name)
        for name in sorted(self._expected - seen):
            missing = Finding(rule=rules.NO_BUCKET, where="the account", text=f"{name} is not among its buckets")
            self.failures.append(Found(f"arn:aws:s3:::{name}", missing))
        for region in regions:
            for one in self._pages(calls.KEYS, "Keys", "Marker", region, says="NextMarker"):
                arn = str(one.get("KeyArn"))
                self._audited.keys += 1
                yield partial(self._key, arn, region)
            points = self._pages(calls.ACCESS_POINTS, "AccessPointList", "NextToken", region, AccountId=self._account)
            for one in points:
                self._audited.access_points += 1
                yield partial(self._access_point, one, region)
            if everything:
                yield from self._others(region)

    def _others(self, region: str) -> Iterator[Task]:
        for one in self._pages(calls.TOPICS, "Topics", "NextToken", region):
            yield self._other(str(one.get("TopicArn")), calls.TOPIC, region, _attribute)
        for url in self._pages(calls.QUEUES, "QueueUrls", "NextToken", region):
            yield self._other(str(url), calls.QUEUE, region, _attribute)
        for one in self._pages(calls.SECRETS, "SecretList", "NextToken", region):
            yield self._other(str(one.get("ARN")), calls.SECRET, region, lambda answer: answer.get("ResourcePolicy"))

    def _other(self, name: str, call: calls.Call, region: str, policy_of: Callable[[Any], Any]) -> Task:
        self._audited.others += 1
        parameters: dict[str, Any] = {call.parameter: name}
        if call is calls.QUEUE:
            parameters["AttributeNames"] = ["Policy"]

        def look() -> list[Found]:
            outcome = self._aws.ask(call, region, **parameters)
            if isinstance(outcome, NotRead):
                return [self._unread(name, call.what, outcome)]
            text = policy_of(value_of(outcome) or {})
            if not isinstance(text, str) or not self._names_iconik(text):
                return []
            self._audited.for_iconik += 1
            # No storage of iconik's needs it: whatever its condition says, somebody should know.
            return [Found(name, Finding(rule=rules.ELSEWHERE, where="its policy", text="it names iconik's account"))]

        return look

    def _bucket(self, name: str) -> list[Found]:
        arn = f"arn:aws:s3:::{name}"
        outcome = self._aws.ask(calls.BUCKET_CALLS["policy"], Bucket=name)
        if isinstance(outcome, NotRead):
            return [self._unread(arn, "the bucket policy", outcome)]
        text = (value_of(outcome) or {}).get("Policy")
        if name not in self._expected and not (isinstance(text, str) and self._names_iconik(text)):
            return []
        self._audited.for_iconik += 1
        bucket = read_account(
            self._aws,
            name,
            region=None,
            who_asks=Read({"Account": self._account}),
            access_block=self._access_block,
            key_ids=(),
            organisation=_NO_ORGANISATION,
        )
        checked = check(bucket, self._question)
        edited = [Found(arn, one) for one in _edited(text)] if isinstance(text, str) else []
        return [*(Found(arn, one) for one in checked.findings if one.level is not Level.NOTE), *edited]

    def _key(self, arn: str, region: str) -> list[Found]:
        outcome = self._aws.ask(calls.KEY_POLICY, region, KeyId=arn, PolicyName="default")
        if isinstance(outcome, NotRead):
            return [self._unread(arn, "the key policy", outcome)]
        text = str((value_of(outcome) or {}).get("Policy", ""))
        if not self._names_iconik(text):
            return []
        self._audited.for_iconik += 1
        found = self._others_of(text, [("kms:Decrypt", arn), ("kms:GenerateDataKey", arn)], "the key policy")
        return [Found(arn, one) for one in [*found, *_edited(text)]]

    def _access_point(self, one: Mapping[str, Any], region: str) -> list[Found]:
        arn, name = str(one.get("AccessPointArn", "")), str(one.get("Name", ""))
        outcome = self._aws.ask(calls.ACCESS_POINT_POLICY, region, AccountId=self._account, Name=name)
        if isinstance(outcome, NotRead):
            return [self._unread(arn, "the access point's policy", outcome)]
        text = str((value_of(outcome) or {}).get("Policy", ""))
        if not self._names_iconik(text):
            return []
        self._audited.for_iconik += 1
        found = self._others_of(text, [("s3:GetObject", f"{arn}/object/x")], "the access point's policy")
        return [Found(arn, each) for each in found]

    def _others_of(self, text: str, asked: Sequence[tuple[str, str]], where: str) -> list[Finding]:
        """Return who else of iconik gets in, one finding for each statement."""
        ids = self._question.system_domain_ids
        found: dict[str, Finding] = {}
        for one in may_anybody_else(
            text, system_domain_ids=ids, asked=asked, account=self._account, role_arn=self._question.role_arn
        ):
            certain = not one.decision.unless
            for reason in one.decision.because if certain else one.decision.unless:
                rule = rules.OTHERS if certain else rules.OTHERS_DEPEND
                said = f"'{reason.statement}' lets in {one.caller.name} for {one.action}"
                found.setdefault(f"{rule.id} {reason.statement}", Finding(rule=rule, where=where, text=said))
        if EXAMPLE_SYSTEM_DOMAIN_ID in domains_in(text) and EXAMPLE_SYSTEM_DOMAIN_ID not in ids:
            found["example"] = Finding(rule=rules.EXAMPLE, where=where, text=EXAMPLE_SYSTEM_DOMAIN_ID)
        return list(found.values())

    def _names_iconik(self, text: str) -> bool:
        account = self._question.role_arn.split(":")[4]
        return account in text or PRINCIPAL_TAG.lower() in text.lower()

    def _pages(
        self, call: calls.Call, holding: str, token: str, region: str | None = None, **more: Any
    ) -> Iterator[Any]:
        says = more.pop("says", token)
        while True:
            outcome = self._aws.ask(call, region, **more)
            if not isinstance(outcome, Read):
                if isinstance(outcome, NotRead):
                    self._not_listed(f"{call.what} in {region or 'the account'}", outcome)
                return
            yield from outcome.value.get(holding) or ()
            following = outcome.value.get(says)
            if not following:
                return
            more[token] = following

    def _not_listed(self, what: str, outcome: NotRead) -> None:
        self._audited.not_listed.append(what)
        self.failures.append(self._unread(f"account {self._account}", what, outcome))

    def _unread(self, resource: str, what: str, outcome: NotRead) -> Found:
        text = f"{outcome.why.value}; it takes {outcome.action} ({outcome.says})"
        return Found(resource, Finding(rule=rules.UNREAD, where=what, text=text, action=outcome.action))


_NO_ORGANISATION: Final = Organisation(itself=Absent(), control_policies=Absent(), seen=Absent())


def _attribute(answer: Mapping[str, Any]) -> Any:
    return (answer.get("Attributes") or {}).get("Policy")


def _edited(text: str) -> Iterator[Finding]:
    """Yield the statements with a Sid as this library writes it that say what it never writes."""
    for statement in statements_of(text):
        sid = str(statement.get("Sid", ""))
        if not _OURS.fullmatch(sid) or _is_as_written(statement):
            continue
        yield Finding(
            rule=rules.EDITED,
            where="its policy",
            text=f"'{sid}' is called as this library's statements are, and says what none of them says",
            statement=sid,
        )


def _is_as_written(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition")
    principal = statement.get("Principal")
    equals = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    return (
        set(statement) <= _ALLOWED
        and statement.get("Effect") == "Allow"
        and isinstance(principal, Mapping)
        and list(principal) == ["AWS"]
        and isinstance(equals, Mapping)
        and PRINCIPAL_TAG in equals
        and "*" not in json.dumps(equals)
    )
