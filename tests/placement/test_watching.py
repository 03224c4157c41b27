"""The function as a watch calls it: it puts back what is gone, not too often, and tells what it found."""

import json
from types import SimpleNamespace

import boto3
import pytest
from lambda_runs import FOREIGN, Bucket, CustomResource, Key, Run, statements

from iconik_construct.placement.handler import index
from iconik_construct.placement.handler import memory as memory_of_watches
from iconik_construct.placement.handler.merge import Refusal

PLACES = [pytest.param(lambda: Bucket(FOREIGN), id="bucket"), pytest.param(lambda: Key(FOREIGN), id="key")]
MEMORY = "Repairs-1XYZ"


class Watched:
    """A policy into which ours are merged, and the watch of it."""

    def __init__(self, place, repair="true"):
        self.place = place
        self.resource = CustomResource(place)
        self.resource.create(1)
        self.event = {
            "IconikWatch": "MediaWatch",
            "Repair": repair,
            "Memory": MEMORY,
            "Every": "86400",
            "ResourceProperties": self.resource.held,
        }

    def look(self):
        return index.on_event(self.event, Run())

    def rewrite(self, *kept):
        """Let another owner put its document back."""
        self.place.put({"Version": "2012-10-17", "Statement": [FOREIGN, *kept]})

    def ours(self):
        return [one["Sid"] for one in self.place.get()["Statement"] if one["Sid"].startswith("Iconik")]


@pytest.fixture(autouse=True)
def memory(wire, monkeypatch):
    ssm = boto3.client("ssm", region_name="eu-west-1")
    ssm.put_parameter(Name=MEMORY, Value="{}", Type="String")
    monkeypatch.setattr(memory_of_watches, "_ssm", lambda: ssm)
    return ssm


def metrics(capsys):
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "IconikConstruct"
        assert all(name in line for [name] in directive["Dimensions"])
        assert all(metric["Name"] in line for metric in directive["Metrics"])
    return [(line["Missing"], line["Repaired"]) for line in lines]


ALL = sorted(statements("AAAA0000", 1))


@pytest.mark.parametrize("make", PLACES)
def test_a_policy_that_holds_ours_is_read_and_not_written(wire, make, capsys):
    watched = Watched(make())
    wire.calls.clear()

    watched.look()

    assert len(wire.calls) == 1
    assert metrics(capsys) == [(0, 0)]


@pytest.mark.parametrize("make", PLACES)
def test_what_another_owner_took_out_is_in_again(wire, make, capsys):
    watched = Watched(make())
    watched.rewrite()

    answer = watched.look()

    assert sorted(watched.ours()) == ALL
    assert watched.place.get()["Statement"][0] == FOREIGN
    assert answer["Repaired"] == 2
    assert metrics(capsys) == [(0, 2)]


def test_one_of_two_that_is_gone_is_in_again(wire, capsys):
    watched = Watched(Bucket(FOREIGN))
    watched.rewrite(statements("AAAA0000", 1)["IconikObjectsAAAA0000"])

    watched.look()

    assert sorted(watched.ours()) == ALL
    assert metrics(capsys) == [(0, 1)]


def test_without_repair_it_only_tells(wire, capsys):
    watched = Watched(Bucket(FOREIGN), repair="false")
    watched.rewrite()
    wire.calls.clear()

    answer = watched.look()

    assert watched.ours() == []
    assert answer["Missing"] == ALL
    assert wire.calls == ["GetBucketPolicy"]
    assert metrics(capsys) == [(2, 0)]


def test_a_statement_that_somebody_edited_is_told_and_not_touched(wire, capsys, caplog):
    watched = Watched(Bucket(FOREIGN))
    edited = {**statements("AAAA0000", 1)["IconikBucketAAAA0000"], "Action": "s3:*"}
    watched.rewrite(edited, statements("AAAA0000", 1)["IconikObjectsAAAA0000"])

    answer = watched.look()

    assert edited in watched.place.get()["Statement"]
    assert answer == {"Missing": [], "Edited": ["IconikBucketAAAA0000"], "KeptOut": [], "Repaired": 0}
    assert "IconikBucketAAAA0000 says something else than ours" in caplog.text
    assert metrics(capsys) == [(1, 0)]


