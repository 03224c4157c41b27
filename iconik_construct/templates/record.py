"""Reads the record in a template: the acknowledged rules of its storages, and the hash of each of their policies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .policies import LOCATIONS
from .template import Template, properties_of

__all__ = ["RECORD", "RECORD_VERSION", "faults_of_record", "recorded_storages", "sha256_of_policy"]

RECORD: Final = "iconik-construct"
"""The key in the template's `Metadata`."""
RECORD_VERSION: Final = 1


def sha256_of_policy(document: Any) -> str:
    """Return the SHA-256 of a policy as in its template, as JSON with sorted keys and without blanks."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def recorded_storages(template: Template) -> list[Mapping[str, Any]] | None:
    """Return the storages of the record; None if the template has no record.

    Raises:
        ValueError: the record cannot be read.
    """
    record = template.section("Metadata").get(RECORD)
    if record is None:
        return None
    listed = record.get("storages") if isinstance(record, dict) and record.get("version") == RECORD_VERSION else None
    if not isinstance(listed, list) or not all(_is_storage(storage) for storage in listed):
        raise ValueError("the record cannot be read")
    return listed


def faults_of_record(template: Template) -> Iterator[tuple[str, str]]:
    """Yield each resource whose policy differs from the record, and the difference."""
    try:
        storages = recorded_storages(template) or []
    except ValueError as error:
        yield "", str(error)
        return
    for policy in (policy for storage in storages for policy in storage["policies"]):
        logical_id = str(policy["logical_id"])
        resource = template.resources.get(logical_id, {})
        document = properties_of(resource).get(LOCATIONS.get(str(resource.get("Type")), ""))
        if sha256_of_policy(document) != policy["sha256"]:
            yield logical_id, f"the policy in {logical_id} is not the policy that was recorded"


def _is_storage(node: Any) -> bool:
    policies = node.get("policies") if isinstance(node, dict) else None
    return isinstance(policies, list) and all(
        isinstance(policy, dict) and {"logical_id", "sha256"} <= policy.keys() for policy in policies
    )
