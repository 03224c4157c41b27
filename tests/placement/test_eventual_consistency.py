"""S3 and KMS that show a policy seconds late, with other writers and faults: what was to be seen is never lost.

The store keeps every version of a policy with its time, and a read gives one that may be as old as the lag. Time passes
only where the handler waits or calls.
"""

import json
import random
import threading
from datetime import datetime
from functools import partial

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from lambda_runs import ACCOUNT, STACK_ID, Run, claim, statements, template_statements
from parameter_store import ParameterStore
from virtual_time import VirtualTime

from iconik_construct.placement.handler import index, refusal
from iconik_construct.placement.handler.advice import Advice
from iconik_construct.placement.handler.writer import backoff, calls, reconcile
from iconik_construct.placement.handler.writer.calls import TransientError
from iconik_construct.placement.handler.writer.merge import MergeError

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LAGS = [0, 2.5, 3, 6, 15, 30]
FOUR = [f"AAAA000{number}" for number in range(4)]
SEEDS = range(40)
SETTLING = backoff.SETTLING


def foreign(name):
    return {"Sid": name, "Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketAcl", "Resource": "*"}


class Store:
    """One policy, its versions, and writers who come at their times."""

    def __init__(self, seed, lag, at_rest):
        self.random = random.Random(seed)  # noqa: S311 - makes a world, keeps no secret
        self.lag = lag
        self.now = 0.0
        self.versions = [(-1000.0, at_rest)]
        self.writers = []
        self.parameters = ParameterStore(lambda: self.pass_time(self.random.uniform(0.01, 0.05)))
        self.faults = set()
        self.calls = 0
        self.last_read = None
        self.lost = []

    def pass_time(self, seconds):
        end = self.now + seconds
        while self.writers and self.writers[0][0] <= end:
            self.now, name = self.writers.pop(0)
            # They see what is there: the lag is ours.
            self.put([*self.versions[-1][1], foreign(name)])
        self.now = end

    def put(self, held):
        self.versions.append((self.now, held))

    def read(self):
        self._call()
        oldest = self.now - self.random.uniform(0, self.lag)
        self.last_read = [held for time, held in self.versions if time <= oldest][-1]
        return self.last_read

    def write(self, held):
        self._call(held)
        # All that is not the writer's own and was in its last read is in what is written.
        kept = [each["Sid"] for each in held]
        self.lost += [each for each in self.last_read if each["Sid"] not in kept and not self.is_own(each["Sid"])]
        self.put(held)

    def is_own(self, sid):
        return sid.endswith(claim("AAAA0000"))

    def _call(self, held=None):
        self.pass_time(self.random.uniform(0.02, 0.1))
        self.calls += 1
        if self.calls in self.faults:
            if held is not None and self.random.random() < 0.5:
                self.put(held)
            raise ReadTimeoutError(endpoint_url="https://aws")

    def present(self):
        return [each["Sid"] for each in self.versions[-1][1]]


class SharedStore(Store):
    """A store with writers of ours too, each a thread, who move in the order that a virtual time gives them."""

    def __init__(self, time, seed, lag, at_rest):
        self._time = time
        self._mine = threading.local()
        super().__init__(seed, lag, at_rest)

    @property
    def now(self):
        return self._time.now

    @now.setter
    def now(self, _):
        pass

    @property
    def last_read(self):
        return self._mine.last_read

    @last_read.setter
    def last_read(self, held):
        self._mine.last_read = held

    def pass_time(self, seconds):
        self._time.wait(seconds)

    def is_own(self, sid):
        return sid.endswith(claim(self._mine.name))

    def come(self, run, name):
        self._mine.name = name
        run(name)

    def visit(self, moment, name):
        """Let a foreign writer come, who sees what is there."""
        self._time.wait(moment)
        self.put([*self.versions[-1][1], foreign(name)])


