"""What the Lambda function refuses before any write, and what it says then."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from lambda_runs import ACCOUNT, FOREIGN, OTHER_FOREIGN, REGION, Bucket, CustomResource, Key, Run, statements

from iconik_construct.placement.handler import index, policies
from iconik_construct.placement.handler.merge import Refusal

PLACES = [pytest.param(lambda: Bucket(FOREIGN, OTHER_FOREIGN), id="bucket"), pytest.param(Key, id="key")]


def sids(place):
    return [statement.get("Sid") for statement in place.get()["Statement"]]


@pytest.mark.parametrize("make", PLACES)
def test_a_denial_that_lasts_names_the_action_and_the_resource(wire, make):
    place = make()
    original = place.get()
    wire.before = lambda _number: "AccessDenied"

    with pytest.raises(Refusal) as refusal:
        CustomResource(place).create(1)

    assert f"its role needs {wire.calls[0].replace('Get', 'kms:Get' if 'Key' in wire.calls[0] else 's3:Get')}" in str(
        refusal.value
    )
    assert set(wire.calls) <= {"GetBucketPolicy", "GetKeyPolicy"}
    assert place.get() == original


def test_a_denial_that_passes_is_waited_for(wire):
    bucket = Bucket(FOREIGN)
    wire.before = lambda number: "AccessDenied" if number < 3 else None

    CustomResource(bucket).create(1)

    assert len(sids(bucket)) == 3


def test_a_server_error_that_nobody_has_heard_of_is_outlived(wire):
    bucket = Bucket(FOREIGN)
    wire.before = lambda number: "Unheard" if number < 3 else None

    CustomResource(bucket).create(1)

    assert len(sids(bucket)) == 3


def test_a_sid_that_is_taken_is_refused_before_any_write(wire):
    (ours, *_) = statements("AAAA0000", 1).values()
    bucket = Bucket({**ours, "Action": "s3:*"})
    original = bucket.get()

    with pytest.raises(Refusal, match="IconikBucketAAAA0000"):
        CustomResource(bucket).create(1)

    assert bucket.get() == original
    assert wire.calls == ["GetBucketPolicy"]


def test_a_policy_that_would_be_too_long_is_refused_before_any_write(wire):
    bucket = Bucket({**FOREIGN, "Comment": "x" * 20_000})

    with pytest.raises(Refusal, match="bytes long, and AWS accepts 20,480"):
        CustomResource(bucket).create(1)

    assert wire.calls == ["GetBucketPolicy"]


def test_a_bucket_that_does_not_exist_is_refused_and_can_be_left(wire):
    bucket = Bucket(name="gone")
    bucket.remove()
    resource = CustomResource(bucket)

    with pytest.raises(Refusal, match="The bucket 'gone' does not exist"):
        resource.create(1)
    resource._delete(resource._properties(1), "iconik-bucket-policy:gone")


def test_a_key_that_does_not_exist_is_refused_and_can_be_left(wire):
    key = Key()
    key.arn = key.properties["KeyArn"] = key.arn[:-12] + "000000000000"
    resource = CustomResource(key)

    with pytest.raises(Refusal, match="000000000000' does not exist"):
        resource.create(1)
    resource._delete(resource._properties(1), f"iconik-key-policy:{key.arn}")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [(ACCOUNT, "999999999999", "account 999999999999"), (REGION, "us-east-1", "region us-east-1")],
)
def test_a_key_in_another_account_or_region_is_refused_and_can_be_left(wire, old, new, what):
    key = Key()
    key.properties["KeyArn"] = key.arn.replace(old, new)
    resource = CustomResource(key)

    with pytest.raises(Refusal, match=f"is in the {what}.*HAND_OVER"):
        resource.create(1)
    resource._delete(resource._properties(1), f"iconik-key-policy:{key.properties['KeyArn']}")

    assert wire.calls == []


class _OtherRegion(BaseHTTPRequestHandler):
    """Answers as S3 does for a bucket of another region."""

    def do_GET(self):
        body = b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>"
        self.send_response(301)
        self.send_header("x-amz-bucket-region", "ap-south-1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_bucket_in_another_region_is_refused_without_following_the_redirect(monkeypatch):
    with HTTPServer(("127.0.0.1", 0), _OtherRegion) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        policies.client.cache_clear()
        properties = {"BucketName": "media", "Account": ACCOUNT, "Statements": statements("AAAA0000", 1)}

        with pytest.raises(Refusal, match="is in the region ap-south-1 and this stack in eu-west-1"):
            index.on_event({"RequestType": "Create", "ResourceProperties": properties}, Run())
        server.shutdown()
    policies.client.cache_clear()


def test_what_lockout_check_of_kms_says_reaches_the_reader(wire):
    key = Key()
    original = key.get()
    wire.before = lambda number: "MalformedPolicyDocumentException" if number == 1 else None

    with pytest.raises(Refusal, match=r"left as it was.*will not allow you to update the key policy"):
        CustomResource(key).create(1)

    assert key.get() == original
