"""The Lambda function, event by event, against moto's S3 and KMS."""

import contextlib
import json

import pytest
from lambda_runs import ACCOUNT, FOREIGN, OTHER_FOREIGN, Bucket, CustomResource, Key, Run, statements

from iconik_construct.placement.handler import index
from iconik_construct.placement.handler.claim_record import ClaimRecord
from iconik_construct.placement.handler.writer import calls
from iconik_construct.placement.handler.writer.merge import MergeError

# A key's state is asked too, and two reads must agree before the first write.
FIRST_READS = {"Bucket": ["Get", "Get"], "Key": ["Get", "Des", "Get"]}
PLACES = [pytest.param(lambda: Bucket(FOREIGN, OTHER_FOREIGN), id="bucket"), pytest.param(Key, id="key")]


def sids(place):
    return [statement.get("Sid") for statement in place.get()["Statement"]]


@pytest.mark.parametrize("make", PLACES)
def test_a_create_reads_twice_writes_and_reads_back(wire, make):
    place = make()
    foreign = place.get()["Statement"]

    CustomResource(place).create(1)

    assert place.get()["Statement"] == [*foreign, *statements("AAAA0000", 1).values()]
    assert [call[:3] for call in wire.calls] == [*FIRST_READS[type(place).__name__], "Put", "Get"]


@pytest.mark.parametrize("make", PLACES)
def test_an_update_without_change_reads_once_and_writes_nothing(wire, make):
    place = make()
    resource = CustomResource(place)
    resource.create(1)
    wire.calls.clear()
    wire.pass_time(60)

    resource.update(1)

    assert [call[:3] for call in wire.calls] == FIRST_READS[type(place).__name__][:-1]


def test_an_update_seconds_after_a_write_does_not_trust_a_single_read(wire):
    """A read may still show what was there before, and an update back to that would find nothing to do."""
    bucket = Bucket(FOREIGN)
    resource = CustomResource(bucket)
    resource.create(1)
    wire.calls.clear()

    resource.update(1)

    assert wire.calls == ["GetBucketPolicy", "GetBucketPolicy"]


@pytest.mark.parametrize("make", PLACES)
def test_an_update_changes_only_the_own_statements(wire, make):
    place = make()
    foreign = place.get()["Statement"]
    resource = CustomResource(place)
    resource.create(1)
    former = resource.physical_id

    resource.update(2)

    assert place.get()["Statement"] == [*foreign, *statements("AAAA0000", 2).values()]
    assert resource.physical_id == former


@pytest.mark.parametrize("make", PLACES)
def test_a_delete_gives_the_policy_back_as_it_was(wire, make):
    place = make()
    original = place.get()
    resource = CustomResource(place)
    resource.create(1)
    wire.calls.clear()

    resource.delete()

    assert place.get() == original
    assert [call[:3] for call in wire.calls] == ["Get", "Get", "Put", "Get"]


def test_a_bucket_policy_with_nothing_left_in_it_is_deleted(wire):
    bucket = Bucket()
    resource = CustomResource(bucket)
    resource.create(1)
    wire.calls.clear()

    resource.delete()

    assert bucket.get() == {"Statement": []}
    assert wire.calls == ["GetBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy", "GetBucketPolicy"]


def test_an_adoption_that_moves_to_another_bucket_cleans_the_old_one(wire):
    old, new = Bucket(FOREIGN), Bucket(OTHER_FOREIGN, name="archive")
    resource = CustomResource(old)
    resource.create(1)
    former = resource.physical_id

    resource.update(2, place=new)

    assert resource.physical_id != former
    assert old.get()["Statement"] == [FOREIGN]
    assert new.get()["Statement"] == [OTHER_FOREIGN, *statements("AAAA0000", 2).values()]


def test_the_rollback_of_a_move_cleans_the_bucket_that_the_failed_run_left(wire, monkeypatch):
    """Such as of a run that died after the write."""
    old, new = Bucket(FOREIGN), Bucket(OTHER_FOREIGN, name="archive")
    resource = CustomResource(old)
    resource.create(1)
    save = ClaimRecord.save

    def fail_there(record):
        if record.policy == "arn:aws:s3:::archive":
            raise MergeError("refused")
        save(record)

    monkeypatch.setattr(ClaimRecord, "save", fail_there)
    monkeypatch.setattr(index, "_rolled_back", lambda *_: contextlib.nullcontext())

    with pytest.raises(MergeError, match="refused"):
        resource.update(2, place=new)

    assert old.get()["Statement"] == [FOREIGN, *statements("AAAA0000", 1).values()]
    assert new.get()["Statement"] == [OTHER_FOREIGN]


