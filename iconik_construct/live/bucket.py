"""Reads a bucket with all that decides who may use it: its policy and settings, its keys, its access points.

Apart from what is said about it because a report, a check and an audit read the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from boto3.session import Session

from ..judge.text import unknown
from .asking import Aws
from .calls import (
    ACCESS_POINT_POLICY,
    ACCESS_POINTS,
    ACCOUNT_ACCESS_BLOCK,
    BUCKET_CALLS,
    LOCATION,
    WHO_ASKS,
)
from .key import Key, read_key
from .organisation import Organisation, read_organisation
from .outcome import NotRead, Outcome, Read, Why, value_of

__all__ = ["AWS_MANAGED_KEY", "AccessPoint", "Answers", "Bucket", "read_account", "read_bucket"]

_NO_ACCOUNT: Final = "the account is not known"
AWS_MANAGED_KEY: Final = "alias/aws/s3"
"""The key of SSE-KMS where a bucket names none; nobody can edit its policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What AWS said of the bucket itself, by the calls of `BUCKET_CALLS`."""

    policy: Outcome
    policy_status: Outcome
    public_access_block: Outcome
    ownership: Outcome
    acl: Outcome
    encryption: Outcome
    cors: Outcome
    payer: Outcome
    object_lock: Outcome
    lifecycle: Outcome
    tiering: Outcome
    versioning: Outcome
    tags: Outcome
    abac: Outcome
    acceleration: Outcome
    notification: Outcome


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """An access point of the bucket, and its policy."""

    arn: str
    name: str
    network: str
    policy: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket as AWS described it.

    Attributes:
        name: its name.
        location: what AWS said of its region.
        region: its region; None where nobody said.
        who_asks: what AWS said of the account that asks.
        account: the account that asks, which owns the bucket unless AWS refuses; None where nobody said.
        answers: what AWS said of the bucket itself.
        account_access_block: what AWS said of the account's public access block.
        access_points: what AWS said of the access points: `AccessPoint`s.
        keys: the keys that the bucket encrypts with, and those that were named; none for SSE-S3.
        organisation: what applies to the account from above.
    """

    name: str
    location: Outcome
    region: str | None
    who_asks: Outcome
    account: str | None
    answers: Answers
    account_access_block: Outcome
    access_points: Outcome
    keys: tuple[Key, ...]
    organisation: Organisation

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.name}"

    @property
    def owner(self) -> str:
        """The account that owns the bucket, for the judge."""
        return self.account or unknown("the account of the bucket")

    @property
    def is_gone(self) -> bool:
        """Whether AWS says that there is no such bucket."""
        first = (self.location, self.answers.policy)
        return any(isinstance(one, NotRead) and one.why is Why.GONE for one in first)

    @property
    def policy_text(self) -> str | None:
        """The bucket policy as AWS gave it, to be read or hashed; None where there is none or it was not read."""
        return (value_of(self.answers.policy) or {}).get("Policy")

    @property
    def has_bucket_key(self) -> bool:
        """Whether new objects are encrypted under one key of the bucket's, which changes the encryption context."""
        return any(rule.get("BucketKeyEnabled") for rule in self.encryption_rules)

    @property
    def encryption_rules(self) -> Sequence[Mapping[str, Any]]:
        """The rules of the default encryption."""
        configuration = (value_of(self.answers.encryption) or {}).get("ServerSideEncryptionConfiguration") or {}
        return [rule for rule in configuration.get("Rules") or () if isinstance(rule, Mapping)]

    def outcomes(self) -> Iterator[tuple[str, Outcome]]:
        """Yield what each call about the bucket came to, with what it is about."""
        yield "the account that asks", self.who_asks
        yield LOCATION.what, self.location
        for field in fields(Answers):
            yield BUCKET_CALLS[field.name].what, getattr(self.answers, field.name)
        yield ACCOUNT_ACCESS_BLOCK.what, self.account_access_block
        yield ACCESS_POINTS.what, self.access_points
        for point in value_of(self.access_points) or ():
            yield f"the policy of the access point {point.name}", point.policy
        for key in self.keys:
            yield from key.outcomes()
        yield from self.organisation.outcomes()


