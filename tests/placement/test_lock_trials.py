"""Deployments and watches at once, on an S3 whose reads are up to ten seconds late: nothing lost, nothing left.

Each trial has a lag and an order of its own. The test command has a few trials of each kind, `make prove` five hundred.
"""

import json
import random
import threading
from functools import partial

import pytest
from botocore.exceptions import ClientError
from lambda_runs import ACCOUNT, FOREIGN, STACK_ID, Run, claim, template_statements
from parameter_store import ParameterStore
from virtual_time import VirtualTime

from iconik_construct.placement.handler import check_policy, claim_record, index, refusal
from iconik_construct.placement.handler.advice import Advice
from iconik_construct.placement.handler.writer import backoff, calls, lock

LONGEST_LAG = 10
TRIALS = [pytest.param(25, id="a few"), pytest.param(500, id="many", marks=pytest.mark.proof)]
EIGHT = [f"S{number}" for number in range(8)]


class World:
    """Buckets whose policies are read late, Parameter Store, and time."""

    meta = type("Meta", (), {"region_name": "eu-west-1"})

    def __init__(self, seed, monkeypatch):
        self.random = random.Random(seed)  # noqa: S311 - makes a world, keeps no secret
        self.lag = self.random.uniform(0, LONGEST_LAG)
        self.time = VirtualTime(seed)
        self.parameters = ParameterStore(self.time.travel)
        self.versions = {}
        self.failed = []
        self._mutex = threading.Lock()
        monkeypatch.setattr(backoff, "sleep", self.time.wait)
        monkeypatch.setattr(backoff, "now", lambda: 1_700_000_000.0 + self.time.now)
        monkeypatch.setattr(calls, "client", lambda service: self.parameters if service == "ssm" else self)
        for module in (index, refusal, check_policy):
            monkeypatch.setattr(module, "advise", lambda *_, **__: Advice())

    def get_bucket_policy(self, Bucket, **_):  # noqa: N803 - boto3's names
        self.time.travel()
        oldest = self.time.now - self.random.uniform(0, self.lag)
        text = [text for moment, text in self._of(Bucket) if moment <= oldest][-1]
        self.time.travel()
        if text is None:
            error = {"Error": {"Code": "NoSuchBucketPolicy"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise ClientError(error, "GetBucketPolicy")
        return {"Policy": text}

    def put_bucket_policy(self, Bucket, Policy, **_):  # noqa: N803
        self.time.travel()
        self._of(Bucket).append((self.time.now, Policy))
        self.time.travel()

    def _of(self, bucket):
        text = json.dumps({"Version": "2012-10-17", "Statement": [FOREIGN]})
        return self.versions.setdefault(bucket, [(-1000.0, text)])

    def remove_ours(self, bucket):
        """Let another owner write its document."""
        self._of(bucket).append((self.time.now, self._of(bucket)[0][1]))

    def sids(self, bucket="media"):
        found = json.loads(self._of(bucket)[-1][1])["Statement"]
        assert found[0] == FOREIGN
        return sorted(each["Sid"] for each in found[1:])

    def at_once(self, *jobs):
        self.time.run(jobs)

    def later(self, job):
        """Let a job begin at some moment of the first ten seconds."""
        moment = self.random.uniform(0, 10)

        def run():
            self.time.wait(moment)
            job()

        return run

    def rest(self):
        self.at_once(lambda: self.time.wait(60))

    def send(self, kind, name, bucket="media", **more):
        event = {
            "RequestType": kind,
            "RequestId": f"{kind}-{name}",
            **_identity(name),
            "ResourceProperties": _properties(bucket, 1),
            "PhysicalResourceId": f"iconik-bucket-policy:{bucket}" if kind != "Create" else None,
            **more,
        }
        index.on_event(event, Clock(self.time))

    def narrow(self, name):
        self.send(
            "Update", name, ResourceProperties=_properties("media", 2), OldResourceProperties=_properties("media", 1)
        )

    def check(self, name, bucket="media"):
        policy = {"BucketName": bucket, "Account": ACCOUNT}
        event = {"IconikWatch": "W", "Repair": "true", "Every": "86400", "Policy": policy, "Resources": [name]}
        try:
            index.on_event({**event, **_identity(name)}, Clock(self.time))
        except Exception as error:  # noqa: BLE001 - after the delete, as it should
            self.failed.append(str(error))


class Clock(Run):
    def __init__(self, time):
        super().__init__()
        self._time, self._end = time, time.now + 300

    def get_remaining_time_in_millis(self):
        return int((self._end - self._time.now) * 1000)


def _identity(name):
    return {"StackId": STACK_ID, "LogicalResourceId": name}


def _properties(bucket, version):
    return {"BucketName": bucket, "Account": ACCOUNT, "Statements": template_statements(version)}


def wanted(name, version=1):
    return list(template_statements(version, claim(name)))


@pytest.mark.parametrize("trials", TRIALS)
def test_eight_creates_at_once_lose_nothing(monkeypatch, capsys, trials):
    for seed in range(trials):
        world = World(seed, monkeypatch)
        world.at_once(*(partial(world.send, "Create", name) for name in EIGHT))
        assert world.sids() == sorted(sid for name in EIGHT for sid in wanted(name))


@pytest.mark.parametrize("trials", TRIALS)
def test_a_create_beside_a_delete_loses_nothing_and_leaves_nothing(monkeypatch, capsys, trials):
    for seed in range(trials):
        world = World(seed, monkeypatch)
        world.at_once(partial(world.send, "Create", "A"))
        world.at_once(world.later(partial(world.send, "Delete", "A")), world.later(partial(world.send, "Create", "B")))
        assert world.sids() == sorted(wanted("B"))


@pytest.mark.parametrize("trials", TRIALS)
def test_a_watch_beside_a_delete_leaves_nothing(monkeypatch, capsys, trials):
    for seed in range(trials):
        world = World(seed, monkeypatch)
        world.at_once(partial(world.send, "Create", "A"))
        world.rest()
        world.remove_ours("media")
        world.at_once(world.later(partial(world.check, "A")), world.later(partial(world.send, "Delete", "A")))
        assert world.sids() == []
        assert world.parameters.held == {}


@pytest.mark.parametrize("trials", TRIALS)
def test_a_watch_beside_a_narrowing_update_restores_nothing_that_was_dropped(monkeypatch, capsys, trials):
    for seed in range(trials):
        world = World(seed, monkeypatch)
        world.at_once(partial(world.send, "Create", "A"))
        world.rest()
        if seed % 2:
            world.remove_ours("media")
        world.at_once(world.later(partial(world.check, "A")), world.later(partial(world.narrow, "A")))
        assert world.sids() == sorted(wanted("A", 2))


@pytest.mark.parametrize("trials", [pytest.param(5, id="a few"), TRIALS[1]])
def test_eight_policies_are_repaired_at_once_and_at_most_three_times_a_day(monkeypatch, capsys, trials):
    for seed in range(trials):
        world = World(seed, monkeypatch)
        world.at_once(*(partial(world.send, "Create", name, name.lower()) for name in EIGHT))
        for turn in range(4):
            world.rest()
            for name in EIGHT:
                world.remove_ours(name.lower())
            world.rest()
            world.at_once(*(partial(world.check, name, name.lower()) for name in EIGHT))
            for name in EIGHT:
                assert world.sids(name.lower()) == (sorted(wanted(name)) if turn < claim_record.MOST_REPAIRS else [])
        assert world.failed == []


@pytest.mark.parametrize("count", [1, 8])
def test_creates_at_once_on_one_policy_take_their_time(monkeypatch, capsys, count):
    took = []
    for seed in range(20):
        world = World(seed, monkeypatch)
        world.at_once(*(partial(world.send, "Create", name) for name in EIGHT[:count]))
        took.append(world.time.now)
    with capsys.disabled():
        print(f"\n{count} at once on one policy: {sum(took) / len(took):.0f} s, at most {max(took):.0f} s")  # noqa: T201
    assert max(took) < 300


def test_the_lock_of_a_run_that_died_ends_by_itself(monkeypatch, capsys):
    world = World(1, monkeypatch)
    (name,) = lock_names(world)
    dead = {"policy": "arn:aws:s3:::media", "until": backoff.now() + lock.LEASE, "owner": "dead"}
    world.parameters.held[name] = (json.dumps(dead), 1)

    world.at_once(*(partial(world.send, "Create", each) for each in ("A", "B")))

    assert world.sids() == sorted([*wanted("A"), *wanted("B")])
    assert lock.LEASE < world.time.now < 300


def lock_names(world):
    """The name of the lock of the bucket, as a run takes it."""
    with_lock = lock.PolicyLock("arn:aws:s3:::media", Clock(world.time))
    return [with_lock._name]
