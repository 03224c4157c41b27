"""What lies around the policies, as findings: settings of the bucket, its keys, what the organisation says, CORS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.regions import is_in_other_partition
from ..access.trust import ICONIK_ACCOUNT_ID
from ..storage.cors import admits_iconik
from . import rules
from .bucket import Bucket
from .finding import Finding
from .key import Key
from .matrix import Question
from .outcome import Absent, NotRead, Read, value_of
from .requests import is_abac_on
from .rules import Rule

__all__ = ["is_cut_off", "is_owner_enforced", "setting_findings", "unusable"]

_METHODS: Final = ("GET", "HEAD", "POST", "PUT")
_ALL_USERS: Final = "http://acs.amazonaws.com/groups/global/"
_RESTORED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_EXEMPTING: Final = "dp:exclude:"
_USABLE: Final = frozenset({"Enabled", "Updating"})


def setting_findings(bucket: Bucket, question: Question) -> Iterator[Finding]:
    """Yield what the bucket's settings, its keys and its organisation mean for iconik."""
    parts: Sequence[Callable[[Bucket, Question], Iterator[Finding]]] = (
        _about_the_name,
        _about_public_access,
        _about_acls,
        _about_requests,
        _about_keys,
        _about_the_organisation,
        _about_cors,
        _about_lifetimes,
        _about_the_rest,
    )
    for part in parts:
        yield from part(bucket, question)


def is_cut_off(bucket: Bucket) -> bool:
    """Whether AWS calls the policy public and the bucket or its account then keeps every other account out."""
    return is_public(bucket) and _blocks(bucket, "RestrictPublicBuckets")


def is_public(bucket: Bucket) -> bool:
    """Whether AWS says that the bucket policy is public."""
    return bool(((value_of(bucket.answers.policy_status) or {}).get("PolicyStatus") or {}).get("IsPublic"))


def is_owner_enforced(bucket: Bucket) -> bool:
    """Whether ACLs are off."""
    return _ownership(bucket) == "BucketOwnerEnforced"


def unusable(key: Key) -> str:
    """Return the state in which nobody can use the key; empty where it can be used or that is not known."""
    state = key.metadata.get("KeyState")
    return "" if state is None or state in _USABLE else str(state)


def _finding(rule: Rule, where: str, text: str, **more: Any) -> Finding:
    return Finding(rule=rule, where=where, text=text, **more)


def _blocks(bucket: Bucket, setting: str) -> bool:
    blocks = (bucket.answers.public_access_block, bucket.account_access_block)
    return any(((value_of(one) or {}).get("PublicAccessBlockConfiguration") or {}).get(setting) for one in blocks)


def _about_the_name(bucket: Bucket, _: Question) -> Iterator[Finding]:
    if "." in bucket.name:
        yield _finding(rules.DOTS, "the bucket's name", bucket.name)
    if bucket.region is not None and is_in_other_partition(bucket.region):
        yield _finding(rules.OTHER_PARTITION, "the bucket's region", bucket.region)


def _about_public_access(bucket: Bucket, _: Question) -> Iterator[Finding]:
    if is_cut_off(bucket):
        yield _finding(
            rules.CUT_OFF, "the public access block", "RestrictPublicBuckets is on, and a statement is public"
        )


def _ownership(bucket: Bucket) -> str | None:
    """Return the object ownership; None where it was not read."""
    outcome = bucket.answers.ownership
    if isinstance(outcome, NotRead):
        return None
    controls: Any = ((value_of(outcome) or {}).get("OwnershipControls") or {}).get("Rules") or ({},)
    return str(controls[0].get("ObjectOwnership", "ObjectWriter"))


