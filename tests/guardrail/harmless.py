"""Templates that the guardrail does not refuse: iconik has the right access, or others that it does not judge."""

from __future__ import annotations

import json

from tests.guardrail.building import (
    ACCOUNT,
    BUCKET_ARN,
    DOMAIN,
    KEY_ARN,
    OBJECTS_ARN,
    ROLE,
    SECOND_DOMAIN,
    TAG,
    Json,
    allow,
    allow_key,
    bucket,
    condition,
    deny_http,
    document,
    everyone,
    key,
    key_resource,
    owner,
    parameter,
    pinned,
    principal,
    resource,
    template,
    with_resources,
)

_EXTERNAL_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

FOR_ICONIK: dict[str, Json] = {
    "the tag pinned": bucket(allow()),
    "the tag pinned to two domains": condition(pinned(DOMAIN, SECOND_DOMAIN)),
    "the tag's name in another case": condition(pinned(key="AWS:principaltag/ICONIKSYSTEMDOMAINID")),
    "the tag pinned beside a prefix": bucket(
        allow(
            Action="s3:ListBucket",
            Resource=BUCKET_ARN,
            Condition={**pinned(), "StringLike": {"s3:prefix": "masters/*"}},
        )
    ),
    "the tag pinned beside a weaker condition on it": condition({**pinned(), "StringLike": {TAG: "*"}}),
    "the tag pinned for the whole account": bucket(allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
    "the tag pinned for everyone of the account": everyone(
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT, TAG: DOMAIN}}
    ),
    "the tag pinned by a parameter's default": bucket(
        allow(Condition={"StringEquals": {TAG: {"Ref": "Domain"}}}), Parameters={"Domain": parameter(DOMAIN)}
    ),
    "the tag pinned by a parameter's allowed values": bucket(
        allow(Condition={"StringEquals": {TAG: {"Ref": "Domain"}}}),
        Parameters={"Domain": parameter(AllowedValues=[DOMAIN, SECOND_DOMAIN])},
    ),
    "the tag pinned in both branches": bucket(
        allow(Condition={"StringEquals": {TAG: {"Fn::If": ["Second", SECOND_DOMAIN, DOMAIN]}}}),
        Conditions={"Second": {"Fn::Equals": ["a", "b"]}},
    ),
    "iconik and its tag under the same condition": bucket(
        allow(
            Principal={"AWS": {"Fn::If": ["Iconik", ROLE, "arn:aws:iam::123456789012:root"]}},
            Condition={"Fn::If": ["Iconik", pinned(), {"Ref": "AWS::NoValue"}]},
        ),
        Conditions={"Iconik": {"Fn::Equals": ["a", "b"]}},
    ),
    "a policy that is there only where the tag is": with_resources(
        bucket(Conditions={"Iconik": {"Fn::Equals": ["a", "a"]}}),
        MediaPolicy={
            **bucket(allow(Condition={"Fn::If": ["Iconik", pinned(), {"Ref": "AWS::NoValue"}]}))["Resources"][
                "MediaPolicy"
            ],
            "Condition": "Iconik",
        },
    ),
    "seven conditions on single values": bucket(
        allow(Condition={"StringEquals": {TAG: [{"Fn::If": [f"C{n}", DOMAIN, SECOND_DOMAIN]} for n in range(7)]}}),
        Conditions={f"C{n}": {"Fn::Equals": ["a", "b"]} for n in range(7)},
    ),
    "a policy written as a JSON string": bucket(
        policy=json.dumps(document(deny_http(Resource="*"), allow(Resource="arn:aws:s3:::media-of-acme/*")))
    ),
    "iconik's role Admin, said so": bucket(allow(Sid="IconikAdmin", Action="s3:*", Resource=[BUCKET_ARN, OBJECTS_ARN])),
    "a Deny for iconik": bucket(allow(), allow(Effect="Deny", Action="s3:DeleteObject", Condition=None)),
    "a Deny for all but iconik": bucket(
        allow(),
        allow(
            Effect="Deny",
            Principal=None,
            NotPrincipal={"AWS": [ROLE, "arn:aws:iam::123456789012:root"]},
            Condition=None,
        ),
    ),
    "a Deny of plain HTTP with a wildcard": bucket(deny_http(Resource="arn:aws:s3:::media-of-*"), allow(), tls=False),
    "a Deny of plain HTTP in two statements": bucket(
        deny_http(Resource=BUCKET_ARN, Principal={"AWS": "*"}),
        deny_http(Resource=OBJECTS_ARN, Action="*"),
        allow(),
        tls=False,
    ),
    "a Deny of plain HTTP for all but AWS services": bucket(
        deny_http(Condition={"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}),
        allow(),
        tls=False,
    ),
    "TLS asked of iconik itself": bucket(
        allow(Condition={**pinned(), "Bool": {"aws:SecureTransport": "true"}}), tls=False
    ),
    "a key that knows iconik": with_resources(bucket(allow(), key=KEY_ARN), Key=key_resource(allow_key())),
    "a key that knows iconik, by its id": with_resources(
        bucket(allow(), key={"Ref": "Key"}), Key=key_resource(allow_key(Action=["kms:Decrypt", "kms:GenerateDataKey"]))
    ),
    "a key that knows iconik, by its alias": with_resources(
        bucket(allow(), key={"Ref": "Alias"}),
        Key=key_resource(allow_key()),
        Alias={"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/media", "TargetKeyId": KEY_ARN}},
    ),
    "a key that iconik only reads with": with_resources(
        bucket(allow(Action="s3:GetObject"), key=KEY_ARN), Key=key_resource(allow_key(Action="kms:Decrypt"))
    ),
    "a key that knows iconik where the bucket does": with_resources(
        bucket(
            {"Fn::If": ["Iconik", allow(), {"Ref": "AWS::NoValue"}]},
            key=KEY_ARN,
            Conditions={"Iconik": {"Fn::Equals": ["a", "b"]}},
        ),
        Key=key_resource({"Fn::If": ["Iconik", allow_key(), {"Ref": "AWS::NoValue"}]}),
    ),
    "a key whose policy iconik's statement is merged into": with_resources(
        bucket(allow(), key=_EXTERNAL_KEY),
        Merge={
            "Type": "Custom::IconikKeyPolicyStatements",
            "Properties": {"KeyArn": _EXTERNAL_KEY, "Statements": {"IconikKey1": allow_key(Sid="IconikKey1")}},
        },
    ),
    "a bucket policy that iconik's statement is merged into": resource(
        "Custom::IconikBucketPolicyStatements",
        BucketName="legacy",
        Statements={"IconikObjects1": allow(Sid="IconikObjects1", Resource="arn:aws:s3:::legacy/*")},
    ),
    "the key, through S3 only": key(
        allow_key(Condition={"StringEquals": {TAG: DOMAIN, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}})
    ),
    "a queue that iconik reads": resource(
        "AWS::SQS::QueuePolicy", Queues=["q"], PolicyDocument=document(allow(Action="sqs:ReceiveMessage", Resource="*"))
    ),
}

