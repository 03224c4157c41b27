"""Statements to place, and what of a stack the tests of placement look at."""

import json

from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from iconik_construct.placement.place import check_placement

ACCOUNT = "123456789012"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def statement(sid, resource="*"):
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"},
        "Action": "s3:GetObject",
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "id"}},
    }


BOTH = [statement("IconikBucket"), statement("IconikObjects")]


def place(*arguments, **options):
    """Check a placement and apply it, as a storage does."""
    return check_placement(*arguments, **options).apply()


def imported(stack, name="media", construct_id="Imported"):
    return s3.Bucket.from_bucket_name(stack, construct_id, name)


def resources(stack, kind):
    return Template.from_stack(stack).find_resources(kind)


def merges(stack):
    return [found["Properties"] for found in resources(stack, "Custom::IconikBucketPolicyStatements").values()]


def warnings(stack):
    return [str(found.entry.data) for found in Annotations.from_stack(stack).find_warning("*", Match.any_value())]


def functions(stack):
    """The function that changes policies, without the provider framework's."""
    return [
        function["Properties"]
        for function in resources(stack, "AWS::Lambda::Function").values()
        if function["Properties"]["Handler"] == "iconik_construct.placement.handler.index.on_event"
    ]


def handler_permissions(stack):
    """Every action and resource that the handler's role is allowed."""
    (function,) = functions(stack)
    role = function["Role"]["Fn::GetAtt"][0]
    (made,) = (found for name, found in resources(stack, "AWS::IAM::Role").items() if name == role)
    assert set(made["Properties"]) == {"AssumeRolePolicyDocument"}
    return [
        (action, json.dumps(each["Resource"]))
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for policy in resources(stack, kind).values()
        if {"Ref": role} in policy["Properties"]["Roles"]
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    ]
