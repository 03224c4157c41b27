"""Statements of bucket policies as public repositories have them, rebuilt with ids and names of our own.

Looked at: samples of AWS's data perimeters and user guides, modules for Terraform, apps for the CDK and templates for
CloudFormation. Each is a kind of statement that many of them have; which one it was first seen in says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..policy_engine import OWNER_ACCOUNT_ID
from .vocabulary import BUCKET, DOMAINS, TAG

__all__ = ["GRANTS", "GUARDS", "Statement", "Statements"]

Statement = dict[str, Any]
Statements = Mapping[str, tuple[Statement, ...]]

_OBJECTS = f"{BUCKET}/*"
_BOTH = [BUCKET, _OBJECTS]
_PARTNER = "444455556666"
_ICONIK = "283217727627"
_ORG = "o-a1b2c3d4e5"
_VPCE = "vpce-0a1b2c3d"
_VPC = "vpc-0d1e2f3a"
_OFFICES = ["203.0.113.0/24", "198.51.100.0/25", "2001:db8::/32"]
_ROLE = f"arn:aws:iam::{_ICONIK}:role/IconikS3AccessRole"
_ADMINS = [f"arn:aws:iam::{OWNER_ACCOUNT_ID}:role/Admin", f"arn:aws:iam::{OWNER_ACCOUNT_ID}:root"]


def _allow(principal: Any, action: Any, resource: Any = _OBJECTS, **condition: Any) -> tuple[Statement, ...]:
    return (_statement("Allow", principal, action, resource, condition),)


def _deny(action: Any = "s3:*", resource: Any = _BOTH, principal: Any = "*", **condition: Any) -> tuple[Statement, ...]:
    return (_statement("Deny", principal, action, resource, condition),)


def _statement(effect: str, principal: Any, action: Any, resource: Any, condition: dict[str, Any]) -> Statement:
    # An operator is written as a name of Python: ForAnyValue_StringLike.
    tests = {name.replace("_", ":"): values for name, values in condition.items()}
    found = {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    return {**found, "Condition": tests} if tests else found


def _aws(*arns: str) -> dict[str, Any]:
    return {"AWS": arns[0] if len(arns) == 1 else list(arns)}


def _service(*names: str) -> dict[str, Any]:
    return {"Service": names[0] if len(names) == 1 else list(names)}


_READ = ["s3:GetObject", "s3:GetObjectVersion"]
_WRITE = ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"]
_LIST = ["s3:ListBucket", "s3:GetBucketLocation"]
_PARTNER_ROOT = _aws(f"arn:aws:iam::{_PARTNER}:root")
_OWN = {"aws:SourceAccount": OWNER_ACCOUNT_ID}
_FULL = {"s3:x-amz-acl": "bucket-owner-full-control"}
_TAGGED = {TAG: DOMAINS[0]}

GRANTS: Final[Statements] = {
    "iconik, as its page says": (
        *_allow(_aws(_ROLE), [*_READ, *_WRITE], StringEquals=_TAGGED),
        *_allow(_aws(_ROLE), _LIST, BUCKET, StringEquals=_TAGGED),
    ),
    "iconik, two domains": _allow(_aws(_ROLE), "s3:*", _BOTH, StringEquals={TAG: [*DOMAINS]}),
    "iconik, below a prefix": (
        *_allow(_aws(_ROLE), "s3:GetObject", f"{BUCKET}/masters/*", StringEquals=_TAGGED),
        *_allow(_aws(_ROLE), "s3:ListBucket", BUCKET, StringEquals=_TAGGED, StringLike={"s3:prefix": ["masters/*"]}),
    ),
    "iconik, condition by pattern": _allow(_aws(_ROLE), "s3:*", _BOTH, StringLike={TAG: "0b7fa3c2-*"}),
    "iconik, tag only where there is one": _allow(_aws(_ROLE), "s3:*", _BOTH, StringEqualsIfExists=_TAGGED),
    "iconik, no condition": _allow(_aws(_ROLE), [*_READ, *_LIST], _BOTH),
    "iconik, whole account": _allow(_aws(_ICONIK), _READ),
    "iconik, whole account with the tag": _allow(_aws(f"arn:aws:iam::{_ICONIK}:root"), _READ, StringEquals=_TAGGED),
    "iconik, one session": _allow(_aws(f"arn:aws:sts::{_ICONIK}:assumed-role/IconikS3AccessRole/iconik"), _READ),
    "iconik, by everyone with the role": _allow(
        "*", _READ, ArnEquals={"aws:PrincipalArn": _ROLE}, StringEquals=_TAGGED
    ),
    "iconik, by everyone of the account": _allow("*", _READ, StringEquals={"aws:PrincipalAccount": _ICONIK}),
    "iconik, by everyone but": _allow("*", _READ, ArnNotLike={"aws:PrincipalArn": f"arn:aws:iam::{_ICONIK}:user/*"}),
    "website": _allow("*", "s3:GetObject"),
    "website, spelled for accounts": _allow({"AWS": "*"}, ["s3:GetObject"]),
    "website, old version of the language": _allow("*", "s3:GetObject", f"{BUCKET}/public/*"),
    "listing for everyone": _allow("*", "s3:ListBucket", BUCKET, StringEquals={"s3:prefix": "masters/"}),
    "hot links": _allow(
        "*", "s3:GetObject", StringLike={"aws:Referer": ["https://app.iconik.io/*", "http://a.example/*"]}
    ),
    "from the offices": _allow("*", "s3:GetObject", IpAddress={"aws:SourceIp": _OFFICES}),
    "from the offices but one": _allow(
        "*", "s3:GetObject", IpAddress={"aws:SourceIp": _OFFICES}, NotIpAddress={"aws:SourceIp": "203.0.113.7/32"}
    ),
    "through the endpoint": _allow("*", ["s3:GetObject", "s3:PutObject"], StringEquals={"aws:SourceVpce": _VPCE}),
    "from the network": _allow({"AWS": "*"}, "s3:GetObject", StringEquals={"aws:SourceVpc": [_VPC]}),
    "organisation": _allow("*", [*_READ, *_LIST], _BOTH, StringEquals={"aws:PrincipalOrgID": _ORG}),
    "organisation, one unit": _allow(
        "*", _READ, ForAnyValue_StringLike={"aws:PrincipalOrgPaths": f"{_ORG}/r-ab12/ou-1/*"}
    ),
    "organisation, all units": _allow(
        "*",
        _READ,
        ForAllValues_StringLike={"aws:PrincipalOrgPaths": [f"{_ORG}/*"]},
        StringLike={"aws:PrincipalOrgID": "o-*"},
    ),
    "partner": _allow(_PARTNER_ROOT, _READ),
    "partner, by number": _allow(_aws(_PARTNER), ["s3:Get*", "s3:List*"], _BOTH),
    "partner's role and user": _allow(
        _aws(f"arn:aws:iam::{_PARTNER}:role/post/Editor", f"arn:aws:iam::{_PARTNER}:user/anna"), "s3:*", _BOTH
    ),
    "partner's upload for the owner": _allow(_PARTNER_ROOT, _WRITE, StringEquals=_FULL),
    "partner's replication": (
        *_allow(
            _aws(f"arn:aws:iam::{_PARTNER}:role/replication"),
            ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"],
        ),
        *_allow(_aws(f"arn:aws:iam::{_PARTNER}:role/replication"), ["s3:List*", "s3:GetBucketVersioning"], BUCKET),
    ),
    "partner with its tag": _allow(_PARTNER_ROOT, "s3:GetObject", StringEquals={"aws:PrincipalTag/team": "post"}),
    "tagged objects": _allow(_PARTNER_ROOT, "s3:GetObject", StringEquals={"s3:ExistingObjectTag/status": "clean"}),
    "home by team": _allow({"AWS": "*"}, "s3:*", f"{BUCKET}/${{aws:PrincipalTag/team}}/*"),
    "home by user": (
        *_allow(_PARTNER_ROOT, "s3:*Object", f"{BUCKET}/${{aws:username}}/*"),
        *_allow(_PARTNER_ROOT, "s3:ListBucket", BUCKET, StringLike={"s3:prefix": ["", "${aws:username}/*"]}),
    ),
    "home with a default": _allow("*", "s3:GetObject", f"{BUCKET}/${{aws:PrincipalTag/team, 'public'}}/*"),
    "content network": _allow(
        _service("cloudfront.amazonaws.com"),
        "s3:GetObject",
        StringEquals={"AWS:SourceArn": f"arn:aws:cloudfront::{OWNER_ACCOUNT_ID}:distribution/EDFDVBD6EXAMPLE"},
    ),
    "content network, old kind": _allow(
        _aws("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E15MNIMTCFKK4C"), "s3:GetObject"
    ),
    "content network, by its canonical id": _allow(
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbaced" * 2}, "s3:GetObject"
    ),
    "access logs": _allow(
        _service("logging.s3.amazonaws.com"),
        "s3:PutObject",
        StringEquals=_OWN,
        ArnLike={"aws:SourceArn": "arn:aws:s3:::*"},
    ),
    "balancer's logs": (
        *_allow(_aws("arn:aws:iam::156460612806:root"), "s3:PutObject", f"{BUCKET}/AWSLogs/{OWNER_ACCOUNT_ID}/*"),
        *_allow(_service("delivery.logs.amazonaws.com"), "s3:PutObject", StringEquals=_FULL),
        *_allow(_service("delivery.logs.amazonaws.com"), "s3:GetBucketAcl", BUCKET),
    ),
    "trail": (
        *_allow(_service("cloudtrail.amazonaws.com"), "s3:GetBucketAcl", BUCKET),
        *_allow(_service("cloudtrail.amazonaws.com"), "s3:PutObject", f"{BUCKET}/AWSLogs/*", StringEquals=_FULL),
    ),
    "inventory": _allow(
        _service("s3.amazonaws.com"), "s3:PutObject", ArnLike={"aws:SourceArn": BUCKET}, StringEquals=_OWN
    ),
    "access points": _allow(_aws("*"), "*", _BOTH, StringEquals={"s3:DataAccessPointAccount": OWNER_ACCOUNT_ID}),
    "a provider's users": _allow({"Federated": "cognito-identity.amazonaws.com"}, "s3:GetObject"),
    "everything for the owner": _allow(_aws(*_ADMINS), "s3:*", _BOTH),
    "until a date": _allow("*", "s3:GetObject", DateLessThan={"aws:CurrentTime": "2027-01-01T00:00:00Z"}),
    "fresh links only": _allow("*", "s3:GetObject", NumericLessThan={"s3:signatureAge": "600000"}),
    "short listings": _allow(_PARTNER_ROOT, "s3:ListBucket", BUCKET, NumericLessThanEquals={"s3:max-keys": 10}),
}
"""What lets somebody in."""

_NOT_A_SERVICE = {"aws:PrincipalIsAWSService": "false"}
_SSE = "s3:x-amz-server-side-encryption"

GUARDS: Final[Statements] = {
    "https": _deny(Bool={"aws:SecureTransport": "false"}),
    "https, objects": _deny("s3:*", _OBJECTS, {"AWS": "*"}, Bool={"aws:SecureTransport": False}),
    "https, every action": _deny("*", "*", BoolIfExists={"aws:SecureTransport": "false"}),
    "https, upside down": _deny(BoolIfExists={"aws:SecureTransport": "true"}),
    "TLS 1.2": _deny(NumericLessThan={"s3:TlsVersion": "1.2"}),
    "TLS 1.3, number": _deny(NumericLessThan={"s3:TlsVersion": 1.3}),
    "endpoint": _deny(StringNotEquals={"aws:SourceVpce": _VPCE}),
    "endpoints": _deny(StringNotEqualsIfExists={"aws:SourceVpce": [_VPCE, "vpce-0ffffff0"]}),
    "endpoint, but administrators": _deny(
        StringNotEquals={"aws:SourceVpce": _VPCE}, ArnNotLike={"aws:PrincipalArn": _ADMINS}
    ),
    "endpoint, but iconik": _deny(StringNotEquals={"aws:SourceVpce": _VPCE}, ArnNotEquals={"aws:PrincipalArn": _ROLE}),
    "endpoint, but iconik's account": _deny(StringNotEquals={"aws:SourceVpce": _VPCE, "aws:PrincipalAccount": _ICONIK}),
    "endpoint, but unique ids": _deny(
        StringNotEquals={"aws:SourceVpce": _VPCE},
        StringNotLike={"aws:userId": ["AROA1A2B3C4D5E6F7G8H9:*", OWNER_ACCOUNT_ID]},
    ),
    "network": _deny("s3:GetObject", _OBJECTS, StringNotEquals={"aws:sourceVpc": _VPC}),
    "offices": _deny(NotIpAddress={"aws:SourceIp": _OFFICES}),
    "offices, or through a service": _deny(
        NotIpAddress={"aws:SourceIp": _OFFICES}, Bool={"aws:ViaAWSService": "false"}
    ),
    "offices or network": _deny(
        NotIpAddressIfExists={"aws:SourceIp": _OFFICES, "aws:VpcSourceIp": "10.0.0.0/8"},
        StringNotEqualsIfExists={"aws:SourceVpc": _VPC},
    ),
    "one address": _deny(IpAddress={"aws:SourceIp": "203.0.113.7"}),
    "identity perimeter": _deny(
        StringNotEqualsIfExists={"aws:PrincipalOrgID": _ORG, "aws:PrincipalAccount": [_PARTNER]},
        BoolIfExists=_NOT_A_SERVICE,
    ),
    "identity perimeter, iconik let in": _deny(
        StringNotEqualsIfExists={"aws:PrincipalOrgID": _ORG, "aws:PrincipalAccount": [_PARTNER, _ICONIK]},
        BoolIfExists=_NOT_A_SERVICE,
    ),
    "network perimeter": _deny(
        NotIpAddressIfExists={"aws:SourceIp": _OFFICES},
        StringNotEqualsIfExists={
            "aws:SourceVpc": _VPC,
            "aws:PrincipalTag/dp:exclude:network": "true",
            "aws:PrincipalAccount": [_PARTNER],
        },
        BoolIfExists={**_NOT_A_SERVICE, "aws:ViaAWSService": "false"},
        ArnNotLikeIfExists={"aws:PrincipalArn": "arn:aws:iam::*:role/aws-service-role/*"},
    ),
    "deputies": _deny(
        StringNotEqualsIfExists={"aws:SourceOrgID": _ORG},
        Null={"aws:SourceAccount": "false"},
        Bool={"aws:PrincipalIsAWSService": "true"},
    ),
    "organisation": _deny(StringNotEquals={"aws:PrincipalOrgID": [_ORG]}),
    "organisation's units": _deny(ForAllValues_StringNotLike={"aws:PrincipalOrgPaths": [f"{_ORG}/r-ab12/*"]}),
    "organisation, where known": _deny(
        StringNotLikeIfExists={"aws:PrincipalOrgID": "o-a1b2*"}, Null={"aws:PrincipalOrgID": "false"}
    ),
    "all but administrators": _deny(
        ["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutBucketAcl"],
        BUCKET,
        StringNotLike={"aws:PrincipalArn": _ADMINS},
    ),
    "all but these": _deny(ArnNotLike={"aws:PrincipalArn": [*_ADMINS, _ROLE]}),
    "a role": _deny(principal=_aws(f"arn:aws:iam::{OWNER_ACCOUNT_ID}:role/Admin")),
    "iconik": _deny("s3:PutObject*", _OBJECTS, _aws(_ROLE)),
    "iconik without the tag": _deny(principal=_aws(_ROLE), StringNotEquals=_TAGGED),
    "iconik with another tag": _deny(principal=_aws(_ROLE), StringNotEqualsIfExists=_TAGGED),
    "iconik where the tag is missing": _deny(principal=_aws(_ROLE), Null={TAG: "true"}),
    "no deletes": _deny(["s3:Delete*", "s3:PutLifecycleConfiguration"], _BOTH),
    "encryption asked": _deny("s3:PutObject", _OBJECTS, Null={_SSE: "true"}),
    "encryption by a key": _deny("s3:PutObject", _OBJECTS, StringNotEquals={_SSE: "aws:kms"}),
    "encryption by a key, if asked": _deny(
        "s3:PutObject", _OBJECTS, StringNotEqualsIfExists={_SSE: ["aws:kms", "AES256"]}
    ),
    "encryption by this key": _deny(
        "s3:PutObject",
        _OBJECTS,
        ArnNotEqualsIfExists={"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu-west-1:*:key/*"},
    ),
    "owner gets the object": _deny("s3:PutObject", _OBJECTS, StringNotEquals=_FULL),
    "no public objects": _deny(
        "s3:PutObject", _OBJECTS, StringEquals={"s3:x-amz-acl": ["public-read", "public-read-write"]}
    ),
    "scanned objects": _deny("s3:GetObject", _OBJECTS, StringNotEquals={"s3:ExistingObjectTag/status": "clean"}),
    "infected objects": _deny(
        "s3:GetObject", _OBJECTS, StringEqualsIgnoreCase={"s3:ExistingObjectTag/status": "infected"}
    ),
    "second factor": _deny(resource=f"{BUCKET}/masters/*", Null={"aws:MultiFactorAuthAge": True}),
    "second factor, fresh": _deny(NumericGreaterThan={"aws:MultiFactorAuthAge": "3600"}),
    "second factor, or long-term keys": _deny(
        "s3:Delete*", _BOTH, BoolIfExists={"aws:MultiFactorAuthPresent": "false"}
    ),
    "headers only": _deny(StringNotEquals={"s3:authType": "REST-HEADER"}),
    "links": _deny("s3:GetObject", _OBJECTS, StringEquals={"s3:authType": "REST-QUERY-STRING"}),
    "old links": _deny(NumericGreaterThan={"s3:signatureAge": "600000"}),
    "other formats": (
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "NotResource": [f"{BUCKET}/*.mxf", f"{BUCKET}/*.mov"],
        },
    ),
    "all but reading": ({"Effect": "Deny", "Principal": "*", "NotAction": ["s3:Get*", "s3:List*"], "Resource": _BOTH},),
    "other regions": _deny(StringNotEquals={"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}),
    "from a date on": _deny(DateGreaterThan={"aws:CurrentTime": "2026-08-01T00:00:00Z"}),
    "agents": _deny(StringLike={"aws:UserAgent": ["aws-cli/*", "*S3Console*"]}),
    "everybody but, by all names": (
        {
            "Effect": "Deny",
            "NotPrincipal": _aws(
                f"arn:aws:iam::{_ICONIK}:root", _ROLE, f"arn:aws:sts::{_ICONIK}:assumed-role/IconikS3AccessRole/iconik"
            ),
            "Action": "s3:*",
            "Resource": _BOTH,
        },
    ),
}
"""What keeps somebody out."""