FOR_OTHERS: dict[str, Json] = {
    "no policy at all": template({"Media": {"Type": "AWS::S3::Bucket"}}),
    "the key's own account": key(),
    "another account": principal({"AWS": "arn:aws:iam::444455556666:role/Partner"}),
    "another account, by its id": principal({"AWS": "444455556666"}),
    "a role of the template": with_resources(
        principal({"AWS": {"Fn::GetAtt": ["Reader", "Arn"]}}),
        Reader={
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": document(
                    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
                )
            },
        },
    ),
    "a role of another account with iconik's name": principal(
        {"AWS": "arn:aws:iam::444455556666:role/IconikS3AccessRole"}
    ),
    "a role whose name is a parameter": bucket(
        allow(Principal={"AWS": {"Fn::Sub": "arn:aws:iam::444455556666:role/${Name}"}}, Condition=None),
        Parameters={"Name": parameter()},
    ),
    "an account after something unresolved": bucket(
        allow(Principal={"AWS": {"Fn::Sub": "${Prefix}:iam::444455556666:root"}}, Condition=None),
        Parameters={"Prefix": parameter()},
    ),
    "a role of the own account whose name is a parameter": bucket(
        allow(
            Principal={"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}"}}, Condition=None
        ),
        Parameters={"Name": parameter()},
    ),
    "a log delivery account by region": bucket(
        allow(Principal={"AWS": {"Fn::FindInMap": ["Elb", {"Ref": "AWS::Region"}, "account"]}}, Condition=None),
        Mappings={"Elb": {"us-east-1": {"account": "127311923021"}, "eu-west-1": {"account": "156460612806"}}},
    ),
    "a service": principal({"Service": "cloudtrail.amazonaws.com"}),
    "CloudFront's own user": with_resources(
        principal({"CanonicalUser": {"Fn::GetAtt": ["Identity", "S3CanonicalUserId"]}}),
        Identity={
            "Type": "AWS::CloudFront::CloudFrontOriginAccessIdentity",
            "Properties": {"CloudFrontOriginAccessIdentityConfig": {"Comment": "x"}},
        },
    ),
    "a cluster's identity provider": resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument=document(
            allow(Principal={"Federated": {"Ref": "Provider"}}, Action="sts:AssumeRoleWithWebIdentity", Resource=None)
        ),
    ),
    "everyone of the organisation": everyone({"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}}),
    "everyone below a part of the organisation": everyone(
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-acme123456/r-ab12/ou-ab12-11111111/*"}}
    ),
    "everyone of the own account": everyone({"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}),
    "everyone behind a VPC endpoint": everyone({"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
    "everyone in the office": everyone({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}),
    **{
        f"everyone at an address of the app, {number}": with_resources(
            everyone({"IpAddress": {"aws:SourceIp": address}}),
            Eip={"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
            Instance={"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1"}},
        )
        for number, address in enumerate(
            [
                {"Ref": "Eip"},
                {"Fn::Sub": "${Eip}/32"},
                {"Fn::Sub": "${Eip.PublicIp}/32"},
                {"Fn::Join": ["", [{"Ref": "Eip"}, "/32"]]},
                {"Fn::Sub": "${Instance.PublicIp}/32"},
                [{"Fn::Sub": "${Eip}/32"}, "203.0.113.0/24"],
            ]
        )
    },
    "services only": everyone({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
    "a distribution": everyone({"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}}),
    "the access points of the own account": everyone(
        {"StringEquals": {"s3:DataAccessPointAccount": {"Ref": "AWS::AccountId"}}}
    ),
    "a bucket's messages to a topic": resource(
        "AWS::SNS::TopicPolicy",
        Topics=["t"],
        PolicyDocument=document(
            allow(
                Principal="*",
                Action="sns:Publish",
                Resource="*",
                Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::media"}},
            )
        ),
    ),
    "the AWS managed way through S3": key(
        {
            **owner(),
            "Principal": {"AWS": "*"},
            "Condition": {
                "StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
            },
        }
    ),
    "the AWS managed key for a bucket of others": bucket(
        allow(Principal={"AWS": "444455556666"}, Condition=None), key="aws/s3"
    ),
    "no Deny of plain HTTP on a bucket of others": bucket(
        allow(Principal={"AWS": "444455556666"}, Condition=None), tls=False
    ),
    "a Deny for everyone": bucket(allow(Effect="Deny", Principal="*", Condition=None)),
    "iconik's account in an identity policy": resource(
        "AWS::IAM::ManagedPolicy",
        PolicyDocument=document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}),
    ),
}

HARMLESS = {f"for iconik: {name}": body for name, body in FOR_ICONIK.items()} | {
    f"for others: {name}": body for name, body in FOR_OTHERS.items()
}
