"""Buckets and keys that go wrong with the right people, and what only the deployment knows; each with its rules."""

from __future__ import annotations

from tests.guardrail.building import (
    BUCKET_ARN,
    DENIED,
    DEPENDS,
    DOMAIN,
    KEY_ARN,
    KEY_ELSEWHERE,
    KEY_FORGETS,
    NO_TLS,
    NOTHING_ALLOWS,
    OBJECTS_ARN,
    SECOND_DOMAIN,
    TAG,
    TOO_WIDE,
    UNRESOLVED,
    Json,
    allow,
    allow_key,
    bucket,
    condition,
    deny_http,
    document,
    key,
    key_resource,
    parameter,
    pinned,
    principal,
    with_resources,
)

NAMED_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

DENY_ALL = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}


def unnamed(body: Json) -> Json:
    """The template without the name of its bucket, which CloudFormation chooses."""
    made = {**body["Resources"]["Media"], "Properties": {}}
    return with_resources(body, Media=made)


def encrypted(*key_statements: Json) -> Json:
    return with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(*key_statements))


BUCKET_AND_KEY: dict[str, tuple[Json, set[str]]] = {
    "every S3 action": (bucket(allow(Action="s3:*", Resource=[BUCKET_ARN, OBJECTS_ARN])), {TOO_WIDE}),
    "every action, in a statement that calls itself Admin": (bucket(allow(Sid="IconikAdmin", Action="*")), {TOO_WIDE}),
    "every action that puts": (bucket(allow(Action=["s3:Put*"], Resource=BUCKET_ARN)), {TOO_WIDE}),
    "every action but one": (bucket(allow(Action=None, NotAction="s3:PutBucketAcl", Resource=BUCKET_ARN)), {TOO_WIDE}),
    "every action of the key": (key(allow_key(Action="kms:*")), {TOO_WIDE}),
    "no Deny of plain HTTP": (bucket(allow(), tls=False), {NO_TLS}),
    "a Deny of plain HTTP for the bucket only": (bucket(deny_http(Resource=BUCKET_ARN), allow(), tls=False), {NO_TLS}),
    "a Deny of plain HTTP for one of two resources": (
        bucket(deny_http(Resource=BUCKET_ARN), allow(Resource=[BUCKET_ARN, OBJECTS_ARN]), tls=False),
        {NO_TLS},
    ),
    "a Deny of plain HTTP for one action only": (
        bucket(deny_http(Action="s3:DeleteObject"), allow(), tls=False),
        {NO_TLS},
    ),
    "a Deny of HTTPS instead": (
        bucket(deny_http(Condition={"Bool": {"aws:SecureTransport": "true"}}), allow(), tls=False),
        {NO_TLS, DENIED},
    ),
    "a Deny of plain HTTP that holds elsewhere only": (
        bucket(
            deny_http(
                Condition={
                    "Bool": {"aws:SecureTransport": "false"},
                    "StringEquals": {"aws:PrincipalAccount": "123456789012"},
                }
            ),
            allow(),
            tls=False,
        ),
        {NO_TLS},
    ),
    "a key that knows nobody but its owner": (
        with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource()),
        {KEY_FORGETS},
    ),
    "a key that lets iconik read only": (
        with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(allow_key(Action="kms:Decrypt"))),
        {KEY_FORGETS},
    ),
    "a key that knows one of two domains": (
        with_resources(
            bucket(allow(Condition=pinned(DOMAIN, SECOND_DOMAIN)), key=KEY_ARN), Key=key_resource(allow_key())
        ),
        {KEY_FORGETS},
    ),
    "a key that knows iconik under a condition of the template": (
        with_resources(
            bucket(allow(), key=KEY_ARN, Conditions={"Known": {"Fn::Equals": ["a", "b"]}}),
            Key=key_resource({"Fn::If": ["Known", allow_key(), {"Ref": "AWS::NoValue"}]}),
        ),
        {KEY_FORGETS},
    ),
    "the AWS managed key": (bucket(allow(), key="aws/s3"), {KEY_FORGETS}),
    "the AWS managed key, by its alias": (bucket(allow(), key="alias/aws/s3"), {KEY_FORGETS}),
}

