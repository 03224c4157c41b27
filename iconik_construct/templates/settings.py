"""Reads the settings of a bucket from its properties in a template, in the shape of boto3's answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why, value_within
from ..assessment.facts import Settings
from ..judge.text import MarkedText, has_unknown, if_plain
from .documents import is_made_later
from .intrinsics import Scope, possible_values
from .resolving import plain

__all__ = ["NOT_HERE", "may_have_public_acl", "settings_of", "unknown_settings"]

NOT_HERE: Final = Unknown("", Why.NOT_HERE, "")
_UNREADABLE: Final = Unknown("", Why.UNREADABLE, "a value is known only at deployment")

_BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_GROUPS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "PublicRead": (("AllUsers", "READ"),),
    "PublicReadWrite": (("AllUsers", "READ"), ("AllUsers", "WRITE")),
    "AuthenticatedRead": (("AuthenticatedUsers", "READ"),),
}


def may_have_public_acl(acls: Iterable[MarkedText]) -> bool:
    """Return whether one of the canned ACLs allows others, or is unknown."""
    return any(if_plain(acl) in _GROUPS or has_unknown(acl) for acl in acls)


def settings_of(properties: Mapping[str, Any], scope: Scope) -> Settings:
    """Return the settings of a bucket that a template makes."""
    acls = possible_values(properties.get("AccessControl"), scope)
    is_public = may_have_public_acl(acls)
    block = _public_access_block(properties.get("PublicAccessBlockConfiguration"), scope, is_public)
    refuses_acls = value_within(block, "PublicAccessBlockConfiguration", "BlockPublicAcls")
    settings = Settings(
        public_access_block=block,
        ownership=_ownership(properties.get("OwnershipControls"), scope),
        acl=_acl([] if refuses_acls else acls, _resolved(properties.get("AccessControlPolicy"), scope)),
        encryption=_encryption(properties.get("BucketEncryption"), scope),
        cors=_cors(properties.get("CorsConfiguration"), scope),
        payer=_whole(properties.get("RequestPaymentConfiguration"), scope),
        object_lock=_object_lock(properties, scope),
        lifecycle=_lifecycle(properties.get("LifecycleConfiguration"), scope),
        tiering=_tiering(properties.get("IntelligentTieringConfigurations"), scope),
        versioning=_whole(properties.get("VersioningConfiguration"), scope),
        tags=_tags(properties.get("Tags"), scope),
        abac=_named("AbacStatus", properties.get("AbacStatus"), scope),
        acceleration=_acceleration(properties.get("AccelerateConfiguration"), scope),
        notification=_notification(properties.get("NotificationConfiguration"), scope),
    )
    if is_made_later(properties):
        # A macro can write each property that decides.
        unread = dict.fromkeys(("public_access_block", "ownership", "acl", "encryption"), _UNREADABLE)
        return replace(settings, **unread)
    return settings


def unknown_settings() -> Settings:
    """Return the settings of a bucket that is not in the templates."""
    return Settings(**dict.fromkeys(Settings.__dataclass_fields__, NOT_HERE))


def _resolved(node: Any, scope: Scope) -> Any:
    """Return a node without intrinsic functions, or None if there is none."""
    if node is None or (isinstance(node, dict) and "Ref" in node and not possible_values(node, scope)):
        return None
    return plain(node, scope)


def _whole(node: Any, scope: Scope) -> Fact:
    value = _resolved(node, scope)
    if value is None:
        return NotConfigured()
    return Found(value) if isinstance(value, dict) and not _is_marked(value) else _UNREADABLE


def _named(name: str, node: Any, scope: Scope) -> Fact:
    value = _resolved(node, scope)
    return NotConfigured() if value is None else Found({name: {"Status": value}})


def _is_marked(node: Any) -> bool:
    if isinstance(node, dict):
        return is_made_later(node) or any(map(_is_marked, node.values()))
    if isinstance(node, list):
        return any(map(_is_marked, node))
    return isinstance(node, str) and has_unknown(node)


def _public_access_block(node: Any, scope: Scope, is_public: bool) -> Fact:
    block = _resolved(node, scope)
    if block is None:
        # Buckets made since April 2023 block public access by default. A public ACL works only on older buckets.
        return NotConfigured() if is_public else _blocked(dict.fromkeys(_BLOCKS, True))
    if not isinstance(block, dict) or _is_marked(block):
        return _UNREADABLE
    return _blocked({name: str(block.get(name, False)).lower() == "true" for name in _BLOCKS})


def _blocked(block: Mapping[str, bool]) -> Fact:
    return Found({"PublicAccessBlockConfiguration": dict(block)})


def _ownership(node: Any, scope: Scope) -> Fact:
    controls = _resolved(node, scope)
    if controls is None:
        return Found({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}})
    if not isinstance(controls, dict) or _is_marked(controls) or not controls.get("Rules"):
        return _UNREADABLE
    rules = controls["Rules"]
    readable = isinstance(rules, list) and all(isinstance(rule, dict) for rule in rules)
    return Found({"OwnershipControls": {"Rules": rules}}) if readable else _UNREADABLE


def _acl(acls: list[MarkedText], policy: Any) -> Fact:
    """Return the ACL.

    Args:
        acls: the possible canned ACLs.
        policy: the grants to single accounts, and the owner. Only a plan of Terraform has them.
    """
    granted = {} if policy is None else policy
    if any(map(has_unknown, acls)) or not isinstance(granted, dict) or _is_marked(granted):
        return _UNREADABLE
    owner = granted.get("Owner", {"ID": "owner"})
    if not owner.get("ID"):
        return _UNREADABLE
    address = "http://acs.amazonaws.com/groups/global/"
    grants = [
        {"Grantee": {"Type": "Group", "URI": f"{address}{group}"}, "Permission": permission}
        for acl in acls
        for group, permission in _GROUPS.get(if_plain(acl) or "", ())
    ]
    grants += granted.get("Grants", ())
    return Found({"Owner": owner, "Grants": grants}) if grants else NotConfigured()


def _encryption(node: Any, scope: Scope) -> Fact:
    encryption = _resolved(node, scope)
    rules = encryption.get("ServerSideEncryptionConfiguration") if isinstance(encryption, dict) else None
    if encryption is None:
        return NotConfigured()
    if not isinstance(rules, list) or not all(map(_is_readable, (encryption, *rules))):
        return _UNREADABLE
    listed = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
            "BucketKeyEnabled": str(rule.get("BucketKeyEnabled", False)).lower() == "true",
        }
        for rule in rules
    ]
    return Found({"ServerSideEncryptionConfiguration": {"Rules": listed}})


def _is_readable(rule: Any) -> bool:
    """Return whether the template has each element of an encryption rule. Values such as the key are read elsewhere."""
    if not isinstance(rule, dict) or is_made_later(rule):
        return False
    default = rule.get("ServerSideEncryptionByDefault")
    return default is None or (isinstance(default, dict) and not is_made_later(default))


def _cors(node: Any, scope: Scope) -> Fact:
    configuration = _resolved(node, scope)
    if configuration is None:
        return NotConfigured()
    rules = configuration.get("CorsRules") if isinstance(configuration, dict) else None
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return _UNREADABLE
    names = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}
    listed = [{names.get(name, name): value for name, value in rule.items()} for rule in rules]
    lists = ("AllowedOrigins", "AllowedMethods")
    readable = all(isinstance(rule.get(name), list) for rule in listed for name in lists)
    return Found({"CORSRules": listed}) if readable and not _is_marked(listed) else _UNREADABLE


def _object_lock(properties: Mapping[str, Any], scope: Scope) -> Fact:
    configuration = _resolved(properties.get("ObjectLockConfiguration"), scope)
    if isinstance(configuration, dict):
        return Found({"ObjectLockConfiguration": configuration})
    return NotConfigured() if configuration is None else _UNREADABLE


def _lifecycle(node: Any, scope: Scope) -> Fact:
    configuration = _resolved(node, scope)
    if configuration is None:
        return NotConfigured()
    rules = configuration.get("Rules") if isinstance(configuration, dict) else None
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return _UNREADABLE
    return Found({"Rules": [_lifecycle_rule(rule) for rule in rules]})


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    shaped: dict[str, Any] = {"ID": rule.get("Id", "without an id"), "Status": rule.get("Status")}
    tags = rule.get("TagFilters")
    shaped["Filter"] = {"Prefix": str(rule.get("Prefix", "")), **({"Tags": tags} if tags else {})}
    if "ExpirationInDays" in rule:
        shaped["Expiration"] = {"Days": rule["ExpirationInDays"]}
    elif "ExpirationDate" in rule:
        shaped["Expiration"] = {"Date": rule["ExpirationDate"]}
    single = [rule["Transition"]] if isinstance(rule.get("Transition"), dict) else []
    listed = rule.get("Transitions")
    transitions = [*single, *(listed if isinstance(listed, list) else [])]
    shaped["Transitions"] = [each for each in transitions if isinstance(each, dict)]
    return shaped


def _tiering(node: Any, scope: Scope) -> Fact:
    configurations = _resolved(node, scope)
    if configurations is None:
        return NotConfigured()
    if not isinstance(configurations, list):
        return _UNREADABLE
    return Found({"IntelligentTieringConfigurationList": [each for each in configurations if isinstance(each, dict)]})


def _tags(node: Any, scope: Scope) -> Fact:
    tags = _resolved(node, scope)
    if not tags:
        return NotConfigured()
    readable = isinstance(tags, list) and all(isinstance(tag, dict) for tag in tags)
    return Found({"TagSet": tags}) if readable else _UNREADABLE


def _acceleration(node: Any, scope: Scope) -> Fact:
    configuration = _resolved(node, scope)
    if not isinstance(configuration, dict):
        return NotConfigured() if configuration is None else _UNREADABLE
    return Found({"Status": configuration.get("AccelerationStatus")})


def _notification(node: Any, scope: Scope) -> Fact:
    configuration = _resolved(node, scope)
    if not isinstance(configuration, dict):
        return NotConfigured() if configuration is None else _UNREADABLE
    return Found({name: value for name, value in configuration.items() if value})
