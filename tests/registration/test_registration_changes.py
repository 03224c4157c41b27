"""What becomes of a registered storage at an update and at its end: the function's real code against the stand-in."""

import boto3
import pytest
from registered import body, calls, only

from dev.standin import OURS, THEIRS, Access
from iconik_construct.access.permissions import StoragePurpose
from iconik_construct.registration.handler import holders
from iconik_construct.registration.handler.errors import RegistrationError
from iconik_construct.registration.handler.request import HOLDERS


def test_update_patches_only_what_changed(send, iconik):
    storage_id = send("Create")["PhysicalResourceId"]
    answer = send("Update", physical_id=storage_id, purpose=StoragePurpose.ARCHIVE, delete=False)
    (patch,) = calls(iconik, "PATCH")
    assert patch.body.keys() == {"purpose", "settings"}
    assert patch.body["settings"]["delete"] is False
    assert answer["PhysicalResourceId"] == storage_id


def test_update_verifies_even_when_nothing_changed(send, iconik):
    storage_id = send("Create")["PhysicalResourceId"]
    iconik.storages.attempt = lambda _settings, _domain: Access(read=False)
    with pytest.raises(RegistrationError, match="read: Access Denied"):
        send("Update", physical_id=storage_id)
    assert calls(iconik, "PATCH") == []


def test_a_rename_stays_the_same_storage(send, iconik):
    storage_id = send("Create")["PhysicalResourceId"]
    assert send("Update", physical_id=storage_id, name="Originals")["PhysicalResourceId"] == storage_id
    assert only(iconik, "Originals")["id"] == storage_id
    assert iconik.named("Media") == []


def test_a_rename_to_the_name_of_another_storage_is_refused(send, iconik):
    send("Create", name="Originals", bucket="elsewhere")
    storage_id = send("Create")["PhysicalResourceId"]
    with pytest.raises(RegistrationError, match="has another storage named 'Originals'"):
        send("Update", physical_id=storage_id, name="Originals")
    assert only(iconik)["id"] == storage_id


def test_a_storage_does_not_move_to_another_bucket(send, iconik):
    storage_id = send("Create")["PhysicalResourceId"]
    with pytest.raises(RegistrationError, match="is on the bucket media and cannot move to elsewhere"):
        send("Update", physical_id=storage_id, bucket="elsewhere")
    assert only(iconik)["settings"]["bucket"] == "media"


def test_a_storage_that_is_gone_from_iconik_is_registered_again_at_the_next_update(send, iconik):
    gone = send("Create")["PhysicalResourceId"]
    iconik.storages.delete(OURS.system_domain_id, gone)
    assert send("Update", physical_id=gone)["PhysicalResourceId"] == only(iconik)["id"] != gone


def test_update_refuses_the_token_of_another_system_domain(send, iconik, secret):
    storage_id = send("Create")["PhysicalResourceId"]
    with pytest.raises(RegistrationError, match="belongs to the iconik system domain"):
        send("Update", physical_id=storage_id, name="Stolen", credentials=secret(THEIRS))
    assert only(iconik)["id"] == storage_id


def test_delete_leaves_the_storage_and_sets_it_inactive(send, iconik):
    storage_id = send("Create")["PhysicalResourceId"]
    assert send("Delete", physical_id=storage_id) == {"PhysicalResourceId": storage_id}
    assert only(iconik)["status"] == "INACTIVE"
    assert calls(iconik, "DELETE") == []


def test_delete_with_destroy_removes_the_storage(send, iconik):
    storage_id = send("Create")["PhysicalResourceId"]
    send("Delete", physical_id=storage_id, removal="DESTROY")
    assert iconik.named("Media") == []


def test_delete_with_destroy_leaves_what_was_there_before(send, iconik):
    iconik.storages.create(OURS.system_domain_id, body())
    physical_id = send("Create")["PhysicalResourceId"]
    send("Delete", physical_id=physical_id, removal="DESTROY")
    assert only(iconik)["status"] == "INACTIVE"


@pytest.mark.parametrize("removal", ["RETAIN", "DESTROY"])
def test_deleting_what_is_gone_is_a_success(send, iconik, removal):
    gone = send("Create")["PhysicalResourceId"]
    iconik.storages.delete(OURS.system_domain_id, gone)
    send("Delete", physical_id=gone, removal=removal)


@pytest.mark.parametrize("removal", ["RETAIN", "DESTROY"])
def test_a_storage_that_somebody_moved_to_another_bucket_is_left_alone(send, iconik, removal):
    storage_id = send("Create")["PhysicalResourceId"]
    only(iconik)["settings"]["bucket"] = "elsewhere"
    send("Delete", physical_id=storage_id, removal=removal)
    assert only(iconik)["status"] == "ACTIVE"