def test_two_stacks_share_a_bucket_and_leave_in_either_order(wire):
    bucket = Bucket(FOREIGN)
    one, two = CustomResource(bucket, "AAAA0000"), CustomResource(bucket, "BBBB0000")
    one.create(1)
    two.create(1)
    one.update(2)

    one.delete()
    assert bucket.get()["Statement"] == [FOREIGN, *statements("BBBB0000", 1).values()]
    two.delete()
    assert bucket.get()["Statement"] == [FOREIGN]


def test_a_bucket_that_has_become_somebody_elses_is_never_written(wire):
    CustomResource(Bucket()).create(1)

    assert {headers["x-amz-expected-bucket-owner"] for headers in wire.headers} == {ACCOUNT}


def test_ours_are_put_back_where_another_writer_took_them_away(wire):
    bucket = Bucket(FOREIGN)
    stale = {"Version": "2012-10-17", "Statement": [FOREIGN, OTHER_FOREIGN]}
    wire.after = lambda number: bucket.put(stale) if number in {2, 4} else None

    CustomResource(bucket).create(1)

    assert bucket.get()["Statement"] == [FOREIGN, OTHER_FOREIGN, *statements("AAAA0000", 1).values()]


def test_a_writer_that_never_stops_is_reported_and_keeps_its_policy(wire, monkeypatch):
    bucket = Bucket(FOREIGN)
    pauses = []
    monkeypatch.setattr("iconik_construct.placement.handler.writer.backoff.sleep", pauses.append)
    wire.after = lambda _number: bucket.put({"Statement": [FOREIGN]})

    with pytest.raises(
        calls.TransientError, match="Other writers keep reverting this stack's changes of the bucket policy"
    ):
        CustomResource(bucket).create(1)

    assert bucket.get()["Statement"] == [FOREIGN]
    # The first write of the other one is seen by the second read.
    first, second, *later = pauses
    assert min(first, second) >= 6
    assert later[0] >= 6
    assert max(later) >= 16


def test_a_run_ends_before_lambda_cuts_it_off(wire, monkeypatch):
    bucket = Bucket(FOREIGN)
    resource = CustomResource(bucket)
    run = Run()
    monkeypatch.setattr("iconik_construct.placement.handler.writer.backoff.sleep", run.pauses.append)
    wire.before = lambda number: run.pauses.append(30) or "Timeout"

    with pytest.raises(calls.TransientError, match="AWS did not answer for the bucket 'media'"):
        index.on_event({"RequestType": "Create", "ResourceProperties": resource._properties(1)}, run)

    assert run.get_remaining_time_in_millis() > 0


@pytest.mark.parametrize("make", PLACES)
def test_a_create_that_fails_halfway_removes_the_own_statements(wire, make):
    place = make()
    original = place.get()
    wire.before = lambda number: "InternalError" if 2 <= number < 15 else None

    with pytest.raises(calls.TransientError):
        CustomResource(place).create(1)

    assert place.get() == original


@pytest.mark.parametrize("make", PLACES)
def test_a_failed_update_is_rolled_back_to_the_former_statements(wire, make):
    place = make()
    resource = CustomResource(place)
    resource.create(1)
    former = {*map(json.dumps, place.get()["Statement"])}
    start = len(wire.calls)
    wire.before = lambda number: "InternalError" if start + 2 <= number < start + 12 else None

    with pytest.raises(calls.TransientError):
        resource.update(2)

    assert {*map(json.dumps, place.get()["Statement"])} == former


def test_a_delete_of_a_create_that_never_happened_writes_nothing(wire):
    resource = CustomResource(Bucket(FOREIGN))

    resource._delete(resource._properties(1), "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED")

    assert wire.calls == ["GetBucketPolicy"]


@pytest.mark.parametrize("make", PLACES)
def test_a_delete_with_an_id_of_cloudformation_removes_the_own_statements(wire, make):
    """A Create that took too long gets such an id, although the function may have finished its work."""
    place = make()
    original = place.get()
    resource = CustomResource(place)
    resource.create(1)

    resource._delete(resource.held, "stack-merge-1XYZ")

    assert place.get() == original


def test_a_create_that_is_delivered_twice_adds_the_statements_once(wire):
    bucket = Bucket(FOREIGN)
    CustomResource(bucket).create(1)
    written = bucket.get()

    CustomResource(bucket).create(1)

    assert bucket.get() == written


def test_the_answer_is_small_enough_for_cloudformation(wire):
    resource = CustomResource(Bucket(FOREIGN))
    answer = index.on_event({"RequestType": "Create", "ResourceProperties": resource._properties(1)}, Run())

    assert len(json.dumps(answer)) < 4096
