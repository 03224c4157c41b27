"""Makes props of the CDK's `s3.Bucket` from the file's description of a new bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from ..config.document import Storage
from ..config.new_bucket import Lifecycle

__all__ = ["bucket_props"]


def _tiering(item: Mapping[str, Any]) -> s3.IntelligentTieringConfiguration:
    made: dict[str, Any] = {
        name: cdk.Duration.days(value) if name.endswith("_time") else value for name, value in item.items()
    }
    return s3.IntelligentTieringConfiguration(**made)


def _retention(value: Mapping[str, Any]) -> s3.ObjectLockRetention:
    of_mode: Callable[[cdk.Duration], s3.ObjectLockRetention] = getattr(s3.ObjectLockRetention, value["mode"])
    return of_mode(cdk.Duration.days(value["days"]))


_OBJECTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "intelligent_tiering_configurations": lambda items: [_tiering(item) for item in items],
    "metrics": lambda items: [s3.BucketMetrics(**item) for item in items],
    "object_lock_default_retention": _retention,
    "object_ownership": lambda name: s3.ObjectOwnership[name],
    "transition_default_minimum_object_size": lambda name: s3.TransitionDefaultMinimumObjectSize[name],
}
"""The props whose values are objects of the CDK, and functions that make them from the file's values."""


def bucket_props(stack: cdk.Stack, config: Storage) -> dict[str, Any]:
    """Return the props of the storage's new bucket that differ from the defaults."""
    written = config.bucket_props.written() if config.bucket_props else {}
    props = {name: _OBJECTS[name](value) if name in _OBJECTS else value for name, value in written.items()}
    if config.lifecycle is not None:
        props["lifecycle_rules"] = _lifecycle_rules(config.lifecycle)
    if config.access_logs is not None:
        logs, prefix = config.access_logs.bucket, config.access_logs.prefix
        props["server_access_logs_bucket"] = s3.Bucket.from_bucket_name(stack, f"{config.key}_AccessLogs", logs)
        props["server_access_logs_prefix"] = f"{config.key}/" if prefix is None else prefix
    return props


def _lifecycle_rules(lifecycle: Lifecycle) -> list[s3.LifecycleRule]:
    """Return the rules that replace the defaults of a new bucket."""
    kept = lifecycle.keep_noncurrent
    rules = [
        s3.LifecycleRule(
            id="IconikHousekeeping",
            abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            expired_object_delete_marker=True,
            noncurrent_version_expiration=None if kept is None else cdk.Duration.days(kept),
        )
    ]
    if lifecycle.archive is not None:
        transition = s3.Transition(
            storage_class=getattr(s3.StorageClass, lifecycle.archive.storage_class),
            transition_after=cdk.Duration.days(lifecycle.archive.after_days),
        )
        rules.append(s3.LifecycleRule(id="IconikArchive", transitions=[transition]))
    return rules
