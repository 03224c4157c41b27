"""Policies of all kinds, each with its key and settings: good, locked out, open, and undecided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements, key_statement

ACCOUNT = "123456789012"
REGION = "eu-west-1"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
ICONIK = "283217727627"
ROLE = f"arn:aws:iam::{ICONIK}:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
NAME = "acme-media"
ARN = f"arn:aws:s3:::{NAME}"
OBJECTS = f"{ARN}/*"
ORGANISATION = "o-abcdefghij"
PERMISSIONS = IconikPermissions.read_write()

Statement = dict[str, Any]

TLS: Statement = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARN, OBJECTS],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
OURS: list[Statement] = bucket_statements([PERMISSIONS], [DOMAIN], ARN)
ROOT: Statement = {
    "Sid": "Root",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
OUR_KEY: Statement = key_statement([PERMISSIONS], [DOMAIN])


@dataclass(frozen=True)
class Case:
    """One bucket policy, the key policy if the bucket has a key, and whether the key can be used."""

    name: str
    bucket: tuple[Statement, ...]
    key: tuple[Statement, ...] | None = None
    is_key_enabled: bool = True
    is_lacking: bool = False
    """Whether a statement of ours is missing: tools that are not told the permissions cannot see that."""
    settings: str = ""
    """What differs from an encrypted bucket without ACLs: one of SETTINGS."""


AWS_MANAGED: Final = "the key aws/s3"
PUBLIC_ACL: Final = "an ACL for everyone"
ACLS: Final = "ACLs that a writer may set"
SETTINGS: Final = (AWS_MANAGED, PUBLIC_ACL, ACLS)
OF_AWS: Final[Statement] = {
    "Sid": "OfAws",
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    "Resource": "*",
    "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
}
"""The policy of the key aws/s3. Source: AWS, "AWS managed keys"."""


def allow(principal: Any = ROLE, action: Any = "s3:GetObject", resource: Any = OBJECTS, **more: Any) -> Statement:
    named = principal if principal == "*" or isinstance(principal, dict) else {"AWS": principal}
    return {"Sid": "Extra", "Effect": "Allow", "Principal": named, "Action": action, "Resource": resource, **more}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def deny(action: Any = "s3:*", resource: Any = None, principal: Any = "*", **more: Any) -> Statement:
    statement = allow(principal, action, resource or [ARN, OBJECTS], **more)
    return {**statement, "Effect": "Deny", "Sid": "No"}


_KEYS_OF_CALLERS = {
    "organisation": ("aws:PrincipalOrgID", ORGANISATION),
    "paths": ("aws:PrincipalOrgPaths", f"{ORGANISATION}/*"),
    "endpoint": ("aws:SourceVpce", "vpce-0123456789abcdef0"),
    "vpc": ("aws:SourceVpc", "vpc-0123456789abcdef0"),
    "owner of the endpoint": ("aws:VpceAccount", ACCOUNT),
    "iconik's endpoint": ("aws:VpceAccount", ICONIK),
    "own organisation of the resource": ("aws:ResourceOrgID", ORGANISATION),
    "account": ("aws:PrincipalAccount", ACCOUNT),
    "iconik's account": ("aws:PrincipalAccount", ICONIK),
    "role": ("aws:PrincipalArn", ROLE),
    "another role": ("aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/Editor"),
    "any role of that name": ("aws:PrincipalArn", "arn:aws:iam::*:role/IconikS3AccessRole"),
    "resource account": ("aws:ResourceAccount", ACCOUNT),
}
_ADDRESSES = {
    "an office": ["203.0.113.0/24"],
    "everywhere": ["0.0.0.0/0", "::/0"],
    "two halves": ["0.0.0.0/1", "128.0.0.0/1"],
    "every IPv6 address": ["::/0"],
    # The policy engine reads 0.0.0.0/0 as no address.
    "every address": ["0.0.0.0/1", "128.0.0.0/1", "::/0"],
}


def _allows() -> Iterator[tuple[str, Statement]]:
    for action in (
        "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucketVersions", "s3:PutBucketAcl", "s3:ReplicateObject",
        "s3:Get*", "s3:*",
    ):  # fmt: skip
        resource = ARN if "Bucket" in action else [ARN, OBJECTS] if "*" in action else OBJECTS
        yield f"{action} without the tag", allow(action=action, resource=resource)
        yield f"{action} for everyone", allow("*", action, resource)
    yield (
        "NotAction without the tag",
        {k: v for k, v in allow().items() if k != "Action"} | {"NotAction": "s3:DeleteObject"},
    )
    yield "the account without the tag", allow(f"arn:aws:iam::{ICONIK}:root")
    yield "the account's number without the tag", allow(ICONIK)
    yield "another domain", allow(**when("StringEquals", TAG, OTHER))
    yield "upper case", allow(**when("StringEquals", TAG, DOMAIN.upper()))
    yield "IfExists", allow(**when("StringEqualsIfExists", TAG, DOMAIN))
    yield "a wildcard", allow(**when("StringLike", TAG, "*"))
    yield "the tag, right", allow(**when("StringEquals", TAG, DOMAIN))
    yield "everyone with the tag", allow("*", **when("StringEquals", TAG, DOMAIN))
    yield "another account", allow("arn:aws:iam::999988887777:root", "s3:*", [ARN, OBJECTS])
    yield "a service", allow({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject")
    yield (
        "all but the owner",
        {k: v for k, v in allow().items() if k != "Principal"}
        | {"NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}},
    )
    yield "another role of iconik's account", allow(f"arn:aws:iam::{ICONIK}:role/Other")
    yield "a session of iconik's role", allow(f"arn:aws:sts::{ICONIK}:assumed-role/IconikS3AccessRole/session")
    yield "a principal in a list", allow([f"arn:aws:iam::{ACCOUNT}:root", ROLE])
    yield "the tag twice", allow(**when("StringEquals", TAG, [DOMAIN, OTHER]))
    yield "the tag that may be missing", allow(**when("ForAllValues:StringEquals", TAG, DOMAIN))
    yield "the tag that any value may have", allow(**when("ForAnyValue:StringEquals", TAG, DOMAIN))
    yield "the tag that must not be", allow(**when("StringNotEquals", TAG, OTHER))
    yield "the tag that must be there", allow(**when("Null", TAG, "false"))
    yield "the tag in other letters", allow(**when("StringEquals", TAG.lower(), DOMAIN))
    yield "the tag, ignoring case", allow(**when("StringEqualsIgnoreCase", TAG, DOMAIN))
    yield (
        "the tag and an organisation",
        allow(Condition={"StringEquals": {TAG: DOMAIN, "aws:PrincipalOrgID": ORGANISATION}}),
    )
    yield (
        "everyone of the organisation of the bucket",
        allow("*", **when("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}")),
    )
    yield "everyone over TLS", allow("*", **when("Bool", "aws:SecureTransport", "true"))
    yield "everyone below a prefix", allow("*", "s3:ListBucket", ARN, **when("StringLike", "s3:prefix", "private/*"))
    yield "everyone until last year", allow("*", **when("DateLessThan", "aws:CurrentTime", "2025-01-01T00:00:00Z"))
    yield (
        "NotResource for everyone",
        ({k: v for k, v in allow("*").items() if k != "Resource"} | {"NotResource": f"{ARN}/public/*"}),
    )
    yield "an object for everyone", allow("*", resource=f"{ARN}/masters/a.mxf")
    for name, (key, value) in _KEYS_OF_CALLERS.items():
        operator = "StringLike" if "*" in str(value) else "StringEquals"
        yield f"everyone of the {name}", allow("*", **when(operator, key, value))
        yield f"the role with the {name}", allow(**when(operator, key, value))
        yield f"everyone but the {name}", allow("*", **when(operator.replace("String", "StringNot"), key, value))
    for name, networks in _ADDRESSES.items():
        yield f"everyone in {name}", allow("*", **when("IpAddress", "aws:SourceIp", networks))
        if name != "everywhere":
            yield f"everyone outside {name}", allow("*", **when("NotIpAddress", "aws:SourceIp", networks))
        yield f"the role in {name}", allow(**when("IpAddress", "aws:SourceIp", networks))
    yield (
        "everyone in an office, if there is an address",
        allow("*", **when("IpAddressIfExists", "aws:SourceIp", _ADDRESSES["an office"])),
    )
    yield "every federated user", allow("*", **when("ArnLike", "aws:PrincipalArn", "arn:aws:sts::*:federated-user/*"))


def _denies() -> Iterator[tuple[str, Statement]]:
    for name, (key, value) in _KEYS_OF_CALLERS.items():
        operator = "StringNotLike" if "*" in str(value) else "StringNotEquals"
        yield f"a Deny but for the {name}", deny(**when(operator, key, value))
        yield f"a Deny but for the {name}, if it exists", deny(**when(f"{operator}IfExists", key, value))
    yield "a Deny of iconik's reads", deny("s3:GetObject", OBJECTS, ROLE)
    yield "a Deny of everything", deny()
    yield "a Deny of iconik's account", deny(principal=f"arn:aws:iam::{ICONIK}:root")
    yield "a Deny of deleting objects", deny("s3:DeleteObject", OBJECTS)
    yield "a Deny of a wildcard of actions", deny("s3:Put*", OBJECTS)
    yield (
        "a Deny of all but listing buckets",
        ({k: v for k, v in deny().items() if k != "Action"} | {"NotAction": "s3:ListAllMyBuckets"}),
    )
    yield "a Deny of some objects", deny("s3:*", f"{ARN}/private/*")
    yield "a Deny of other prefixes", deny("s3:ListBucket", ARN, **when("StringNotLike", "s3:prefix", "masters/*"))
    yield (
        "a Deny of uploads without a header",
        deny("s3:PutObject", OBJECTS, **when("Null", "s3:x-amz-server-side-encryption", "true")),
    )
    yield (
        "a Deny of objects that are not cleared",
        deny("s3:GetObject", OBJECTS, **when("StringNotEquals", "s3:ExistingObjectTag/cleared", "yes")),
    )
    yield "a Deny of unknown users", deny(**when("StringNotLike", "aws:userid", "AROAAAAAAAAAAAAAAAAAA:*"))
    yield (
        "a Deny of the organisation but for services",
        deny(
            Condition={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            }
        ),
    )
    yield (
        "a Deny of the organisation but for iconik",
        deny(
            Condition={
                "StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION},
                "ArnNotEquals": {"aws:PrincipalArn": ROLE},
            }
        ),
    )
    yield "a Deny from next year on", deny(**when("DateGreaterThan", "aws:CurrentTime", "2126-01-01T00:00:00Z"))
    yield "a Deny of other regions", deny(**when("StringNotEquals", "aws:RequestedRegion", REGION))
    yield "a Deny of another account", deny(principal="999988887777")
    yield "a Deny of deleting the bucket", deny("s3:DeleteBucket", ARN)
    yield "a Deny outside an office", deny(**when("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24"]))
    yield (
        "a Deny outside an office, but for VPC endpoints",
        deny(Condition={"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}, "Null": {"aws:SourceIp": "false"}}),
    )
    yield "a Deny without MFA", deny(**when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"))
    yield "a Deny of old TLS", deny(**when("NumericLessThan", "s3:TlsVersion", "1.2"))
    yield (
        "a Deny of everybody but iconik",
        {
            **{k: v for k, v in deny().items() if k != "Principal"},
            "NotPrincipal": {"AWS": [ROLE, f"arn:aws:iam::{ACCOUNT}:root"]},
        },
    )


def bucket_cases() -> Iterator[tuple[str, tuple[Statement, ...], bool]]:
    """Yield name, statements, and whether a statement of ours is missing."""
    yield "right", (TLS, *OURS), False
    yield "right, no TLS", tuple(OURS), False
    yield "nothing for iconik", (TLS,), True
    for sid in [str(each["Sid"]) for each in OURS]:
        yield f"without {sid}", (TLS, *(each for each in OURS if each["Sid"] != sid)), True
    yield "only listing", (TLS, allow(action="s3:ListBucket", resource=ARN, **when("StringEquals", TAG, DOMAIN))), True
    for name, statement in (*_allows(), *_denies()):
        yield name, (TLS, *OURS, statement), False


def key_cases() -> dict[str, tuple[Statement, ...]]:
    """Return the key policies."""
    extra = {"Action": "kms:Decrypt", "Resource": "*"}
    return {
        "a right key": (ROOT, OUR_KEY),
        "a key without iconik": (ROOT,),
        "a key without the tag": (ROOT, OUR_KEY, {**allow(), **extra}),
        "a key with a grant for everyone": (ROOT, OUR_KEY, {**allow("*"), **extra, "Action": "kms:CreateGrant"}),
        "a key with a Deny of the organisation": (
            ROOT,
            OUR_KEY,
            {**deny(**when("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORGANISATION)), **extra},
        ),
        "a key for another domain": (ROOT, OUR_KEY, {**allow(**when("StringEquals", TAG, OTHER)), **extra}),
        "a key for reading only": (ROOT, key_statement([IconikPermissions.read()], [DOMAIN])),
        "a key with a Deny of iconik's account": (ROOT, OUR_KEY, {**deny(principal=ICONIK), **extra}),
        "a key with a Deny of what is not through S3": (
            ROOT,
            OUR_KEY,
            {**deny(**when("StringNotEquals", "kms:ViaService", f"s3.{REGION}.amazonaws.com")), **extra},
        ),
        "a key for everyone of the owner's account": (ROOT, OUR_KEY, OF_AWS),
        "a key for everyone through S3": (
            ROOT,
            OUR_KEY,
            {**allow("*", **when("StringEquals", "kms:ViaService", f"s3.{REGION}.amazonaws.com")), **extra},
        ),
        "a key through S3": (ROOT, key_statement([PERMISSIONS], [DOMAIN], via_service=f"s3.{REGION}.amazonaws.com")),
        "a key through another service": (
            ROOT,
            key_statement([PERMISSIONS], [DOMAIN], via_service=f"ec2.{REGION}.amazonaws.com"),
        ),
    }


def cases() -> list[Case]:
    """Return every case: each bucket policy without a key and with a right one, and each key with four policies."""
    listed = list(bucket_cases())
    keys = key_cases()
    found = [Case(name, statements, is_lacking=lacking) for name, statements, lacking in listed]
    found += [
        Case(f"{name}, with a right key", statements, keys["a right key"], is_lacking=lacking)
        for name, statements, lacking in listed
    ]
    for key_name, key in keys.items():
        for name, statements, lacking in [*listed[:2], *listed[8:20:5]]:
            if key_name != "a right key":
                found.append(Case(f"{name}, with {key_name}", statements, key, is_lacking=lacking))
    right = (TLS, *OURS)
    found.append(Case("right, with a disabled key", right, keys["a right key"], is_key_enabled=False))
    found.append(Case("right, with the key aws/s3", right, (OF_AWS,), settings=AWS_MANAGED))
    found.append(Case("right, with an ACL for everyone", right, settings=PUBLIC_ACL))
    found.append(Case("right, with ACLs", right, settings=ACLS))
    return found
