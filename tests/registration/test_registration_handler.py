"""Registering, from event to answer: the function's real code against the stand-in, over real connections."""

import pytest
from registered import body, calls, only

from dev.standin import OURS, THEIRS, Access, Fault, FaultKind
from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.registration.handler.errors import RegistrationError

STORAGES = "/files/v1/storages/"


def test_create_registers_the_storage_and_tells_what_was_verified(send, iconik):
    answer = send("Create", description="Originals")
    storage = only(iconik)
    assert answer == {
        "PhysicalResourceId": storage["id"],
        "Data": {"StorageId": storage["id"], "Cors": "true", "Read": "true", "Write": "true", "Delete": "true"},
    }
    assert storage["settings"]["bucket"] == "media"
    assert storage["description"] == "Originals"
    assert not {"access_key", "secret_key", "session_token"} & storage["settings"].keys()


def test_a_token_of_another_system_domain_is_refused_before_anything_else_is_asked(send, iconik, secret):
    with pytest.raises(RegistrationError) as refused:
        send("Create", credentials=secret(THEIRS))
    assert f"belongs to the iconik system domain {THEIRS.system_domain_id}" in str(refused.value)
    assert OURS.system_domain_id in str(refused.value)
    assert len(iconik.calls) == 1
    assert iconik.storages.of(THEIRS.system_domain_id) == {}


def test_a_system_domain_id_in_capitals_is_the_same(send, iconik, monkeypatch):
    iconik.accounts[0] = type(OURS)(
        app_id=OURS.app_id, auth_token=OURS.auth_token, system_domain_id=OURS.system_domain_id.upper()
    )
    assert send("Create")["Data"]["Read"] == "true"


def test_nothing_is_created_while_iconik_cannot_use_the_bucket(send, iconik):
    iconik.storages.attempt = lambda _settings, _domain: Access(write=False)
    with pytest.raises(RegistrationError, match=r"iconik cannot use media/.*write: Access Denied.*GenerateDataKey"):
        send("Create")
    assert iconik.named("Media") == []


def test_a_bucket_without_access_is_explained_by_the_tag(send, iconik):
    iconik.storages.attempt = lambda _settings, _domain: Access(read=False, write=False, delete=False)
    with pytest.raises(RegistrationError, match=r"access: Access Denied\. Usually .* condition on the tag"):
        send("Create")


def test_only_what_the_storage_claims_must_pass(send, iconik):
    iconik.storages.attempt = lambda _settings, _domain: Access(write=False, delete=False, cors=False)
    answer = send("Create", permissions=(IconikPermissions.read(),))
    assert answer["Data"] | {"StorageId": ""} == {
        "StorageId": "",
        "Cors": "false",
        "Read": "true",
        "Write": "false",
        "Delete": "false",
    }


def test_cors_must_pass_where_the_template_writes_it(send, iconik):
    iconik.storages.attempt = lambda _settings, _domain: Access(cors=False)
    with pytest.raises(RegistrationError, match="cors: Access Denied"):
        send("Create", cors=True)


def test_create_waits_while_s3_and_iam_are_settling(send, iconik):
    answers = iter([Access(read=False, write=False, delete=False)] * 2 + [Access(read=False)] * 2)
    iconik.storages.attempt = lambda _settings, _domain: next(answers, Access())
    send("Create", settle=100)
    assert len(calls(iconik, "POST")) == 7
    assert iconik.calls[-3].path == STORAGES


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.DROP, method="POST", path=STORAGES, after_effect=True),
        Fault(kind=FaultKind.DROP, method="POST", path=STORAGES),
        Fault(kind=FaultKind.STATUS, status=500, method="POST", path=STORAGES, after_effect=True),
        Fault(kind=FaultKind.STATUS, status=503, method="POST", path=STORAGES),
        Fault(kind=FaultKind.NOT_JSON, method="POST", path=STORAGES, after_effect=True),
        Fault(kind=FaultKind.NOT_JSON, method="POST", path=STORAGES),
        Fault(kind=FaultKind.SLOW, seconds=1.5, method="POST", path=STORAGES, after_effect=True),
    ],
    ids=lambda fault: f"{fault.kind.name} {fault.status} after effect {fault.after_effect}",
)
def test_a_creation_whose_answer_is_lost_leaves_one_storage(send, iconik, fault):
    iconik.faults.add(fault)
    assert send("Create")["PhysicalResourceId"] == only(iconik)["id"]
    assert iconik.faults.left == 0


