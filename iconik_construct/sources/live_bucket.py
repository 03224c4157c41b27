"""The facts of a live bucket as a template, so that they are compared as a template is."""

from __future__ import annotations

import json
from typing import Any

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, value_of
from ..assessment.facts import BucketFacts
from ..templates.template import Template
from .reading import Source

__all__ = ["source_of_bucket"]


def source_of_bucket(facts: BucketFacts) -> Source:
    """Return a live bucket with its keys, without its access points and its encryption.

    A fact that could not be read is a value that nothing resolves.
    """
    settings = facts.settings
    properties = {
        "BucketName": facts.name,
        "AbacStatus": _part(settings.abac, "AbacStatus", "Status"),
        "PublicAccessBlockConfiguration": _part(settings.public_access_block, "PublicAccessBlockConfiguration"),
        "OwnershipControls": _part(settings.ownership, "OwnershipControls"),
        "AccessControlPolicy": _grants(settings.acl),
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    resources: dict[str, Any] = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": kept}}
    if not isinstance(facts.policy, NotConfigured):
        policy = {"Bucket": facts.name, "PolicyDocument": _document(facts.policy)}
        resources["BucketPolicy"] = {"Type": "AWS::S3::BucketPolicy", "Properties": policy}
    for number, key in enumerate(each for each in facts.keys if not each.is_aws_managed):
        document = {"KeyPolicy": _document(key.policy)}
        resources[f"KeyPolicy{number or ''}"] = {"Type": "AWS::KMS::Key", "Properties": document}
    template = Template(facts.name, {"Resources": resources}, "", facts.account, facts.region)
    return Source(templates=(template,), is_loose=True, is_live=True)


def _document(fact: Fact) -> Any:
    if not isinstance(fact, Found):
        return _unread(fact)
    try:
        return json.loads(fact.value)
    except (ValueError, RecursionError):
        return {"Fn::GetAtt": ["the policy, which is no JSON", "Value"]}


def _part(fact: Fact, *names: str) -> Any:
    if isinstance(fact, Unknown):
        return _unread(fact)
    value = value_of(fact)
    for name in names:
        value = (value or {}).get(name)
    return value


def _grants(fact: Fact) -> Any:
    """Return the grants of an ACL to anybody but the owner of the bucket."""
    if isinstance(fact, Unknown):
        return _unread(fact)
    answer = value_of(fact) or {}
    owner = (answer.get("Owner") or {}).get("ID")
    return [each for each in answer.get("Grants") or () if (each.get("Grantee") or {}).get("ID") != owner] or None


def _unread(fact: Fact) -> Any:
    return {"Fn::GetAtt": ["what could not be read", str(getattr(fact, "says", ""))]}
