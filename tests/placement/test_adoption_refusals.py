"""What the Lambda function refuses before any write, and what it says then."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from lambda_runs import (
    ACCOUNT,
    FOREIGN,
    OTHER_FOREIGN,
    REGION,
    Bucket,
    CustomResource,
    Key,
    Run,
    claim,
    observer,
    statements,
)
from parameter_store import ParameterStore

from iconik_construct.placement.handler import index
from iconik_construct.placement.handler import refusal as refusal_of_handler
from iconik_construct.placement.handler.writer import calls
from iconik_construct.placement.handler.writer.merge import MergeError

DENY_ORGANISATION = {
    "Sid": "OnlyTheOrganisation",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
}
PLACES = [pytest.param(lambda: Bucket(FOREIGN, OTHER_FOREIGN), id="bucket"), pytest.param(Key, id="key")]


def sids(place):
    return [statement.get("Sid") for statement in place.get()["Statement"]]


@pytest.mark.parametrize("make", PLACES)
def test_a_denial_that_lasts_names_the_action_and_the_resource(wire, make):
    place = make()
    original = place.get()
    wire.before = lambda _number: "AccessDenied"

    with pytest.raises(MergeError) as refusal:
        CustomResource(place).create(1)

    said = str(refusal.value)
    needed = f"role needs {wire.calls[0].replace('Get', 'kms:Get' if 'Key' in wire.calls[0] else 's3:Get')}"
    # AWS names the policy that denies, so its words come before what it usually is.
    assert said.index("is denied. AWS says: ") < said.index(needed)
    assert set(wire.calls) <= {"GetBucketPolicy", "GetKeyPolicy"}
    assert place.get() == original


def test_the_statement_for_the_owner_of_a_key_is_that_of_the_documentation(wire):
    wire.before = lambda _number: "AccessDenied"

    with pytest.raises(MergeError) as refusal:
        CustomResource(Key()).create(1)

    (given,) = re.findall(r"\{.*\}(?= Or allow a role of yours)", str(refusal.value))
    page = (Path(__file__).parents[2] / "docs/adopting.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert json.loads(given) in [json.loads(block.replace("123456789012", ACCOUNT)) for block in blocks]


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

    with pytest.raises(MergeError, match=f"IconikBucket{claim('AAAA0000')}"):
        CustomResource(bucket).create(1)

    assert bucket.get() == original
    assert wire.calls == ["GetBucketPolicy"]


def test_a_policy_that_would_be_too_long_is_refused_before_any_write(wire):
    bucket = Bucket({**FOREIGN, "Comment": "x" * 20_000})

    with pytest.raises(MergeError, match="bytes long, and AWS accepts 20,480"):
        CustomResource(bucket).create(1)

    assert wire.calls == ["GetBucketPolicy"]


def test_a_bucket_that_does_not_exist_is_refused_and_can_be_left(wire):
    bucket = Bucket(name="gone")
    bucket.remove()
    resource = CustomResource(bucket)

    with pytest.raises(MergeError, match="The bucket 'gone' does not exist"):
        resource.create(1)
    resource._delete(resource._properties(1), "iconik-bucket-policy:gone")


def test_a_key_that_does_not_exist_is_refused_and_can_be_left(wire):
    key = Key()
    key.arn = key.properties["KeyArn"] = key.arn[:-12] + "000000000000"
    resource = CustomResource(key)

    with pytest.raises(MergeError, match="000000000000' does not exist"):
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

    with pytest.raises(MergeError, match=f"is in the {what}.*HAND_OVER"):
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
        calls.client.cache_clear()
        real, parameters = calls.client, ParameterStore()
        monkeypatch.setattr(calls, "client", lambda service: parameters if service == "ssm" else real(service))
        properties = {"BucketName": "media", "Account": ACCOUNT, "Statements": statements("AAAA0000", 1)}

        with pytest.raises(MergeError, match="is in the region ap-south-1 and this stack in eu-west-1"):
            index.on_event({"RequestType": "Create", "ResourceProperties": properties}, Run())
        server.shutdown()
    real.cache_clear()


def test_what_lockout_check_of_kms_says_reaches_the_reader(wire):
    key = Key()
    original = key.get()
    wire.before = lambda number: "MalformedPolicyDocumentException" if number == 1 else None

    with pytest.raises(MergeError, match=r"policy is not changed.*will not allow you to update the key policy"):
        CustomResource(key).create(1)

    assert key.get() == original


def test_three_denies_with_ten_exempt_roles_each_are_refused_in_a_text_that_cloudformation_accepts(wire):
    """A custom resource's answer has 4,096 bytes, with the ids and the trace that the framework adds."""
    exempt = [
        f"arn:aws:iam::{ACCOUNT}:role/service-teams/VideoPlatformProductionEditors{number}" for number in range(10)
    ]
    denies = [
        {
            "Sid": f"OnlyTeam{number}",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::media", "arn:aws:s3:::media/*"],
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": exempt}},
        }
        for number in range(3)
    ]

    with pytest.raises(MergeError) as refusal:
        CustomResource(Bucket(*denies)).create(1)

    said = str(refusal.value)
    assert len(json.dumps(said)) < 2_600
    # What matters comes first, and the rest is in the log.
    for number in range(3):
        assert f"The statement 'OnlyTeam{number}' denies iconik s3:GetObject" in said[:600]
    assert said.index("tolerate_denies=True") < said.index("put this statement in its place")
    assert "the rest is in the log" in said


LONG_SID = "😀漢字Ü" * 30
SHORT = "Nothing was written"


def says(refused):
    with pytest.raises(Exception) as refusal:  # noqa: PT011 - each has a type of its own
        refused()
    return str(refusal.value)


@pytest.mark.parametrize("number", [1, 30])
def test_a_refusal_with_characters_of_several_bytes_is_one_that_cloudformation_accepts(wire, number):
    denies = [{**DENY_ORGANISATION, "Sid": f"{each}{LONG_SID}"} for each in range(number)]

    said = says(lambda: CustomResource(Bucket(*denies)).create(1))

    assert said.startswith(SHORT)
    assert len(json.dumps(said)) < 2_600


@pytest.mark.parametrize("sid", [LONG_SID, '""' * 100, "\ud83d" * 90], ids=["emoji", "quotes", "half a pair"])
def test_an_answer_with_characters_of_several_bytes_is_one_that_cloudformation_accepts(wire, sid, caplog):
    """4,096 bytes of JSON with all else, and half of a character's code is no text."""
    denies = [
        {
            "Sid": f"{number}{sid}",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::media/*",
            "Condition": {"StringNotEquals": {"s3:ExistingObjectTag/漢字": "😀" * 60}},
        }
        for number in range(9)
    ]
    resource = CustomResource(Bucket(*denies))
    properties = resource._properties(1)
    for each in properties["Statements"].values():
        each["Resource"] = "arn:aws:s3:::media/*"
    event = {"RequestType": "Create", "ResourceProperties": properties, **resource.identity}

    answer = index.on_event(event, Run())

    assert "may deny iconik s3:GetObject" in answer["Data"]["NotDecided"]
    assert answer["Data"]["NotDecided"].endswith("… (the rest is in the log)")
    assert len(json.dumps(answer, ensure_ascii=False).encode()) < len(json.dumps(answer)) < 1_500
    assert caplog.text.encode().count(b"may deny iconik") == 9


def throttled(wire, bucket):
    wire.before = lambda _number: "SlowDown"


def unknown(wire, bucket):
    wire.before = lambda _number: "NeverHeardOf"


def edited(wire, bucket):
    first = next(iter(statements("AAAA0000", 1).values()))
    bucket.put({"Version": "2012-10-17", "Statement": [{**first, "Action": "s3:*"}]})


def too_long(wire, bucket):
    bucket.put({"Version": "2012-10-17", "Statement": [{**FOREIGN, "Comment": "x" * 20_000}]})


def denied(wire, bucket):
    bucket.put({"Version": "2012-10-17", "Statement": [DENY_ORGANISATION]})


@pytest.mark.parametrize("cause", [throttled, unknown, edited, too_long, denied])
def test_each_refusal_says_of_which_bucket_it_is(wire, cause):
    """CloudFormation's event has only a logical id."""
    bucket = Bucket(FOREIGN, name="acme-masters")
    cause(wire, bucket)

    assert "acme-masters" in says(lambda: CustomResource(bucket).create(1))


def test_where_the_meaning_of_a_policy_is_not_known_nothing_is_written_also_with_tolerate_denies(wire, monkeypatch):
    """The assessment is asked before each write. Where it fails, the function refuses."""

    def unable(*_args, **_more):
        raise RuntimeError("no such condition")

    monkeypatch.setattr(refusal_of_handler, "advise", unable)
    bucket = Bucket(FOREIGN)
    resource = CustomResource(bucket)
    properties = resource._properties(1)
    properties["TolerateDenies"] = dict.fromkeys(properties["Statements"], "true")

    with pytest.raises(MergeError, match="its effect on iconik could not be determined"):
        index.on_event({"RequestType": "Create", "ResourceProperties": properties, **resource.identity}, Run())

    assert bucket.get()["Statement"] == [FOREIGN]


def test_what_is_asked_after_the_write_cannot_fail_the_create(wire, monkeypatch):
    def unable(*_args, **_more):
        raise RuntimeError("no such call")

    monkeypatch.setattr(index, "advise", unable)
    bucket = Bucket(FOREIGN)
    resource = CustomResource(bucket)
    event = {"RequestType": "Create", "ResourceProperties": resource._properties(1), **resource.identity}

    answer = index.on_event(event, Run())

    assert "could not be determined (RuntimeError: no such call)" in answer["Data"]["NotDecided"]
    assert len(bucket.get()["Statement"]) == 3


def test_a_setting_that_cannot_be_read_after_the_write_is_reported(wire, monkeypatch):
    """An error code that nobody knows, from GetBucketPolicyStatus: the statements are there all the same."""
    public = {"Sid": "Web", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    bucket = Bucket(public)
    observer("s3").put_public_access_block(
        Bucket="media", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    wire.before = lambda _number: "NeverHeardOf" if wire.calls[-1] == "GetBucketPolicyStatus" else None
    resource = CustomResource(bucket)
    event = {"RequestType": "Create", "ResourceProperties": resource._properties(1), **resource.identity}

    answer = index.on_event(event, Run())

    assert "The bucket's setting is not known" in answer["Data"]["NotDecided"]
    assert len(bucket.get()["Statement"]) == 3


def test_an_edited_statement_that_an_update_drops_stays_and_is_reported(wire, caplog):
    bucket = Bucket(FOREIGN)
    resource = CustomResource(bucket)
    resource.create(1)
    sid = f"IconikBucket{claim('AAAA0000')}"
    edited = {**statements("AAAA0000", 1)[sid], "Action": "s3:GetObject"}
    kept = [each for each in bucket.get()["Statement"] if each["Sid"] != sid]
    bucket.put({"Version": "2012-10-17", "Statement": [*kept, edited]})

    event = {
        "RequestType": "Update",
        "ResourceProperties": resource._properties(2),
        "OldResourceProperties": resource.held,
        "PhysicalResourceId": resource.physical_id,
        **resource.identity,
    }
    answer = index.on_event(event, Run())

    assert edited in bucket.get()["Statement"]
    assert f"The statement {sid} was edited by others" in answer["Data"]["NotDecided"]
    assert f"somebody has edited the statement {sid}" in caplog.text
