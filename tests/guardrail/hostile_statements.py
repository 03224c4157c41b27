"""Statements that let the wrong people in; each with the rules that must fire."""

from __future__ import annotations

import json

from tests.guardrail.building import (
    ACCOUNT,
    BUCKET_ARN,
    CUT_OFF,
    DOMAIN,
    EVERYONE,
    FOREIGN,
    FOREIGN_DOMAIN,
    INEFFECTIVE,
    NO_TAG,
    NO_TLS,
    NOT_PRINCIPAL,
    OBJECTS_ARN,
    ROLE,
    TAG,
    TOO_WIDE,
    Json,
    allow,
    allow_key,
    bucket,
    condition,
    deny_http,
    document,
    everyone,
    key,
    parameter,
    pinned,
    principal,
    resource,
)

_TRUST = {"Action": "sts:AssumeRole", "Resource": None}


WITHOUT_TAG: dict[str, tuple[Json, set[str]]] = {
    "the role, as ARN": (principal({"AWS": ROLE}), {NO_TAG}),
    "the role, in a list": (principal({"AWS": ["arn:aws:iam::123456789012:root", ROLE]}), {NO_TAG}),
    "the account, as root": (principal({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), {NO_TAG}),
    "the account, as id": (principal({"AWS": ACCOUNT}), {NO_TAG}),
    "the account, as a number": (principal({"AWS": int(ACCOUNT)}), {NO_TAG}),
    "a session of the role": (
        principal({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/IconikS3AccessRole/iconik"}),
        {NO_TAG},
    ),
    "the role, by Fn::Join": (
        principal(
            {"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::{ACCOUNT}:role/IconikS3AccessRole"]]}}
        ),
        {NO_TAG},
    ),
    "the role, by Fn::Sub": (
        principal({"AWS": {"Fn::Sub": ["arn:${AWS::Partition}:iam::${Vendor}:root", {"Vendor": ACCOUNT}]}}),
        {NO_TAG},
    ),
    "the role, by a parameter's default": (
        bucket(allow(Principal={"AWS": {"Ref": "Vendor"}}, Condition=None), Parameters={"Vendor": parameter(ROLE)}),
        {NO_TAG},
    ),
    "the role, in a mapping": (
        bucket(
            allow(Principal={"AWS": {"Fn::FindInMap": ["Vendors", {"Ref": "AWS::Region"}, "iconik"]}}, Condition=None),
            Mappings={"Vendors": {"us-east-1": {"iconik": ROLE}, "eu-west-1": {"iconik": ROLE}}},
        ),
        {NO_TAG},
    ),
    "the role, in one branch": (
        bucket(
            allow(Principal={"AWS": {"Fn::If": ["Open", ROLE, "123456789012"]}}, Condition=None),
            Conditions={"Open": {"Fn::Equals": ["a", "a"]}},
        ),
        {NO_TAG},
    ),
    "the tag, in one branch only": (
        bucket(
            allow(Condition={"Fn::If": ["Safe", pinned(), {"Ref": "AWS::NoValue"}]}),
            Conditions={"Safe": {"Fn::Equals": ["a", "b"]}},
        ),
        {NO_TAG},
    ),
    "another condition instead of the tag": (
        condition({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
        {NO_TAG},
    ),
    "a tag of the object instead": (condition(pinned(key="s3:ExistingObjectTag/IconikSystemDomainId")), {NO_TAG}),
    "a tag with a similar name": (condition(pinned(key="aws:PrincipalTag/IconikDomainId")), {NO_TAG}),
    "the role, by aws:PrincipalArn": (everyone({"ArnEquals": {"aws:PrincipalArn": ROLE}}), {NO_TAG}),
    "the account, by aws:PrincipalAccount": (everyone({"StringEquals": {"aws:PrincipalAccount": [ACCOUNT]}}), {NO_TAG}),
    "a policy written as a JSON string": (
        bucket(
            policy=json.dumps(
                document(deny_http(Resource="*"), allow(Condition=None, Resource="arn:aws:s3:::media-of-acme/*"))
            )
        ),
        {NO_TAG},
    ),
    "a single statement without a list": (
        bucket(policy={"Version": "2012-10-17", "Statement": allow(Condition=None)}),
        {NO_TAG, NO_TLS},
    ),
    "the key, as iconik's help prints it": (key(allow_key(Condition=None)), {NO_TAG}),
    "the key, for everyone by kms:CallerAccount": (
        key(allow_key(Principal={"AWS": "*"}, Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})),
        {NO_TAG},
    ),
    "a trust policy": (
        resource(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument=document(allow(**_TRUST, Condition={"StringEquals": {"sts:ExternalId": "x"}})),
        ),
        {NO_TAG},
    ),
    "a queue": (
        resource(
            "AWS::SQS::QueuePolicy",
            Queues=["q"],
            PolicyDocument=document(allow(Action="sqs:SendMessage", Resource="*", Condition=None)),
        ),
        {NO_TAG},
    ),
    "a queue, with the tag but no domain": (
        resource(
            "AWS::SQS::QueuePolicy",
            Queues=["q"],
            PolicyDocument=document(
                allow(Action="sqs:SendMessage", Resource="*", Condition={"StringEquals": {TAG: []}})
            ),
        ),
        {INEFFECTIVE},
    ),
    "a topic": (
        resource(
            "AWS::SNS::TopicPolicy",
            Topics=["t"],
            PolicyDocument=document(allow(Action="sns:Publish", Resource="*", Condition=None)),
        ),
        {NO_TAG},
    ),
    "an access point": (
        resource("AWS::S3::AccessPoint", Bucket="media", Policy=document(allow(Resource="*", Condition=None))),
        {NO_TAG},
    ),
    "our own custom resource": (
        resource(
            "Custom::IconikBucketPolicyStatements",
            BucketName="legacy",
            Statements={"A": allow(Condition=None, Resource="arn:aws:s3:::legacy/*")},
        ),
        {NO_TAG},
    ),
    "a loop": (
        {
            "Transform": "AWS::LanguageExtensions",
            "Resources": {
                "Fn::ForEach::Buckets": [
                    "Name",
                    ["a", "b"],
                    {
                        "Policy${Name}": {
                            "Type": "AWS::S3::BucketPolicy",
                            "Properties": {
                                "Bucket": "${Name}",
                                "PolicyDocument": document(
                                    deny_http(Resource="*"), allow(Condition=None, Resource="arn:aws:s3:::${Name}/*")
                                ),
                            },
                        }
                    },
                ]
            },
        },
        {NO_TAG},
    ),
}

WRONG_TAG: dict[str, tuple[Json, set[str]]] = {
    **{
        f"the operator {operator}": (condition(pinned(operator=operator)), {INEFFECTIVE})
        for operator in (
            "StringEqualsIfExists",
            "ForAllValues:StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "ForAnyValue:StringLike",
        )
    },
    "any tag at all": (condition({"StringLike": {TAG: "*"}}), {INEFFECTIVE}),
    "a tag with a wildcard": (condition({"StringLike": {TAG: DOMAIN[:-1] + "?"}}), {INEFFECTIVE}),
    "a wildcard that StringEquals takes literally": (condition(pinned("*")), {INEFFECTIVE}),
    "the tag compared with itself": (condition(pinned("${" + TAG + "}")), {INEFFECTIVE}),
    "a foreign domain among a parameter's allowed values": (
        bucket(
            allow(Condition={"StringEquals": {TAG: {"Ref": "Domain"}}}),
            Parameters={"Domain": parameter(FOREIGN_DOMAIN, AllowedValues=[DOMAIN, FOREIGN_DOMAIN])},
        ),
        {FOREIGN},
    ),
    "no tag, by Null": (condition({"Null": {TAG: "true"}}), {INEFFECTIVE}),
    "some tag, by Null": (condition({"Null": {TAG: "false"}}), {INEFFECTIVE}),
    "a foreign domain": (condition(pinned(FOREIGN_DOMAIN)), {FOREIGN}),
    "the example of iconik's help": (condition(pinned("1297c8b6-3563-11e7-adf1-6c4008b85488")), {FOREIGN}),
    "a foreign domain beside the right one": (condition(pinned(DOMAIN, FOREIGN_DOMAIN)), {FOREIGN}),
    "a domain in upper case": (condition(pinned(DOMAIN.upper())), {FOREIGN}),
    "a foreign domain for the key": (key(allow_key(Condition=pinned(FOREIGN_DOMAIN))), {FOREIGN}),
    "a tag of the key that may be missing": (
        key(allow_key(Condition=pinned(operator="StringEqualsIfExists"))),
        {INEFFECTIVE},
    ),
    "iconik's published full access, copied": (
        bucket(
            allow(
                Sid="Statement1",
                Action="s3:*",
                Resource=[BUCKET_ARN, OBJECTS_ARN],
                Condition=pinned("1297c8b6-3563-11e7-adf1-6c4008b85488"),
            ),
            tls=False,
        ),
        {FOREIGN, TOO_WIDE, NO_TLS},
    ),
}

EVERYBODY: dict[str, tuple[Json, set[str]]] = {
    "everyone": (principal("*"), {EVERYONE}),
    "everyone, as an AWS principal": (principal({"AWS": "*"}), {EVERYONE}),
    "everyone, in a list with iconik": (bucket(allow(Principal={"AWS": [ROLE, "*"]})), {EVERYONE, CUT_OFF}),
    "everyone with the right tag, which anybody can give himself": (everyone(pinned()), {EVERYONE}),
    "everyone whose role has iconik's name": (
        everyone({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/IconikS3AccessRole"}, **pinned()}),
        {EVERYONE},
    ),
    "everyone of an organisation, if they have one": (
        everyone({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-acme123456"}}),
        {EVERYONE},
    ),
    "everyone on the internet, in 256 ranges": (
        everyone({"IpAddress": {"aws:SourceIp": [f"{first}.0.0.0/8" for first in range(256)]}}),
        {EVERYONE},
    ),
    "everyone on the internet": (everyone({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}), {EVERYONE}),
    "everyone but iconik's account": (
        everyone({"StringNotEquals": {"aws:PrincipalAccount": [ACCOUNT, "444455556666"]}}),
        {EVERYONE, CUT_OFF},
    ),
    "everyone who chooses a role name": (
        everyone({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Backup"}}),
        {EVERYONE},
    ),
    "everyone but one account": (everyone({"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}}), {EVERYONE}),
    "the key, for everyone": (key(allow_key(Principal="*", Condition=None)), {EVERYONE}),
    "all but one, by NotPrincipal": (
        bucket(allow(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::123456789012:root"}, Condition=None)),
        {NOT_PRINCIPAL},
    ),
    "all but iconik's role, by NotPrincipal": (
        bucket(allow(Principal=None, NotPrincipal={"AWS": ROLE}, Condition=None)),
        {NOT_PRINCIPAL, CUT_OFF},
    ),
}
