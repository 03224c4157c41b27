"""Files of storages that are refused, and whether the schema alone already says so."""

from __future__ import annotations

from typing import Any, Final

DOMAIN: Final = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"
KEY_ARN: Final = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _file(storage: Any, **top: Any) -> dict[str, Any]:
    return {"system_domain_id": DOMAIN, **top, "storages": {"masters": storage}}


WRONG_BY_SCHEMA: Final[dict[str, Any]] = {
    "no object": [],
    "no storages": {"system_domain_id": DOMAIN},
    "empty storages": {"system_domain_id": DOMAIN, "storages": {}},
    "a list of storages": {"system_domain_id": DOMAIN, "storages": [{}]},
    "no domain anywhere": {"storages": {"masters": {}}},
    "unknown key at the top": _file({}, stack="X"),
    "unknown key in a storage": _file({"permision": "read"}),
    "unknown key in a bucket prop": _file({"bucket_props": {"transferAcceleration": True}}),
    "a prop that has a key of its own": _file({"bucket_props": {"removal_policy": "DESTROY"}}),
    "key with a space": {"system_domain_id": DOMAIN, "storages": {"a b": {}}},
    "domain is no UUID": _file({}, system_domain_id="acme"),
    "no domain in the list": _file({}, system_domain_id=[]),
    "account is a number": _file({}, account=111122223333),
    "account is too short": _file({}, account="1111"),
    "no region": _file({}, region="europe"),
    "region of China": _file({}, region="cn-north-1"),
    "a misspelt region": _file({}, region="us-est-1"),
    "unknown permission": _file({"permissions": "everything"}),
    "no permission in the list": _file({"permissions": []}),
    "permissions without roles": _file({"permissions": {"prefixes": ["a/"]}}),
    "permissions with roles and purpose": _file({"permissions": {"roles": ["READ"], "purpose": "FILES"}}),
    "delete beside purpose": _file({"permissions": {"purpose": "FILES", "delete": False}}),
    "unknown role": _file({"permissions": {"roles": ["OWNER"]}}),
    "prefix without a slash": _file({"permissions": {"roles": ["READ"], "prefixes": ["masters"]}}),
    "prefix with a wildcard": _file({"permissions": {"roles": ["READ"], "prefixes": ["masters/*/"]}}),
    "extra action that opens the bucket": _file(
        {"permissions": {"roles": ["READ"], "extra_bucket_actions": ["s3:PutBucketPolicy"]}}
    ),
    "bucket with name and adopt": _file({"bucket": {"name": "acme", "adopt": "acme"}}),
    "bucket with neither": _file({"bucket": {}}),
    "bucket name in capitals": _file({"bucket": {"name": "Acme"}}),
    "an access point adopted": _file({"bucket": {"adopt": "arn:aws:s3:eu-west-1:111122223333:accesspoint/acme"}}),
    "unknown encryption": _file({"encryption": "SSE"}),
    "alias for a key": _file({"encryption_key_arn": "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3"}),
    "CORS of nobody": _file({"cors": "NOBODY"}),
    "CORS for everybody": _file({"cors": {"origins": ["*"]}}),
    "CORS without origins": _file({"cors": {}}),
    "text for a truth value": _file({"via_s3_only": "yes"}),
    "unknown removal policy": _file({"removal_policy": "SNAPSHOT"}),
    "empty name": _file({"name": " "}),
    "path from the root": _file({"path": "/masters/"}),
    "path that is no prefix": _file({"path": "masters"}),
    "registration without a secret": _file({"registration": {}}),
    "registration in the clear": _file({"registration": {"credentials": "s", "base_url": "app.iconik.io"}}),
    "lifecycle without a class": _file({"lifecycle": {"archive": {"after_days": 90}}}),
    "lifecycle of no days": _file({"lifecycle": {"keep_noncurrent": 0}}),
    "days as text": _file({"lifecycle": {"archive": {"after_days": "90", "storage_class": "GLACIER"}}}),
    "unknown storage class": _file({"lifecycle": {"archive": {"after_days": 90, "storage_class": "ICE"}}}),
    "number for a tag": _file({"tags": {"cost": 4711}}),
    "a tag of AWS's": _file({"tags": {"aws:owner": "me"}}),
    "51 tags": _file({"tags": {f"t{number}": "x" for number in range(51)}}),
    "access logs nowhere": _file({"access_logs": {"prefix": "a/"}}),
    "access logs of a name alone": _file({"access_logs": "acme-logs"}),
    "guardrail in a storage": _file({"guardrail": False}),
    "TLS 3": _file({"bucket_props": {"minimum_tls_version": 3}}),
    "stack name with a space": _file({}, stack_name="my stack"),
    "record as text": _file({}, record="yes"),
}

WRONG_BY_READING: Final[dict[str, Any]] = {
    # what contradicts what, and what only another value decides
    "key with S3_MANAGED": _file({"encryption": "S3_MANAGED", "encryption_key_arn": KEY_ARN}),
    "adopted with KMS and no key": _file({"bucket": {"adopt": "acme"}, "encryption": "KMS"}),
    "key of another region": _file({"encryption_key_arn": KEY_ARN}, region="us-east-1"),
    "via S3 without a key": _file({"via_s3_only": True}),
    "adoption of nothing": _file({"adoption": "MERGE"}),
    "take over with a key": _file({"encryption_key_arn": KEY_ARN, "adoption": "TAKE_OVER"}),
    "removal policy of an adopted bucket": _file({"bucket": {"adopt": "acme"}, "removal_policy": "RETAIN"}),
    "lifecycle of an adopted bucket": _file({"bucket": {"adopt": "acme"}, "lifecycle": {"keep_noncurrent": 1}}),
    "tags of an adopted bucket": _file({"bucket": {"adopt": "acme"}, "tags": {"a": "b"}}),
    "access logs of an adopted bucket": _file({"bucket": {"adopt": "acme"}, "access_logs": {"bucket": "logs"}}),
    "props of an adopted bucket": _file({"bucket": {"adopt": "acme"}, "bucket_props": {"versioned": True}}),
    "emptied but kept": _file({"bucket_props": {"auto_delete_objects": True}}),
    "infrequent access too early": _file(
        {"lifecycle": {"archive": {"after_days": 7, "storage_class": "INFREQUENT_ACCESS"}}}
    ),
    "Admin with prefixes": _file({"permissions": {"roles": ["ADMIN"], "prefixes": ["a/"]}}),
    "path beside the prefixes": _file({"path": "b/", "permissions": {"roles": ["READ"], "prefixes": ["a/"]}}),
    "keys that differ by a hyphen": {"system_domain_id": DOMAIN, "storages": {"ab": {}, "a-b": {}}},
    "one bucket twice": {
        "system_domain_id": DOMAIN,
        "storages": {"a": {"bucket": {"name": "acme"}}, "b": {"bucket": {"name": "acme"}}},
    },
    "one name twice": {
        "system_domain_id": DOMAIN,
        "registration": {"credentials": "s"},
        "storages": {"a": {"name": "Media"}, "b": {"name": "Media"}},
    },
    "a name that S3 reserves": _file({"bucket": {"name": "xn--acme"}}),
    "a token": _file({"name": "${Token[TOKEN.7]}"}),
}
