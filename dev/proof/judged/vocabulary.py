"""The callers, condition keys and values that policies and requests are made of.

Apart from the generators, so that what they can say is seen at a glance. All ids are made up, but for iconik's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ..policy_engine import OWNER_ACCOUNT_ID
from .case import Caller

__all__ = ["BUCKET", "CALLERS", "DOMAINS", "KEYS", "KEY_ARN", "PLACES", "TAG", "VARIABLES", "Key"]

TAG: Final = "aws:PrincipalTag/IconikSystemDomainId"
DOMAINS: Final = ("0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90", "5d9c1f08-1b6e-4a37-9e0d-3f2a7b8c6d15")
BUCKET: Final = "arn:aws:s3:::media-masters"
KEY_ARN: Final = f"arn:aws:kms:eu-west-1:{OWNER_ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

ROLE_ARN: Final = f"arn:aws:iam::{OWNER_ACCOUNT_ID}:role/Ingest"

_ICONIK: Final = "283217727627"
_OTHER: Final = "444455556666"


def _session(account: str, role: str, name: str, path: str = "/") -> Caller:
    return Caller(
        f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        account,
        "AssumedRole",
        role=f"arn:aws:iam::{account}:role{path}{role}",
    )


def _user(account: str, path_and_name: str) -> Caller:
    name = path_and_name.rpartition("/")[2]
    return Caller(f"arn:aws:iam::{account}:user/{path_and_name}", account, "User", username=name)


CALLERS: Final = (
    _session(_ICONIK, "IconikS3AccessRole", "iconik"),
    _session(_ICONIK, "IconikS3AccessRole", "i-0abc@eu.west"),
    _session(_ICONIK, "Transcoder", "iconik"),
    _session(_OTHER, "Editor", "anna", path="/post/"),
    _session("777788889999", "editor", "anna"),
    _user(_OTHER, "anna"),
    _user(_OTHER, "post/Ben+ops"),
    Caller(f"arn:aws:iam::{_OTHER}:root", _OTHER, "Account"),
    Caller(f"arn:aws:sts::{_OTHER}:federated-user/carol", _OTHER, "FederatedUser"),
    _session(OWNER_ACCOUNT_ID, "Admin", "dora"),
    _user(OWNER_ACCOUNT_ID, "dora"),
    Caller(f"arn:aws:iam::{OWNER_ACCOUNT_ID}:root", OWNER_ACCOUNT_ID, "Account"),
    Caller(None, None, "Anonymous"),
)

PLACES: Final = (
    ("s3:GetObject", f"{BUCKET}/masters/2026/a.mxf"),
    ("s3:GetObject", f"{BUCKET}/anna/Proxy file(1).mov"),
    ("s3:GetObject", f"{BUCKET}/post/a$b{{c}}.mxf"),
    ("s3:GetObject", f"{BUCKET}/a"),
    ("s3:GetObjectTagging", f"{BUCKET}/masters/2026/ä/x.mxf"),
    ("s3:PutObject", f"{BUCKET}/masters/2026/a.mxf"),
    ("s3:DeleteObject", f"{BUCKET}/Masters/old//b.mxf"),
    ("s3:ListBucket", BUCKET),
    ("s3:GetBucketLocation", BUCKET),
    ("s3:PutBucketPolicy", BUCKET),
    ("kms:Decrypt", KEY_ARN),
    ("kms:GenerateDataKey", KEY_ARN),
    ("kms:DescribeKey", KEY_ARN),
    ("sts:AssumeRole", ROLE_ARN),
)


@dataclass(frozen=True, slots=True)
class Key:
    """A condition key.

    Args:
        name: as AWS writes it.
        kind: the type of its values.
        values: what it can be.
        actions: what the actions that have it begin with.
        many: whether a request can have several values.
    """

    name: str
    kind: Literal["string", "arn", "number", "date", "bool", "ip", "binary"]
    values: tuple[str, ...]
    actions: tuple[str, ...] = ("",)
    many: bool = False


_TEAMS = ("anna", "post", "Post", "a*", "masters", "", "ä b")
_NUMBERS = ("0", "1.2", "1.3", "600", "3600", "-5", "1.20")
_DATES = ("2023-11-14T22:13:20Z", "2024-02-29T00:00:00Z", "2026-07-01T12:30:00Z", "2026-12-31T23:59:59Z")
_ADDRESSES = ("203.0.113.7", "203.0.114.7", "10.1.2.3", "2001:db8::7", "2001:db8:1::7", "198.51.100.255")

KEYS: Final = (
    Key(TAG, "string", (*DOMAINS, DOMAINS[0].upper(), "")),
    Key("aws:PrincipalTag/team", "string", _TEAMS),
    Key("aws:PrincipalOrgID", "string", ("o-a1b2c3d4e5", "o-A1b2c3d4e5", "o-zzzzzzzzzz")),
    Key("aws:SourceVpce", "string", ("vpce-0a1b2c3d", "vpce-0ffffff0")),
    Key("aws:SourceAccount", "string", ("111122223333", "444455556666")),
    Key("aws:UserAgent", "string", ("aws-cli/2.17", "Boto3/1.43 md", "[S3Console/0.4]")),
    Key("aws:Referer", "string", ("https://app.iconik.io/", "http://example.com/?a=*")),
    Key("aws:userid", "string", ("AROA1A2B3C4D5E6F7G8H9:iconik", "AIDA1A2B3C4D5E6F7G8H9")),
    Key("aws:username", "string", ("anna", "Ben+ops", "dora")),
    Key("aws:RequestedRegion", "string", ("eu-west-1", "us-east-1")),
    Key("s3:authType", "string", ("REST-HEADER", "REST-QUERY-STRING"), ("s3:",)),
    Key("s3:prefix", "string", ("", "masters/", "masters/2026/", "Masters/", "anna/"), ("s3:ListBucket",)),
    Key("s3:x-amz-acl", "string", ("bucket-owner-full-control", "public-read"), ("s3:PutObject",)),
    Key("s3:ExistingObjectTag/status", "string", ("clean", "CLEAN", "infected"), ("s3:GetObject",)),
    Key("kms:ViaService", "string", ("s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"), ("kms:",)),
    Key("kms:EncryptionContext:aws:s3:arn", "string", (BUCKET, f"{BUCKET}/a"), ("kms:Decrypt", "kms:Gen")),
    Key("sts:ExternalId", "string", ("media-1", "Media-1"), ("sts:",)),
    Key("aws:PrincipalAccount", "string", ()),
    Key("aws:PrincipalType", "string", ()),
    Key("aws:ResourceAccount", "string", ()),
    Key("kms:CallerAccount", "string", (), ("kms:",)),
    Key("aws:PrincipalArn", "arn", ()),
    Key("aws:SourceArn", "arn", ("arn:aws:sns:eu-west-1:111122223333:a:444455556666:b", "arn:aws:s3:::other")),
    Key("s3:TlsVersion", "number", ("1.1", "1.2", "1.3"), ("s3:",)),
    Key("s3:signatureAge", "number", _NUMBERS, ("s3:",)),
    Key("s3:max-keys", "number", ("1", "1000", "0"), ("s3:ListBucket",)),
    Key("aws:MultiFactorAuthAge", "number", _NUMBERS),
    Key("aws:CurrentTime", "date", _DATES),
    Key("aws:TokenIssueTime", "date", _DATES),
    Key("aws:EpochTime", "date", ("1700000000", "1782909000", "1798761599")),
    Key("aws:SecureTransport", "bool", ("true", "false")),
    Key("aws:MultiFactorAuthPresent", "bool", ("true", "false")),
    Key("aws:PrincipalIsAWSService", "bool", ("false",)),
    Key("aws:ViaAWSService", "bool", ("true", "false")),
    Key("aws:SourceIp", "ip", _ADDRESSES),
    Key("aws:VpcSourceIp", "ip", _ADDRESSES),
    Key("aws:CalledVia", "string", ("athena.amazonaws.com", "glue.amazonaws.com", "s3.amazonaws.com"), many=True),
    Key("aws:PrincipalOrgPaths", "string", ("o-a1b2c3d4e5/r-ab12/ou-1/", "o-a1b2c3d4e5/r-ab12/"), many=True),
    Key("aws:PrincipalServiceNamesList", "string", ("s3.amazonaws.com", "S3.amazonaws.com"), many=True),
    Key("s3:RequestObjectTagKeys", "string", ("status", "Status", "owner", "a*"), ("s3:PutObject",), many=True),
    Key("kms:EncryptionContextKeys", "string", ("aws:s3:arn", "owner"), ("kms:Decrypt", "kms:Gen"), many=True),
    # AWS lists no key of the buckets' and keys' actions whose type is binary; the operator is grammar all the same.
    Key("aws:PrincipalTag/blob", "binary", ("QUJD", "AAECAw==", "QUJE")),
)

VARIABLES: Final = (
    "aws:PrincipalTag/team",
    "aws:PrincipalTag/team",
    TAG,
    "aws:username",
    "aws:userid",
    "aws:PrincipalAccount",
    "aws:SourceAccount",
    "aws:SourceVpce",
    "s3:prefix",
)
"""The keys that are written as policy variables: those with one value."""
