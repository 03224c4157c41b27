"""Every condition key that a policy of a bucket or of a key can ask for, with values to write and to send.

`condition_keys.csv` lists them. Sources: AWS, IAM User Guide, "AWS global condition context keys"; AWS, Service
Authorization Reference, "Actions, resources, and condition keys" for Amazon S3 and for AWS KMS. `action` and `resource`
are a request that can carry the key; they are empty where a bucket policy or key policy never meets it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["KEYS", "OWN_ACCOUNT", "ConditionKey", "Values", "conditions", "values_of"]

OWN_ACCOUNT: Final = "111122223333"
ICONIK: Final = "283217727627"
_FOREIGN: Final = "999988887777"


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key, as AWS documents it."""

    name: str
    type: str
    source: str
    action: str
    resource: str

    @property
    def is_list(self) -> bool:
        return self.type.startswith("ArrayOf")


@dataclass(frozen=True, slots=True)
class Values:
    """What a policy can write for a key and a request can carry: the customer's own, iconik's, somebody else's."""

    own: str
    iconik: str
    foreign: str
    wildcard: str


def _read() -> Iterator[ConditionKey]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield ConditionKey(row["key"], row["type"], row["source"], row["action"], row["resource"])


KEYS: Final = tuple(_read())

_BY_FORM: Final = (
    (("account", "sourceowner"), Values(OWN_ACCOUNT, ICONIK, _FOREIGN, "*")),
    (("orgpaths",), Values("o-acme123456/r-ab12/", "o-iconik1234/r-ab12/", "o-other12345/r-ab12/", "o-*")),
    (("orgid",), Values("o-acme123456", "o-iconik1234", "o-other12345", "o-*")),
    (("sourcevpce",), Values("vpce-0123456789abcdef0", "vpce-1123456789abcdef0", "vpce-2123456789abcdef0", "vpce-*")),
    (("sourcevpc",), Values("vpc-0123456789abcdef0", "vpc-1123456789abcdef0", "vpc-2123456789abcdef0", "vpc-*")),
    (("viaservice",), Values("s3.eu-west-1.amazonaws.com", "s3.us-east-1.amazonaws.com", "ec2.amazonaws.com", "s3.*")),
)  # fmt: skip
_BY_TYPE: Final = {
    "ARN": Values(
        f"arn:aws:iam::{OWN_ACCOUNT}:role/Team",
        f"arn:aws:iam::{ICONIK}:role/IconikS3AccessRole",
        f"arn:aws:iam::{_FOREIGN}:role/Other",
        "arn:aws:iam::*:role/*",
    ),
    "Bool": Values("true", "false", "true", "false"),
    "Date": Values("2020-01-01T00:00:00Z", "2026-11-28T00:00:00Z", "2099-01-01T00:00:00Z", "2026-11-28T00:00:00Z"),
    "IPAddress": Values("203.0.113.7", "198.51.100.7", "192.0.2.7", "128.0.0.0/1"),
    "Numeric": Values("100", "200", "300", "0"),
}
_TEXTS: Final = Values("acme", "iconik", "other", "*")
_OPERATORS: Final = {
    "ARN": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "ArnLikeIfExists", "ArnNotLikeIfExists"),
    "Bool": ("Bool", "BoolIfExists"),
    "Date": ("DateLessThan", "DateGreaterThan", "DateEquals", "DateNotEquals", "DateLessThanIfExists"),
    "IPAddress": ("IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"),
    "Numeric": ("NumericEquals", "NumericLessThan", "NumericGreaterThanEquals", "NumericNotEqualsIfExists"),
    "String": (
        "StringEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
        "StringNotEquals",
        "StringNotLike",
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
    ),
}


def values_of(key: ConditionKey) -> Values:
    """Return values of the key's form."""
    name = key.name.lower()
    if key.type in _BY_TYPE:
        return _BY_TYPE[key.type]
    return next((values for endings, values in _BY_FORM if name.endswith(endings)), _TEXTS)


def conditions(key: ConditionKey) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield named conditions on the key: every operator of its type with every kind of value, and `Null`."""
    values = values_of(key)
    kinds = {"own": values.own, "iconik's": values.iconik, "foreign": values.foreign, "wildcard": values.wildcard}
    for operator in _OPERATORS[key.type.removeprefix("ArrayOf")]:
        for quantifier in ("ForAnyValue:", "ForAllValues:") if key.is_list else ("",):
            for kind, value in kinds.items():
                yield f"{quantifier}{operator} {kind}", {f"{quantifier}{operator}": {key.name: value}}
    for written in ("true", "false"):
        yield f"Null {written}", {"Null": {key.name: written}}
