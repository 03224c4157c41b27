"""Asks the assessment about a bucket that is right but for what a test changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements, key_statement
from iconik_construct.assessment import Assessment, Question, assess
from iconik_construct.assessment.fact import Fact, Found
from iconik_construct.assessment.facts import BucketFacts, KeyFacts, Settings

ACCOUNT = "123456789012"
REGION = "eu-west-1"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
A = "283217727627"
ROLE = f"arn:aws:iam::{A}:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
NAME = "acme-media"
ARN = f"arn:aws:s3:::{NAME}"
BOTH = [ARN, f"{ARN}/*"]
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PERMISSIONS = IconikPermissions.read_write()
OURS = bucket_statements([PERMISSIONS], [DOMAIN], ARN)
OUR_KEY = key_statement([PERMISSIONS], [DOMAIN])
QUESTION = Question((DOMAIN,), (PERMISSIONS,))
ENFORCED = Found({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}})
TLS = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": BOTH,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(*statements: Any) -> Fact:
    return Found({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """Return a statement for iconik's role without the tag, but for the elements given; None leaves one out."""
    base = {"Sid": "Extra", "Effect": effect, "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": BOTH}
    return {name: value for name, value in {**base, **elements}.items() if value is not None}


def key(*statements: Any, **more: Any) -> KeyFacts:
    facts = {"description": Found({"KeyMetadata": {"Arn": KEY_ARN, "KeyState": "Enabled"}}), **more}
    return KeyFacts(named=KEY_ARN, policy=policy(*statements), **facts)


def assessed(
    *extra: Any, ours: Sequence[Any] = OURS, keys: Sequence[KeyFacts] = (), question: Question = QUESTION, **more: Any
) -> Assessment:
    """Assess a right bucket with further statements, keys or facts."""
    facts = {
        "name": NAME,
        "account": ACCOUNT,
        "region": REGION,
        "policy": policy(TLS, *ours, *extra),
        "settings": Settings(ownership=ENFORCED),
        "keys": tuple(keys),
        **more,
    }
    return assess(BucketFacts(**facts), question)


def errors(assessment: Assessment) -> set[str]:
    return {finding.id for finding in assessment.findings if finding.severity == "error"}


def ids(assessment: Assessment) -> set[str]:
    return {finding.id for finding in assessment.findings}
