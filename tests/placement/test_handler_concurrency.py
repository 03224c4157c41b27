"""Stacks that come to one bucket at the same time: all of them get access, and nothing foreign is lost.

S3 is simulated here, without a lag: 200 rounds make some 20,000 calls, and what matters is their order.
"""

import json

import pytest
from botocore.exceptions import ClientError
from lambda_runs import FOREIGN, OTHER_FOREIGN, CustomResource, statements
from parameter_store import ParameterStore
from virtual_time import VirtualTime

from iconik_construct.placement.handler import index, refusal
from iconik_construct.placement.handler.advice import Advice
from iconik_construct.placement.handler.writer import backoff, calls

ROUNDS = 200
ADOPTERS = [f"AAAA000{number}" for number in range(8)]


class Bucket:
    """A bucket and its policy, and the client that reads and writes it; a request and its answer take their time."""

    meta = type("Meta", (), {"region_name": "eu-west-1"})

    def __init__(self, *foreign):
        self.properties = {"BucketName": "media"}
        self.text = json.dumps({"Version": "2012-10-17", "Statement": list(foreign)})
        self.calls = 0
        self.travel = lambda: None
        self.parameters = ParameterStore()

    def present(self):
        return json.loads(self.text)["Statement"] if self.text else []

    def get_bucket_policy(self, **_):
        self._call()
        text = self.text
        self.travel()
        if text is None:
            error = {"Error": {"Code": "NoSuchBucketPolicy"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise ClientError(error, "GetBucketPolicy")
        return {"Policy": text}

    def put_bucket_policy(self, Policy, **_):  # noqa: N803 - boto3's name
        self._call()
        self.text = Policy
        self.travel()

    def delete_bucket_policy(self, **_):
        self._call()
        self.text = None
        self.travel()

    def get_public_access_block(self, **_):
        error = {"Error": {"Code": "NoSuchPublicAccessBlockConfiguration"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
        raise ClientError(error, "GetPublicAccessBlock")

    def _call(self):
        self.calls += 1
        self.travel()


def at_once(bucket, monkeypatch, seed, jobs):
    time = VirtualTime(seed)
    monkeypatch.setattr(backoff, "sleep", time.wait)
    monkeypatch.setattr(backoff, "now", lambda: 1_700_000_000.0 + time.now)
    bucket.travel = bucket.parameters.travel = time.travel
    time.run(jobs)


@pytest.fixture
def made(monkeypatch):
    """Makes buckets that the handler reaches; time stands still until it is given one."""
    monkeypatch.setattr(backoff, "sleep", lambda _: None)

    # What the policy means for iconik is not what these tests ask, and takes longer than all else.
    for module in (index, refusal):
        monkeypatch.setattr(module, "advise", lambda *_, **__: Advice())

    def make(*foreign):
        bucket = Bucket(*foreign)
        monkeypatch.setattr(calls, "client", lambda service: bucket.parameters if service == "ssm" else bucket)
        return bucket

    return make


def as_text(found):
    return sorted(map(json.dumps, found))


@pytest.mark.proof
def test_eight_stacks_at_once_all_get_in_and_lose_nothing_foreign(made, monkeypatch):
    most = 0
    for seed in range(ROUNDS):
        bucket = made(FOREIGN, OTHER_FOREIGN)
        stacks = [CustomResource(bucket, name) for name in ADOPTERS]

        at_once(bucket, monkeypatch, seed, [lambda stack=stack: stack.create(1) for stack in stacks])

        present = bucket.present()
        assert present[:2] == [FOREIGN, OTHER_FOREIGN]
        assert as_text(present[2:]) == as_text(each for name in ADOPTERS for each in statements(name, 1).values())
        most = max(most, bucket.parameters.calls)
    # Otherwise nobody was in anybody's way, and nothing is shown.
    assert most > 2 * 4 * len(ADOPTERS)


@pytest.mark.parametrize("seed", range(20))
def test_stacks_that_come_change_and_go_at_once_leave_what_each_wanted(made, monkeypatch, seed):
    bucket = made(FOREIGN)
    stacks = {name: CustomResource(bucket, name) for name in ADOPTERS}
    for stack in stacks.values():
        stack.create(1)

    wanted = {}
    jobs = []
    for number, (name, stack) in enumerate(stacks.items()):
        if number % 2:
            jobs.append(stack.delete)
        else:
            jobs.append(lambda stack=stack: stack.update(2))
            wanted |= statements(name, 2)
    at_once(bucket, monkeypatch, seed, jobs)

    first, *ours = bucket.present()
    assert first == FOREIGN
    assert as_text(ours) == as_text(wanted.values())
