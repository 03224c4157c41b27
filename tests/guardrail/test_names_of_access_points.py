"""An open access point is found, however its policy and the bucket policy write its ARN and its account."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    BUCKET_ARN,
    DOMAINS,
    OBJECTS_ARN,
    OWN_ACCOUNT,
    allow,
    bucket,
    document,
    with_resources,
)
from tests.guardrail.test_points_of_other_buckets import ACCESS_POINT, OPEN, of_regions

Json = Any
OTHER_ACCOUNT = "444455556666"
PLACES: list[dict[str, str]] = [{}, {"account": OWN_ACCOUNT, "region": "eu-west-1"}]


def delegating(operator: str, key: str, value: Json) -> Json:
    condition = {operator: {key: value}}
    both = [BUCKET_ARN, OBJECTS_ARN]
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": both, "Condition": condition}
    return bucket(allow(), everyone)


OF_ACCOUNT = delegating("StringEquals", "s3:DataAccessPointAccount", {"Ref": "AWS::AccountId"})


def point(resource: Json = "*", name: Json = "ap") -> Json:
    policy = document({**OPEN, "Resource": resource})
    properties = {"Bucket": {"Ref": "Media"}, "Policy": policy, **({"Name": name} if name else {})}
    return {"AP": {"Type": "AWS::S3::AccessPoint", "Properties": properties}}


def is_open(body: Json, points: Json, place: dict[str, str]) -> bool:
    template = Template("it", with_resources(body, **points), **place)
    return ACCESS_POINT in {each.id for each in check(App([template]), Question(tuple(DOMAINS)))}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["ap", ""])
@pytest.mark.parametrize(
    "resource",
    [
        f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/ap/object/*",
        {"Fn::Sub": "arn:aws:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/ap/object/*"},
        {"Fn::Sub": "arn:aws:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/${AP}/object/*"},
        {"Fn::Sub": "${AP.Arn}/object/*"},
        "arn:aws:s3:*:*:accesspoint/ap/object/*",
        "arn:aws:s3:*:*:accesspoint/*",
    ],
)
def test_the_resource_of_the_policy_is_the_access_point_itself(
    resource: Json, name: str, place: dict[str, str]
) -> None:
    assert is_open(OF_ACCOUNT, point(resource, name), place)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("name", "own_name", "expected"), [("other", "ap", True), ("ap", "", True), ("ap", "ap", False), ("*", "", False)]
)
def test_a_policy_can_except_other_access_points(
    name: str, own_name: str, expected: bool, place: dict[str, str]
) -> None:
    arn = f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/{name}"
    points = point(name=own_name)
    [statement] = points["AP"]["Properties"]["Policy"]["Statement"]
    del statement["Resource"]
    statement["NotResource"] = [arn, f"{arn}/*"]
    assert is_open(OF_ACCOUNT, points, place) is expected


def test_a_resource_that_is_not_an_object_opens_no_object() -> None:
    assert not is_open(OF_ACCOUNT, point("arn:aws:s3:*:*:accesspoint/ap"), PLACES[1])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("arn", "is_delegated"),
    [
        (f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/*", True),
        (f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/ap", True),
        ({"Fn::Sub": "arn:aws:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/*"}, True),
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/${AP.Name}"}, True),
        ({"Fn::GetAtt": ["AP", "Arn"]}, True),
        (f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/other", False),
        ({"Fn::Sub": "arn:aws:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/other"}, False),
    ],
)
def test_the_bucket_policy_delegates_by_the_arn(arn: Json, is_delegated: bool, place: dict[str, str]) -> None:
    assert is_open(delegating("ArnLike", "s3:DataAccessPointArn", arn), point(), place) is is_delegated


@pytest.mark.parametrize(
    ("account", "place", "is_delegated"),
    [
        (OWN_ACCOUNT, PLACES[0], True),
        (OWN_ACCOUNT, PLACES[1], True),
        (OTHER_ACCOUNT, PLACES[0], True),
        (OTHER_ACCOUNT, PLACES[1], False),
    ],
)
def test_a_literal_account_can_be_the_own_one(account: str, place: dict[str, str], is_delegated: bool) -> None:
    assert is_open(delegating("StringEquals", "s3:DataAccessPointAccount", account), point(), place) is is_delegated


@pytest.mark.parametrize(("name", "expected"), [("ap", True), ("of-test", True), ("other", False)])
def test_each_possible_name_of_an_access_point_counts(name: str, expected: bool) -> None:
    arn = f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/{name}"
    points = point(name={"Fn::If": ["IsTest", "of-test", "ap"]})
    assert is_open(delegating("ArnLike", "s3:DataAccessPointArn", arn), points, PLACES[1]) is expected


@pytest.mark.parametrize("place", PLACES)
def test_the_bucket_policy_delegates_to_access_points_of_several_regions(place: dict[str, str]) -> None:
    arn = {"Fn::Sub": "arn:aws:s3::${AWS::AccountId}:accesspoint/*"}
    body = delegating("ArnLike", "s3:DataAccessPointArn", arn)
    assert is_open(body, of_regions({"Ref": "Media"}), place)


@pytest.mark.parametrize("key", ["aws:ResourceAccount", "s3:ResourceAccount"])
@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
def test_a_literal_account_of_the_bucket_is_not_known(key: str, operator: str) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": OBJECTS_ARN}
    body = bucket(allow(), {**deny, "Condition": {operator: {key: OWN_ACCOUNT}}})
    assert [each.id for each in check(App([Template("it", body)]), Question(tuple(DOMAINS)))] == ["ICONIK014"]
