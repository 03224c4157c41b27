"""Puts the statements of public repositories together to policies, and asks about them for iconik and for others.

Apart from the made policies because these are what people write: what the judge is wrong about here, it is wrong about
in practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from .case import Asked, Caller, Case, Context, Document, mentioned
from .shapes_bucket import GRANTS, GUARDS, Statements
from .shapes_key import KEY_GRANTS, KEY_GUARDS
from .vocabulary import BUCKET, CALLERS, DOMAINS, KEY_ARN, TAG

__all__ = ["Shape", "asked_about", "shapes"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A policy as somebody could have it."""

    name: str
    document: Document
    on_key: bool = False


def shapes() -> list[Shape]:
    """Return the policies: each grant alone, each guard beside iconik's, and grants and guards that met by turns."""
    every = [*_policies(GRANTS, GUARDS, on_key=False), *_policies(KEY_GRANTS, KEY_GUARDS, on_key=True)]
    return list({one.name: one for one in every}.values())


def _policies(grants: Statements, guards: Statements, *, on_key: bool) -> Iterator[Shape]:
    names, keepers = list(grants), list(guards)
    for name in names:
        yield _shape([name], [], grants, guards, on_key=on_key)
    for keeper in keepers:
        yield _shape(["iconik" if on_key else names[0]], [keeper], grants, guards, on_key=on_key)
    for number, name in enumerate(names):
        met = [keepers[(number * 5 + step) % len(keepers)] for step in range(2)]
        yield _shape([name], met[:1], grants, guards, on_key=on_key)
        yield _shape([names[number - 1], name], met, grants, guards, on_key=on_key)


def _shape(names: list[str], keepers: list[str], grants: Statements, guards: Statements, *, on_key: bool) -> Shape:
    statements = [one for name in names for one in grants[name]] + [one for name in keepers for one in guards[name]]
    version = "2008-10-17" if "old version" in names[-1] else "2012-10-17"
    what = "key policy" if on_key else "bucket policy"
    name = f"{what}: {' + '.join(names)}{' - ' if keepers else ''}{' - '.join(keepers)}"
    return Shape(name, {"Version": version, "Statement": statements}, on_key)


_ICONIK: Final = CALLERS[0]
_OWN_ROLE: Final = next(one for one in CALLERS if one.type == "AssumedRole" and one.account == "111122223333")
_UNSIGNED: Final = CALLERS[-1]

_WHO: Final[tuple[tuple[Caller, Context], ...]] = (
    (_ICONIK, {TAG: DOMAINS[0]}),
    (_ICONIK, {TAG: DOMAINS[1]}),
    (_ICONIK, {}),
    (CALLERS[2], {TAG: DOMAINS[0]}),
    (_UNSIGNED, {}),
    (_OWN_ROLE, {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-1/"]}),
)
"""iconik for the domain, for another, without a tag; another role of its account; nobody; a role of the owner."""

_STRAIGHT: Final[Context] = {
    "aws:SecureTransport": "true",
    "aws:SourceIp": "203.0.113.7",
    "aws:UserAgent": "Boto3/1.43 md",
    "aws:RequestedRegion": "eu-west-1",
    "aws:CurrentTime": "2026-07-01T12:30:00Z",
    "aws:PrincipalIsAWSService": "false",
    "aws:ViaAWSService": "false",
}
_WAYS: Final[tuple[Context, ...]] = (
    _STRAIGHT,
    {**_STRAIGHT, "aws:SourceIp": "192.0.2.44", "aws:SecureTransport": "false"},
    {
        **{name: value for name, value in _STRAIGHT.items() if name != "aws:SourceIp"},
        "aws:SourceVpce": "vpce-0a1b2c3d",
        "aws:SourceVpc": "vpc-0d1e2f3a",
        "aws:VpcSourceIp": "10.1.2.3",
    },
)

_ON_BUCKET: Final[tuple[tuple[str, str, Context], ...]] = (
    ("s3:GetObject", f"{BUCKET}/masters/2026/a.mxf", {"s3:TlsVersion": "1.3", "s3:authType": "REST-QUERY-STRING"}),
    ("s3:GetObject", f"{BUCKET}/post/a.mov", {"s3:authType": "REST-HEADER", "s3:ExistingObjectTag/status": "clean"}),
    ("s3:PutObject", f"{BUCKET}/masters/b.mxf", {"s3:TlsVersion": "1.2", "s3:x-amz-acl": "bucket-owner-full-control"}),
    ("s3:PutObject", f"{BUCKET}/masters/b.txt", {"s3:x-amz-server-side-encryption": "aws:kms"}),
    ("s3:ListBucket", BUCKET, {"s3:TlsVersion": "1.3", "s3:prefix": "masters/2026/"}),
    ("s3:GetBucketLocation", BUCKET, {}),
)
_ON_KEY: Final[tuple[tuple[str, str, Context], ...]] = (
    (
        "kms:Decrypt",
        KEY_ARN,
        {
            "kms:ViaService": "s3.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": BUCKET,
            "kms:EncryptionContextKeys": ["aws:s3:arn"],
        },
    ),
    ("kms:GenerateDataKey", KEY_ARN, {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
    ("kms:Encrypt", KEY_ARN, {}),
    ("kms:DescribeKey", KEY_ARN, {}),
)


def asked_about(shape: Shape) -> list[Case]:
    """Return what is asked about a policy: each caller, each way to come, each action."""
    names = mentioned(shape.document)
    return [
        Case(shape.document, names, replace(Asked(caller, action, resource, {**way, **own, **sent}), told=False))
        for caller, own in _WHO
        for way in _WAYS
        for action, resource, sent in (_ON_KEY if shape.on_key else _ON_BUCKET)
    ]
