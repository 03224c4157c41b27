"""The same bucket under another name, id or stack: iconik keeps its access, and nothing of ours is left at the end.

A model of CloudFormation sends the function what CloudFormation would: what is new or changed first, then what is
gone; where a deployment fails, the changes backwards and then what was new. Logical ids stand for spellings of one
bucket, for constructs that are renamed, and for the places that they move to.
"""

import itertools
import json

import pytest
from lambda_runs import ACCOUNT, FOREIGN, Run, claim, template_statements
from test_handler_concurrency import made  # noqa: F401 - a bucket that the handler reaches

from iconik_construct.placement.handler import index
from iconik_construct.placement.handler.claim_record import ClaimRecord
from iconik_construct.placement.handler.writer import backoff
from iconik_construct.placement.handler.writer.merge import MergeError

PLACE = {"BucketName": "media", "Account": ACCOUNT}
SHAPES = {
    "one": {"A": 1},
    "narrower": {"A": 2},
    "spelled otherwise": {"B": 1},
    "spelled otherwise and narrower": {"B": 2},
    "both": {"A": 1, "B": 2},
    "none": {},
}


class Stack:
    """A stack as CloudFormation keeps it: of each custom resource what was last sent, and its physical id."""

    def __init__(self, bucket, name="Media", legacy=False):
        self.bucket = bucket
        self.stack_id = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{name}/1"
        self.held = {}
        self.legacy = legacy
        self.requests = map(f"{name}-{{}}".format, itertools.count())
        self.seen = []

    def deploy(self, wanted, *, fails=False):
        before = dict(self.held)
        end = "AAAA0000" if self.legacy else "Claim"
        new = {name: {**PLACE, "Statements": template_statements(version, end)} for name, version in wanted.items()}
        for name, properties in new.items():
            self.send("Update" if name in before else "Create", name, properties)
        gone = [name for name in before if name not in new]
        if fails:
            for name in (name for name in new if name in before):
                self.send("Update", name, before[name][0])
            gone = [name for name in new if name not in before]
        for name in gone:
            self.send("Delete", name, self.held[name][0])
        self.legacy = False

    def send(self, kind, name, properties):
        former, physical_id = self.held.get(name, (None, None))
        if kind == "Update" and former == properties:
            return
        event = {
            "RequestType": kind,
            "RequestId": next(self.requests),
            "StackId": self.stack_id,
            "LogicalResourceId": name,
            "ResourceProperties": properties,
        }
        if kind != "Create":
            event["PhysicalResourceId"] = physical_id
        if kind == "Update":
            event["OldResourceProperties"] = former
        self.sent = event
        answer = index.on_event(event, Run())
        if kind == "Delete":
            del self.held[name]
        else:
            self.held[name] = (properties, answer["PhysicalResourceId"])
        self.seen.append({each["Sid"][:13] for each in ours(self.bucket)})

    def roll_back(self, failed):
        """Send the Update back to the former properties."""
        former = self.held[failed["LogicalResourceId"]][0]
        back = {"ResourceProperties": former, "OldResourceProperties": failed["ResourceProperties"]}
        index.on_event({**failed, **back, "RequestId": next(self.requests)}, Run())

    def expected(self):
        return sorted(
            sid.replace("Claim", claim(name, self.stack_id))
            for name, (properties, _) in self.held.items()
            for sid in properties["Statements"]
        )


def failing(*_, **__):
    raise MergeError("refused")


def ours(bucket):
    return [each for each in bucket.present() if each.get("Sid", "").startswith("Iconik")]


def check(bucket, *stacks):
    assert sorted(each["Sid"] for each in ours(bucket)) == sorted(sid for stack in stacks for sid in stack.expected())
    assert [each for each in bucket.present() if each not in ours(bucket)] == [FOREIGN]


def kept(stack, start=0):
    """Whether iconik had access to objects at each moment."""
    return all("IconikObjects" in sids for sids in stack.seen[start:])


@pytest.fixture
def bucket(made, monkeypatch):  # noqa: F811 - the fixture
    monkeypatch.setattr(backoff, "now", lambda: 1_700_000_000.0)
    return made(FOREIGN)


@pytest.mark.parametrize("fails", [False, True], ids=["", "rolled back"])
@pytest.mark.parametrize(("before", "after"), [*itertools.permutations(SHAPES, 2)])
def test_a_change_and_its_rollback_keep_access_and_leave_nothing(bucket, before, after, fails):
    stack = Stack(bucket)
    stack.deploy(SHAPES[before])
    check(bucket, stack)
    start = len(stack.seen)

    stack.deploy(SHAPES[after], fails=fails)

    check(bucket, stack)
    assert kept(stack, start) or not (SHAPES[before] and SHAPES[after])
    stack.deploy({})
    check(bucket)
    assert bucket.parameters.held == {}


@pytest.mark.parametrize("fails", [False, True], ids=["", "rolled back"])
@pytest.mark.parametrize("after", [name for name in SHAPES if name != "none"])
def test_a_stack_of_earlier_code_upgrades_without_losing_access(bucket, after, fails):
    """Its Sids have no claim."""
    stack = Stack(bucket, legacy=True)
    stack.deploy({"A": 1})
    start = len(stack.seen)

    stack.deploy(SHAPES[after], fails=fails)

    assert kept(stack, start)
    check(bucket, stack)
    stack.deploy({})
    check(bucket)


