"""Defines the facts about one bucket, from any source: each found, not configured, or unknown.

Three adapters make them: `templates` from synthesized templates, `live` from an account, the merge function from its
event. With fewer facts, a tool gives the same answer for the facts that it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from ..judge.scalars import scalar
from ..judge.text import AnyText, MarkedText, joined, literal, split, unknown
from .fact import Fact, NotConfigured, Unknown, Why, value_of, value_within

__all__ = [
    "AWS_MANAGED_KEY",
    "AccessPointFacts",
    "BucketFacts",
    "ControlPolicy",
    "KeyFacts",
    "Organisation",
    "PolicyText",
    "Settings",
    "place_of",
    "statements_of",
]

AWS_MANAGED_KEY: Final = "alias/aws/s3"
"""The KMS key that S3 uses if a bucket names none. Nobody can edit its policy."""
_NAMES_OF_IT: Final = (literal(AWS_MANAGED_KEY), literal("aws/s3"))

PolicyText = Mapping[str, Any] | str
"""A policy, as JSON text or as parsed JSON."""

_NOT_ASKED: Final = NotConfigured()
_KMS: Final = literal("kms")


def statements_of(document: PolicyText | None) -> list[Mapping[str, Any]]:
    """Return the statements of a policy in order, with an empty one for each item that is not a JSON object."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return []
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    listed = [statements] if isinstance(statements, Mapping) else statements
    return [each if isinstance(each, Mapping) else {} for each in listed] if isinstance(listed, (list, tuple)) else []