def test_a_token_that_expired_does_not_keep_a_stack_from_going(send, iconik, secret):
    storage_id = send("Create")["PhysicalResourceId"]
    expired = secret({"app_id": OURS.app_id, "auth_token": "token-of-yesterday"})
    send("Delete", physical_id=storage_id, credentials=expired)
    send("Delete", physical_id=storage_id, credentials="arn:aws:secretsmanager:eu-west-1:123456789012:secret:gone")
    assert only(iconik)["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        ({"app_id": OURS.app_id, "auth_token": "token-of-yesterday"}, "answered with 401"),
        (None, "secret:gone cannot be read"),
    ],
)
def test_a_token_that_expired_keeps_a_storage_from_being_removed_unseen(send, iconik, secret, credentials, reason):
    storage_id = send("Create")["PhysicalResourceId"]
    gone = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gone"
    with pytest.raises(RegistrationError, match=reason):
        send(
            "Delete",
            physical_id=storage_id,
            removal="DESTROY",
            credentials=secret(credentials) if credentials else gone,
        )


@pytest.mark.parametrize("removal", ["RETAIN", "DESTROY"])
def test_another_construct_id_keeps_the_storage_and_the_last_delete_withdraws_it(send, iconik, removal):
    """The new registration comes first. The Delete of the former one must not take the storage from it."""
    first = send("Create", logical_id="First", removal=removal)["PhysicalResourceId"]
    second = send("Create", logical_id="Second", removal=removal)["PhysicalResourceId"]
    assert first == second

    send("Delete", logical_id="First", physical_id=first, removal=removal)
    assert only(iconik)["status"] == "ACTIVE"

    send("Delete", logical_id="Second", physical_id=second, removal=removal)
    left = [each["status"] for each in iconik.named("Media")]
    assert left == ([] if removal == "DESTROY" else ["INACTIVE"])


def test_a_new_construct_id_that_is_rolled_back_leaves_the_storage_to_the_former_registration(send, iconik):
    first = send("Create", logical_id="First")["PhysicalResourceId"]
    second = send("Create", logical_id="Second")["PhysicalResourceId"]

    send("Delete", logical_id="Second", physical_id=second)

    assert only(iconik)["status"] == "ACTIVE"
    send("Delete", logical_id="First", physical_id=first)
    assert only(iconik)["status"] == "INACTIVE"


@pytest.mark.parametrize("removal", ["RETAIN", "DESTROY"])
def test_another_construct_id_in_the_deployment_that_upgrades_keeps_the_storage(send, iconik, removal):
    """The earlier code has noted no registration that holds the storage."""
    first = send("Create", logical_id="First", removal=removal)["PhysicalResourceId"]
    ssm = boto3.client("ssm")
    (note,) = ssm.get_parameters_by_path(Path=f"{HOLDERS}/{first}")["Parameters"]
    ssm.delete_parameter(Name=note["Name"])

    second = send("Create", logical_id="Second", removal=removal)["PhysicalResourceId"]
    send("Delete", logical_id="First", physical_id=first, removal=removal)

    assert only(iconik)["status"] == "ACTIVE"
    # Nothing says that a registration created it, so it is never removed.
    send("Delete", logical_id="Second", physical_id=second, removal=removal)
    assert only(iconik)["status"] == "INACTIVE"


def test_a_create_that_cannot_note_its_registration_leaves_no_storage(send, iconik, monkeypatch):
    """CloudFormation sends no Delete for it, and the next Create would take the storage for one of somebody else."""
    call = holders._call

    def denied(operation, **parameters):
        if operation == "put_parameter":
            raise RegistrationError("AccessDenied")
        return call(operation, **parameters)

    with monkeypatch.context() as patch:
        patch.setattr(holders, "_call", denied)
        with pytest.raises(RegistrationError, match="AccessDenied"):
            send("Create", removal="DESTROY")
    assert iconik.named("Media") == []

    created = send("Create", removal="DESTROY")["PhysicalResourceId"]
    send("Delete", physical_id=created, removal="DESTROY")
    assert iconik.named("Media") == []


@pytest.mark.parametrize("removal", ["RETAIN", "DESTROY"])
@pytest.mark.parametrize("rolled_back", [False, True])
def test_a_registration_that_moves_to_another_stack_keeps_the_storage(send, iconik, removal, rolled_back):
    first = send("Create", stack="Old", removal=removal)["PhysicalResourceId"]
    second = send("Create", stack="New", removal=removal)["PhysicalResourceId"]

    send("Delete", stack="New" if rolled_back else "Old", physical_id=first, removal=removal)

    assert first == second
    assert only(iconik)["status"] == "ACTIVE"


def test_a_new_construct_id_with_another_removal_policy_decides_what_becomes_of_the_storage(send, iconik):
    first = send("Create", logical_id="First", removal="DESTROY")["PhysicalResourceId"]
    second = send("Create", logical_id="Second", removal="RETAIN")["PhysicalResourceId"]
    send("Delete", logical_id="First", physical_id=first, removal="DESTROY")

    send("Delete", logical_id="Second", physical_id=second, removal="RETAIN")

    assert only(iconik)["status"] == "INACTIVE"
