"""Stacks that come to one bucket at the same time: all of them get in, and nothing foreign is lost."""

import json

import pytest
from lambda_runs import FOREIGN, OTHER_FOREIGN, Bucket, CustomResource, statements
from virtual_time import VirtualTime

from iconik_construct.landing.handler import patience

ROUNDS = 200
ADOPTERS = [f"AAAA000{number}" for number in range(8)]


def at_once(wire, monkeypatch, seed, jobs):
    time = VirtualTime(seed)
    monkeypatch.setattr(patience, "sleep", time.wait)
    wire.before = wire.after = lambda _number: time.travel()
    time.run(jobs)


def as_text(found):
    return sorted(map(json.dumps, found))


def test_eight_stacks_at_once_all_get_in_and_lose_nothing_foreign(wire, monkeypatch):
    most = 0
    for seed in range(ROUNDS):
        wire.reset()
        bucket = Bucket(FOREIGN, OTHER_FOREIGN, name=f"media-{seed}")
        stacks = [CustomResource(bucket, name) for name in ADOPTERS]

        at_once(wire, monkeypatch, seed, [lambda stack=stack: stack.create(1) for stack in stacks])

        present = bucket.get()["Statement"]
        assert present[:2] == [FOREIGN, OTHER_FOREIGN]
        assert as_text(present[2:]) == as_text(each for name in ADOPTERS for each in statements(name, 1).values())
        most = max(most, len(wire.calls))
    # Otherwise nobody was in anybody's way, and nothing is shown.
    assert most > 2 * 3 * len(ADOPTERS)


@pytest.mark.parametrize("seed", range(20))
def test_stacks_that_come_change_and_go_at_once_leave_what_each_wanted(wire, monkeypatch, seed):
    bucket = Bucket(FOREIGN)
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
    at_once(wire, monkeypatch, seed, jobs)

    first, *ours = bucket.get()["Statement"]
    assert first == FOREIGN
    assert as_text(ours) == as_text(wanted.values())
