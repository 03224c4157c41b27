"""Lists the calls to AWS of `live`, all of them read-only, and the IAM policy that allows exactly these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["BUCKET_CALLS", "BUCKET_POLICY", "CALLS", "Call", "minimal_policy"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        service: boto3's name of the service.
        operation: the method of its client.
        action: the IAM action that it needs; empty for the one call that needs none.
        what: what is read, for a reader.
        absent: the error codes for a setting that is not configured.
        on: the kind of resource of the action: `bucket`, `access point`, `key`, or `account` for `*`.
    """

    service: str
    operation: str
    action: str
    what: str
    absent: tuple[str, ...] = ()
    on: str = "bucket"
    parameter: str = ""
    """The parameter that names the resource, if the audit reads one of many."""
    holds: tuple[str, ...] = ()
    """The path to a part that every answer of AWS has. The page of a proxy does not: the fact is then unknown."""


CALLER_IDENTITY: Final = Call(
    "sts", "get_caller_identity", "", "the account of the caller", on="account", holds=("Account",)
)

BUCKET_POLICY: Final = Call(
    "s3", "get_bucket_policy", "s3:GetBucketPolicy", "the bucket policy", ("NoSuchBucketPolicy",), holds=("Policy",)
)
BUCKET_CALLS: Final[Mapping[str, Call]] = {
    "policy_status": Call(
        "s3",
        "get_bucket_policy_status",
        "s3:GetBucketPolicyStatus",
        "whether AWS calls the bucket policy public",
        ("NoSuchBucketPolicy",),
        holds=("PolicyStatus", "IsPublic"),
    ),
    "public_access_block": Call(
        "s3",
        "get_public_access_block",
        "s3:GetBucketPublicAccessBlock",
        "the bucket's public access block",
        ("NoSuchPublicAccessBlockConfiguration",),
        holds=("PublicAccessBlockConfiguration",),
    ),
    "ownership": Call(
        "s3",
        "get_bucket_ownership_controls",
        "s3:GetBucketOwnershipControls",
        "the object ownership",
        ("OwnershipControlsNotFoundError",),
        holds=("OwnershipControls", "Rules"),
    ),
    "acl": Call("s3", "get_bucket_acl", "s3:GetBucketAcl", "the bucket's ACL", holds=("Owner",)),
    "encryption": Call(
        "s3",
        "get_bucket_encryption",
        "s3:GetEncryptionConfiguration",
        "the default encryption",
        ("ServerSideEncryptionConfigurationNotFoundError",),
        holds=("ServerSideEncryptionConfiguration", "Rules"),
    ),
    "cors": Call("s3", "get_bucket_cors", "s3:GetBucketCORS", "the CORS rules", ("NoSuchCORSConfiguration",)),
    "payer": Call("s3", "get_bucket_request_payment", "s3:GetBucketRequestPayment", "who pays for requests"),
    "object_lock": Call(
        "s3",
        "get_object_lock_configuration",
        "s3:GetBucketObjectLockConfiguration",
        "the Object Lock",
        ("ObjectLockConfigurationNotFoundError",),
    ),
    "lifecycle": Call(
        "s3",
        "get_bucket_lifecycle_configuration",
        "s3:GetLifecycleConfiguration",
        "the lifecycle rules",
        ("NoSuchLifecycleConfiguration",),
    ),
    "tiering": Call(
        "s3",
        "list_bucket_intelligent_tiering_configurations",
        "s3:GetIntelligentTieringConfiguration",
        "the archive tiers of Intelligent-Tiering",
    ),
    "versioning": Call("s3", "get_bucket_versioning", "s3:GetBucketVersioning", "the versioning"),
    "tags": Call("s3", "get_bucket_tagging", "s3:GetBucketTagging", "the bucket's tags", ("NoSuchTagSet",)),
    "abac": Call("s3", "get_bucket_abac", "s3:GetBucketAbac", "whether the bucket's tags decide about access (ABAC)"),
    "acceleration": Call(
        "s3", "get_bucket_accelerate_configuration", "s3:GetAccelerateConfiguration", "the transfer acceleration"
    ),
    "notification": Call(
        "s3", "get_bucket_notification_configuration", "s3:GetBucketNotification", "the event notifications"
    ),
}
"""The calls for every bucket besides its policy, by the name in `Settings`."""