def place_of(key: MarkedText) -> tuple[MarkedText, MarkedText] | None:
    """Return the region and the account in the ARN of a key or an alias; None if it is not an ARN."""
    parts = split(key, ":")
    return (parts[3], parts[4]) if len(parts) > 5 and parts[2] == _KMS else None  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """A resource control policy that applies to the account. `document` is the fact of its text."""

    id: str
    name: str
    document: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The parts of the organisation that apply to the account.

    Attributes:
        itself: the organisation; `NotConfigured` if the account is in none.
        control_policies: its resource control policies, as `ControlPolicy`; `NotConfigured` if none can apply, because
            the account is in no organisation or is the management account.
        seen: the findings of Access Analyzer about the bucket; `NotConfigured` if there is no analyzer.
    """

    itself: Fact = _NOT_ASKED
    control_policies: Fact = _NOT_ASKED
    seen: Fact = _NOT_ASKED

    def named(self) -> Iterator[tuple[str, Fact]]:
        """Yield each fact with its name for a reader."""
        yield "the organisation", self.itself
        yield "the organisation's resource control policies", self.control_policies
        for policy in value_of(self.control_policies) or ():
            yield f"the resource control policy {policy.name}", policy.document
        yield "the findings of Access Analyzer", self.seen


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """A KMS key.

    Attributes:
        named: its name in the bucket's configuration: an ARN, an id or an alias.
        description: boto3's answer to `describe_key`, or the known part of it.
        policy: its policy, a `PolicyText`.
        strict_policy: see `BucketFacts.strict_policy`.
        grants: a list of its grants.
        tags: its tags, by name.
    """

    named: AnyText
    description: Fact
    policy: Fact
    strict_policy: PolicyText | None = None
    grants: Fact = _NOT_ASKED
    tags: Fact = _NOT_ASKED

    @property
    def metadata(self) -> Mapping[str, Any]:
        return value_within(self.description, "KeyMetadata") or {}

    @property
    def arn(self) -> MarkedText:
        """Its ARN, or its name in the bucket's configuration."""
        return scalar(self.metadata.get("Arn")) or joined(self.named)

    @property
    def place(self) -> tuple[MarkedText, MarkedText] | None:
        """Its region and its account; None if its ARN is not known."""
        return place_of(self.arn)

    @property
    def is_aws_managed(self) -> bool:
        """Whether it is a key such as `aws/s3`, which no other account can use."""
        return self.metadata.get("KeyManager") == "AWS" or split(joined(self.named), ":")[-1] in _NAMES_OF_IT

    @property
    def is_gone(self) -> bool:
        """Whether AWS reports that the key does not exist."""
        return isinstance(self.description, Unknown) and self.description.why is Why.NOT_FOUND

    def named_facts(self) -> Iterator[tuple[MarkedText, Fact]]:
        """Yield each fact with its name for a reader."""
        if not self.is_aws_managed:
            yield joined("the key's state of ", self.arn), self.description
            yield joined("the key policy of ", self.arn), self.policy
            yield joined("the key's grants of ", self.arn), self.grants
            yield joined("the key's tags of ", self.arn), self.tags


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPointFacts:
    """An access point of the bucket.

    Attributes:
        arn: its ARN.
        name: its name.
        network: "Internet", "VPC" or empty.
        policy: a `PolicyText`.
        account: the account that owns it. Default: that of the bucket.
    """

    arn: AnyText
    name: str
    network: str
    policy: Fact
    account: AnyText = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The bucket's settings, in the shape of boto3's answers. By default none is configured."""

    policy_status: Fact = _NOT_ASKED
    public_access_block: Fact = _NOT_ASKED
    account_access_block: Fact = _NOT_ASKED
    ownership: Fact = _NOT_ASKED
    acl: Fact = _NOT_ASKED
    encryption: Fact = _NOT_ASKED
    cors: Fact = _NOT_ASKED
    payer: Fact = _NOT_ASKED
    object_lock: Fact = _NOT_ASKED
    lifecycle: Fact = _NOT_ASKED
    tiering: Fact = _NOT_ASKED
    versioning: Fact = _NOT_ASKED
    tags: Fact = _NOT_ASKED
    abac: Fact = _NOT_ASKED
    acceleration: Fact = _NOT_ASKED
    notification: Fact = _NOT_ASKED


_NAMES: Final[Mapping[str, str]] = {
    "policy_status": "whether AWS calls the bucket policy public",
    "public_access_block": "the bucket's public access block",
    "account_access_block": "the account's public access block",
    "ownership": "the object ownership",
    "acl": "the bucket's ACL",
    "encryption": "the default encryption",
    "cors": "the CORS rules",
    "payer": "who pays for requests",
    "object_lock": "the Object Lock",
    "lifecycle": "the lifecycle rules",
    "tiering": "the archive tiers of Intelligent-Tiering",
    "versioning": "the versioning",
    "tags": "the bucket's tags",
    "abac": "whether the bucket's tags decide about access (ABAC)",
    "acceleration": "the transfer acceleration",
    "notification": "the event notifications",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketFacts:
    """A bucket with its keys and access points.

    Attributes:
        name: its name. It contains the judge's marks if a template generates it.
        bucket_arn: its ARN as its policies write it. Default: made from the name.
        account: the account that owns it, in twelve digits; None if unknown.
        region: its region; None if unknown.
        location: the fact of the region.
        policy: its policy, a `PolicyText`. If a value has several possibilities, an Allow contains all of them.
        strict_policy: the same policy, with such values unknown. Access by this policy is certain. None if both are
            the same.
        rest_of_policy: the fact of further statements of other authors; `Unknown` if they were not read.
        settings: the bucket's settings.
        keys: the keys that it can encrypt with, and those that were named. iconik needs all of them.
        access_points: a list of `AccessPointFacts`.
        multi_region_points: the same of the multi-region access points in front of the bucket, where a source reads
            them apart.
        organisation: what applies to the account from above.
        time: the time of the earliest request as `2026-11-28T00:00:00Z`. Default: the year of this library.
    """

    name: AnyText
    bucket_arn: AnyText = ""
    account: AnyText | None = None
    region: AnyText | None = None
    location: Fact = _NOT_ASKED
    policy: Fact
    strict_policy: PolicyText | None = None
    rest_of_policy: Fact = _NOT_ASKED
    settings: Settings = field(default_factory=Settings)
    keys: tuple[KeyFacts, ...] = ()
    access_points: Fact = _NOT_ASKED
    multi_region_points: Fact = _NOT_ASKED
    organisation: Organisation = field(default_factory=Organisation)
    time: str | None = None

    @property
    def arn(self) -> MarkedText:
        return joined(self.bucket_arn) if self.bucket_arn else joined("arn:aws:s3:::", self.name)

    @property
    def owner(self) -> MarkedText:
        """The account that owns the bucket, for the judge."""
        return joined(self.account or unknown("the account of the bucket"))

    @property
    def is_gone(self) -> bool:
        """Whether AWS reports that the bucket does not exist."""
        return any(isinstance(fact, Unknown) and fact.why is Why.NOT_FOUND for fact in (self.location, self.policy))

    @property
    def object_ownership(self) -> str | None:
        """The object ownership, such as `BucketOwnerEnforced`; None if it was not read."""
        if isinstance(self.settings.ownership, Unknown):
            return None
        rules: Any = value_within(self.settings.ownership, "OwnershipControls", "Rules") or ({},)
        return str(rules[0].get("ObjectOwnership", "ObjectWriter"))

    @property
    def encryption_rules(self) -> Sequence[Mapping[str, Any]]:
        """The rules of the default encryption."""
        rules = value_within(self.settings.encryption, "ServerSideEncryptionConfiguration", "Rules")
        return [rule for rule in rules or () if isinstance(rule, Mapping)]

    @property
    def has_bucket_key(self) -> bool:
        """Whether new objects are encrypted with a bucket key, which changes the encryption context."""
        return any(rule.get("BucketKeyEnabled") for rule in self.encryption_rules)

    @property
    def all_access_points(self) -> tuple[AccessPointFacts, ...]:
        """The access points that are known, multi-region ones too."""
        return (*(value_of(self.access_points) or ()), *(value_of(self.multi_region_points) or ()))

    def named(self) -> Iterator[tuple[AnyText, Fact]]:
        """Yield each fact with its name for a reader."""
        yield "the bucket's region", self.location
        yield "the bucket policy", self.policy
        yield "the statements of others in the bucket policy", self.rest_of_policy
        for each in fields(Settings):
            yield _NAMES[each.name], getattr(self.settings, each.name)
        yield "the access points", self.access_points
        yield "the multi-region access points", self.multi_region_points
        for point in self.all_access_points:
            yield f"the policy of the access point {point.name}", point.policy
        for key in self.keys:
            yield from key.named_facts()
        yield from self.organisation.named()
