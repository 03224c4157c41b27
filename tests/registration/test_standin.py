"""The stand-in holds every request and every answer against the description of iconik's API."""

import json
from http.client import HTTPConnection

import pytest

from dev.standin import OURS, Access, IconikStandin

HEADERS = {"App-ID": OURS.app_id, "Auth-Token": OURS.auth_token, "Content-Type": "application/json"}
SETTINGS = {"bucket": "media", "endpoint": "", "path": "", "region": "eu-west-1"}
BODY = {"method": "S3", "name": "Media", "purpose": "FILES", "settings": SETTINGS}


def call(iconik, method, path, body=None, headers=HEADERS):
    connection = HTTPConnection(iconik.base_url.removeprefix("http://"), timeout=5)
    connection.request(method, f"/API{path}", body and json.dumps(body), headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(content) if content else None


def test_a_call_without_a_token_is_unauthorized(iconik):
    assert call(iconik, "GET", "/settings/v1/system/current/", headers={}) == (401, {"errors": ["Unauthorized"]})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({**BODY, "settings": {**SETTINGS, "raed": True}}, "'raed' was unexpected"),
        ({**BODY, "settings": {**SETTINGS, "read": "yes"}}, "'yes' is not of type 'boolean'"),
        ({**BODY, "settings": {"bucket": "media"}}, "'endpoint' is a required property"),
        ({**BODY, "purpose": "MUSIC"}, "'MUSIC' is not one of"),
        ({**BODY, "roles": ["read"]}, "'roles' was unexpected"),
    ],
)
def test_a_body_that_the_description_does_not_allow_is_refused(iconik, body, error):
    status, answer = call(iconik, "POST", "/files/v1/storages/", body)
    assert status == 400
    assert error in answer["errors"][0]
    assert iconik.storages.of(OURS.system_domain_id) == {}


def test_more_than_a_hundred_storages_a_page_are_refused(iconik):
    assert call(iconik, "GET", "/files/v1/storages/?per_page=101")[0] == 400


def test_a_storage_lives_from_its_creation_to_its_deletion(iconik):
    status, created = call(iconik, "POST", "/files/v1/storages/", BODY)
    assert status == 201
    there = f"/files/v1/storages/{created['id']}/"
    assert call(iconik, "PATCH", there, {"name": "Originals"})[1]["name"] == "Originals"
    assert call(iconik, "GET", there)[1]["version"] == 2
    assert call(iconik, "DELETE", there) == (204, None)
    assert call(iconik, "GET", there)[0] == 404


def test_a_name_is_taken_once_in_a_system_domain(iconik):
    call(iconik, "POST", "/files/v1/storages/", BODY)
    status, answer = call(iconik, "POST", "/files/v1/storages/", BODY)
    assert (status, answer) == (400, {"errors": {"name": "A storage named Media exists already"}})


def test_an_answer_of_its_own_that_breaks_the_description_is_reported():
    with IconikStandin(OURS, attempt=lambda _settings, _domain: Access(read="maybe")) as iconik:
        call(iconik, "POST", "/files/v1/storages/verifications/permissions/", BODY | {"name": "x"})
        body = {key: BODY[key] for key in ("method", "purpose", "settings")}
        call(iconik, "POST", "/files/v1/storages/verifications/permissions/", body)
    assert len(iconik.complaints) == 1
    assert "'maybe' is not of type 'boolean'" in iconik.complaints[0]