LOCATION: Final = Call("s3", "get_bucket_location", "s3:GetBucketLocation", "the bucket's region")
ACCOUNT_ACCESS_BLOCK: Final = Call(
    "s3control",
    "get_public_access_block",
    "s3:GetAccountPublicAccessBlock",
    "the account's public access block",
    ("NoSuchPublicAccessBlockConfiguration",),
    on="account",
    holds=("PublicAccessBlockConfiguration",),
)
ACCESS_POINTS: Final = Call(
    "s3control", "list_access_points", "s3:ListAccessPoints", "the bucket's access points", on="account"
)
ACCESS_POINT_POLICY: Final = Call(
    "s3control",
    "get_access_point_policy",
    "s3:GetAccessPointPolicy",
    "the access point's policy",
    ("NoSuchAccessPointPolicy",),
    on="access point",
    holds=("Policy",),
)
MULTI_REGION: Final = "us-west-2"
"""The region that answers for multi-Region access points of all regions."""
MULTI_REGION_POINTS: Final = Call(
    "s3control",
    "list_multi_region_access_points",
    "s3:ListMultiRegionAccessPoints",
    "the multi-region access points",
    on="account",
)
MULTI_REGION_POLICY: Final = Call(
    "s3control",
    "get_multi_region_access_point_policy",
    "s3:GetMultiRegionAccessPointPolicy",
    "the policy of the multi-region access point",
    ("NoSuchMultiRegionAccessPointPolicy",),
    on="access point",
)
KEY: Final = Call(
    "kms", "describe_key", "kms:DescribeKey", "the key's state", on="key", holds=("KeyMetadata", "KeyState")
)
KEY_POLICY: Final = Call("kms", "get_key_policy", "kms:GetKeyPolicy", "the key policy", on="key", holds=("Policy",))
KEY_GRANTS: Final = Call("kms", "list_grants", "kms:ListGrants", "the key's grants", on="key", holds=("Truncated",))
KEY_TAGS: Final = Call(
    "kms", "list_resource_tags", "kms:ListResourceTags", "the key's tags", on="key", holds=("Truncated",)
)

ORGANIZATION: Final = Call(
    "organizations",
    "describe_organization",
    "organizations:DescribeOrganization",
    "the organisation",
    ("AWSOrganizationsNotInUseException",),
    on="account",
    holds=("Organization",),
)
CONTROL_POLICIES: Final = Call(
    "organizations",
    "list_policies_for_target",
    "organizations:ListPoliciesForTarget",
    "the organisation's resource control policies",
    on="account",
)
PARENTS: Final = Call(
    "organizations",
    "list_parents",
    "organizations:ListParents",
    "where the account is in the organisation",
    on="account",
)
CONTROL_POLICY: Final = Call(
    "organizations", "describe_policy", "organizations:DescribePolicy", "a resource control policy", on="account"
)
ANALYZERS: Final = Call(
    "accessanalyzer",
    "list_analyzers",
    "access-analyzer:ListAnalyzers",
    "the analyzers of Access Analyzer",
    on="account",
)
ANALYZER_FINDINGS: Final = Call(
    "accessanalyzer", "list_findings", "access-analyzer:ListFindings", "the findings of Access Analyzer", on="account"
)

BUCKETS: Final = Call("s3", "list_buckets", "s3:ListAllMyBuckets", "the buckets", on="account", holds=("Owner",))
REGIONS: Final = Call(
    "ec2", "describe_regions", "ec2:DescribeRegions", "the account's regions", on="account", holds=("Regions",)
)
KEYS: Final = Call("kms", "list_keys", "kms:ListKeys", "the keys", on="account", holds=("Truncated",))
TOPICS: Final = Call("sns", "list_topics", "sns:ListTopics", "the topics", on="account")
TOPIC: Final = Call(
    "sns", "get_topic_attributes", "sns:GetTopicAttributes", "a topic's policy", on="account", parameter="TopicArn"
)
QUEUES: Final = Call("sqs", "list_queues", "sqs:ListQueues", "the queues", on="account")
QUEUE: Final = Call(
    "sqs", "get_queue_attributes", "sqs:GetQueueAttributes", "a queue's policy", on="account", parameter="QueueUrl"
)
SECRETS: Final = Call("secretsmanager", "list_secrets", "secretsmanager:ListSecrets", "the secrets", on="account")
SECRET: Final = Call(
    "secretsmanager",
    "get_resource_policy",
    "secretsmanager:GetResourcePolicy",
    "a secret's policy",
    on="account",
    parameter="SecretId",
)
ROLES: Final = Call("iam", "list_roles", "iam:ListRoles", "the roles", on="account")
ASSUME: Final = Call(
    "sts", "assume_role", "sts:AssumeRole", "a role of another account", on="account", holds=("Credentials",)
)
"""Only with `audit --role-name`."""

