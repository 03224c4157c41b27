"""What the file says of a new bucket beyond iconik, without jsii."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.config.document import IconikConfigError, Storage, parse_config

DOMAIN = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"
RETENTION = {"mode": "GOVERNANCE", "days": 30}
ARCHIVE = {"after_days": 90, "storage_class": "DEEP_ARCHIVE"}


def parse(storage: dict[str, Any], **top: Any) -> Storage:
    return parse_config({"system_domain_id": DOMAIN, **top, "storages": {"masters": storage}}).storages[0]


def mistake(storage: dict[str, Any]) -> str:
    """The only mistake of a storage, without the beginning of its path."""
    with pytest.raises(IconikConfigError) as caught:
        parse(storage)
    (found,) = caught.value.errors
    assert found.fix
    return str(found).removeprefix("'storages.masters.")


def test_a_storage_that_says_nothing_has_the_constructs_own_defaults():
    storage = parse({})
    assert storage.tags == {}
    assert (storage.bucket_props, storage.lifecycle, storage.access_logs) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({}, (None, 30)),
        ({"keep_noncurrent": 365}, (None, 365)),
        ({"keep_noncurrent": "forever"}, (None, None)),
        ({"archive": ARCHIVE}, ((90, "DEEP_ARCHIVE"), 30)),
        (
            {"archive": {"after_days": 1, "storage_class": "glacier"}},
            ((1, "GLACIER"), 30),
        ),
    ],
)
def test_a_lifecycle_says_when_objects_move_and_how_long_old_ones_are_kept(written, meant):
    found = parse({"lifecycle": written}).lifecycle
    archive = found.archive and (found.archive.after_days, found.archive.storage_class)
    assert (archive, found.keep_noncurrent) == meant


def test_tags_lifecycle_and_access_logs_at_the_top_hold_for_storages_that_say_nothing_else():
    shared = {"tags": {"a": "b"}, "lifecycle": {"keep_noncurrent": 1}, "access_logs": {"bucket": "logs"}}
    found = parse({}, **shared)
    assert found.tags == {"a": "b"}
    assert found.lifecycle.keep_noncurrent == 1
    assert (found.access_logs.bucket, found.access_logs.prefix) == ("logs", None)
    assert parse({"tags": {}}, **shared).tags == {}


def test_what_an_adopted_bucket_cannot_have_may_stand_at_the_top():
    assert parse({"bucket": {"adopt": "acme"}}, tags={"a": "b"}, access_logs={"bucket": "logs"}).adopt == "acme"


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ({"tags": []}, "tags' must be an object"),
        ({"tags": {"aws:x": "y"}}, 'tags["aws:x"]\' must have a key of 1 to 128 letters'),
        ({"tags": {"a;b": "y"}}, 'tags["a;b"]\' must have a key of 1 to 128 letters'),
        ({"tags": {"year": 2026}}, "tags.year' must be text of at most 256 letters"),
        ({"tags": {"a": "b" * 257}}, "tags.a' must be text of at most 256 letters"),
        ({"tags": {f"t{number}": "" for number in range(51)}}, "tags' must have at most 50 entries"),
        ({"lifecycle": 90}, "lifecycle' must be an object"),
        ({"lifecycle": {"archive": 90}}, "lifecycle.archive' must be an object"),
        ({"lifecycle": {"archive": {"after_days": 90}}}, "lifecycle.archive.storage_class' must be given"),
        (
            {"lifecycle": {"archive": {**ARCHIVE, "after_days": 0}}},
            "lifecycle.archive.after_days' must be a whole number",
        ),
        ({"lifecycle": {"archive": {**ARCHIVE, "after_days": 1.5}}}, "lifecycle.archive.after_days' must be a whole"),
        ({"lifecycle": {"archive": {**ARCHIVE, "after_days": True}}}, "lifecycle.archive.after_days' must be a whole"),
        (
            {"lifecycle": {"archive": {"after_days": 29, "storage_class": "INFREQUENT_ACCESS"}}},
            "lifecycle.archive.after_days' must be at least 30 for INFREQUENT_ACCESS, got 29",
        ),
        ({"lifecycle": {"keep_noncurrent": 0}}, "lifecycle.keep_noncurrent' must be a whole number of days"),
        ({"lifecycle": {"keep_noncurrent": True}}, "lifecycle.keep_noncurrent' must be a whole number of days"),
        ({"lifecycle": {"keep_noncurrent": "ever"}}, "lifecycle.keep_noncurrent' must be a whole number of days"),
        (
            {"lifecycle": {"noncurrent": 1}},
            "lifecycle.noncurrent' is not a known key, got 1. Did you mean 'keep_noncurrent'?",
        ),
        ({"access_logs": {}}, "access_logs.bucket' must be given"),
        ({"access_logs": {"bucket": "Logs"}}, "access_logs.bucket' must be 3 to 63 lower case letters"),
        ({"access_logs": {"bucket": "logs", "prefix": "a"}}, "access_logs.prefix' must end with '/'"),
        ({"bucket_props": True}, "bucket_props' must be an object"),
        ({"bucket_props": {"versioned": "no"}}, "bucket_props.versioned' must be true or false, got 'no'"),
        ({"bucket_props": {"minimum_tls_version": 2}}, "bucket_props.minimum_tls_version' must be at most 1.3"),
        ({"bucket_props": {"object_ownership": "ME"}}, "bucket_props.object_ownership' must be a known choice"),
        (
            {"bucket_props": {"transferAcceleration": True}},
            "bucket_props.transferAcceleration' is not a known prop of s3.Bucket, got True. Did you mean 'transfer_ac",
        ),
        ({"bucket_props": {"lifecycle_rules": []}}, "bucket_props.lifecycle_rules' has a key of its own"),
        (
            {"bucket_props": {"public_read_access": True}},
            "bucket_props.public_read_access' is a prop of s3.Bucket that",
        ),
        ({"bucket_props": {"auto_delete_objects": True}}, "bucket_props.auto_delete_objects' must be left out if"),
        (
            {"bucket": {"adopt": "acme"}, "cors": {"origins": ["https://app.iconik.io"]}},
            "cors' must have no origins for an existing bucket",
        ),
        ({"bucket": {"adopt": "acme"}, "tags": {}}, "tags' must be left out for an existing bucket"),
        ({"bucket": {"adopt": "acme"}, "lifecycle": {}}, "lifecycle' must be left out for an existing bucket"),
        ({"bucket": {"adopt": "acme"}, "bucket_props": {}}, "bucket_props' must be left out for an existing bucket"),
        (
            {"bucket": {"adopt": "acme"}, "access_logs": {"bucket": "logs"}},
            "access_logs' must be left out for an existing bucket",
        ),
        (
            {"bucket_props": {"enforce_ssl": False, "minimum_tls_version": 1.2}},
            "bucket_props.minimum_tls_version' must be left out if requests without TLS are accepted",
        ),
        (
            {"bucket_props": {"website_error_document": "e.html"}},
            "bucket_props.website_index_document' must be given with website_error_document",
        ),
        (
            {"bucket_props": {"object_lock_enabled": False, "object_lock_default_retention": RETENTION}},
            "bucket_props.object_lock_default_retention' must be left out if object_lock_enabled is false",
        ),
        (
            {"bucket_props": {"versioned": False, "object_lock_default_retention": RETENTION}},
            "bucket_props.versioned' must not be false with Object Lock",
        ),
        (
            {"bucket_props": {"object_lock_default_retention": {**RETENTION, "mode": "NONE"}}},
            "bucket_props.object_lock_default_retention.mode' must be a known choice",
        ),
        (
            {"bucket_props": {"intelligent_tiering_configurations": [{"name": "old"}]}},
            "bucket_props.intelligent_tiering_configurations[0]' must have a time",
        ),
        (
            {"bucket_props": {"intelligent_tiering_configurations": [{"name": "x", "archive_access_tier_time": 30}]}},
            "bucket_props.intelligent_tiering_configurations[0].archive_access_tier_time' must be at least 90",
        ),
        ({"bucket_props": {"metrics": {"id": "all"}}}, "bucket_props.metrics' must be a list"),
        ({"bucket_props": {"metrics": [{"id": ""}]}}, "bucket_props.metrics[0].id' must not be empty"),
        ({"guardrail": False}, "guardrail' is not a key of a storage, got False. Move it to the top"),
    ],
)
def test_a_mistake_names_its_path_the_rule_and_the_fix(storage, expected):
    assert mistake(storage).startswith(expected)


def test_a_bucket_that_goes_with_its_stack_may_be_emptied_before():
    storage = parse({"removal_policy": "DESTROY", "bucket_props": {"auto_delete_objects": True}})
    assert storage.bucket_props.written() == {"auto_delete_objects": True}


@pytest.mark.parametrize(
    "key", ["account", "bucket", "bucket_props", "encryption", "lifecycle", "name", "path", "permissions", "tags"]
)
def test_null_is_not_the_same_as_leaving_a_key_out(key):
    assert mistake({key: None}).startswith(f"{key}' must be ")


def test_a_document_that_is_wrapped_in_iconik_is_read_as_it_is_without():
    document = {"system_domain_id": DOMAIN, "storages": {"masters": {}}}
    assert parse_config({"iconik": document}) == parse_config(document)
    assert parse_config({"$schema": "./storages.schema.json", "iconik": document}) == parse_config(document)
    with pytest.raises(IconikConfigError, match=r"'storages\.a\.x' is not a known key"):
        parse_config({"iconik": {**document, "storages": {"a": {"x": 1}}}})


def test_the_domains_of_the_file_are_those_of_all_its_storages():
    other = "0b9e7c11-5a44-4d0f-8a52-b1c7e2d94f60"
    storages = {"a": {}, "b": {"system_domain_id": [other, DOMAIN]}}
    config = parse_config({"system_domain_id": DOMAIN.upper(), "storages": storages})
    assert config.system_domain_ids == (other, DOMAIN)
