"""The flags of the settings never claim more than the policies allow, by the verdict of iam-simulate."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.proof.policy_engine import OWNER_ACCOUNT_ID, PolicyEngine, Request
from iconik_construct.access.permissions import IconikPermissions, StorageRole
from iconik_construct.access.statements import bucket_statements, key_statement
from iconik_construct.errors import IconikValueError
from iconik_construct.storage.settings import FLAGS, storage_settings

pytestmark = pytest.mark.proof

TAG = "aws:PrincipalTag/IconikSystemDomainId"
DOMAIN = "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90"
SESSION = "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/iconik"
BUCKET = "arn:aws:s3:::media"
KEY = f"arn:aws:kms:eu-west-1:{OWNER_ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

PREFIXES = ("masters/", "masters/2026/", "masters2/", "m/")
PATHS = ("", *PREFIXES)
# Two letters deep below each path and beside it: where a wrong reading of a prefix shows.
KEYS_BELOW = ("x", "2026/x", "2026/a/x", "2/x", "a/b/c")

# What iconik does when a flag is on: actions on objects, on the bucket with a listed prefix, and on the key.
OBJECT_NEEDS = {
    "read": ("s3:GetObject",),
    "write": ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
    "delete": ("s3:DeleteObject",),
    "scan": ("s3:GetObject",),
}
KEY_NEEDS = {
    "read": ("kms:Decrypt",),
    "write": ("kms:GenerateDataKey", "kms:Decrypt"),
    "delete": (),
    "scan": ("kms:Decrypt",),
}

EXTRA_OBJECT_ACTIONS = st.one_of(
    st.just(()),
    st.just(OBJECT_NEEDS["write"]),
    st.lists(st.sampled_from(["s3:GetObject", "s3:DeleteObject", *OBJECT_NEEDS["write"]]), max_size=3),
)
EXTRA_BUCKET_ACTIONS = st.lists(st.sampled_from(["s3:ListBucket", "s3:GetBucketVersioning"]), max_size=2)
LIMITED = st.builds(
    IconikPermissions,
    roles=st.sampled_from([{StorageRole.READ}, {StorageRole.WRITE}, {StorageRole.READ, StorageRole.WRITE}]),
    prefixes=st.lists(st.sampled_from(PREFIXES), max_size=2),
    delete=st.booleans(),
    extra_object_actions=EXTRA_OBJECT_ACTIONS,
    extra_bucket_actions=EXTRA_BUCKET_ACTIONS,
)
PERMISSIONS = st.lists(LIMITED | LIMITED | LIMITED | st.just(IconikPermissions.admin()), min_size=1, max_size=3)


def claimed(permissions: list[IconikPermissions], path: str) -> list[str]:
    try:
        body = storage_settings(bucket="media", region="eu-west-1", permissions=permissions, name="Media", path=path)
    except IconikValueError:
        return []
    return [flag for flag in FLAGS if body["settings"][flag]]


def needs(permissions: list[IconikPermissions], path: str, flag: str) -> list[Request]:
    """Return everything that iconik may try when the flag is on, and that therefore must be allowed."""
    bucket_policy = {"Version": "2012-10-17", "Statement": bucket_statements(permissions, [DOMAIN], BUCKET)}
    key_policy = {"Version": "2012-10-17", "Statement": [key_statement(permissions, [DOMAIN])]}

    def ask(action: str, resource: str, **context: str) -> Request:
        policy: Any = key_policy if action.startswith("kms:") else bucket_policy
        kind: Any = action.partition(":")[0]
        asked = {TAG: DOMAIN, **{name.replace("_", ":"): value for name, value in context.items()}}
        return Request(policy=policy, kind=kind, principal=SESSION, action=action, resource=resource, context=asked)

    found = [ask(action, f"{BUCKET}/{path}{below}") for action in OBJECT_NEEDS[flag] for below in KEYS_BELOW]
    found += [ask(action, KEY) for action in KEY_NEEDS[flag]]
    if flag == "scan":
        found += [ask("s3:ListBucket", BUCKET, s3_prefix=f"{path}{below}") for below in ("", "2026/", "a/b/")]
    return found


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(permissions=PERMISSIONS, path=st.sampled_from(PATHS))
def test_no_flag_claims_more_than_the_policies_allow(
    engine: PolicyEngine, permissions: list[IconikPermissions], path: str
) -> None:
    for flag in claimed(permissions, path):
        asked = needs(permissions, path, flag)
        denied = [
            request for request, verdict in zip(asked, engine.verdicts(asked), strict=True) if not verdict.allowed
        ]
        assert not denied, f"{flag} is claimed below {path!r}, but {denied[0].action} on {denied[0].resource} is denied"


@settings(max_examples=100)
@given(permissions=PERMISSIONS, path=st.sampled_from(PATHS))
def test_no_flag_is_missing_where_the_policies_allow_all_it_needs(
    engine: PolicyEngine, permissions: list[IconikPermissions], path: str
) -> None:
    found = claimed(permissions, path)
    for flag in FLAGS:
        if flag not in found:
            verdicts = engine.verdicts(needs(permissions, path, flag))
            assert not all(verdict.allowed for verdict in verdicts), f"{flag} could be claimed below {path!r}"