def _about_acls(bucket: Bucket, _: Question) -> Iterator[Finding]:
    ownership = _ownership(bucket)
    if ownership is None or ownership == "BucketOwnerEnforced":
        return
    said = f"it is {ownership}" if value_of(bucket.answers.ownership) else f"none is set, which means {ownership}"
    acl = value_of(bucket.answers.acl) or {}
    owner = (acl.get("Owner") or {}).get("ID")
    ignored = _blocks(bucket, "IgnorePublicAcls")
    for grant in acl.get("Grants") or ():
        grantee = grant.get("Grantee") or {}
        group = str(grantee.get("URI", ""))
        if group.startswith(_ALL_USERS):
            if not ignored:
                text = f"{group.removeprefix(_ALL_USERS)} has {grant.get('Permission')}"
                yield _finding(rules.ACL_LETS_IN, "the bucket's ACL", text)
        elif grantee.get("ID") not in {None, owner}:
            text = f"the account with the canonical id {grantee['ID']} has {grant.get('Permission')}"
            yield _finding(rules.ACL_LETS_IN, "the bucket's ACL", text)
    if not ignored:
        yield _finding(rules.ACLS_ON, "the object ownership", f"{said}, and public ACLs are not ignored")
    yield _finding(rules.UPLOADER_OWNS, "the object ownership", said)


def _about_requests(bucket: Bucket, _: Question) -> Iterator[Finding]:
    if (value_of(bucket.answers.payer) or {}).get("Payer") == "Requester":
        yield _finding(rules.REQUESTER_PAYS, "who pays for requests", "the requester pays")
    if (value_of(bucket.answers.acceleration) or {}).get("Status") == "Enabled":
        yield _finding(rules.ACCELERATES, "the transfer acceleration", "it is on")


def _about_keys(bucket: Bucket, question: Question) -> Iterator[Finding]:
    for key in bucket.keys:
        where = f"the key {key.arn}"
        if key.is_aws_managed:
            yield _finding(rules.KEY_IS_AWS, "the default encryption", key.named)
            continue
        if isinstance(key.description, NotRead) and key.description.why.name == "GONE":
            yield _finding(rules.KEY_GONE, where, key.description.says)
        if state := unusable(key):
            yield _finding(rules.KEY_STATE, where, f"its state is {state}")
        for grant in value_of(key.grants) or ():
            grantee = str(grant.get("GranteePrincipal", ""))
            if grantee == question.role_arn or f":{ICONIK_ACCOUNT_ID}:" in grantee or grantee == ICONIK_ACCOUNT_ID:
                operations = ", ".join(grant.get("Operations") or ())
                yield _finding(rules.KEY_GRANT, where, f"the grant {grant.get('GrantId')} gives {grantee} {operations}")


def _about_the_organisation(bucket: Bucket, _: Question) -> Iterator[Finding]:
    organisation = bucket.organisation
    if isinstance(organisation.itself, Read) and isinstance(organisation.control_policies, NotRead):
        text = f"{organisation.control_policies.action}: {organisation.control_policies.why.value}"
        yield _finding(
            rules.CONTROL_POLICIES_UNREAD, "the organisation", text, action=organisation.control_policies.action
        )
    for seen in value_of(organisation.seen) or ():
        if seen.get("resourceControlPolicyRestriction") in {"APPLIED", "APPLICABLE"}:
            yield _finding(
                rules.CONTROL_POLICY_SEEN, "Access Analyzer", f"its finding {seen.get('id')} says so", action=""
            )
            break
    mine = _exempting_tags(value_of(bucket.answers.tags))
    if not mine:
        return
    if not isinstance(bucket.answers.abac, NotRead) and not is_abac_on(bucket):
        yield _finding(rules.HALF_EXEMPT, "the bucket's tags", f"{', '.join(mine)}, and ABAC is off")
    for key in bucket.keys:
        tags = key.tags.value if isinstance(key.tags, Read) else {} if isinstance(key.tags, Absent) else None
        if tags is not None and not key.is_aws_managed and (lacking := [name for name in mine if name not in tags]):
            yield _finding(rules.HALF_EXEMPT, f"the key {key.arn}", f"it lacks {', '.join(lacking)}")


def _exempting_tags(answer: Any) -> list[str]:
    tags = (answer or {}).get("TagSet") or ()
    return sorted(str(one.get("Key")) for one in tags if str(one.get("Key", "")).startswith(_EXEMPTING))