UNRESOLVABLE: dict[str, tuple[Json, set[str]]] = {
    "a Deny by the name that CloudFormation chose": (
        unnamed(bucket(allow(), {**DENY_ALL, "Resource": "arn:aws:s3:::stack-media-1abc/*"})),
        {DEPENDS},
    ),
    "a Deny by a pattern of the name that CloudFormation chose": (
        unnamed(bucket(allow(), {**DENY_ALL, "Resource": "arn:aws:s3:::stack-*"})),
        {DEPENDS},
    ),
    "a Deny by the name of the stack": (
        unnamed(bucket(allow(), {**DENY_ALL, "Resource": {"Fn::Sub": "arn:aws:s3:::${AWS::StackName}-media-1abc/*"}})),
        {DEPENDS},
    ),
    "a Deny that names a key": (
        encrypted(allow_key(), {**DENY_ALL, "Action": "kms:*", "Resource": NAMED_KEY}),
        {DEPENDS},
    ),
    "a Deny that names a key, of a key alone": (
        key(allow_key(), {**DENY_ALL, "Action": "kms:*", "Resource": NAMED_KEY}),
        {DEPENDS},
    ),
    "an Allow that names a key": (encrypted(allow_key(Resource=NAMED_KEY)), {DEPENDS}),
    "a principal that is a parameter without a default": (
        bucket(allow(Principal={"AWS": {"Ref": "Who"}}, Condition=None), Parameters={"Who": parameter()}),
        {UNRESOLVED},
    ),
    "an account that is a parameter": (
        bucket(
            allow(Principal={"AWS": {"Fn::Sub": "arn:aws:iam::${Who}:root"}}, Condition=None),
            Parameters={"Who": parameter()},
        ),
        {UNRESOLVED},
    ),
    "any account's role whose name is a parameter": (
        bucket(
            allow(Principal={"AWS": {"Fn::Sub": "arn:aws:iam::*:role/${Who}"}}, Condition=None),
            Parameters={"Who": parameter()},
        ),
        {UNRESOLVED},
    ),
    "an action that is a parameter": (
        bucket(allow(Action={"Ref": "What"}), Parameters={"What": parameter()}),
        {TOO_WIDE},
    ),
    "a policy that a macro completes": (
        bucket(policy={**document(), "Fn::Transform": {"Name": "Statements"}}),
        {UNRESOLVED},
    ),
    "a principal from the parameter store": (
        bucket(
            allow(Principal={"AWS": {"Ref": "Who"}}, Condition=None),
            Parameters={"Who": parameter("/vendors/role", Type="AWS::SSM::Parameter::Value<String>")},
        ),
        {UNRESOLVED},
    ),
    "a principal by a dynamic reference": (principal({"AWS": "{{resolve:ssm:/vendors/role}}"}), {UNRESOLVED}),
    "a principal from another app": (principal({"AWS": {"Fn::ImportValue": "VendorRole"}}), {UNRESOLVED}),
    "a principal that a custom resource gives": (
        with_resources(
            principal({"AWS": {"Fn::GetAtt": ["Asked", "Arn"]}}), Asked={"Type": "Custom::Ask", "Properties": {}}
        ),
        {UNRESOLVED},
    ),
    "a deleted principal's unique id": (principal({"AWS": "AROAEXAMPLE1234567890"}), {UNRESOLVED}),
    "a canonical user": (
        principal({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
        {UNRESOLVED},
    ),
    "a domain that is a parameter without a default": (
        bucket(allow(Condition={"StringEquals": {TAG: {"Ref": "Domain"}}}), Parameters={"Domain": parameter()}),
        {UNRESOLVED},
    ),
    "a condition that a custom resource gives": (
        with_resources(
            condition({"StringEquals": {"Fn::GetAtt": ["Json", "Value"]}}),
            Json={"Type": "Custom::AWSCDKCfnJson", "Properties": {}},
        ),
        {UNRESOLVED},
    ),
    "everyone of an account that is a parameter": (
        bucket(
            allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalAccount": {"Ref": "Who"}}}),
            Parameters={"Who": parameter()},
        ),
        {UNRESOLVED},
    ),
    "a statement that a macro writes": (
        bucket(policy=document({"Fn::Transform": {"Name": "Statements", "Parameters": {}}})),
        {UNRESOLVED},
    ),
    "properties that a macro writes": (
        {
            "Resources": {
                "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Fn::Transform": {"Name": "Policy"}}}
            }
        },
        {UNRESOLVED},
    ),
    "resources that a macro adds": (
        {"Resources": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a/b.yaml"}}}},
        {UNRESOLVED},
    ),
    "more conditions than can be gone through": (
        bucket(
            allow(
                Condition={
                    f"{name}": {"Fn::If": [f"C{n}", {TAG: DOMAIN}, {"Ref": "AWS::NoValue"}]}
                    for n, name in enumerate(("StringEquals", "StringLike", "Null", "Bool", "ArnLike"))
                }
            ),
            Conditions={f"C{n}": {"Fn::Equals": ["a", f"b{n}"]} for n in range(5)},
        ),
        {UNRESOLVED, NOTHING_ALLOWS, DEPENDS},
    ),
    "a bucket name that is its own": (
        with_resources(
            principal({"AWS": {"Ref": "Loop"}}),
            Loop={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Loop"}}},
        ),
        {UNRESOLVED},
    ),
    "a key of another app": (
        bucket(allow(), key="arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
        {KEY_ELSEWHERE},
    ),
}
