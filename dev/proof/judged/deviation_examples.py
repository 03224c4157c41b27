"""A case of each known deviation, so that none stays in a table that is no longer to be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .case import Asked, Caller, Case, Context, mentioned
from .vocabulary import BUCKET, CALLERS, TAG

__all__ = ["EXAMPLES"]

_ICONIK: Final = CALLERS[0]
_ROLE: Final = _ICONIK.role
_UNSIGNED: Final = CALLERS[-1]
_FEDERATED: Final = next(one for one in CALLERS if one.type == "FederatedUser")
_SNS: Final = "arn:aws:sns:eu-west-1:111122223333:a:444455556666:b"


def _case(
    changes: Mapping[str, Any], context: Context | None = None, caller: Caller = _ICONIK, version: str = "2012-10-17"
) -> Case:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **changes}
    if "NotPrincipal" in statement:
        del statement["Principal"]
    document = {"Version": version, "Statement": [statement]}
    return Case(document, mentioned(document), Asked(caller, "s3:GetObject", f"{BUCKET}/a", context or {}))


def _if(operator: str, key: str, value: Any, context: Context | None = None, **asked: Any) -> Case:
    return _case({"Condition": {operator: {key: value}}}, context, **asked)


EXAMPLES: Final[Mapping[str, Case]] = {
    "ForAnyValue with IfExists where the key is missing": _if("ForAnyValue:StringEqualsIfExists", "aws:CalledVia", "x"),
    "Null of a key whose value is empty": _if("Null", TAG, "true", {TAG: ""}),
    "some of the caller's names in NotPrincipal": _case({"NotPrincipal": {"AWS": _ROLE}}),
    "a user who may have started the caller's federated session": _case(
        {"Principal": {"AWS": f"arn:aws:iam::{_FEDERATED.account}:user/anna"}}, caller=_FEDERATED
    ),
    "a canonical user id, which may be the caller's": _case({"Principal": {"CanonicalUser": "79a59df9" * 8}}),
    "an account is the same in every partition": _case(
        {"Principal": {"AWS": f"arn:aws-cn:iam::{_ICONIK.account}:root"}}
    ),
    "an empty value is one of the values of a set": _if("ForAllValues:StringEquals", TAG, "x", {TAG: ""}),
    "0.0.0.0/0 holds no address": _if("IpAddress", "aws:SourceIp", "0.0.0.0/0", {"aws:SourceIp": "203.0.113.7"}),
    "an address without a prefix is no range that an address of the other kind is outside of": _if(
        "NotIpAddress", "aws:SourceIp", "203.0.113.7", {"aws:SourceIp": "2001:db8::7"}
    ),
    "epoch times and dates are not compared with each other": _if(
        "DateGreaterThan", "aws:EpochTime", "2002-12-31", {"aws:EpochTime": "1798761599"}
    ),
    "variables are replaced in every version of the language": _if(
        "StringEquals", TAG, f"${{{TAG}}}", {TAG: "x"}, version="2008-10-17"
    ),
    "nothing is unequal to a variable that has no value": _if("StringNotEquals", TAG, "${aws:SourceVpce}", {TAG: "x"}),
    "nothing is unequal to what is no ARN": _if("ArnNotEquals", "aws:SourceArn", "x y", {"aws:SourceArn": _SNS}),
    "a variable whose value or default is empty has no value": _case({"Resource": f"{BUCKET}/${{{TAG}}}a"}, {TAG: ""}),
    "the colon of a variable ends a component of an ARN": _if(
        "ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/IconikS3AccessRole"
    ),
    "a session's aws:PrincipalArn is the session's ARN": _if("ArnEquals", "aws:PrincipalArn", _ROLE),
    "an unsigned caller has an ARN and an account": _if("Null", "aws:PrincipalAccount", "true", caller=_UNSIGNED),
    "aws:ResourceAccount is not known of an ARN without account": _if(
        "StringEquals", "aws:ResourceAccount", "111122223333"
    ),
    "a key that the request does not have is there all the same": _if("Null", "aws:SourceIp", "true"),
    "policy variables are taken for text": _if("StringEquals", TAG, "${aws:SourceVpce, 'x'}", {TAG: "x"}),
    "truth values without quotes are no texts": _if(
        "StringEquals", "aws:ViaAWSService", True, {"aws:ViaAWSService": "true"}
    ),
    "components of an ARN are not compared one by one": _if(
        "ArnLike", "aws:SourceArn", "arn:aws:sns:*:444455556666:b", {"aws:SourceArn": _SNS}
    ),
}
"""By the deviation's name."""