def test_a_creation_that_shows_late_is_found_when_its_name_turns_out_to_be_taken(send, iconik):
    iconik.faults.add(Fault(kind=FaultKind.DROP, method="POST", path=STORAGES, after_effect=True))
    pages = iter([True, True])
    page = iconik.storages.page

    def late(*args):
        found = page(*args)
        return {**found, "objects": []} if next(pages, False) else found

    iconik.storages.page = late
    assert send("Create")["PhysicalResourceId"] == only(iconik)["id"]


def test_a_creation_that_is_never_answered_fails_with_that_reason(send, iconik):
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=503, method="POST", path=STORAGES, times=3))
    with pytest.raises(RegistrationError, match="answered with 503: fault 503"):
        send("Create")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.STATUS, status=429, headers={"RateLimit-Remaining": "0"}),
        Fault(kind=FaultKind.STATUS, status=500),
        Fault(kind=FaultKind.DROP),
        Fault(kind=FaultKind.NOT_JSON),
    ],
    ids=lambda fault: f"{fault.kind.name} {fault.status}",
)
def test_create_survives_trouble_with_every_question(send, iconik, fault):
    for path in ("current/", "verifications/access/", "verifications/permissions/"):
        iconik.faults.add(Fault(**{**_fields(fault), "path": path}))
    iconik.faults.add(Fault(**{**_fields(fault), "path": STORAGES, "method": "GET"}))
    send("Create")
    assert only(iconik)["status"] == "ACTIVE"
    assert iconik.faults.left == 0


def _fields(fault):
    return {name: getattr(fault, name) for name in fault.__dataclass_fields__}


@pytest.mark.parametrize("status", [401, 404])
def test_create_fails_at_once_when_iconik_refuses(send, iconik, status):
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=status))
    with pytest.raises(RegistrationError, match=f"answered with {status}"):
        send("Create")
    assert iconik.named("Media") == []


def test_a_failure_of_the_last_verification_does_not_lose_the_storage(send, iconik):
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=404, method="GET", path="verifications/access/"))
    assert send("Create")["Data"]["StorageId"] == only(iconik)["id"]


def test_a_storage_of_that_name_on_the_same_bucket_is_adopted(send, iconik):
    first = send("Create")["PhysicalResourceId"]
    send("Delete", physical_id=first)
    only(iconik)["settings"]["scan_ignore"] = ["*.tmp"]
    answer = send("Create", description="again")
    storage = only(iconik)
    assert answer["PhysicalResourceId"] == f"{first}/adopted"
    assert answer["Data"]["StorageId"] == storage["id"] == first
    assert (storage["status"], storage["description"]) == ("ACTIVE", "again")
    assert storage["settings"]["scan_ignore"] == ["*.tmp"]


def test_a_storage_of_that_name_on_another_bucket_is_refused(send, iconik):
    send("Create", bucket="elsewhere")
    with pytest.raises(RegistrationError, match=r"a storage named 'Media' already, .* on elsewhere and not on media"):
        send("Create")
    assert only(iconik)["settings"]["bucket"] == "elsewhere"


def test_a_storage_whose_name_only_contains_the_name_is_another(send, iconik):
    send("Create", name="Media archive", bucket="elsewhere")
    send("Create")
    assert only(iconik)["settings"]["bucket"] == "media"


def test_a_storage_is_found_on_any_page(send, iconik):
    for number in range(205):
        iconik.storages.create(
            OURS.system_domain_id,
            body("Media" if number == 204 else f"Media {number}"),
        )
    assert send("Create")["PhysicalResourceId"].endswith("/adopted")


@pytest.mark.parametrize("value", ["token-5e884898da280471", "[]", {"app_id": "a"}, {"app_id": "a", "auth_token": 7}])
def test_a_secret_of_another_form_is_explained_and_not_quoted(send, secret, value):
    with pytest.raises(RegistrationError, match=r"must (hold|be)") as refused:
        send("Create", credentials=secret(value))
    assert "token-5e884898da280471" not in str(refused.value)


def test_a_token_that_iconik_repeats_reaches_neither_error_nor_log(send, iconik):
    iconik.faults.add(Fault(kind=FaultKind.ECHO))
    with pytest.raises(RegistrationError, match=r"bad token \*\*\*") as refused:
        send("Create")
    assert OURS.auth_token not in repr(refused.value)
    assert refused.value.__cause__ is None
