"""Statements of key policies as public repositories have them, rebuilt with ids and names of our own."""

from __future__ import annotations

from typing import Any, Final

from ..policy_engine import OWNER_ACCOUNT_ID
from .shapes_bucket import Statement, Statements
from .vocabulary import BUCKET, DOMAINS, TAG

__all__ = ["KEY_GRANTS", "KEY_GUARDS"]

_ICONIK = "283217727627"
_PARTNER = "444455556666"
_ROLE = f"arn:aws:iam::{_ICONIK}:role/IconikS3AccessRole"
_S3 = "s3.eu-west-1.amazonaws.com"
_USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
_TAGGED = {TAG: DOMAINS[0]}


def _statement(effect: str, principal: Any, action: Any, **condition: Any) -> Statement:
    found = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}
    # An operator is written as a name of Python: ForAllValues_StringNotEquals.
    tests = {name.replace("_", ":"): values for name, values in condition.items()}
    return {**found, "Condition": tests} if tests else found


def _allow(principal: Any, action: Any = _USE, **condition: Any) -> Statement:
    return _statement("Allow", principal, action, **condition)


def _deny(action: Any = "kms:*", principal: Any = "*", **condition: Any) -> tuple[Statement, ...]:
    return (_statement("Deny", principal, action, **condition),)


_OWN_ROOT = {"AWS": f"arn:aws:iam::{OWNER_ACCOUNT_ID}:root"}
_OWNER = _allow(_OWN_ROOT, "kms:*")

KEY_GRANTS: Final[Statements] = {
    "the owner's policies": (_OWNER,),
    "the owner's policies, by number": (_allow({"AWS": OWNER_ACCOUNT_ID}, "kms:*"),),
    "the owner himself": (_allow(_OWN_ROOT, "kms:*", StringEquals={"aws:PrincipalType": "Account"}),),
    "administrators": (
        _allow({"AWS": f"arn:aws:iam::{OWNER_ACCOUNT_ID}:user/dora"}, ["kms:Create*", "kms:Describe*", "kms:Put*"]),
    ),
    "users and grants": (
        _OWNER,
        _allow({"AWS": [f"arn:aws:iam::{OWNER_ACCOUNT_ID}:role/Admin", f"arn:aws:iam::{_PARTNER}:root"]}),
        _allow(
            {"AWS": f"arn:aws:iam::{OWNER_ACCOUNT_ID}:role/Admin"},
            ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            Bool={"kms:GrantIsForAWSResource": "true"},
        ),
    ),
    "through S3, own callers": (
        _allow({"AWS": "*"}, StringEquals={"kms:ViaService": _S3, "kms:CallerAccount": OWNER_ACCOUNT_ID}),
    ),
    "through S3, iconik's callers": (
        _OWNER,
        _allow({"AWS": "*"}, StringEquals={"kms:ViaService": _S3, "kms:CallerAccount": [_ICONIK, _PARTNER]}),
    ),
    "through any service": (_OWNER, _allow({"AWS": "*"}, StringLike={"kms:ViaService": "*.eu-west-1.amazonaws.com"})),
    "iconik": (_OWNER, _allow({"AWS": _ROLE}, ["kms:Decrypt", "kms:GenerateDataKey"], StringEquals=_TAGGED)),
    "iconik, through S3": (
        _OWNER,
        _allow(
            {"AWS": _ROLE}, ["kms:Decrypt", "kms:GenerateDataKey*"], StringEquals={**_TAGGED, "kms:ViaService": _S3}
        ),
    ),
    "iconik, for this bucket": (
        _allow({"AWS": _ROLE}, "kms:Decrypt", StringEquals={"kms:EncryptionContext:aws:s3:arn": BUCKET}),
    ),
    "iconik, for objects of this bucket": (
        _allow(
            {"AWS": _ROLE}, ["kms:Decrypt", "kms:Gen*"], StringLike={"kms:EncryptionContext:aws:s3:arn": f"{BUCKET}*"}
        ),
    ),
    "iconik, no condition": (_OWNER, _allow({"AWS": _ROLE})),
    "iconik's account": (_OWNER, _allow({"AWS": f"arn:aws:iam::{_ICONIK}:root"}, "kms:Decrypt")),
    "log groups": (
        _OWNER,
        _allow(
            {"Service": "logs.eu-west-1.amazonaws.com"},
            ["kms:Encrypt*", "kms:Decrypt*", "kms:Describe*"],
            ArnLike={"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{OWNER_ACCOUNT_ID}:*"},
        ),
    ),
    "notifications": (
        _OWNER,
        _allow({"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}, ["kms:Decrypt", "kms:Gen*"]),
    ),
    "organisation": (_OWNER, _allow({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-a1b2c3d4e5"})),
    "everyone": (_allow("*", "kms:*"),),
    "only with a context": (_allow({"AWS": "*"}, "kms:Decrypt", Null={"kms:EncryptionContextKeys": "false"}),),
}
"""What lets somebody use the key."""

KEY_GUARDS: Final[Statements] = {
    "straight": _deny(StringNotEquals={"kms:ViaService": _S3}),
    "straight, data only": _deny(
        ["kms:Decrypt", "kms:GenerateDataKey*"], StringNotLikeIfExists={"kms:ViaService": ["s3.*.amazonaws.com"]}
    ),
    "identity perimeter": _deny(
        StringNotEqualsIfExists={"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalAccount": _PARTNER},
        BoolIfExists={"aws:PrincipalIsAWSService": "false"},
    ),
    "other accounts": _deny(StringNotEquals={"kms:CallerAccount": [OWNER_ACCOUNT_ID, _ICONIK]}),
    "other tags": _deny(principal={"AWS": _ROLE}, StringNotEquals=_TAGGED),
    "other contexts": _deny("kms:Decrypt", ForAllValues_StringNotEquals={"kms:EncryptionContextKeys": ["aws:s3:arn"]}),
    "encryption by hand": _deny("kms:Encrypt"),
    "end of the key": _deny(
        ["kms:ScheduleKeyDeletion", "kms:DisableKey"], ArnNotLike={"aws:PrincipalArn": "*:role/Admin"}
    ),
}
"""What keeps somebody from the key."""
