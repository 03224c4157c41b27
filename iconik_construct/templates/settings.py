"""Reads the settings of a bucket from its properties in a template, in the shape of boto3's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why, value_within
from ..assessment.facts import Settings
from ..judge.text import MarkedText, has_unknown, if_plain, unknown
from .documents import is_made_later
from .intrinsics import Scope, possible_values
from .resolving import plain

__all__ = ["NOT_HERE", "may_have_public_acl", "settings_of", "tags_of_resource", "unknown_settings"]

NOT_HERE: Final = Unknown("", Why.NOT_HERE, "")
_UNREADABLE: Final = Unknown("", Why.UNREADABLE, "a value is known only at deployment")
_NOT_SET: Final = NotConfigured()

_BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_ALL_BLOCKED: Final = Found({"PublicAccessBlockConfiguration": dict.fromkeys(_BLOCKS, True)})
_OWNER_ENFORCED: Final = Found({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}})
_GROUPS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "PublicRead": (("AllUsers", "READ"),),
    "PublicReadWrite": (("AllUsers", "READ"), ("AllUsers", "WRITE")),
    "AuthenticatedRead": (("AuthenticatedUsers", "READ"),),
}

_Answer = dict[str, Any] | None
_Shape = Callable[[Any], _Answer]
"""Returns a property in the shape of boto3's answer, or None if it cannot be read."""


def may_have_public_acl(acls: Iterable[MarkedText]) -> bool:
    """Return whether one of the canned ACLs allows others, or is unknown."""
    return any(if_plain(acl) in _GROUPS or has_unknown(acl) for acl in acls)


def settings_of(properties: Mapping[str, Any], scope: Scope) -> Settings:
    """Return the settings of a bucket that a template makes."""

    def read(name: str, shaped: _Shape, default: Fact = _NOT_SET) -> Fact:
        """Return the fact of a property: `default` without the property."""
        value = _resolved(properties.get(name), scope)
        if value is None:
            return default
        answer = shaped(value)
        return _UNREADABLE if answer is None else Found(answer)

    acls = possible_values(properties.get("AccessControl"), scope)
    # Buckets made since April 2023 block public access by default. A public ACL works only on older buckets.
    block = read("PublicAccessBlockConfiguration", _block, _NOT_SET if may_have_public_acl(acls) else _ALL_BLOCKED)
    refuses_acls = value_within(block, "PublicAccessBlockConfiguration", "BlockPublicAcls")
    settings = Settings(
        public_access_block=block,
        ownership=read("OwnershipControls", _ownership, _OWNER_ENFORCED),
        acl=_acl([] if refuses_acls else acls, _resolved(properties.get("AccessControlPolicy"), scope)),
        encryption=read("BucketEncryption", _encryption),
        cors=read("CorsConfiguration", _cors),
        payer=read("RequestPaymentConfiguration", _whole),
        object_lock=read("ObjectLockConfiguration", _object_lock),
        lifecycle=read("LifecycleConfiguration", _lifecycle),
        tiering=read("IntelligentTieringConfigurations", _tiering),
        versioning=read("VersioningConfiguration", _whole),
        tags=_tags(properties, scope),
        abac=read("AbacStatus", _abac),
        acceleration=read("AccelerateConfiguration", _acceleration),
        notification=read("NotificationConfiguration", _notification),
    )
    if is_made_later(properties):
        # A macro can write each property that decides.
        unread = dict.fromkeys(("public_access_block", "ownership", "acl", "encryption"), _UNREADABLE)
        return replace(settings, **unread)
    return settings


def tags_of_resource(properties: Mapping[str, Any], scope: Scope) -> Fact:
    """Return the tags of a key or a stack that a template makes, by name."""
    tags = _tags(properties, scope)
    if not isinstance(tags, Found):
        return tags
    return Found({str(tag.get("Key")): tag.get("Value") for tag in tags.value["TagSet"]})


def unknown_settings() -> Settings:
    """Return the settings of a bucket that is not in the templates."""
    return Settings(**dict.fromkeys(Settings.__dataclass_fields__, NOT_HERE))


def _resolved(node: Any, scope: Scope) -> Any:
    """Return a node without intrinsic functions, or None if there is none."""
    if node is None or (isinstance(node, dict) and "Ref" in node and not possible_values(node, scope)):
        return None
    return plain(node, scope)


