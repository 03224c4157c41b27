"""Reads a bucket with everything that decides who has access: its policy and settings, its keys, its access points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Final

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why, value_of
from ..assessment.facts import AWS_MANAGED_KEY, AccessPointFacts, BucketFacts, Organisation, Settings
from .asking import Aws
from .calls import (
    ACCESS_POINT_POLICY,
    ACCESS_POINTS,
    ACCOUNT_ACCESS_BLOCK,
    BUCKET_CALLS,
    BUCKET_POLICY,
    CALLER_IDENTITY,
    LOCATION,
    MULTI_REGION,
    MULTI_REGION_POINTS,
    MULTI_REGION_POLICY,
)
from .key import read_key, text_of_policy
from .organisation import read_organisation

__all__ = [
    "Account",
    "buckets_behind",
    "facts_of",
    "multi_region_arn",
    "read_access_point",
    "read_bucket",
    "read_multi_region_point",
]

_NO_ACCOUNT: Final = "the account is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Facts that are the same for all buckets of an account.

    Attributes:
        number: the account; None if it is not known.
        access_block: its public access block.
        organisation: the parts of the organisation that apply to it.
        multi_region_points: the list of its multi-Region access points, as AWS returns it. An audit reads each of them
            as a resource, and leaves the list out here.
    """

    number: str | None
    access_block: Fact
    organisation: Organisation
    multi_region_points: Fact = field(default_factory=NotConfigured)


def read_bucket(
    aws: Aws,
    name: str,
    *,
    region: str | None = None,
    key_ids: Sequence[str] = (),
    organisations: Aws | None = None,
) -> BucketFacts:
    """Return the facts of a bucket, by read-only calls. What could not be read is `Unknown`.

    Args:
        aws: calls AWS with the credentials of the account that owns the bucket.
        name: the bucket.
        region: the region of the bucket, used if AWS does not return it.
        key_ids: keys to read in addition to those of the default encryption.
        organisations: calls AWS with the credentials of the organisation's management account. Default: `aws`.
    """
    number = (value_of(aws.ask(CALLER_IDENTITY)) or {}).get("Account")
    access_block: Fact = Unknown(ACCOUNT_ACCESS_BLOCK.action, Why.NO_ANSWER, _NO_ACCOUNT)
    points: Fact = Unknown(MULTI_REGION_POINTS.action, Why.NO_ANSWER, _NO_ACCOUNT)
    if number is not None:
        access_block = aws.ask(ACCOUNT_ACCESS_BLOCK, region, AccountId=number)
        points = aws.ask_all(MULTI_REGION_POINTS, MULTI_REGION, AccountId=number)
    account = Account(
        number=number,
        access_block=access_block,
        organisation=read_organisation(organisations or aws, aws, number, f"arn:aws:s3:::{name}", region),
        multi_region_points=points,
    )
    return facts_of(aws, name, account, region=region, key_ids=key_ids)


def facts_of(
    aws: Aws,
    name: str,
    account: Account,
    *,
    region: str | None = None,
    key_ids: Sequence[str] = (),
    policy: Fact | None = None,
) -> BucketFacts:
    """Return the facts of a bucket of an account. `policy` is the bucket policy, if it was already read."""
    location = aws.ask(LOCATION, Bucket=name)
    where = _region(location) or region
    answers = {setting: aws.ask(call, where, Bucket=name) for setting, call in BUCKET_CALLS.items()}
    access_points: Fact = Unknown(ACCESS_POINTS.action, Why.NO_ANSWER, _NO_ACCOUNT)
    if account.number is not None:
        access_points = _read_access_points(aws, account.number, name, where)
    bucket = BucketFacts(
        name=name,
        account=account.number,
        region=where,
        location=location,
        policy=policy or text_of_policy(aws.ask(BUCKET_POLICY, where, Bucket=name)),
        settings=Settings(**answers, account_access_block=account.access_block),
        access_points=access_points,
        multi_region_points=_multi_region_points(aws, account, name),
        organisation=account.organisation,
        time=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    ids = dict.fromkeys([*_default_keys(bucket.encryption_rules), *key_ids])
    return replace(bucket, keys=tuple(read_key(aws, named, where) for named in ids))


def _region(location: Fact) -> str | None:
    if not isinstance(location, Found):
        return None
    # The oldest regions of S3 have other names here.
    constraint = location.value.get("LocationConstraint")
    return str({None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(constraint, constraint))


def _default_keys(rules: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for rule in rules:
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if str(default.get("SSEAlgorithm", "")).startswith("aws:kms"):
            yield default.get("KMSMasterKeyID") or AWS_MANAGED_KEY


def _read_access_points(aws: Aws, account: str, bucket: str, region: str | None) -> Fact:
    listed = aws.ask_all(ACCESS_POINTS, region, AccountId=account, Bucket=bucket)
    if not isinstance(listed, Found):
        return listed
    return Found([read_access_point(aws, account, point, region) for point in listed.value])


def read_access_point(aws: Aws, account: str, listed: Mapping[str, Any], region: str | None) -> AccessPointFacts:
    """Return the facts of an access point from its entry in the list."""
    name = str(listed.get("Name", ""))
    return AccessPointFacts(
        arn=str(listed.get("AccessPointArn", "")),
        name=name,
        network=str(listed.get("NetworkOrigin", "")),
        policy=text_of_policy(aws.ask(ACCESS_POINT_POLICY, region, AccountId=account, Name=name)),
    )


def _multi_region_points(aws: Aws, account: Account, bucket: str) -> Fact:
    listed = account.multi_region_points
    if not isinstance(listed, Found) or account.number is None:
        return listed
    behind = [each for each in listed.value if bucket in buckets_behind(account.number, each)]
    return Found([read_multi_region_point(aws, account.number, each) for each in behind])


def read_multi_region_point(aws: Aws, account: str, listed: Mapping[str, Any]) -> AccessPointFacts:
    """Return the facts of a multi-Region access point from its entry in the list."""
    name = str(listed.get("Name", ""))
    policy = aws.ask(MULTI_REGION_POLICY, MULTI_REGION, AccountId=account, Name=name)
    if isinstance(policy, Found):
        established = (policy.value.get("Policy") or {}).get("Established") or {}
        policy = Found(established["Policy"]) if established.get("Policy") else NotConfigured()
    return AccessPointFacts(
        arn=multi_region_arn(account, listed),
        name=name,
        network="Internet",
        policy=policy,
    )


def multi_region_arn(account: str, listed: Mapping[str, Any]) -> str:
    """Return the ARN of a multi-Region access point from its entry in the list."""
    return f"arn:aws:s3::{account}:accesspoint/{listed.get('Alias') or listed.get('Name', '')}"


def buckets_behind(account: str, listed: Mapping[str, Any]) -> list[str]:
    """Return the buckets of the account behind a multi-Region access point."""
    return [
        str(each.get("Bucket", ""))
        for each in listed.get("Regions") or ()
        if each.get("BucketAccountId") in {None, account}
    ]
