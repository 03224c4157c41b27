"""Audits an account: every bucket, customer managed key and access point, in all its regions.

Findings are yielded and not kept, so that memory does not grow with the account.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ..assessment import Finding, Question, rules
from ..assessment.fact import Found, Unknown, Why, value_of
from . import calls
from .asking import Aws
from .audited import ResourceReader, Result, unread
from .bucket import multi_region_arn

__all__ = ["AuditCounts", "CredentialsExpired", "audit"]

_AHEAD: Final = 4
"""The number of tasks that can wait for each worker."""
_TRANSIENT: Final = frozenset({Why.THROTTLED, Why.NO_ANSWER, Why.NO_CREDENTIALS, Why.UNREADABLE})


class CredentialsExpired(Exception):  # noqa: N818 - it is AWS's name
    """The credentials expired while the audit ran."""


@dataclass(slots=True)
class AuditCounts:
    """Counts the read resources while the audit runs. `total` is the number of all resources."""

    buckets: int = 0
    keys: int = 0
    access_points: int = 0
    others: int = 0
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    read: Callable[[], Result]


def audit(
    aws: Aws,
    question: Question,
    audited: AuditCounts,
    *,
    account: str,
    regions: Sequence[str] = (),
    expected: Collection[str] = (),
    everything: bool = False,
    workers: int = 16,
    organisations: Aws | None = None,
    is_done: Callable[[str], bool] = lambda _name: False,
    keep: Callable[[Result], None] = lambda _result: None,
) -> Iterator[Result]:
    """Yield the result of each resource.

    Args:
        aws: calls AWS; used by several threads.
        question: the System Domain IDs, and the access that iconik should have.
        audited: the counts, which this function updates.
        account: the account.
        regions: the regions of keys and access points. Default: all regions of the account.
        expected: buckets that iconik should be able to use.
        everything: whether to read queues, topics, secrets and roles too.
        workers: the maximum number of simultaneous calls.
        organisations: calls AWS with the credentials of the organisation's management account. Default: `aws`.
        is_done: whether an earlier run has read a resource, which is then left out.
        keep: keeps the result of a resource for a later run. A later run lists again what was not listed, and reads
            again what AWS did not answer.

    Raises:
        CredentialsExpired: the credentials expired while the audit ran.
    """
    listing = _Listing(aws, account, audited)
    reader = ResourceReader(aws, question, account, frozenset(expected), organisations or aws)
    tasks = list(listing.tasks(reader, list(dict.fromkeys(regions)) or listing.regions(), everything=everything))
    reader.listed = frozenset(task.name for task in tasks)
    audited.total = len(tasks)
    # The results of buckets depend on the facts about the account.
    is_transient = _is_transient(reader.account())
    waiting: deque[Future[Result]] = deque()

    def next_result() -> Result:
        result = waiting.popleft().result()
        if aws.expired:
            raise CredentialsExpired(aws.expired)
        audited.done += 1
        if not is_transient and not _is_transient(result.findings):
            keep(result)
        return result

    with ThreadPoolExecutor(workers) as pool:
        try:
            for task in tasks:
                if is_done(task.name):
                    audited.done += 1
                    continue
                waiting.append(pool.submit(task.read))
                # Limited, because unread results would fill the memory.
                while len(waiting) > _AHEAD * workers:
                    yield next_result()
            while waiting:
                yield next_result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    if aws.expired:
        raise CredentialsExpired(aws.expired)
    yield from listing.failures
    yield Result(f"account {account}", tuple(reader.account()))


def _is_transient(findings: Iterable[Finding]) -> bool:
    """Return whether something could not be read that can perhaps be read later."""
    return any(finding.why in _TRANSIENT for finding in findings)


@dataclass(slots=True)
class _Listing:
    """The resources of an account."""

    aws: Aws
    account: str
    audited: AuditCounts
    failures: list[Result] = field(default_factory=list)

    def regions(self) -> list[str]:
        answer = self.aws.ask(calls.REGIONS)
        if isinstance(answer, Unknown):
            self._not_listed("the account's regions", answer)
        names = [str(region.get("RegionName")) for region in (value_of(answer) or {}).get("Regions") or ()]
        return sorted(names) or [self.aws.region]

    def tasks(self, reader: ResourceReader, regions: Sequence[str], *, everything: bool) -> Iterator[_Task]:
        seen = set()
        for bucket in self._pages(calls.BUCKETS):
            name = str(bucket.get("Name"))
            seen.add(name)
            self.audited.buckets += 1
            yield _Task(f"arn:aws:s3:::{name}", partial(reader.bucket, name))
        for name in sorted(reader.expected - seen):
            text = f"{name} is not among the buckets of the account"
            missing = Finding(rule=rules.NO_BUCKET, where="the account", text=text)
            self.failures.append(Result(f"arn:aws:s3:::{name}", (missing,)))
        for region in regions:
            for key in self._pages(calls.KEYS, region):
                arn = str(key.get("KeyArn"))
                self.audited.keys += 1
                yield _Task(arn, partial(reader.key, arn, region))
            for point in self._pages(calls.ACCESS_POINTS, region, AccountId=self.account):
                self.audited.access_points += 1
                yield _Task(str(point.get("AccessPointArn", "")), partial(reader.access_point, point, region))
            if everything:
                yield from self._others(reader, region)
        for point in self._pages(calls.MULTI_REGION_POINTS, calls.MULTI_REGION, AccountId=self.account):
            self.audited.access_points += 1
            yield _Task(multi_region_arn(self.account, point), partial(reader.multi_region_point, point))
        if everything:
            for role in self._pages(calls.ROLES):
                self.audited.others += 1
                yield _Task(str(role.get("Arn")), partial(reader.role, role))

    def _others(self, reader: ResourceReader, region: str) -> Iterator[_Task]:
        kinds = (
            (calls.TOPICS, lambda topic: topic.get("TopicArn"), calls.TOPIC),
            (calls.QUEUES, str, calls.QUEUE),
            (calls.SECRETS, lambda secret: secret.get("ARN"), calls.SECRET),
        )
        for listing, name_of, call in kinds:
            for each in self._pages(listing, region):
                self.audited.others += 1
                name = str(name_of(each))
                yield _Task(name, partial(reader.other, name, call, region))

    def _pages(self, call: calls.Call, region: str | None = None, **more: Any) -> Iterator[Mapping[str, Any]]:
        answer = self.aws.ask_all(call, region, **more)
        if isinstance(answer, Unknown):
            self._not_listed(f"{call.what} in {region or 'the account'}", answer)
        elif isinstance(answer, Found):
            yield from answer.value

    def _not_listed(self, what: str, answer: Unknown) -> None:
        self.failures.append(Result(f"account {self.account}", (unread(what, answer),)))
