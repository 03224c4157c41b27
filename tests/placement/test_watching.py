"""The function as a watch calls it: it restores what is missing, not too often, and always writes what it found."""

import json
from types import SimpleNamespace

import pytest
from lambda_runs import FOREIGN, STACK_ID, Bucket, CustomResource, Key, Run, claim, observer, statements

from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.placement.handler import check_policy, claim_record, index
from iconik_construct.placement.handler.writer.lock import PolicyLock
from iconik_construct.placement.handler.writer.merge import MergeError

PLACES = [pytest.param(lambda: Bucket(FOREIGN), id="bucket"), pytest.param(lambda: Key(FOREIGN), id="key")]
OURS = statements("AAAA0000", 1)
ALL = sorted(OURS)
MINE = claim("AAAA0000")
DAY = 86_400


class FiveMinutes:
    """What Lambda tells a function about its run, in virtual time."""

    def __init__(self, wire):
        self._wire, self._end = wire, wire.now + 300

    def get_remaining_time_in_millis(self):
        return int((self._end - self._wire.now) * 1000)


class Watched:
    """A policy into which ours are merged, and the watch of it."""

    def __init__(self, wire, place, repair="true", name="AAAA0000", resources=None):
        self.wire = wire
        self.place = place
        self.resource = CustomResource(place, name)
        self.resource.create(1)
        self.wire.pass_time(60)
        self.event = {
            "IconikWatch": "Media-Watch",
            "Repair": repair,
            "Every": str(DAY),
            "Policy": {**place.properties, "Account": "123456789012"},
            "StackId": STACK_ID,
            "LogicalResourceId": name,
            "Resources": resources or [name],
        }

    def check(self):
        return index.on_event(self.event, FiveMinutes(self.wire))

    def rewrite(self, *kept):
        """Let another owner put its document back."""
        self.place.put({"Version": "2012-10-17", "Statement": [FOREIGN, *kept]})

    def ours(self):
        return [each["Sid"] for each in self.place.get()["Statement"] if each["Sid"].startswith("Iconik")]


def metrics(capsys):
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "IconikConstruct"
        assert all(name in line for [name] in directive["Dimensions"])
        assert all(metric["Name"] in line for metric in directive["Metrics"])
        assert line["Checks"] == 1
    return [(line["Missing"], line["Repaired"]) for line in lines]


def record(name="AAAA0000"):
    return claim_record.read_record(claim(name))


@pytest.mark.parametrize("make", PLACES)
def test_a_policy_with_the_statements_is_read_and_not_written(wire, make, capsys):
    watched = Watched(wire, make())
    wire.calls.clear()

    answer = watched.check()

    assert answer["NotRead"].startswith("Not read: the ")
    assert not [call for call in wire.calls if call.startswith(("Put", "Delete"))]
    assert metrics(capsys) == [(0, 0)]


@pytest.mark.parametrize("make", PLACES)
def test_what_another_owner_removed_is_restored(wire, make, capsys):
    watched = Watched(wire, make())
    watched.rewrite()

    answer = watched.check()

    assert sorted(watched.ours()) == ALL
    assert watched.place.get()["Statement"][0] == FOREIGN
    assert answer["Repaired"] == 2
    assert metrics(capsys) == [(0, 2)]


def test_one_of_two_that_is_missing_is_restored(wire, capsys):
    watched = Watched(wire, Bucket(FOREIGN))
    watched.rewrite(OURS[f"IconikObjects{MINE}"])

    watched.check()

    assert sorted(watched.ours()) == ALL
    assert metrics(capsys) == [(0, 1)]


def test_without_repair_it_only_reports(wire, capsys):
    watched = Watched(wire, Bucket(FOREIGN), repair="false")
    watched.rewrite()
    wire.calls.clear()

    answer = watched.check()

    assert watched.ours() == []
    assert answer["Missing"] == ALL
    assert wire.calls == ["GetBucketPolicy"]
    assert metrics(capsys) == [(2, 0)]


