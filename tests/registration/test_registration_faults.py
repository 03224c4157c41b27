"""Registrations that fail halfway, events that come late, and answers of an unknown form."""

import boto3
import pytest
from registered import body, calls, only

from dev.standin import OURS, Fault, FaultKind
from dev.standin.faults import Faults
from iconik_construct.registration.handler import answers, holders
from iconik_construct.registration.handler.client import IconikClient
from iconik_construct.registration.handler.errors import RegistrationError


def recorded():
    """Return the ends of the names of the parameters that record registrations."""
    return [each["Name"] for each in boto3.client("ssm").describe_parameters()["Parameters"]]


@pytest.fixture(autouse=True)
def _no_parameters(aws):
    """The account is the same for all tests of this file."""
    for name in recorded():
        boto3.client("ssm").delete_parameter(Name=name)


def refuse(iconik, method, status=403, times=99):
    iconik.faults.add(Fault(kind=FaultKind.STATUS, method=method, status=status, times=times))


def test_an_adoption_that_fails_leaves_no_record_so_the_last_delete_still_removes_the_storage(send, iconik):
    first = send("Create", logical_id="First", removal="DESTROY")["PhysicalResourceId"]
    before = recorded()
    refuse(iconik, "PATCH", status=400)
    with pytest.raises(RegistrationError, match="fault 400"):
        send("Create", logical_id="Second", description="other")
    iconik.faults = Faults()

    assert recorded() == before
    send("Delete", logical_id="First", physical_id=first, removal="DESTROY")
    assert iconik.named("Media") == []
    assert recorded() == []


def test_a_repeated_create_that_fails_keeps_the_record_of_the_first_one(send, iconik):
    send("Create")
    before = recorded()
    refuse(iconik, "PATCH", status=400)
    with pytest.raises(RegistrationError, match="fault 400"):
        send("Create", description="other")
    assert recorded() == before


def test_a_repeated_create_still_counts_as_the_creation_of_the_storage(send, iconik):
    first, second = send("Create", removal="DESTROY"), send("Create", removal="DESTROY")
    assert first == second
    send("Delete", physical_id=first["PhysicalResourceId"], removal="DESTROY")
    assert iconik.named("Media") == []


def test_a_late_copy_of_a_create_after_a_rename_makes_no_second_storage(send, iconik):
    storage_id = send("Create", name="Old")["PhysicalResourceId"]
    send("Update", physical_id=storage_id, name="New")
    with pytest.raises(RegistrationError, match=r"has the storage .* already, named 'New'"):
        send("Create", name="Old")
    assert iconik.named("Old") == []
    assert only(iconik, "New")["id"] == storage_id


@pytest.mark.parametrize("removal", ["RETAIN", "DESTROY"])
def test_a_late_copy_of_an_update_after_the_delete_changes_nothing(send, iconik, removal):
    storage_id = send("Create", removal=removal)["PhysicalResourceId"]
    send("Delete", physical_id=storage_id, removal=removal)
    with pytest.raises(RegistrationError, match="its Delete came first"):
        send("Update", physical_id=storage_id, removal=removal)
    assert [each["status"] for each in iconik.named("Media")] == ([] if removal == "DESTROY" else ["INACTIVE"])


def test_an_update_activates_a_storage_that_a_person_has_set_inactive(send, iconik):
    storage_id = send("Create")["PhysicalResourceId"]
    only(iconik)["status"] = "INACTIVE"
    send("Update", physical_id=storage_id)
    assert only(iconik)["status"] == "ACTIVE"


def test_a_delete_without_a_readable_token_leaves_no_record(send):
    storage_id = send("Create")["PhysicalResourceId"]
    send("Delete", physical_id=storage_id, credentials="arn:aws:secretsmanager:eu-west-1:123456789012:secret:gone")
    assert recorded() == []


def test_a_create_that_can_neither_be_recorded_nor_undone_leaves_an_inactive_storage_and_says_so(
    send, iconik, monkeypatch
):
    call = holders._call

    def denied(operation, **parameters):
        if operation == "put_parameter":
            raise RegistrationError("AccessDenied.")
        return call(operation, **parameters)

    monkeypatch.setattr(holders, "_call", denied)
    refuse(iconik, "DELETE")
    with pytest.raises(RegistrationError, match=r"AccessDenied\. The storage .* is left in iconik .*fault 403"):
        send("Create")
    assert only(iconik)["status"] == "INACTIVE"


def answering(monkeypatch, wanted, answer):
    """Make the client give an answer to each GET whose path ends with the text."""
    ask = IconikClient._repeated

    def repeated(self, method, path, sent):
        if method == "GET" and path.partition("?")[0].endswith(wanted):
            return answer
        return ask(self, method, path, sent)

    monkeypatch.setattr(IconikClient, "_repeated", repeated)


LISTS = [
    {},
    [],
    None,
    "text",
    {"objects": None, "pages": 1},
    {"objects": []},
    {"objects": [], "pages": None},
    {"objects": [{"id": "x"}], "pages": 1},
    {"objects": ["text"], "pages": 1},
]
OTHER_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.mark.parametrize("answer", LISTS)
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_list_of_storages_of_an_unknown_form_is_explained_and_changes_nothing(
    send, iconik, monkeypatch, kind, answer
):
    storage_id = send("Create")["PhysicalResourceId"]
    written = len(iconik.calls)
    answering(monkeypatch, "/storages/", answer)
    with pytest.raises(RegistrationError, match="the list of storages in a form that this version does not know"):
        send(kind, physical_id=storage_id, description="other")
    assert {call.method for call in iconik.calls[written:]} <= {"GET", "POST"}
    assert calls(iconik, "DELETE") == []


@pytest.mark.parametrize(
    "change",
    [
        None,
        [],
        {"id": OTHER_ID},
        {"settings": None},
        {"settings": []},
        {"name": None},
        {"id": None},
    ],
)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_storage_of_an_unknown_form_is_explained_and_not_changed(send, iconik, monkeypatch, kind, change):
    storage_id = send("Create", removal="DESTROY")["PhysicalResourceId"]
    answer = {**only(iconik), **change} if isinstance(change, dict) else change
    answering(monkeypatch, f"/storages/{storage_id}/", answer)
    with pytest.raises(RegistrationError, match=r"in a form that this version does not know|no storage id"):
        send(kind, physical_id=storage_id, removal="DESTROY", description="other")
    assert calls(iconik, "PATCH") == calls(iconik, "DELETE") == []


def test_a_list_of_storages_without_an_end_is_an_error(send, monkeypatch):
    asked = []

    def get(self, path, **query):
        if path == answers.STORAGES:
            asked.append(query)
            return {"objects": [], "page": query["page"], "pages": query["page"] + 1}
        return self._repeated("GET", path, None)

    monkeypatch.setattr(IconikClient, "get", get)
    with pytest.raises(RegistrationError, match="more than 10,000 storages"):
        send("Create")
    assert len(asked) == 100


def test_a_storage_of_the_standin_has_the_known_form(iconik, connect):
    made = iconik.storages.create(OURS.system_domain_id, body())
    assert answers.find_storage(connect(), made["id"])["name"] == "Media"