def _about_cors(bucket: Bucket, _: Question) -> Iterator[Finding]:
    outcome, where = bucket.answers.cors, "the CORS rules"
    if isinstance(outcome, NotRead):
        return
    found: list[Mapping[str, Any]] = (value_of(outcome) or {}).get("CORSRules") or []
    if not found:
        yield _finding(rules.NO_CORS, where, "there are none")
        return
    mine = [rule for rule in found if admits_iconik(rule["AllowedOrigins"])]
    if not mine:
        origins = ", ".join(sorted({one for rule in found for one in rule["AllowedOrigins"]}))
        yield _finding(rules.CORS_ORIGIN, where, f"their origins are {origins}")
        return
    lacking = [method for method in _METHODS if not any(method in rule["AllowedMethods"] for rule in mine)]
    if lacking:
        yield _finding(rules.CORS_METHODS, where, f"{', '.join(lacking)} is not allowed")
    uploads = [rule for rule in mine if "PUT" in rule["AllowedMethods"]] or mine
    if not any(header.lower() in {"etag", "*"} for rule in uploads for header in rule.get("ExposeHeaders") or ()):
        yield _finding(rules.CORS_ETAG, where, "ETag is not among the exposed headers")
    if not any(rule.get("AllowedHeaders") for rule in uploads):
        yield _finding(rules.CORS_HEADERS, where, "no rule allows a header")


def _about_lifetimes(bucket: Bucket, question: Question) -> Iterator[Finding]:
    lock = (value_of(bucket.answers.object_lock) or {}).get("ObjectLockConfiguration") or {}
    if (lock.get("Rule") or {}).get("DefaultRetention"):
        yield _finding(
            rules.OBJECT_LOCK, "the Object Lock", f"the default retention is {lock['Rule']['DefaultRetention']}"
        )
    for rule in (value_of(bucket.answers.lifecycle) or {}).get("Rules") or ():
        if rule.get("Status") != "Enabled" or not _reaches(rule, question.permissions.prefixes):
            continue
        where = f"the lifecycle rule {rule.get('ID', 'without an id')}"
        expiration = rule.get("Expiration") or {}
        if "Days" in expiration or "Date" in expiration:
            yield _finding(rules.EXPIRES, where, f"after {expiration.get('Days', expiration.get('Date'))} days or then")
        classes = [one.get("StorageClass") for one in rule.get("Transitions") or ()]
        if archived := sorted({str(one) for one in classes if one in _RESTORED}):
            yield _finding(rules.ARCHIVES, where, f"to {', '.join(archived)}")
    for one in (value_of(bucket.answers.tiering) or {}).get("IntelligentTieringConfigurationList") or ():
        if one.get("Status") == "Enabled" and one.get("Tierings"):
            yield _finding(rules.TIERING_ARCHIVES, f"the configuration {one.get('Id')}", "its archive tiers are on")
    versioning = bucket.answers.versioning
    if not isinstance(versioning, NotRead) and question.wants("s3:DeleteObject"):
        status = (value_of(versioning) or {}).get("Status", "never turned on")
        if status != "Enabled":
            yield _finding(rules.NO_VERSIONS, "the versioning", f"it is {status}")


def _reaches(rule: Mapping[str, Any], prefixes: Sequence[str]) -> bool:
    """Tell whether a rule may hit what iconik works on; a limit by tag or size is no limit that is known here."""
    limit = rule.get("Filter") or {}
    named = str(limit.get("Prefix") or (limit.get("And") or {}).get("Prefix") or rule.get("Prefix") or "")
    return any(named.startswith(one) or one.startswith(named) for one in prefixes or ("",))


def _about_the_rest(bucket: Bucket, _: Question) -> Iterator[Finding]:
    notification = value_of(bucket.answers.notification) or {}
    if kinds := sorted(name.removesuffix("Configurations") for name, value in notification.items() if value):
        yield _finding(rules.NOTIFIES, "the event notifications", ", ".join(kinds))
    if points := value_of(bucket.access_points):
        yield _finding(rules.HAS_ACCESS_POINTS, "the access points", ", ".join(point.name for point in points))