def test_two_owners_that_fight_are_told_after_three_repairs_in_a_day(wire, monkeypatch, capsys, caplog):
    watched = Watched(Bucket(FOREIGN))
    now = [1_700_000_000.0]
    monkeypatch.setattr(memory_of_watches.time, "time", lambda: now[0])
    for _ in range(3):
        watched.rewrite()
        watched.look()
        now[0] += 60
    watched.rewrite()

    watched.look()

    assert watched.ours() == []
    assert "something else owns this policy" in caplog.text
    assert metrics(capsys) == [(0, 2), (0, 2), (0, 2), (2, 0)]

    now[0] += memory_of_watches.PERIOD
    watched.look()
    assert sorted(watched.ours()) == ALL


def test_the_memory_of_one_policy_is_not_that_of_another_and_does_not_grow(wire, memory, monkeypatch):
    now = [1_700_000_000.0]
    monkeypatch.setattr(memory_of_watches.time, "time", lambda: now[0])
    for number in range(60):
        watched = Watched(Bucket(FOREIGN, name=f"media-{number}"))
        watched.rewrite()
        watched.look()
        assert sorted(watched.ours()) == ALL
        now[0] += 60 * 60

    held = json.loads(memory.get_parameter(Name=MEMORY)["Parameter"]["Value"])
    assert len(held["repairs"]) <= 25
    assert held["wrong"] == {}


def test_a_right_policy_does_not_hide_a_wrong_one_for_as_long_as_that_may_be_known(wire, monkeypatch, capsys):
    now = [1_700_000_000.0]
    monkeypatch.setattr(memory_of_watches.time, "time", lambda: now[0])
    wrong, right = (Watched(Bucket(FOREIGN, name=name), repair="false") for name in ("media-a", "media-b"))
    wrong.rewrite()

    for one in (wrong, right, right):
        one.look()
    assert metrics(capsys) == [(2, 0), (2, 0), (2, 0)]

    wrong.resource.update(1)
    wrong.look()
    right.look()
    assert metrics(capsys) == [(0, 0), (0, 0)]

    wrong.rewrite()
    wrong.look()
    # It left the watch: nobody looks at it any more.
    now[0] += 2 * 86_400 + 1
    right.look()
    assert metrics(capsys) == [(2, 0), (0, 0)]


@pytest.mark.parametrize("at_fault", ["GetParameter", "PutParameter"])
def test_a_watch_that_cannot_remember_tells_and_repairs_nothing(wire, memory, capsys, caplog, at_fault):
    watched = Watched(Bucket(FOREIGN))
    watched.rewrite()

    def refuse(model, **_):
        if model.name == at_fault:
            error = {"Error": {"Code": "AccessDeniedException", "Message": "no"}, "ResponseMetadata": {}}
            return SimpleNamespace(status_code=400), error
        return None

    memory.meta.events.register("before-call.ssm", refuse)
    answer = watched.look()

    assert watched.ours() == []
    assert (answer["Missing"], metrics(capsys)) == (ALL, [(2, 0)])
    assert "cannot remember" in caplog.text
    assert "something else owns this policy" not in caplog.text


def test_where_it_cannot_remember_a_right_policy_sets_no_alarm_back(wire, memory, capsys):
    watched = Watched(Bucket(FOREIGN))
    memory.delete_parameter(Name=MEMORY)

    watched.look()

    assert metrics(capsys) == [(1, 0)]


DENY = {"Sid": "All", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


def test_a_deny_that_came_later_is_told_and_ours_are_put_back_all_the_same(wire, capsys, caplog):
    watched = Watched(Bucket(FOREIGN))
    watched.rewrite(DENY)

    answer = watched.look()

    assert sorted(watched.ours()) == ALL
    assert DENY in watched.place.get()["Statement"]
    assert "The Deny 'All' keeps iconik from" in caplog.text
    assert len(answer["KeptOut"]) == 1
    assert metrics(capsys) == [(1, 2)]


def test_a_deny_that_the_storage_tolerates_is_nothing_new(wire, capsys):
    watched = Watched(Bucket(FOREIGN))
    watched.event["ResourceProperties"] = {**watched.resource.held, "TolerateDenies": dict.fromkeys(ALL, "true")}
    watched.rewrite(DENY, *statements("AAAA0000", 1).values())

    assert watched.look()["KeptOut"] == []
    assert metrics(capsys) == [(0, 0)]


def test_what_cannot_be_read_counts_as_missing_and_is_an_error(wire, capsys):
    watched = Watched(Bucket(FOREIGN))
    wire.before = lambda _number: "AccessDenied"

    with pytest.raises(Refusal, match="Access to the bucket 'media' is denied"):
        watched.look()

    assert metrics(capsys) == [(2, 0)]
