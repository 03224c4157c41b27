"""AWS fails at every call of the handler in every way: the policy is as it was or as wanted, and keeps what is foreign.

A fault stands at one call of one operation, either before the call takes effect or after; it lasts for that call alone
or from there on until CloudFormation rolls back. Another writer comes in the same places.
"""

import itertools
import json

import pytest
from lambda_runs import FOREIGN, OTHER_FOREIGN, Bucket, CustomResource, Key, claim, statements

from iconik_construct.placement.handler.writer.calls import TransientError
from iconik_construct.placement.handler.writer.merge import MergeError

# One of each kind; that the other codes are of the first kind is shown beside it.
FAULTS = ["SlowDown", "Timeout", "AccessDenied"]
MINE = claim("AAAA0000")
NEWCOMER = {"Sid": "Newcomer", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}


_names = (f"media-{number}" for number in itertools.count())


def empty_bucket():
    return Bucket(name=next(_names))


def shared_bucket():
    return Bucket(FOREIGN, OTHER_FOREIGN, name=next(_names))


def shared_key():
    return Key(FOREIGN, OTHER_FOREIGN)


PLACES = [empty_bucket, shared_bucket, shared_key]


class Turn:
    """One operation of CloudFormation on a fresh place: what is there before, and what is wanted after."""

    def __init__(self, operation, make):
        self.place = make()
        self.other_place = Bucket(FOREIGN, name=next(_names)) if operation == "move" else None
        self.operation = operation
        self.resource = CustomResource(self.place)
        if operation != "create":
            self.resource.create(1)

    def run(self):
        if self.operation == "create":
            self.resource.create(1)
        elif self.operation == "update":
            self.resource.update(2)
        elif self.operation == "move":
            self.resource.update(2, place=self.other_place)
        else:
            self.resource.delete()

    def outcomes(self):
        """Which versions of ours may be in the place and in the other place: before the operation, and after it."""
        return {
            "create": ((None, None), (1, None)),
            "update": ((1, None), (2, None)),
            "move": ((1, None), (None, 2)),
            "delete": ((1, None), (None, None)),
        }[self.operation]


OPERATIONS = ["create", "update", "move", "delete"]


def ours(version):
    return [] if version is None else sorted(map(json.dumps, statements("AAAA0000", version).values()))


def split(place):
    """What is ours and what is foreign, as text."""
    present = [json.dumps(statement) for statement in place.get()["Statement"]]
    mine = sorted(text for text in present if MINE in text)
    return mine, [text for text in present if MINE not in text]


def check(turn, foreign, version, other_version):
    assert split(turn.place) == (ours(version), foreign)
    if turn.other_place is not None:
        assert split(turn.other_place) == (ours(other_version), [json.dumps(FOREIGN)])


def calls_of(wire, operation, make):
    """Return the calls that an operation makes when nothing fails, without what set the stage."""
    turn = Turn(operation, make)
    start = len(wire.calls)
    turn.run()
    return wire.calls[start:]


@pytest.mark.parametrize("make", [*(pytest.param(place, marks=pytest.mark.proof) for place in PLACES[:2]), shared_key])
@pytest.mark.parametrize("operation", [*OPERATIONS[:2], pytest.param("move", marks=pytest.mark.proof), OPERATIONS[3]])
def test_a_fault_leaves_the_old_or_the_new_policy_and_everything_foreign(wire, operation, make, fault_points):
    for index in range(len(calls_of(wire, operation, make))):
        for moment in ("before", "after"):
            for fault in FAULTS:
                for lasting in (False, True):
                    wire.reset()
                    turn = Turn(operation, make)
                    start = len(wire.calls)
                    foreign = split(turn.place)[1]
                    last = start + index + (7 if lasting else 0)
                    setattr(
                        wire,
                        moment,
                        lambda number, first=start + index, last=last, fault=fault: (
                            fault if first <= number <= last else None
                        ),
                    )
                    before, after = turn.outcomes()
                    try:
                        turn.run()
                    except (MergeError, TransientError):
                        assert lasting, f"{fault} {moment} call {index} is not outlived"
                        if operation == "delete":
                            # CloudFormation keeps the resource, and somebody deletes the stack again.
                            turn.run()
                            before = after
                        check(turn, foreign, *before)
                    else:
                        check(turn, foreign, *after)
                    fault_points.append((operation, make.__name__, index, moment, fault, lasting))


@pytest.mark.parametrize("make", PLACES)
@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_another_writer_at_any_call_loses_nothing_that_was_there_to_be_seen(wire, operation, make, fault_points):
    calls = calls_of(wire, operation, make)
    for index in range(len(calls)):
        for moment in ("before", "after"):
            wire.reset()
            turn = Turn(operation, make)
            start = len(wire.calls)
            foreign = split(turn.place)[1]

            def add(number, turn=turn, there=start + index):
                if number == there:
                    document = turn.place.get()
                    turn.place.put({**document, "Statement": [NEWCOMER, *document["Statement"]]})

            setattr(wire, moment, add)
            turn.run()

            # AWS has no write on condition: what comes after our last read and before our write is overwritten.
            write = next(place for place, call in enumerate(calls) if call[:3] in {"Put", "Del"} and place)
            unseen = (moment, index) in {("after", write - 1), ("before", write)}
            expected = foreign if unseen else [json.dumps(NEWCOMER), *foreign]
            check(turn, expected, *turn.outcomes()[1])
            fault_points.append((operation, make.__name__, index, moment, "other writer adds", False))


@pytest.mark.parametrize("make", PLACES)
@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_a_writer_that_reverts_the_statements_at_any_call_does_not_win(wire, operation, make, fault_points):
    calls = calls_of(wire, operation, make)
    # After the last look nobody looks any more.
    for index in range(len(calls) - 1):
        for moment in ("before", "after"):
            wire.reset()
            turn = Turn(operation, make)
            start = len(wire.calls)
            foreign = split(turn.place)[1]
            stale = turn.place.get()
            setattr(
                wire,
                moment,
                lambda number, there=start + index, place=turn.place, stale=stale: (
                    place.put(stale) if number == there else None
                ),
            )
            turn.run()
            check(turn, foreign, *turn.outcomes()[1])
            fault_points.append((operation, make.__name__, index, moment, "other writer undoes", False))


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalError", "Unheard"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_busy_aws_is_outlived_whatever_it_calls_itself(wire, operation, code):
    turn = Turn(operation, shared_bucket)
    start = len(wire.calls)
    foreign = split(turn.place)[1]
    wire.before = lambda number: code if number in {start, start + 2} else None

    turn.run()

    check(turn, foreign, *turn.outcomes()[1])


@pytest.mark.parametrize("make", [shared_bucket, shared_key])
def test_a_create_that_fails_with_an_error_that_nobody_knows_leaves_no_statement(wire_with_parameters, make):
    """The first call of the removal can fail with the same error as the last call before it."""
    wire = wire_with_parameters
    failed = 0
    names = calls_of(wire, "create", make)
    # The lock is not part of this: it is created first and deleted last.
    for index in range(1, len(names) - 1):
        for moment in ("before", "after"):
            for lasting in range(4):
                wire.reset()
                turn = Turn("create", make)
                foreign = split(turn.place)[1]
                places = range(index, index + lasting + 1)
                setattr(wire, moment, lambda number, places=places: "NeverHeardOf" if number in places else None)
                try:
                    turn.run()
                except MergeError:
                    failed += 1
                    check(turn, foreign, None, None)
                else:
                    check(turn, foreign, 1, None)
    assert failed