class Client:
    """What the handler calls, on a store."""

    meta = type("Meta", (), {"region_name": "eu-west-1"})

    def __init__(self, store):
        self.store = store

    def get_bucket_policy(self, **_):
        if held := self.store.read():
            return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": held})}
        error = {"Error": {"Code": "NoSuchBucketPolicy"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
        raise ClientError(error, "GetBucketPolicy")

    def put_bucket_policy(self, Policy, **_):  # noqa: N803 - boto3's names
        self.store.write(json.loads(Policy)["Statement"])

    def delete_bucket_policy(self, **_):
        self.store.write([])

    def describe_key(self, **_):
        return {"KeyMetadata": {"KeyState": "Enabled", "KeyManager": "CUSTOMER", "CreationDate": datetime(2026, 1, 1)}}

    def get_key_policy(self, **_):
        return self.get_bucket_policy()

    def put_key_policy(self, Policy, **_):  # noqa: N803
        self.put_bucket_policy(Policy)


class Clock(Run):
    """Lambda's time is the store's."""

    def __init__(self, store):
        super().__init__()
        self._store = store
        self._end = store.now + 300

    def get_remaining_time_in_millis(self):
        return int((self._end - self._store.now) * 1000)


def run(monkeypatch, store, place, kind="Create", name="AAAA0000"):
    monkeypatch.setattr(backoff, "sleep", store.pass_time)
    monkeypatch.setattr(backoff, "now", lambda: 1_700_000_000.0 + store.now)
    monkeypatch.setattr(calls, "client", lambda service: store.parameters if service == "ssm" else Client(store))
    named = {"BucketName": "media"} if place == "bucket" else {"KeyArn": KEY}
    properties = {**named, "Account": ACCOUNT, "Statements": template_statements(1)}
    identity = {"StackId": STACK_ID, "LogicalResourceId": name}
    index.on_event({"RequestType": kind, "ResourceProperties": properties, **identity}, Clock(store))


@pytest.fixture(autouse=True)
def no_advice(monkeypatch):
    """What the policy means for iconik is not what these tests ask, and takes longer than all else."""
    for module in (index, refusal):
        monkeypatch.setattr(module, "advise", lambda *_, **__: Advice())


MINE = claim("AAAA0000")
OURS = sorted(statements("AAAA0000", 1))


@pytest.mark.parametrize("place", ["bucket", "key"])
@pytest.mark.parametrize("lag", [lag if lag in {0, 15} else pytest.param(lag, marks=pytest.mark.proof) for lag in LAGS])
def test_what_was_readable_at_our_last_read_is_never_lost(monkeypatch, lag, place):
    writes = 0
    for seed in SEEDS:
        store = Store(seed, lag, [foreign("Team")])
        times = sorted(store.random.uniform(-lag, 60) for _ in range(4))
        store.writers = [(time, f"Writer{number}") for number, time in enumerate(times)]
        store.now = -lag - 1.0
        store.pass_time(lag + 1.0)
        store.faults = set(store.random.sample(range(1, 12), 3))
        try:
            run(monkeypatch, store, place)
        except (MergeError, TransientError):
            pass
        else:
            writes += 1
            assert sorted(sid for sid in store.present() if MINE in sid) == OURS
        assert store.lost == []
        assert "Team" in store.present()
    # Otherwise it gave up whenever it was disturbed, and nothing is shown.
    assert writes > len(SEEDS) / 2


@pytest.mark.parametrize("place", ["bucket", "key"])
@pytest.mark.parametrize("lag", [lag if lag in {0, 15} else pytest.param(lag, marks=pytest.mark.proof) for lag in LAGS])
def test_four_own_and_four_other_writers_at_once_lose_no_readable_statement(monkeypatch, lag, place):
    came = 0
    for seed in SEEDS:
        time = VirtualTime(seed)
        store = SharedStore(time, seed, lag, [foreign("Team")])
        store.faults = set(store.random.sample(range(1, 40), 4))
        failed = []

        def arrive(name, store=store, failed=failed):
            try:
                run(monkeypatch, store, place, name=name)
            except (MergeError, TransientError):
                failed.append(name)

        jobs = [partial(store.come, arrive, name) for name in FOUR]
        jobs += [partial(store.visit, store.random.uniform(0, 60), f"Writer{number}") for number in range(4)]
        time.run(jobs)

        assert store.lost == []
        assert "Team" in store.present()
        missing = {sid for name in FOUR if name not in failed for sid in statements(name, 1)} - set(store.present())
        # Two reads of the next one and the look of the former one are so far apart.
        assert lag > 2 * SETTLING or missing == set()
        came += len(FOUR) - len(failed)
    assert came > len(FOUR) * len(SEEDS) / 2


@pytest.mark.parametrize("kind", ["Create", "Delete"])
@pytest.mark.parametrize("at_rest", [[], [foreign("Team")]], ids=["no policy", "a policy"])
def test_a_policy_written_just_before_is_lost_only_where_the_lag_is_longer_than_the_settling(
    monkeypatch, at_rest, kind
):
    lost = {}
    for lag in LAGS:
        for seed in SEEDS:
            store = Store(seed, lag, at_rest if kind == "Create" else [*at_rest, *statements("AAAA0000", 1).values()])
            before = store.random.uniform(0, 10)
            store.now = -before
            store.put([*store.versions[-1][1], foreign("JustBefore")])
            store.now = 0.0
            run(monkeypatch, store, "bucket", kind)
            if "JustBefore" not in store.present():
                lost.setdefault(lag, []).append(before)
    # It is to be seen once the lag has passed: at the second read, seconds after the first.
    assert all(before < lag - SETTLING for lag, all_before in lost.items() for before in all_before)
    assert min(lost, default=99) > SETTLING


def test_without_the_second_read_it_would_be_lost(monkeypatch):
    """The control: the world of these tests is one in which a single read loses."""
    monkeypatch.setattr(reconcile, "_confirm", lambda *_: True)
    lost = 0
    for seed in SEEDS:
        store = Store(seed, 5, [])
        store.now = -1.0
        store.put([foreign("JustBefore")])
        store.now = 0.0
        run(monkeypatch, store, "bucket")
        lost += "JustBefore" not in store.present()
    assert lost > len(SEEDS) / 4


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        ("put_bucket_policy", "MalformedPolicy", "Invalid principal in policy"),
        (
            "put_key_policy",
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.",
        ),
        ("get_bucket_policy", "NoSuchBucket", "The specified bucket does not exist"),
        ("get_key_policy", "NotFoundException", "Key does not exist"),
    ],
)
def test_the_errors_of_the_first_seconds_are_outlived(monkeypatch, operation, code, message):
    store = Store(1, 0, [foreign("Team")])
    place = "key" if "key" in operation else "bucket"
    once = getattr(Client, operation)
    failed = []

    def fails_at_first(self, **parameters):
        if len(failed) < 3:
            failed.append(operation)
            error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(error, operation)
        return once(self, **parameters)

    monkeypatch.setattr(Client, operation, fails_at_first)
    Client.meta.service_model = type("Model", (), {"service_name": "s3"})
    run(monkeypatch, store, place)

    assert len(failed) >= 2
    assert store.present() == ["Team", *OURS]
