"""The HTTP client against the stand-in, over real connections."""

import ssl

import pytest

from dev.standin import OURS, Fault, FaultKind, IconikStandin
from iconik_construct.registration.handler.client import Credentials, IconikClient, parse_base_url
from iconik_construct.registration.handler.errors import AnswerLostError, IconikApiError, RegistrationError

CURRENT = "/settings/v1/system/current/"
STORAGES = "/files/v1/storages/"
BODY = {
    "method": "S3",
    "name": "Media",
    "purpose": "FILES",
    "settings": {
        "bucket": "media",
        "endpoint": "https://s3.eu-west-1.amazonaws.com",
        "path": "",
        "region": "eu-west-1",
    },
}
TROUBLES = {
    "a dropped connection": Fault(kind=FaultKind.DROP),
    "a server error": Fault(kind=FaultKind.STATUS, status=500),
    "an outage": Fault(kind=FaultKind.STATUS, status=503),
    "too many requests": Fault(kind=FaultKind.STATUS, status=429, headers={"RateLimit-Remaining": "0"}),
    "a page that is no JSON": Fault(kind=FaultKind.NOT_JSON),
    "an answer that takes too long": Fault(kind=FaultKind.SLOW, seconds=1.5),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_question_is_asked_again_after(trouble, iconik, connect):
    iconik.faults.add(TROUBLES[trouble])
    assert connect(timeout=0.5).get(CURRENT) == {"system_domain_id": OURS.system_domain_id}
    assert iconik.faults.left == 0


def test_questions_wait_longer_each_time(iconik, connect, pauses):
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=503, times=4))
    connect().get(CURRENT)
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_too_many_requests_are_followed_by_the_wait_that_iconik_asks_for(iconik, connect, pauses):
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=429, headers={"Retry-After": "7"}))
    connect().get(CURRENT)
    assert pauses == [7.0]


def test_the_next_request_waits_when_iconik_says_that_none_is_left(iconik, connect, pauses):
    client = connect()
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=404, headers={"RateLimit-Remaining": "0"}))
    with pytest.raises(IconikApiError):
        client.get(CURRENT)
    assert pauses == []
    client.get(CURRENT)
    assert pauses == [1.0]


@pytest.mark.parametrize("trouble", ["a dropped connection", "an outage", "a page that is no JSON"])
def test_a_question_is_given_up_after_six_attempts(trouble, iconik, connect):
    fault = TROUBLES[trouble]
    iconik.faults.add(*[fault] * 10)
    with pytest.raises(RegistrationError, match="GET /settings/v1/system/current/ at 127"):
        connect().get(CURRENT)
    assert len(iconik.calls) == 6


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_is_not_asked_again(status, iconik, connect):
    iconik.faults.add(Fault(kind=FaultKind.STATUS, status=status))
    with pytest.raises(IconikApiError, match=f"was answered with {status}: fault {status}") as refused:
        connect().get(CURRENT)
    assert refused.value.status == status
    assert len(iconik.calls) == 1


def test_a_wrong_token_is_explained(connect):
    wrong = Credentials(OURS.app_id, "token-of-yesterday")
    with pytest.raises(IconikApiError, match=r"401: Unauthorized The App-ID and the Auth-Token must belong together"):
        IconikClient(connect().base_url, wrong).get(CURRENT)


@pytest.mark.parametrize("trouble", ["a dropped connection", "an outage", "a page that is no JSON"])
def test_creating_is_tried_once_when_the_answer_is_lost(trouble, iconik, connect):
    iconik.faults.add(TROUBLES[trouble])
    with pytest.raises(AnswerLostError):
        connect().create(STORAGES, BODY)
    assert len(iconik.calls) == 1


def test_creating_is_tried_again_when_iconik_says_that_there_were_too_many_requests(iconik, connect):
    iconik.faults.add(TROUBLES["too many requests"])
    connect().create(STORAGES, BODY)
    assert len(iconik.named("Media")) == 1


def test_deleting_what_an_unanswered_attempt_has_deleted_is_a_success(iconik, connect):
    client = connect()
    storage_id = client.create(STORAGES, BODY)["id"]
    iconik.faults.add(Fault(kind=FaultKind.DROP, method="DELETE", after_effect=True))
    client.delete(f"{STORAGES}{storage_id}/")
    assert iconik.named("Media") == []
    assert [call.status for call in iconik.calls if call.method == "DELETE"] == [200, 404]


def test_a_redirect_is_not_followed_and_its_target_hears_nothing(iconik, connect):
    with IconikStandin(OURS) as elsewhere:
        iconik.faults.add(Fault(kind=FaultKind.REDIRECT, location=f"{elsewhere.base_url}/API{CURRENT}"))
        with pytest.raises(IconikApiError, match=r"redirected\. Redirects are not followed"):
            connect().get(CURRENT)
        assert elsewhere.calls == []


def test_a_token_that_iconik_repeats_in_an_error_is_not_passed_on(iconik, connect):
    iconik.faults.add(Fault(kind=FaultKind.ECHO))
    with pytest.raises(IconikApiError, match=r"bad token \*\*\* of \*\*\*") as refused:
        connect().get(CURRENT)
    assert OURS.auth_token not in str(refused.value)


def test_a_token_is_not_shown_by_repr():
    credentials = Credentials(OURS.app_id, OURS.auth_token)
    assert OURS.auth_token not in repr(credentials)
    assert OURS.app_id not in repr(credentials)


@pytest.mark.parametrize("token", ["", "two\nlines", "trailing\r", "käse"])
def test_a_token_that_cannot_be_a_header_is_refused_and_not_quoted(token):
    with pytest.raises(RegistrationError, match="Auth-Token must be printable ASCII") as refused:
        Credentials("app", token)
    assert not token or token not in str(refused.value)


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://app.iconik.io", (True, "app.iconik.io", None)),
        ("https://app.iconik.io/API/", (True, "app.iconik.io", None)),
        ("http://127.0.0.1:8080", (False, "127.0.0.1", 8080)),
        ("http://localhost:8080/", (False, "localhost", 8080)),
    ],
)
def test_the_base_url_is_an_https_host_or_this_machine(base_url, expected):
    assert parse_base_url(base_url) == expected


@pytest.mark.parametrize(
    "base_url",
    [
        "http://app.iconik.io",
        "http://127.0.0.1.example.org",
        "ftp://app.iconik.io",
        "app.iconik.io",
        "https://user:secret@app.iconik.io",
        "https://app.iconik.io/login",
        "https://app.iconik.io?x=1",
        "https://app.iconik.io:port",
        "",
    ],
)
def test_any_other_base_url_is_refused_and_not_quoted(base_url):
    with pytest.raises(RegistrationError, match="The base URL") as refused:
        parse_base_url(base_url)
    assert "secret" not in str(refused.value)


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent():
    with IconikStandin(OURS, tls=True) as iconik:
        client = IconikClient(iconik.base_url, Credentials(OURS.app_id, OURS.auth_token))
        with pytest.raises(RegistrationError, match=r"certificate of 127\.0\.0\.1 is not trusted"):
            client.get(CURRENT)
        assert iconik.calls == []
        assert ssl.get_server_certificate(("127.0.0.1", int(iconik.base_url.rpartition(":")[2])))