def test_a_statement_that_somebody_edited_is_reported_and_not_changed(wire, capsys, caplog):
    watched = Watched(wire, Bucket(FOREIGN))
    edited = {**OURS[f"IconikBucket{MINE}"], "Action": "s3:*"}
    watched.rewrite(edited, OURS[f"IconikObjects{MINE}"])

    answer = watched.check()

    assert edited in watched.place.get()["Statement"]
    assert answer["Edited"] == [f"IconikBucket{MINE}"]
    assert f"IconikBucket{MINE} was edited" in caplog.text
    assert metrics(capsys) == [(1, 0)]


def test_two_owners_that_fight_are_reported_after_three_repairs_in_a_day(wire, capsys, caplog):
    watched = Watched(wire, Bucket(FOREIGN))
    for _ in range(3):
        watched.rewrite()
        watched.check()
        wire.pass_time(60)
    watched.rewrite()

    watched.check()

    assert watched.ours() == []
    assert "another owner of this policy removes the statements" in caplog.text
    assert metrics(capsys) == [(0, 2), (0, 2), (0, 2), (2, 0)]

    wire.pass_time(claim_record.PERIOD)
    watched.check()
    assert sorted(watched.ours()) == ALL


def test_each_policy_has_its_own_record_that_goes_with_its_custom_resource(wire):
    first, second = (Watched(wire, Bucket(FOREIGN, name=f"media-{name}"), name=name) for name in ("A", "B"))
    first.rewrite()
    first.check()

    assert (len(record("A").repairs), record("B").repairs) == (1, [])
    first.resource.delete()
    second.resource.delete()
    assert observer("ssm").describe_parameters()["Parameters"] == []


def test_a_right_policy_does_not_hide_a_wrong_one(wire, capsys):
    """All policies of a watch share its metric: each data point counts what is wrong with all of them."""
    both = ["A", "B"]
    wrong, right = (
        Watched(wire, Bucket(FOREIGN, name=f"media-{name}"), repair="false", name=name, resources=both) for name in both
    )
    wrong.rewrite()

    for each in (wrong, right, right):
        each.check()
    assert metrics(capsys) == [(2, 0), (2, 0), (2, 0)]

    wrong.resource.update(1)
    wire.pass_time(60)
    wrong.check()
    right.check()
    assert metrics(capsys) == [(0, 0), (0, 0)]


def test_a_deployment_does_not_hide_a_problem_that_it_leaves(wire, capsys):
    both = ["A", "B"]
    wrong, right = (
        Watched(wire, Bucket(FOREIGN, name=f"media-{name}"), repair="false", name=name, resources=both) for name in both
    )
    by_hand = {"Sid": "ByHand", "Effect": "Allow", "Principal": {"AWS": ICONIK_ROLE_ARN}, "Action": "s3:GetObject"}
    wrong.rewrite({**by_hand, "Resource": "arn:aws:s3:::media-A/*"})

    wrong.resource.update(1)
    wire.pass_time(60)
    right.check()
    wrong.check()

    assert metrics(capsys) == [(1, 0), (1, 0)]


def test_a_policy_that_is_not_checked_in_time_counts_as_wrong(wire, capsys):
    both = ["A", "B"]
    _, checked = (Watched(wire, Bucket(FOREIGN, name=f"media-{name}"), name=name, resources=both) for name in both)
    wire.pass_time(2 * DAY + 2 * 3600)

    checked.check()

    assert metrics(capsys) == [(1, 0)]


