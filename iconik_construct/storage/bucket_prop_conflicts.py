"""Finds bucket props that contradict each other, in code and in a file of storages. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..access.trust import is_token

__all__ = ["conflicts"]


def conflicts(props: Mapping[str, Any], *, keeps_bucket: bool) -> Iterator[tuple[str, str, str]]:
    """Yield each prop that contradicts another one, with the rule and the fix.

    Args:
        props: the props of `s3.Bucket`, also `bucket_name`.
        keeps_bucket: whether the bucket stays when its stack is deleted.
    """
    given = {name for name, value in props.items() if value is not None}
    has_retention = "object_lock_default_retention" in given
    locked = props.get("object_lock_enabled", has_retention)
    name = props.get("bucket_name")
    if isinstance(name, str) and "." in name and not is_token(name) and props.get("transfer_acceleration") is True:
        rule = "must be left out for a bucket name with dots, because S3 refuses such names with it"
        yield "transfer_acceleration", rule, "Or use a name without dots."
    if keeps_bucket and props.get("auto_delete_objects") is True:
        rule = "must be left out if the bucket stays when its stack is deleted"
        fix = "Give the removal policy DESTROY too. The media are then deleted with the stack."
        yield "auto_delete_objects", rule, fix
    if props.get("enforce_ssl") is False and "minimum_tls_version" in given:
        rule = "must be left out if requests without TLS are accepted"
        yield "minimum_tls_version", rule, "Or leave out 'enforce_ssl'."
    if "website_error_document" in given and "website_index_document" not in given:
        yield "website_index_document", "must be given with website_error_document", "Write one such as 'index.html'."
    if locked is False and has_retention:
        rule = "must be left out if object_lock_enabled is false"
        yield "object_lock_default_retention", rule, "Or leave out 'object_lock_enabled'."
    if locked is True and props.get("versioned") is False:
        yield "versioned", "must not be false with Object Lock, which needs versions", "Leave it out."