@pytest.mark.parametrize("after", [name for name in SHAPES if name != "none"])
def test_a_failed_upgrade_that_the_earlier_code_rolled_back_is_put_right_by_the_next_deployment(bucket, after):
    """CloudFormation restores the earlier code first. It adds its statements and does not know the others."""
    stack = Stack(bucket, legacy=True)
    stack.deploy({"A": 1})
    legacy, earlier = bucket.text, dict(stack.held)
    stack.deploy({"A": 1})
    upgraded = json.loads(bucket.text)
    upgraded["Statement"] += [each for each in json.loads(legacy)["Statement"] if each != FOREIGN]
    bucket.text, stack.held = json.dumps(upgraded), earlier
    start = len(stack.seen)

    stack.deploy(SHAPES[after])

    assert kept(stack, start)
    if "A" in SHAPES[after]:
        check(bucket, stack)
    else:
        # The Delete of the custom resource has removed both.
        assert {each["Sid"] for each in ours(bucket)} == set(stack.expected())
    stack.deploy({})
    check(bucket)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("after", [name for name in SHAPES if name != "none"])
def test_a_move_between_stacks_keeps_access_in_both_orders(bucket, after, first):
    old, new = Stack(bucket, "Old"), Stack(bucket, "New")
    old.deploy({"A": 1})
    moves = [lambda: new.deploy(SHAPES[after]), lambda: old.deploy({})]

    for move in (moves[first], moves[1 - first]):
        move()
        check(bucket, old, new)
    new.deploy({})
    check(bucket)


def test_a_copy_of_an_old_create_after_a_narrowing_update_restores_nothing(bucket):
    stack = Stack(bucket)
    stack.deploy({"A": 1})
    create = stack.sent
    stack.deploy({"A": 2})

    index.on_event(create, Run())

    check(bucket, stack)


def test_a_copy_of_an_update_that_failed_changes_nothing_after_its_rollback(bucket, monkeypatch):
    stack = Stack(bucket)
    stack.deploy({"A": 1})
    with monkeypatch.context() as refused:
        refused.setattr(index, "reconcile", failing)
        with pytest.raises(MergeError):
            stack.deploy({"A": 2})
    failed = stack.sent
    stack.roll_back(failed)

    index.on_event(failed, Run())

    check(bucket, stack)


@pytest.mark.parametrize("after", [{}, {"A": 3}, {"B": 1}])
def test_statements_of_an_update_whose_rollback_was_skipped_are_still_own(bucket, after):
    """CloudFormation then has the former properties, and the policy the new statements."""
    stack = Stack(bucket)
    stack.deploy({"A": 1})
    skipped = dict(stack.held)
    stack.deploy({"A": 2})
    stack.held = skipped

    stack.deploy(after)

    check(bucket, stack)


def test_a_create_whose_record_was_written_without_an_answer_leaves_no_record(bucket, monkeypatch):
    stack = Stack(bucket)
    save = ClaimRecord.save
    monkeypatch.setattr(ClaimRecord, "save", lambda record: (save(record), failing()))

    with pytest.raises(MergeError):
        stack.deploy({"A": 1})

    check(bucket, stack)
    assert bucket.parameters.held == {}


def test_a_create_that_cannot_be_rolled_back_says_which_statements_can_be_left(bucket, monkeypatch):
    stack = Stack(bucket)
    monkeypatch.setattr(ClaimRecord, "save", failing)
    put = bucket.put_bucket_policy
    monkeypatch.setattr(bucket, "put_bucket_policy", lambda **more: put(**more) if bucket.calls < 4 else failing())

    with pytest.raises(MergeError, match=f"IconikObjects{claim('A', stack.stack_id)}"):
        stack.deploy({"A": 1})


def test_what_the_owner_copied_from_the_hand_over_stays_when_the_merge_goes(bucket):
    """The stack output of a hand-over has the Sids without the claim."""
    stack = Stack(bucket)
    stack.deploy({"A": 1})
    copied = [*template_statements(1, "").values()]
    bucket.text = bucket.text.replace('"Statement":[', f'"Statement":[{", ".join(map(index.json.dumps, copied))},')

    stack.deploy({})

    assert [each["Sid"] for each in ours(bucket)] == ["IconikBucket", "IconikObjects"]


def test_the_same_app_in_two_accounts_has_sids_of_its_own():
    one, two = (f"arn:aws:cloudformation:eu-west-1:{account}:stack/Media/1" for account in (ACCOUNT, "444455556666"))

    assert claim("A", one) != claim("A", two)


def test_without_the_claim_the_second_spelling_would_take_iconik_out(bucket, monkeypatch):
    """The control: with one claim for all custom resources, the clean-up deletes what was just created."""
    monkeypatch.setattr(index, "claim_of", lambda *_: "AAAA0000")
    stack = Stack(bucket)
    stack.deploy(SHAPES["one"])
    stack.deploy(SHAPES["spelled otherwise"])

    assert ours(bucket) == []