DENY = {"Sid": "All", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


def test_a_later_deny_is_reported_and_the_statements_are_restored_anyway(wire, capsys, caplog):
    watched = Watched(wire, Bucket(FOREIGN))
    watched.rewrite(DENY)

    answer = watched.check()

    assert sorted(watched.ours()) == ALL
    assert DENY in watched.place.get()["Statement"]
    assert "The statement 'All' denies iconik" in caplog.text
    assert len(answer["KeptOut"]) == 1
    assert metrics(capsys) == [(1, 2)]


def test_a_deny_that_the_storage_tolerates_is_nothing_new(wire, capsys):
    watched = Watched(wire, Bucket(FOREIGN))
    held = record()
    held.tolerated = dict.fromkeys(ALL, "true")
    held.save()
    watched.rewrite(DENY, *OURS.values())

    assert watched.check()["KeptOut"] == []
    assert metrics(capsys) == [(0, 0)]


def test_another_untagged_statement_is_reported(wire, capsys):
    watched = Watched(wire, Bucket(FOREIGN))
    by_hand = {"Sid": "ByHand", "Effect": "Allow", "Principal": {"AWS": ICONIK_ROLE_ARN}, "Action": "s3:GetObject"}
    watched.rewrite({**by_hand, "Resource": "arn:aws:s3:::media/*"}, *OURS.values())

    (found,) = watched.check()["Foreign"]

    assert "ICONIK001: the statement 'ByHand' allows" in found
    assert metrics(capsys) == [(1, 0)]


def test_a_key_that_cannot_be_used_is_reported(wire, capsys):
    key = Key(FOREIGN)
    watched = Watched(wire, key)
    observer("kms").disable_key(KeyId=key.arn.rpartition("/")[2])

    (found,) = watched.check()["KeptOut"]

    assert "its state is Disabled" in found
    assert metrics(capsys) == [(1, 0)]


def test_restrict_public_buckets_is_reported_where_it_blocks_iconik(wire, capsys, monkeypatch):
    public = {"Sid": "Web", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    public["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    watched = Watched(wire, Bucket(FOREIGN))
    watched.rewrite(public, *OURS.values())
    observer("s3").put_public_access_block(
        Bucket="media", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    # moto does not decide what is public.
    status = {"PolicyStatus": {"IsPublic": True}}
    monkeypatch.setattr(wire.client("s3"), "get_bucket_policy_status", lambda **_: status)

    (found,) = watched.check()["KeptOut"]

    assert "RestrictPublicBuckets" in found
    assert metrics(capsys) == [(1, 0)]


def test_a_policy_that_cannot_be_read_counts_as_missing_and_is_an_error(wire, capsys):
    watched = Watched(wire, Bucket(FOREIGN))
    wire.before = lambda _number: "AccessDenied"

    with pytest.raises(MergeError, match="Access to the bucket 'media' is denied"):
        watched.check()

    assert metrics(capsys) == [(2, 0)]
    assert record().wrong == 2


def fail_reading(watched, wire, monkeypatch):
    wire.before = lambda _number: "NeverHeardOf"


def fail_writing(watched, wire, monkeypatch):
    watched.rewrite()
    wire.before = lambda number: "AccessDenied" if wire.calls[-1].startswith("Put") else None


def fail_size(watched, wire, monkeypatch):
    watched.rewrite({**FOREIGN, "Sid": "Long", "Comment": "x" * 20_000})


def fail_public(watched, wire, monkeypatch):
    public = {"Sid": "Web", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    watched.rewrite(public)
    observer("s3").put_public_access_block(Bucket="media", PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    status = {"PolicyStatus": {"IsPublic": True}}
    monkeypatch.setattr(wire.client("s3"), "get_bucket_policy_status", lambda **_: status)


def fail_advice(watched, wire, monkeypatch):
    def unable(*_args, **_more):
        raise KeyError("Statement")

    monkeypatch.setattr(check_policy, "advise", unable)


def fail_record(watched, wire, monkeypatch):
    observer("ssm").delete_parameter(Name=f"/iconik-construct/claims/{MINE}")


def fail_record_form(watched, wire, monkeypatch):
    name = f"/iconik-construct/claims/{MINE}"
    observer("ssm").put_parameter(Name=name, Value="{}", Type="String", Overwrite=True)


def fail_right(watched, wire, monkeypatch):
    deny(wire, monkeypatch, "PutParameter")


def fail_record_right(watched, wire, monkeypatch):
    deny(wire, monkeypatch, "GetParameter")


def fail_throttled(watched, wire, monkeypatch):
    wire.before = lambda _number: "SlowDown"


def fail_late_throttled(watched, wire, monkeypatch):
    watched.rewrite()
    wire.before = lambda _number: "SlowDown" if wire.calls[-1].startswith("Put") else None


def fail_bucket(watched, wire, monkeypatch):
    watched.place.put({"Statement": []})
    watched.place.remove()


def fail_lock(watched, wire, monkeypatch):
    hold_lock(wire, until=wire.now + 1_000)


def hold_lock(wire, until):
    name = PolicyLock("arn:aws:s3:::media", None)._name
    value = json.dumps({"policy": "arn:aws:s3:::media", "until": until, "owner": "another"})
    observer("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def deny(wire, monkeypatch, operation):
    def refuse(model, **_):
        if model.name == operation:
            error = {
                "Error": {"Code": "AccessDeniedException", "Message": "no"},
                "ResponseMetadata": {"HTTPStatusCode": 400},
            }
            return SimpleNamespace(status_code=400), error
        return None

    events = wire.client("ssm").meta.events
    events.register("before-call.ssm", refuse)
    monkeypatch.setattr(wire, "undo", lambda: events.unregister("before-call.ssm", refuse), raising=False)


FAILURES = [
    fail_reading, fail_writing, fail_size, fail_public, fail_advice, fail_record, fail_record_form, fail_right,
    fail_record_right, fail_throttled, fail_late_throttled, fail_bucket, fail_lock,
]  # fmt: skip


@pytest.mark.parametrize("fail", FAILURES)
def test_every_check_writes_a_data_point_and_a_failed_one_counts_as_wrong(wire, capsys, monkeypatch, fail):
    watched = Watched(wire, Bucket(FOREIGN))
    fail(watched, wire, monkeypatch)

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is
        watched.check()
    getattr(wire, "undo", lambda: None)()

    ((missing, repaired),) = metrics(capsys)
    assert missing >= 1
    assert repaired == 0


def test_a_moment_in_which_aws_is_busy_raises_no_alarm(wire, capsys):
    watched = Watched(wire, Bucket(FOREIGN))
    wire.calls.clear()
    wire.before = lambda _number: "SlowDown" if len(wire.calls) < 4 else None

    watched.check()

    assert metrics(capsys) == [(0, 0)]


def test_a_check_takes_over_the_lock_of_a_run_that_died(wire, capsys):
    watched = Watched(wire, Bucket(FOREIGN))
    watched.rewrite()
    hold_lock(wire, until=wire.now + 180)

    watched.check()

    assert sorted(watched.ours()) == ALL
    assert metrics(capsys) == [(0, 2)]


def test_without_the_right_to_the_lock_the_function_says_what_is_missing(wire, monkeypatch):
    deny(wire, monkeypatch, "PutParameter")
    bucket = Bucket(FOREIGN)

    with pytest.raises(MergeError, match=r"needs ssm:PutParameter there, on arn:aws:ssm:.*parameter/iconik-construct/"):
        CustomResource(bucket).create(1)
    wire.undo()

    assert bucket.get()["Statement"] == [FOREIGN]


def test_a_check_that_comes_after_the_delete_restores_nothing(wire, capsys):
    """EventBridge may deliver an event late, or Lambda run it again."""
    watched = Watched(wire, Bucket(FOREIGN))
    watched.resource.delete()

    with pytest.raises(MergeError, match="No deployment wants statements"):
        watched.check()

    assert watched.place.get()["Statement"] == [FOREIGN]


def test_a_check_that_comes_after_a_narrowing_update_restores_what_is_wanted_now(wire):
    watched = Watched(wire, Bucket(FOREIGN))
    watched.resource.update(2)
    watched.rewrite()
    wire.pass_time(60)

    watched.check()

    assert sorted(watched.ours()) == sorted(statements("AAAA0000", 2))


def test_a_deployment_counts_as_a_check_for_the_watches_of_the_policy(wire, capsys):
    resource = CustomResource(Bucket(FOREIGN))
    properties = {**resource._properties(1), "Watches": {"c8ab": "Media-Watch"}}
    index.on_event({"RequestType": "Create", "ResourceProperties": properties, **resource.identity}, Run())

    (line,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{"))
    assert (line["Watch"], line["Checks"]) == ("Media-Watch", 1)
    assert "Missing" not in line
