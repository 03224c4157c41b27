"""`iconik-construct check` of a bucket with access points, also multi-region ones."""

import json

import pytest
from botocore.exceptions import ClientError
from situations import ACCOUNT, ARN, BOTH, DOMAIN, NAME, ROLE, World, allow, deny, granted

from iconik_construct.cli.main import main

POINT = f"arn:aws:s3::{ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap"
DELEGATED = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
DENIED = ClientError(
    {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "X"
)
STATEMENTS = {
    "iconik without the tag": {"Principal": {"AWS": ROLE}},
    "iconik's account, for another action": {"Principal": {"AWS": "283217727627"}, "Action": "s3:PutObject"},
    "everyone": {"Principal": "*"},
    "everyone for an action that the table leaves out": {"Principal": "*", "Action": "s3:GetObjectVersion"},
    "a role of the owner": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Editors"}},
}


def check(capsys):
    code = main(["check", NAME, "--system-domain-id", DOMAIN, "--json"])
    shown = json.loads(capsys.readouterr().out)
    return code, shown["verdict"], {one["id"] for one in shown["findings"]}, shown["findings"]


def delegating(aws):
    world = World(aws)
    world.policy(*granted(), allow(Sid="Points", Principal="*", Action="s3:*", Resource=BOTH, Condition=DELEGATED))
    return world


def multi_region(aws, *statements, bucket=NAME, **more):
    listed = {"Name": "media", "Alias": "mfzwi23gnjvgw.mrap", "Regions": [{"Bucket": bucket, **more}]}
    aws.answers["ListMultiRegionAccessPoints"] = {"AccessPoints": [listed]}
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    aws.answers["GetMultiRegionAccessPointPolicy"] = {"Policy": {"Established": {"Policy": document}}}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("iconik without the tag", "ICONIK001"),
        ("iconik's account, for another action", "ICONIK001"),
        ("everyone", "ICONIK019"),
        ("everyone for an action that the table leaves out", "ICONIK019"),
        ("a role of the owner", None),
    ],
)
def test_a_multi_region_access_point_counts(aws, capsys, name, rule):
    delegating(aws)
    multi_region(aws, allow(Resource=f"{POINT}/object/*", **STATEMENTS[name]))

    code, _, found, _ = check(capsys)

    assert (code, found) == ((1, {rule, "ICONIK157"}) if rule else (0, {"ICONIK157"}))
    assert ("s3control", "ListMultiRegionAccessPoints") in aws.calls


@pytest.mark.parametrize("more", [{"bucket": "other"}, {"BucketAccountId": "444455556666"}])
def test_a_multi_region_access_point_of_another_bucket_does_not(aws, capsys, more):
    delegating(aws)
    multi_region(aws, allow(Resource=f"{POINT}/object/*", Principal="*"), **more)

    assert check(capsys)[:3] == (0, "good", set())


@pytest.mark.parametrize("operation", ["ListAccessPoints", "ListMultiRegionAccessPoints", "policy", "regional policy"])
def test_an_access_point_that_was_not_read_decides_where_the_bucket_policy_delegates(aws, capsys, operation):
    """Without the delegation no access point can allow anybody, and the finding is a warning."""
    world = delegating(aws)
    if operation == "policy":
        multi_region(aws)
    if operation == "regional policy":
        world.clients("s3control").create_access_point(AccountId=ACCOUNT, Name="point", Bucket=NAME)
    failing = {"policy": "GetMultiRegionAccessPointPolicy", "regional policy": "GetAccessPointPolicy"}.get(
        operation, operation
    )
    aws.fail = lambda name: DENIED if name == failing else None

    code, verdict, found, _ = check(capsys)
    assert (code, verdict, found - {"ICONIK157"}) == (1, "unknown", {"ICONIK190"})

    for statements in (granted(), [*granted(), deny(Condition={"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}})]):
        world.policy(*statements)
        code, verdict, found, listed = check(capsys)
        assert (code, verdict, found - {"ICONIK157"}) == (0, "good", {"ICONIK191"})
        assert any(one["action"].endswith("AccessPoints") or "Policy" in one["action"] for one in listed)


def test_what_only_the_owner_may_delegate_decides_nothing(aws, capsys):
    own = allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/Editors"}, Resource=f"{ARN}/*", Condition=DELEGATED)
    World(aws).policy(*granted(), own)
    aws.fail = lambda name: DENIED if name == "ListAccessPoints" else None

    assert check(capsys)[:3] == (0, "good", {"ICONIK191"})
