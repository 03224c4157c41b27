"""Statements for everyone with a condition: what S3 calls public, and what names iconik's account."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import ACCOUNT, CUT_OFF, DOMAINS, NO_TAG, OWN_ACCOUNT, ROLE, allow, document, resource
from tests.guardrail.test_equal_resources import objects_of, resources

Json = Any
DISTRIBUTION = f"arn:aws:cloudfront::{OWN_ACCOUNT}:distribution/E1"
BLOCKED = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}


FRONT = {"Service": "cloudfront.amazonaws.com"}
OF_SERVICE = {
    "Effect": "Allow",
    "Principal": {"Service": "s3.amazonaws.com"},
    "Action": "*",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}


def ids(condition: Json, principal: Json = "*") -> set[str]:
    other = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": objects_of("Media")}
    made = resources("Media", allow(Resource=objects_of("Media")), {**other, "Condition": condition}, **BLOCKED)
    return {each.id for each in check(App([Template("it", {"Resources": made})]), Question(tuple(DOMAINS)))}


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"aws:SourceArn": "*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::*:distribution/*"}},
        {"StringLike": {"aws:SourceAccount": "*"}},
        {"StringEquals": {"aws:SourceArn": [DISTRIBUTION, "arn:aws:sns:*:*:x?"]}},
    ],
)
def test_a_condition_without_a_fixed_value_may_let_s3_cut_iconik_off(condition: Json):
    assert ids(condition) == {CUT_OFF}


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnEquals": {"aws:SourceArn": DISTRIBUTION}},
        {"StringEquals": {"aws:SourceAccount": OWN_ACCOUNT}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/*"}},
        {"ArnLike": {"aws:SourceArn": "*"}, "StringEquals": {"aws:SourceAccount": OWN_ACCOUNT}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
        {"ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/*"}},
    ],
)
def test_a_condition_on_a_fixed_value_is_not_public(condition: Json):
    assert ids(condition) == set()


@pytest.mark.parametrize("principal", ["*", FRONT, {"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}])
@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        {"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}},
        {"StringEquals": {"aws:SourceAccount": [OWN_ACCOUNT, ACCOUNT]}},
    ],
)
def test_a_condition_that_names_iconiks_account_needs_the_tag(condition: Json, principal: Json):
    assert NO_TAG in ids(condition, principal)


@pytest.mark.parametrize("principal", ["*", FRONT])
def test_a_condition_that_excludes_iconiks_account_beside_one_that_names_it_allows_nobody(principal: Json):
    named = {"ArnEquals": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}}
    assert ids({**named, "StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, principal) == set()


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": {"aws:SourceAccount": OWN_ACCOUNT}},
        {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        {"StringEquals": {"aws:SourceAccount": "444455556666"}},
        {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}},
        {"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::*:distribution/*"}},
        {"ArnEquals": {"aws:SourceArn": {"Fn::ImportValue": "topic"}}},
        {"ArnEquals": {"aws:PrincipalArn": ROLE}},
    ],
)
def test_a_service_that_acts_for_others_is_not_iconik(condition: Json):
    assert ids(condition, FRONT) == set()


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::SQS::QueuePolicy", {"Queues": ["q"], "PolicyDocument": document(OF_SERVICE)}),
        ("AWS::SNS::TopicPolicy", {"Topics": ["t"], "PolicyDocument": document(OF_SERVICE)}),
        ("AWS::KMS::Key", {"KeyPolicy": document({**OF_SERVICE, "Action": "kms:Decrypt"})}),
    ],
)
def test_a_service_of_iconiks_account_needs_the_tag_in_each_kind_of_policy(kind: str, properties: Json):
    body = resource(kind, **properties)
    assert NO_TAG in {each.id for each in check(App([Template("it", body)]), Question(tuple(DOMAINS)))}


def test_a_source_that_is_not_known_is_not_taken_for_iconiks():
    assert ids({"ArnEquals": {"aws:SourceArn": {"Fn::ImportValue": "topic"}}}) == set()