def read_bucket(
    session: Session,
    name: str,
    *,
    region: str | None = None,
    key_ids: Sequence[str] = (),
    organisation_session: Session | None = None,
) -> Bucket:
    """Return a bucket as AWS describes it, with read-only calls; whatever could not be read is a `NotRead` in it.

    Args:
        session: boto3's session of the account that owns the bucket.
        name: the bucket.
        region: the bucket's region, where AWS does not say.
        key_ids: keys to read beside those of the default encryption.
        organisation_session: a session of the organisation's management account. Default: `session`.
    """
    aws = Aws(session, region)
    who_asks = aws.ask(WHO_ASKS)
    account = (value_of(who_asks) or {}).get("Account")
    organisation = read_organisation(
        Aws(organisation_session) if organisation_session else aws, aws, account, f"arn:aws:s3:::{name}", region
    )
    access_block: Outcome = NotRead(ACCOUNT_ACCESS_BLOCK.action, Why.SILENT, _NO_ACCOUNT)
    if account is not None:
        access_block = aws.ask(ACCOUNT_ACCESS_BLOCK, region, AccountId=account)
    return read_account(
        aws,
        name,
        region=region,
        who_asks=who_asks,
        access_block=access_block,
        key_ids=key_ids,
        organisation=organisation,
    )


def read_account(
    aws: Aws,
    name: str,
    *,
    region: str | None,
    who_asks: Outcome,
    access_block: Outcome,
    key_ids: Sequence[str],
    organisation: Organisation,
) -> Bucket:
    """Return a bucket of an account of which what is the same for all its buckets is known."""
    account = (value_of(who_asks) or {}).get("Account")
    location = aws.ask(LOCATION, Bucket=name)
    where = _region(location) or region
    answers = Answers(**{field: aws.ask(call, where, Bucket=name) for field, call in BUCKET_CALLS.items()})
    access_points: Outcome = NotRead(ACCESS_POINTS.action, Why.SILENT, _NO_ACCOUNT)
    if account is not None:
        access_points = _read_access_points(aws, account, name, where)
    bucket = Bucket(
        name=name,
        location=location,
        region=where,
        who_asks=who_asks,
        account=account,
        answers=answers,
        account_access_block=access_block,
        access_points=access_points,
        keys=(),
        organisation=organisation,
    )
    ids = dict.fromkeys([*_default_keys(bucket.encryption_rules), *key_ids])
    keys = tuple(read_key(aws, one, where) for one in ids)
    return replace(bucket, keys=keys)


def _region(location: Outcome) -> str | None:
    if not isinstance(location, Read):
        return None
    # S3's oldest regions have names of their own here.
    constraint = location.value.get("LocationConstraint")
    return str({None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(constraint, constraint))


def _default_keys(rules: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for rule in rules:
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if str(default.get("SSEAlgorithm", "")).startswith("aws:kms"):
            yield default.get("KMSMasterKeyID") or AWS_MANAGED_KEY


def _read_access_points(aws: Aws, account: str, bucket: str, region: str | None) -> Outcome:
    listed = aws.ask_all(ACCESS_POINTS, "AccessPointList", "NextToken", region, AccountId=account, Bucket=bucket)
    if not isinstance(listed, Read):
        return listed
    return Read(
        [
            AccessPoint(
                arn=str(one.get("AccessPointArn", "")),
                name=str(one.get("Name", "")),
                network=str(one.get("NetworkOrigin", "")),
                policy=aws.ask(ACCESS_POINT_POLICY, region, AccountId=account, Name=str(one.get("Name", ""))),
            )
            for one in listed.value
        ]
    )
