"""Access logs of a new bucket in the bucket itself, which need a feature flag of the CDK.

Apart because a feature flag is read from the construct tree, which no other check of the props needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..errors import IconikValueError

__all__ = ["refuse_logs_without_flag"]

_FLAG: Final = "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy"


def refuse_logs_without_flag(scope: Construct, props: Mapping[str, Any]) -> None:
    """Refuse logs that the CDK would allow by an ACL, on a bucket without ACLs.

    Without the flag `s3.Bucket` fails with an error about an ownership that the caller has not set.
    Source: aws-cdk issue 22183.

    Args:
        scope: where the bucket is made.
        props: the finished props of the new bucket.

    Raises:
        IconikValueError: the bucket holds its own logs, has no ACLs, and the flag is off.
    """
    if props.get("server_access_logs_prefix") is None or props.get("server_access_logs_bucket") is not None:
        return
    without_acls = props.get("object_ownership") is s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
    if without_acls and not cdk.FeatureFlags.of(scope).is_enabled(_FLAG):
        raise IconikValueError(
            "bucket_props.server_access_logs_prefix",
            "must be left out without 'server_access_logs_bucket', as the CDK allows S3 to write logs by an ACL, and "
            "this bucket has no ACLs",
            got=props["server_access_logs_prefix"],
            fix=f"Set the feature flag '{_FLAG}' to true in cdk.json, or give a 'server_access_logs_bucket'.",
        )