def _is_marked(node: Any) -> bool:
    if isinstance(node, dict):
        return is_made_later(node) or any(map(_is_marked, node.values()))
    if isinstance(node, list):
        return any(map(_is_marked, node))
    return isinstance(node, str) and has_unknown(node)


def _mappings(node: Any) -> list[dict[str, Any]] | None:
    """Return a list of mappings, or None for anything else."""
    return node if isinstance(node, list) and all(isinstance(each, dict) for each in node) else None


def _whole(value: Any) -> _Answer:
    return value if isinstance(value, dict) and not _is_marked(value) else None


def _block(block: Any) -> _Answer:
    if _whole(block) is None:
        return None
    blocked = {name: str(block.get(name, False)).lower() == "true" for name in _BLOCKS}
    return {"PublicAccessBlockConfiguration": blocked}


def _ownership(controls: Any) -> _Answer:
    rules = None if _whole(controls) is None else _mappings(controls.get("Rules"))
    return {"OwnershipControls": {"Rules": rules}} if rules else None


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


def _encryption(encryption: Any) -> _Answer:
    rules = encryption.get("ServerSideEncryptionConfiguration") if isinstance(encryption, dict) else None
    if not isinstance(rules, list) or not all(map(_is_readable, (encryption, *rules))):
        return None
    listed = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
            # With a value that is not known, the encryption context can be that of a bucket key too.
            "BucketKeyEnabled": str(rule.get("BucketKeyEnabled") or False).lower() != "false",
        }
        for rule in rules
    ]
    return {"ServerSideEncryptionConfiguration": {"Rules": listed}}


def _is_readable(rule: Any) -> bool:
    """Return whether the template has each element of an encryption rule. Values such as the key are read elsewhere."""
    if not isinstance(rule, dict) or is_made_later(rule):
        return False
    default = rule.get("ServerSideEncryptionByDefault")
    return default is None or (isinstance(default, dict) and not is_made_later(default))


def _cors(configuration: Any) -> _Answer:
    rules = _mappings(configuration.get("CorsRules")) if isinstance(configuration, dict) else None
    if rules is None:
        return None
    names = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}
    listed = [{names.get(name, name): value for name, value in rule.items()} for rule in rules]
    lists = ("AllowedOrigins", "AllowedMethods")
    readable = all(isinstance(rule.get(name), list) for rule in listed for name in lists)
    return {"CORSRules": listed} if readable and not _is_marked(listed) else None


def _object_lock(configuration: Any) -> _Answer:
    return {"ObjectLockConfiguration": configuration} if isinstance(configuration, dict) else None


def _lifecycle(configuration: Any) -> _Answer:
    rules = _mappings(configuration.get("Rules")) if isinstance(configuration, dict) else None
    return None if rules is None else {"Rules": [_lifecycle_rule(rule) for rule in rules]}


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


def _tiering(configurations: Any) -> _Answer:
    if not isinstance(configurations, list):
        return None
    return {"IntelligentTieringConfigurationList": [each for each in configurations if isinstance(each, dict)]}


def _tags(properties: Mapping[str, Any], scope: Scope) -> Fact:
    """Return the tags of a resource, with those of its stack. If these are not known, one tag has an unknown name."""
    listed = _mappings(_resolved(properties.get("Tags"), scope) or [])
    if listed is None or any(map(is_made_later, listed)):
        return _UNREADABLE
    of_stack = scope.template.stack_tags
    more = {unknown("a tag of the stack"): unknown("its value")} if of_stack is None else of_stack
    names = [tag.get("Key") for tag in listed]
    tags = [*listed, *({"Key": name, "Value": value} for name, value in more.items() if name not in names)]
    return Found({"TagSet": tags}) if tags else _NOT_SET


def _abac(status: Any) -> _Answer:
    return None if _is_marked(status) else {"AbacStatus": {"Status": status}}


def _acceleration(configuration: Any) -> _Answer:
    return {"Status": configuration.get("AccelerationStatus")} if isinstance(configuration, dict) else None


def _notification(configuration: Any) -> _Answer:
    if not isinstance(configuration, dict):
        return None
    return {name: value for name, value in configuration.items() if value}
