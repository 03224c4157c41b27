"""Access points in front of buckets of other stacks, accounts and apps."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import DOMAINS, EVERYONE, allow, document
from tests.guardrail.test_equal_resources import objects_of, resources

Json = Any
FIRST, SECOND = "111111111111", "222222222222"
ACCESS_POINT = "ICONIK019"
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


def ids(*templates: Template) -> set[str]:
    return {each.id for each in check(App(templates), Question(tuple(DOMAINS)))}


def media(account: str | None = None, **settings: Json) -> Json:
    objects = ["arn:aws:s3:::media", "arn:aws:s3:::media/*"] if settings else objects_of("Media")
    condition = {"StringEquals": {"s3:DataAccessPointAccount": account}}
    delegated = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": objects, "Condition": condition}
    return resources("Media", allow(Resource=objects), *([delegated] if account else []), **settings)


def point(bucket: Json) -> Json:
    properties = {"Bucket": bucket, "BucketAccountId": FIRST, "Policy": document(OPEN)}
    return {"Point": {"Type": "AWS::S3::AccessPoint", "Properties": properties}}


def of_regions(*buckets: Json) -> Json:
    regions = {"Name": "all", "Regions": [{"Bucket": each} for each in buckets]}
    policy = {"MrapName": {"Ref": "All"}, "Policy": document(OPEN)}
    return {
        "All": {"Type": "AWS::S3::MultiRegionAccessPoint", "Properties": regions},
        "Policy": {"Type": "AWS::S3::MultiRegionAccessPointPolicy", "Properties": policy},
    }


@pytest.mark.parametrize("of_point", [FIRST, SECOND, None])
@pytest.mark.parametrize("delegated_to", [FIRST, SECOND])
def test_an_access_point_is_of_the_account_of_its_own_stack(of_point: str | None, delegated_to: str):
    bucket = Template("bucket", {"Resources": media(delegated_to, BucketName="media")}, account=FIRST)
    front = Template("point", {"Resources": point("media")}, account=of_point)
    assert (ACCESS_POINT in ids(bucket, front)) == (of_point in {delegated_to, None})


OWN = {"Ref": "Media"}
SEVERAL = {
    "one bucket, by a condition": point({"Fn::If": ["Production", OWN, "elsewhere"]}),
    "one bucket, by a parameter": point({"Fn::If": ["Production", OWN, {"Ref": "Other"}]}),
    "a bucket of another Region": of_regions(OWN, "elsewhere"),
    "an import": of_regions(OWN, {"Fn::ImportValue": "elsewhere"}),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_an_access_point_is_open_if_one_of_its_buckets_is_not_in_the_templates(name: str):
    body = {
        "Parameters": {"Other": {"Type": "String"}},
        "Conditions": {"Production": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}},
        "Resources": {**media(), **SEVERAL[name]},
    }
    assert EVERYONE in ids(Template("it", body))


@pytest.mark.parametrize("make", [point, of_regions])
def test_an_access_point_of_a_known_bucket_gives_nothing_alone(make: Any):
    assert EVERYONE not in ids(Template("it", {"Resources": {**media(), **make(OWN)}}))


@pytest.mark.parametrize(("stage", "is_open"), [("test", True), ("production", False)])
def test_a_bucket_of_another_stage_may_be_another_one(stage: str, is_open: bool):
    name = {"Fn::Sub": "media-${AWS::AccountId}"}
    bucket = {"Media": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}
    front = Template("production/point", {"Resources": point(name)})
    assert (EVERYONE in ids(Template(f"{stage}/media", {"Resources": bucket}), front)) is is_open
