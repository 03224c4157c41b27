"""Compares the policies of a bucket with a signed record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..judge.text import AnyText, MarkedText, own, shown
from .canonical import statement_digests
from .subject import Subject

__all__ = ["differences", "digests_of"]

_KNOWN: Final = re.compile("arn:[a-z-]+:(s3:::[a-z0-9.-]+|kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/.+)")


def digests_of(subject: Subject) -> dict[str, str] | None:
    """Return the SHA-256 of each statement of a policy, with its name; None if a value is unknown.

    The names of the bucket and the key, the account and the region are left out: a template does not contain them.
    """
    bucket = subject.bucket
    if subject.unread is not None or subject.policy.error is not None or subject.strict is not subject.policy:
        return None
    names: dict[AnyText, str] = {bucket.arn: "${bucket}"}
    if subject.key is not None:
        names[subject.key.arn] = "${key}"
    # The number and the region come last, because they are in the ARN of a key.
    names[bucket.account or own("AWS::AccountId")] = "${account}"
    if bucket.region is not None:
        names[bucket.region] = "${region}"
    return statement_digests(subject.policy.document, names)


def differences(subjects: Sequence[Subject], record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences between the policies of a live bucket and the record, in words.

    Args:
        subjects: the policies of the bucket.
        record: what `report --json` wrote.

    Raises:
        ValueError: it is not such a record, or the bucket is not in it.
    """
    signed = _policies(record, subjects[0].bucket.arn, subjects[0].bucket.name)
    for subject in subjects:
        kind = "Bucket policy" if subject.key is None else "Key policy"
        of_kind = [each for each in signed if each.get("title") == kind]
        candidates = [each for each in of_kind if each.get("arn") == subject.arn]
        candidates = candidates or [each for each in of_kind if _is_open(each.get("arn"))]
        if subject.key is not None and subject.key.is_aws_managed:
            continue
        if not candidates:
            yield f"{shown(subject.name)} is not in the signed record"
            continue
        signed.remove(candidates[0])
        now, then = digests_of(subject), candidates[0].get("statements")
        if len(candidates) > 1 or now is None or not isinstance(then, list):
            yield f"whether {shown(subject.name)} is as signed cannot be determined"
            continue
        before = {str(each["sha256"]): str(each["name"]) for each in then}
        for digest, name in before.items():
            if digest not in now:
                yield f"{shown(subject.name)}: {name} is not there as it was signed"
        for digest, name in now.items():
            if digest not in before:
                yield f"{shown(subject.name)}: {name} was not signed"
    for each in signed:
        yield f"the {str(each.get('title')).lower()} of {each.get('arn')} was signed, and was not found"


def _policies(record: Mapping[str, Any], arn: MarkedText, name: AnyText) -> list[Mapping[str, Any]]:
    storages = record.get("storages")
    if record.get("version") != 1 or not isinstance(storages, list) or not all(map(_is_storage, storages)):
        raise ValueError("it is no record that report --json wrote")
    matching = [each for each in storages if any(policy["arn"] == arn for policy in each["policies"])]
    matching = matching or [each for each in storages if str(each["name"]).endswith(f": {shown(name)}")]
    # A template does not have the name of the bucket.
    matching = matching or [each for each in storages if all(_is_open(policy["arn"]) for policy in each["policies"])]
    if len(matching) != 1:
        several = "several storages could be" if matching else "no storage of it is"
        raise ValueError(f"{several} {shown(name)}")
    return list(matching[0]["policies"])


def _is_storage(storage: Any) -> bool:
    policies = storage.get("policies") if isinstance(storage, dict) and "name" in storage else None
    return isinstance(policies, list) and all(
        isinstance(policy, dict)
        and "arn" in policy
        and all(isinstance(each, dict) and {"name", "sha256"} <= each.keys() for each in policy.get("statements") or ())
        for policy in policies
    )


def _is_open(arn: object) -> bool:
    """Return whether a template leaves the name of the resource to the deployment."""
    return not _KNOWN.fullmatch(str(arn))
