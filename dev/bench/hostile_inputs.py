"""Policies, requests and templates of at most 200 kB that are made to take long."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from iconik_construct.judge import Request, unknown
from iconik_construct.judge.text import joined

__all__ = ["MOST_BYTES", "ORDINARY", "ORDINARY_TEMPLATE", "POLICIES", "TEMPLATES", "request"]

MOST_BYTES: Final = 200_000

_CALLER: Final = "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/x"
_ROLE: Final = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
_UNKNOWN: Final = unknown("a name")
_MANY: Final = 3_000


def request(context: Mapping[str, Any]) -> Request:
    """Return a request of a caller from another account."""
    return Request(
        action="s3:GetObject",
        resource="arn:aws:s3:::acme-media/masters/a",
        account="111122223333",
        principal=_CALLER,
        context=context,
    )


def _statement(**elements: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**base, **elements}]}


def _compared(operator: str, key: str, patterns: list[str], values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return _statement(Condition={operator: {key: patterns}}), {key: values}


def _numbered(form: str, count: int = _MANY) -> list[str]:
    return [form.format(number) for number in range(count)]


ORDINARY: Final[tuple[dict[str, Any], dict[str, Any]]] = (
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Team{number}",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::4444555566{number % 100:02}:root"},
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": f"arn:aws:s3:::acme-media/team-{number}/*",
            }
            for number in range(1_000)
        ],
    },
    {},
)
"""A policy of 200 kB as people write them, only longer."""

_TAGS: Final = "aws:TagKeys"
POLICIES: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "patterns x values": _compared("ForAnyValue:StringLike", _TAGS, _numbered("a*{}"), _numbered("b{}x")),
    "patterns x values with one start": _compared("ForAllValues:StringLike", _TAGS, _numbered("a*"), _numbered("a{}")),
    "patterns of every length": _compared(
        "ForAllValues:StringNotLike", _TAGS, ["a" * (n // 40) + "*" + "b" * (n % 40) for n in range(_MANY)], ["ab"] * 9
    ),
    "texts x values": _compared("ForAllValues:StringNotEquals", _TAGS, _numbered("a{}z"), _numbered("a{}x")),
    "ARNs x values": _compared(
        "ForAllValues:ArnNotLike", _TAGS, _numbered("arn:aws:s3:::a*{}z"), _numbered("arn:aws:s3:::a{}x")
    ),
    "numbers x values": _compared("ForAllValues:NumericNotEquals", _TAGS, _numbered("{}"), _numbered("-1{}")),
    "ranges x addresses": _compared(
        "ForAllValues:NotIpAddress", _TAGS, ["10.0.0.0/24"] * _MANY, ["198.51.100.7"] * _MANY
    ),
    "times x times": _compared(
        "ForAllValues:DateNotEquals", _TAGS, ["2020-01-01T00:00:00Z"] * _MANY, ["2021-01-01T00:00:00Z"] * _MANY
    ),
    "a long pattern of question marks": _compared("StringLike", "aws:UserAgent", ["?*" * 40_000], "a" * 100_000),
    "a long pattern of stars": _compared("StringLike", "aws:UserAgent", ["*a" * 50_000], "a" * 49_999 + "b"),
    "patterns x a text that is not known": _compared(
        "StringLike", "aws:UserAgent", _numbered("a*{}", 12_000), joined("a", _UNKNOWN, "b" * 3_000)
    ),
    "texts x a text with two unknown parts": _compared(
        "StringEquals", "aws:UserAgent", _numbered("a{}", 12_000), joined("a", _UNKNOWN, "b", _UNKNOWN, "b" * 3_000)
    ),
    "a variable many times in one text": (
        _statement(Condition={"StringEquals": {"aws:UserAgent": "${aws:username}" * 9_000}}),
        {"aws:UserAgent": "b", "aws:username": "b" * 3_000},
    ),
    "a long variable in many texts": (
        _statement(Condition={"StringEquals": {"aws:UserAgent": ["${aws:username}"] * 8_000}}),
        {"aws:UserAgent": "b", "aws:username": "b" * 3_000},
    ),
    "a long variable in many resources": (
        _statement(Resource=_numbered("arn:aws:s3:::${{aws:username}}*{}", 4_000)),
        {"aws:username": "b" * 2_000},
    ),
    "braces that stay open": _compared("StringEquals", "aws:UserAgent", ["${" * 90_000], "b"),
    "actions": (_statement(Action=_numbered("s3:?*{}", 13_000)), {}),
    "resources": (_statement(Resource=_numbered("arn:aws:s3:::?*{}", 8_000)), {}),
    "principals": (_statement(Principal={"AWS": _numbered("arn:aws:iam::283217727627:role/a{}", 4_500)}), {}),
    "keys": (_statement(Condition={"StringEquals": {f"aws:RequestTag/{n}": _UNKNOWN for n in range(5_500)}}), {}),
    "statements": ({"Version": "2012-10-17", "Statement": _statement(Condition={})["Statement"] * 1_900}, {}),
}
"""A policy and what is known of the request."""


def _template(kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": kind, "Properties": properties}}}


def _policy(**elements: Any) -> dict[str, Any]:
    return _template("AWS::S3::BucketPolicy", {"Bucket": "acme-media", "PolicyDocument": _statement(**elements)})


def _doubled(levels: int) -> Any:
    return {"Fn::Join": ["", [_doubled(levels - 1), _doubled(levels - 1)]]} if levels else "x"


def _chained(levels: int) -> Any:
    return {"Fn::Join": ["", ["a", _chained(levels - 1)]]} if levels else "x"


ORDINARY_TEMPLATE: Final = _template("AWS::S3::BucketPolicy", {"Bucket": "acme-media", "PolicyDocument": ORDINARY[0]})

_TAGGED: Final = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"}}
TEMPLATES: Final[dict[str, dict[str, Any]]] = {
    "the action of a call": _template(
        "Custom::AWS", {"Create": json.dumps({"action": "put" * 60_000, "parameters": {"Principal": _CALLER}})}
    ),
    "substitutions that stay open": _policy(Principal={"AWS": {"Fn::Sub": "${" * 90_000}}),
    "joins in joins": _policy(Principal={"AWS": _doubled(12)}),
    "a chain of joins": _policy(Principal={"AWS": _chained(200)}),
    "dynamic references that stay open": _policy(Principal={"AWS": "{{resolve:" * 18_000}),
    "text within text": _template("AWS::SSM::Parameter", {"Value": json.dumps('{"' * 60_000)}),
    "statements for everyone": _policy(Condition={"StringLike": {"aws:PrincipalArn": _numbered("*a*{}", 15_000)}}),
    "addresses": _policy(
        Condition={"IpAddress": {"aws:SourceIp": [f"10.{n // 256}.{n % 256}.0/25" for n in range(9_000)]}}
    ),
    "Denies of HTTP": _template(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": "acme-media",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    _statement(Principal={"AWS": _ROLE})["Statement"][0],
                    *(
                        _statement(
                            Effect="Deny",
                            Condition={
                                "Bool": {"aws:SecureTransport": "false"},
                                "StringEquals": {"aws:RequestTag/a": f"{number}"},
                            },
                        )["Statement"][0]
                        for number in range(1_000)
                    ),
                ],
            },
        },
    ),
    "keys of a Deny that are not known": _template(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": "acme-media",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    _statement(Principal={"AWS": _ROLE}, Condition=_TAGGED)["Statement"][0],
                    _statement(
                        Effect="Deny",
                        Condition={"StringNotEquals": {f"aws:PrincipalTag/{number}": "a" for number in range(5_500)}},
                    )["Statement"][0],
                ],
            },
        },
    ),
    "digits": _template("AWS::SSM::Parameter", {"Value": "2832177276" * 19_000}),
}
"""Templates for the guardrail."""