PROOF: Final = Call(
    "accessanalyzer",
    "check_no_new_access",
    "access-analyzer:CheckNoNewAccess",
    "Access Analyzer's proof",
    on="account",
)
"""Only with `--aws-proof`."""

_OF_BOTH: Final = (
    CALLER_IDENTITY,
    LOCATION,
    BUCKET_POLICY,
    *BUCKET_CALLS.values(),
    ACCOUNT_ACCESS_BLOCK,
    ACCESS_POINTS,
    ACCESS_POINT_POLICY,
    MULTI_REGION_POINTS,
    MULTI_REGION_POLICY,
    KEY,
    KEY_POLICY,
    KEY_GRANTS,
    KEY_TAGS,
    ORGANIZATION,
    CONTROL_POLICIES,
    PARENTS,
    CONTROL_POLICY,
)
PAGES: Final[Mapping[Call, tuple[str, str, str]]] = {
    ACCESS_POINTS: ("AccessPointList", "NextToken", "NextToken"),
    MULTI_REGION_POINTS: ("AccessPoints", "NextToken", "NextToken"),
    KEY_GRANTS: ("Grants", "Marker", "NextMarker"),
    KEY_TAGS: ("Tags", "Marker", "NextMarker"),
    CONTROL_POLICIES: ("Policies", "NextToken", "NextToken"),
    ANALYZERS: ("analyzers", "nextToken", "nextToken"),
    ANALYZER_FINDINGS: ("findings", "nextToken", "nextToken"),
    BUCKETS: ("Buckets", "ContinuationToken", "ContinuationToken"),
    KEYS: ("Keys", "Marker", "NextMarker"),
    TOPICS: ("Topics", "NextToken", "NextToken"),
    QUEUES: ("QueueUrls", "NextToken", "NextToken"),
    SECRETS: ("SecretList", "NextToken", "NextToken"),
    ROLES: ("Roles", "Marker", "Marker"),
}
"""Of the answers in pages: the part with the items, the parameter for the next page, and the part with its value."""

SIZES: Final[Mapping[Call, Mapping[str, int]]] = {BUCKETS: {"MaxBuckets": 1000}, QUEUES: {"MaxResults": 1000}}
"""The parameters of the lists that have pages only on request. Without it, SQS ends after 1,000 queues."""

CALLS: Final = (*_OF_BOTH, ANALYZERS, ANALYZER_FINDINGS)
"""Every call of the command `check`."""

AUDIT_CALLS: Final = (*_OF_BOTH, BUCKETS, REGIONS, KEYS, TOPICS, TOPIC, QUEUES, QUEUE, SECRETS, SECRET, ROLES)
"""Every call of the command `audit`; the last seven with `--all` only."""


def minimal_policy(bucket: str | None = None, calls: Sequence[Call] = CALLS) -> dict[str, Any]:
    """Return the IAM policy that allows these calls: on one bucket, or on all buckets of the account."""
    resources = {
        "bucket": f"arn:aws:s3:::{bucket or '*'}",
        "access point": "arn:aws:s3:*:*:accesspoint/*",
        "key": "arn:aws:kms:*:*:key/*",
        "account": "*",
    }
    statements = [
        {
            "Sid": f"IconikCheck{kind.title().replace(' ', '')}",
            "Effect": "Allow",
            "Action": sorted({call.action for call in calls if call.on == kind and call.action}),
            "Resource": resource,
        }
        for kind, resource in resources.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}
