"""Several buckets and keys at once, as an app's changes bring them: swapped, shared, moved to another stack.

The model of CloudFormation is that of `test_identity`, with a policy for each custom resource, against moto.
"""

import itertools

import pytest
from lambda_runs import ACCOUNT, DOMAINS, FOREIGN, Bucket, Key, Run, claim

from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.placement.handler import index


def wanted(*storages):
    """The statements of storages in one custom resource: of each its own, which can differ."""
    found = {}
    for storage, actions in storages:
        sid = f"IconikObjects{storage}Claim"
        found[sid] = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": ICONIK_ROLE_ARN},
            "Action": actions,
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAINS[1]}},
        }
    return found


READ, WRITE = ["s3:GetObject"], ["s3:GetObject", "s3:PutObject"]
ONE, TWO = ("ONE00000", READ), ("TWO00000", WRITE)


class Stack:
    """A stack as CloudFormation keeps it. A change of the policy is another physical id, and a Delete at the end."""

    def __init__(self, name="Media"):
        self.stack_id = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{name}/1"
        self.held = {}
        self._requests = map(f"{name}-{{}}".format, itertools.count())

    def deploy(self, resources, *, fails=False):
        before, gone = dict(self.held), []
        for name, (place, statements) in resources.items():
            gone += self._put(name, {**place.properties, "Account": ACCOUNT, "Statements": statements})
        if fails:
            # What was to be cleaned up stays, and what was new is cleaned up.
            gone = [(name, *self.held.pop(name)) for name in resources if name not in before]
            for name, (properties, _) in before.items():
                gone += self._put(name, properties)
        else:
            gone += [(name, *self.held.pop(name)) for name in before if name not in resources]
        for name, properties, physical_id in gone:
            self._send("Delete", name, properties, PhysicalResourceId=physical_id)

    def _put(self, name, properties):
        """Send a Create or an Update, and return what of the custom resource is to be cleaned up."""
        former, physical_id = self.held.get(name, (None, None))
        if former == properties:
            return []
        more = {} if former is None else {"OldResourceProperties": former, "PhysicalResourceId": physical_id}
        answer = self._send("Create" if former is None else "Update", name, properties, **more)
        self.held[name] = (properties, answer["PhysicalResourceId"])
        moved = former is not None and answer["PhysicalResourceId"] != physical_id
        return [(name, former, physical_id)] if moved else []

    def _send(self, kind, name, properties, **more):
        event = {"RequestType": kind, "RequestId": next(self._requests), "StackId": self.stack_id}
        return index.on_event({**event, "LogicalResourceId": name, "ResourceProperties": properties, **more}, Run())


def check(place, *held):
    """The policy has what the stacks hold, once, and what others wrote."""
    expected = {
        sid.replace("Claim", claim(name, stack.stack_id)): statement["Action"]
        for stack in held
        for name, (properties, _) in stack.held.items()
        if properties.items() >= place.properties.items()
        for sid, statement in properties["Statements"].items()
    }
    present = [each for each in place.get()["Statement"] if each.get("Sid", "").startswith("Iconik")]
    assert {each["Sid"]: each["Action"] for each in present} == expected
    assert len(present) == len(expected)
    assert FOREIGN in place.get()["Statement"]


PLACES = [
    pytest.param(lambda: (Bucket(FOREIGN, name="one"), Bucket(FOREIGN, name="two")), id="buckets"),
    pytest.param(lambda: (Key(FOREIGN), Key(FOREIGN)), id="keys"),
]
CHANGES = {
    "two storages swap their policies": lambda x, y: (
        {"X": (x, wanted(ONE)), "Y": (y, wanted(TWO))},
        {"X": (x, wanted(TWO)), "Y": (y, wanted(ONE))},
    ),
    "two custom resources swap their policies": lambda x, y: (
        {"X": (x, wanted(ONE)), "Y": (y, wanted(TWO))},
        {"X": (y, wanted(ONE)), "Y": (x, wanted(TWO))},
    ),
    "two storages come to one policy": lambda x, y: (
        {"X": (x, wanted(ONE)), "Y": (y, wanted(TWO))},
        {"X": (x, wanted(ONE, TWO))},
    ),
    "two storages of one policy part": lambda x, y: (
        {"X": (x, wanted(ONE, TWO))},
        {"X": (x, wanted(ONE)), "Y": (y, wanted(TWO))},
    ),
    "another name and another permission": lambda x, y: (
        {"X": (x, wanted(ONE)), "Y": (y, wanted(TWO))},
        {"Z": (x, wanted(("ZZZ00000", WRITE))), "Y": (y, wanted(("TWO00000", READ)))},
    ),
    "one custom resource takes the other's place": lambda x, y: (
        {"X": (x, wanted(ONE)), "Y": (y, wanted(TWO))},
        {"Y": (x, wanted(ONE))},
    ),
    "one of two goes": lambda x, y: (
        {"X": (x, wanted(ONE)), "Y": (y, wanted(TWO))},
        {"Y": (y, wanted(TWO))},
    ),
}


@pytest.mark.parametrize("fails", [False, True], ids=["", "rolled back"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("make", PLACES)
def test_a_change_of_two_policies_and_its_rollback_leave_each_as_it_is_wanted(wire, make, change, fails):
    places = make()
    before, after = CHANGES[change](*places)
    stack = Stack()
    stack.deploy(before)
    for place in places:
        check(place, stack)

    stack.deploy(after, fails=fails)

    for place in places:
        check(place, stack)
    stack.deploy({})
    for place in places:
        check(place)


@pytest.mark.parametrize("other", ["Media-Nested", "Prod-Media"])
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("make", PLACES)
def test_a_move_into_a_nested_stack_or_a_stage_and_back_leaves_what_is_wanted(wire, make, first, other):
    """A nested stack is created before the clean-up of its parent, and removed in it."""
    place, _ = make()
    parent, inner = Stack(), Stack(other)
    parent.deploy({"X": (place, wanted(ONE))})
    for full, empty in ((inner, parent), (parent, inner)):
        moves = [lambda full=full: full.deploy({"X": (place, wanted(TWO))}), lambda empty=empty: empty.deploy({})]
        for move in (moves[first], moves[1 - first]):
            move()
            check(place, parent, inner)

    parent.deploy({})
    check(place)


def test_the_replicas_of_a_multi_region_key_have_locks_and_claims_of_their_own(wire):
    """A replica has the key id of its primary key, another ARN and another policy."""
    stack, here = Stack(), Key(FOREIGN)
    elsewhere = here.arn.replace("eu-west-1", "us-east-1")

    stack.deploy({"X": (here, wanted(ONE))})
    stack._send(
        "Delete",
        "Replica",
        {"KeyArn": elsewhere, "Account": ACCOUNT, "Statements": wanted(ONE)},
        PhysicalResourceId=f"iconik-key-policy:{elsewhere}",
    )

    check(here, stack)
