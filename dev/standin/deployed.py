"""What iconik finds when it tries a bucket of the local AWS: the policies deployed there, judged by the policy engine.

Apart from the stand-in because only a deployment has policies to read back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from dev.local_aws import LocalAws
from dev.proof.policy_engine import PolicyEngine, Request
from iconik_construct.access.cors import ICONIK_ORIGINS
from iconik_construct.access.trust import ICONIK_ACCOUNT_ID, PRINCIPAL_TAG

from .storages import Access

_SESSION: Final = f"arn:aws:sts::{ICONIK_ACCOUNT_ID}:assumed-role/IconikS3AccessRole/iconik"
_OBJECT: Final = {
    "read": ("s3:GetObject",),
    "write": ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
    "delete": ("s3:DeleteObject",),
}


class DeployedAccess:
    """Tries the bucket of a storage as iconik's role would, with the tag of the storage's system domain.

    The bucket's key is not tried: the local AWS forgets how a bucket encrypts.
    """

    def __init__(self, aws: LocalAws, engine: PolicyEngine) -> None:
        self._aws = aws
        self._engine = engine

    def __call__(self, settings: Mapping[str, Any], system_domain_id: str) -> Access:
        """Say what the policies allow."""
        bucket = settings["bucket"]
        try:
            s3 = self._aws.client("s3", settings["region"])
            policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        except ClientError:
            return Access(cors=False, read=False, write=False, delete=False)
        arn = f"arn:aws:s3:::{bucket}"

        def allowed(resource: str, *actions: str) -> bool:
            context = {PRINCIPAL_TAG: system_domain_id}
            asked = [
                Request(policy=policy, kind="s3", principal=_SESSION, action=action, resource=resource, context=context)
                for action in actions
            ]
            return all(verdict.allowed for verdict in self._engine.verdicts(asked))

        found = {check: allowed(f"{arn}/{settings['path']}iconik-test", *_OBJECT[check]) for check in _OBJECT}
        cors = allowed(arn, "s3:GetBucketCORS", "s3:PutBucketCORS") or self._has_rules(settings)
        return Access(cors=cors, **found)

    def _has_rules(self, settings: Mapping[str, Any]) -> bool:
        """Tell whether CORS rules are there already that let iconik's web application upload."""
        try:
            rules = self._aws.client("s3", settings["region"]).get_bucket_cors(Bucket=settings["bucket"])["CORSRules"]
        except ClientError:
            return False
        return any(ICONIK_ORIGINS[0] in rule["AllowedOrigins"] and "PUT" in rule["AllowedMethods"] for rule in rules)
