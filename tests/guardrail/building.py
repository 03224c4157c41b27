"""Templates in few words: a bucket with its policy, a key with its policy, a statement for iconik in good order."""

from __future__ import annotations

from typing import Any

DOMAIN = "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90"
SECOND_DOMAIN = "5e0c1d2f-7a3b-4c6d-9e8f-102938475665"
FOREIGN_DOMAIN = "77777777-8888-4999-8aaa-bbbbbbbbbbbb"
DOMAINS = frozenset({DOMAIN, SECOND_DOMAIN})

ACCOUNT = "283217727627"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
OWN_ACCOUNT = "123456789012"

BUCKET_ARN = {"Fn::GetAtt": ["Media", "Arn"]}
OBJECTS_ARN = {"Fn::Join": ["", [BUCKET_ARN, "/*"]]}

KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}

NO_TAG, INEFFECTIVE, FOREIGN, EVERYONE, NOT_PRINCIPAL = "ICONIK001", "ICONIK002", "ICONIK003", "ICONIK004", "ICONIK005"
TOO_WIDE, NO_TLS, KEY_FORGETS, UNRESOLVED, KEY_ELSEWHERE = (
    "ICONIK006",
    "ICONIK007",
    "ICONIK008",
    "ICONIK009",
    "ICONIK010",
)
DENIED, NOTHING_ALLOWS, DEPENDS, CUT_OFF = "ICONIK012", "ICONIK013", "ICONIK014", "ICONIK102"

Json = Any


def pinned(*domains: str, operator: str = "StringEquals", key: str = TAG) -> Json:
    ids = list(domains or (DOMAIN,))
    return {operator: {key: ids[0] if len(ids) == 1 else ids}}


def allow(**changes: Any) -> Json:
    """A statement that lets iconik read objects, rightly pinned; a change to None leaves the element out."""
    statement = {
        "Sid": "Iconik",
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": OBJECTS_ARN,
        "Condition": pinned(),
        **changes,
    }
    return {key: value for key, value in statement.items() if value is not None}


def allow_key(**changes: Any) -> Json:
    return allow(**{"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*", **changes})


def deny_http(**changes: Any) -> Json:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [BUCKET_ARN, OBJECTS_ARN],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **changes,
    }


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def template(resources: dict[str, Json], **sections: Json) -> Json:
    return {"Resources": resources, **sections}


def bucket(*statements: Json, tls: bool = True, key: Json = None, policy: Json = None, **sections: Json) -> Json:
    """A bucket with a policy of these statements and, unless told otherwise, the Deny of requests without TLS."""
    properties: dict[str, Json] = {"BucketName": "media-of-acme"}
    if key is not None:
        by_default = {"SSEAlgorithm": "aws:kms", **({} if key == "aws/s3" else {"KMSMasterKeyID": key})}
        rule = {"ServerSideEncryptionByDefault": by_default}
        properties["BucketEncryption"] = {"ServerSideEncryptionConfiguration": [rule]}
    found = policy or document(*([deny_http()] if tls else []), *statements)
    return template(
        {
            "Media": {"Type": "AWS::S3::Bucket", "Properties": properties},
            "MediaPolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "Media"}, "PolicyDocument": found},
            },
        },
        **sections,
    )


def owner() -> Json:
    """The statement with which the key's own account keeps it."""
    arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}
    return {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "kms:*", "Resource": "*"}


def key(*statements: Json, **sections: Json) -> Json:
    return template({"Key": key_resource(*statements)}, **sections)


def key_resource(*statements: Json) -> Json:
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(owner(), *statements)}}


def with_resources(body: Json, **resources: Json) -> Json:
    return {**body, "Resources": {**body["Resources"], **resources}}


def resource(kind: str, **properties: Json) -> Json:
    return template({"It": {"Type": kind, "Properties": properties}})


def parameter(default: str | None = None, **properties: Json) -> Json:
    return {"Type": "String", **({} if default is None else {"Default": default}), **properties}


def principal(who: Json) -> Json:
    """A bucket that lets this principal in without a condition."""
    return bucket(allow(Principal=who, Condition=None))


def condition(found: Json) -> Json:
    """A bucket that lets iconik in under this condition."""
    return bucket(allow(Condition=found))


def everyone(found: Json) -> Json:
    """A bucket that lets everyone in under this condition."""
    return bucket(allow(Principal="*", Condition=found))
