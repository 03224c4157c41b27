"""Writes the facts of a live bucket as a template, so that it can be compared like a template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ..assessment import rules
from ..assessment.assess import unread_facts
from ..assessment.fact import Fact, Found, NotConfigured, value_of
from ..assessment.facts import BucketFacts, KeyFacts
from ..judge.text import AnyText, shown
from ..templates.template import Template
from .reading import Source

__all__ = ["source_of_bucket"]

_COMPARED: Final = (
    "the access points",
    "the bucket policy",
    "the bucket's ACL",
    "the bucket's public access block",
    "the default encryption",
    "the key policy",
    "the key's grants",
    "the key's state",
    "the multi-region access points",
    "the object ownership",
    "the policy of the access point",
    "whether the bucket's tags decide",
)
"""The facts that this template contains, by the start of their names."""


def source_of_bucket(facts: BucketFacts) -> Source:
    """Return a live bucket with its keys, their grants, and its access points.

    An unread fact is a value that nothing resolves, and a finding.
    """
    keys = {key.named: (f"KeyPolicy{number or ''}", key) for number, key in enumerate(facts.keys)}
    resources: dict[str, Any] = {
        "Bucket": _resource("AWS::S3::Bucket", _settings(facts, keys)),
        "BucketPolicy": _resource(
            "AWS::S3::BucketPolicy", {"Bucket": facts.name, "PolicyDocument": _document(facts.policy)}
        ),
    }
    for logical_id, key in keys.values():
        if not key.is_aws_managed:
            state = key.metadata.get("KeyState")
            enabled = {"Enabled": state != "Disabled" if state else ""}
            resources[logical_id] = _resource("AWS::KMS::Key", {"KeyPolicy": _document(key.policy), **enabled})
            for grant in value_of(key.grants) or ():
                resources[f"Grant {grant.get('GrantId')}"] = _grant(logical_id, grant)
    for point in value_of(facts.access_points) or ():
        properties = {"Name": point.name, "Bucket": facts.name}
        if not isinstance(point.policy, NotConfigured):
            properties["Policy"] = _document(point.policy)
        if point.network == "VPC":
            properties["VpcConfiguration"] = {}
        resources[f"AccessPoint {point.name}"] = _resource("AWS::S3::AccessPoint", properties)
    for point in value_of(facts.multi_region_points) or ():
        logical_id, regions = f"MultiRegion {point.name}", [{"Bucket": facts.name}]
        resources[logical_id] = _resource("AWS::S3::MultiRegionAccessPoint", {"Name": point.name, "Regions": regions})
        if not isinstance(point.policy, NotConfigured):
            resources[f"{logical_id} policy"] = _resource(
                "AWS::S3::MultiRegionAccessPointPolicy",
                {"MrapName": point.name, "Policy": _document(point.policy)},
            )
    # Without its region, access points and keys of another region were read.
    compared = (*_COMPARED, "the bucket's region") if facts.region is None else _COMPARED
    unread = (each for each in unread_facts(facts) if shown(each.where).startswith(compared))
    account, region = (None if each is None else shown(each) for each in (facts.account, facts.region))
    return Source(
        templates=(Template(shown(facts.name), {"Resources": resources}, "", account, region),),
        is_loose=True,
        is_live=True,
        unread=tuple(replace(each, rule=rules.UNREAD) for each in unread),
    )


def _resource(kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def _settings(facts: BucketFacts, keys: Mapping[AnyText, tuple[str, KeyFacts]]) -> dict[str, Any]:
    settings = facts.settings
    properties = {
        "BucketName": facts.name,
        "AbacStatus": _part(settings.abac, "AbacStatus", "Status"),
        "PublicAccessBlockConfiguration": _part(settings.public_access_block, "PublicAccessBlockConfiguration"),
        "OwnershipControls": _part(settings.ownership, "OwnershipControls"),
        "AccessControlPolicy": _acl(settings.acl),
    }
    if not isinstance(settings.encryption, (Found, NotConfigured)):
        properties["BucketEncryption"] = _unread(settings.encryption)
    elif facts.encryption_rules:
        written = [_encryption(rule, keys) for rule in facts.encryption_rules]
        properties["BucketEncryption"] = {"ServerSideEncryptionConfiguration": written}
    return {name: value for name, value in properties.items() if value is not None}


def _encryption(rule: Mapping[str, Any], keys: Mapping[AnyText, tuple[str, KeyFacts]]) -> dict[str, Any]:
    """Return a rule of the default encryption in the form of a template."""
    by_default = dict(rule.get("ApplyServerSideEncryptionByDefault") or {})
    logical_id, key = keys.get(str(by_default.get("KMSMasterKeyID")), ("", None))
    if key is not None and not key.is_aws_managed:
        by_default["KMSMasterKeyID"] = {"Fn::GetAtt": [logical_id, "Arn"]}
    rest = {name: value for name, value in rule.items() if name != "ApplyServerSideEncryptionByDefault"}
    return {"ServerSideEncryptionByDefault": by_default, **rest}


def _grant(logical_id: str, grant: Mapping[str, Any]) -> dict[str, Any]:
    properties = {
        "Grantee": grant.get("GranteePrincipal"),
        "KeyId": {"Fn::GetAtt": [logical_id, "Arn"]},
        "Operations": grant.get("Operations"),
        "Constraints": grant.get("Constraints"),
    }
    return _resource("AWS::S3::AccessGrant", {name: each for name, each in properties.items() if each})


def _document(fact: Fact) -> Any:
    if isinstance(fact, NotConfigured):
        return {"Version": "2012-10-17", "Statement": []}
    if not isinstance(fact, Found):
        return _unread(fact)
    try:
        return json.loads(fact.value)
    except (ValueError, RecursionError):
        return {"Fn::GetAtt": ["the policy, which is not JSON", "Value"]}


def _part(fact: Fact, *names: str) -> Any:
    if not isinstance(fact, (Found, NotConfigured)):
        return _unread(fact)
    value = value_of(fact)
    for name in names:
        value = (value or {}).get(name)
    return value


def _acl(fact: Fact) -> Any:
    """Return the grants of an ACL to others than the owner of the bucket."""
    answer = _part(fact)
    if answer is None or "Fn::GetAtt" in answer:
        return answer
    owner = (answer.get("Owner") or {}).get("ID")
    return [each for each in answer.get("Grants") or () if (each.get("Grantee") or {}).get("ID") != owner] or None


def _unread(fact: Fact) -> Any:
    return {"Fn::GetAtt": ["an unread value", str(getattr(fact, "says", ""))]}
