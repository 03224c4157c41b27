"""Findings about the settings of the bucket, its keys and its organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..access.regions import is_in_other_partition
from ..errors import counted
from ..judge.text import AnyText, has_unknown, is_plain, joined, literal
from . import rules
from .cors_findings import cors_findings
from .expected import Question
from .fact import Fact, Found, Unknown, Why, value_of, value_within
from .facts import BucketFacts, KeyFacts, statements_of
from .finding import Finding
from .names import Iconik
from .public import may_be_public
from .reach import Reach, reach_of
from .requests import is_abac_on
from .rules import Rule

__all__ = [
    "acl_findings",
    "grant_findings",
    "ignores_public_acls",
    "is_cut_off",
    "is_owner_enforced",
    "may_be_cut_off",
    "public_acl_findings",
    "setting_findings",
    "unusable",
]

_ALL_USERS: Final = "http://acs.amazonaws.com/groups/global/"
_RESTORED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_EXEMPTING: Final = "dp:exclude:"
_RESTRICTS: Final = "RestrictPublicBuckets"
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_USABLE: Final = frozenset({"Enabled", "Updating"})


def setting_findings(bucket: BucketFacts, question: Question) -> Iterator[Finding]:
    """Yield findings about the bucket's settings, its keys and its organisation."""
    parts: Sequence[Callable[[BucketFacts, Question], Iterator[Finding]]] = (
        _about_the_name,
        _about_public_access,
        _about_acls,
        _about_requests,
        _about_keys,
        _about_the_organisation,
        cors_findings,
        _about_lifetimes,
        _about_the_rest,
    )
    for part in parts:
        yield from part(bucket, question)


def is_cut_off(bucket: BucketFacts) -> bool:
    """Whether AWS calls the policy public, and the bucket or its account then blocks every other account."""
    return _is_public(bucket) and _blocks(bucket, _RESTRICTS)


def may_be_cut_off(bucket: BucketFacts, iconik: Iconik) -> bool:
    """Whether every other account may be blocked: of a public policy and the setting, one is true, one not known."""
    settings = bucket.settings
    blocks = (settings.public_access_block, settings.account_access_block)
    unread = any(isinstance(block, Unknown) and not _is_elsewhere(block) for block in blocks)
    if _is_public(bucket):
        return unread and not _blocks(bucket, _RESTRICTS)
    if isinstance(settings.policy_status, Found) or not (unread or _blocks(bucket, _RESTRICTS)):
        return False
    statements = statements_of(value_of(bucket.policy))
    return any(
        reach_of(each, iconik)[0] in {Reach.EVERYONE, Reach.ALL_BUT} or may_be_public(each) for each in statements
    )


def _is_public(bucket: BucketFacts) -> bool:
    """Return whether AWS reports that the bucket policy is public."""
    return bool(value_within(bucket.settings.policy_status, "PolicyStatus", "IsPublic"))


def ignores_public_acls(bucket: BucketFacts) -> bool:
    """Whether no ACL makes the bucket or an object public."""
    return _blocks(bucket, "IgnorePublicAcls")


def is_owner_enforced(bucket: BucketFacts) -> bool:
    """Whether ACLs are off."""
    return bucket.object_ownership == "BucketOwnerEnforced"


def unusable(key: KeyFacts) -> str:
    """Return why nobody can use the key with S3; empty if it is usable or that is unknown."""
    state = key.metadata.get("KeyState")
    if state is not None and state not in _USABLE:
        return f"its state is {state}"
    spec = key.metadata.get("KeySpec", _SYMMETRIC)
    usage = key.metadata.get("KeyUsage", "ENCRYPT_DECRYPT")
    if spec != _SYMMETRIC or usage != "ENCRYPT_DECRYPT":
        return f"it is a key of the kind {spec} for {usage}, which S3 cannot use"
    return ""


def _finding(rule: Rule, where: AnyText, text: AnyText) -> Finding:
    return Finding(rule=rule, where=where, text=text)


def _blocks(bucket: BucketFacts, setting: str) -> bool:
    blocks = (bucket.settings.public_access_block, bucket.settings.account_access_block)
    return any(value_within(block, "PublicAccessBlockConfiguration", setting) for block in blocks)


def _is_elsewhere(fact: Fact) -> bool:
    """Return whether no template has the fact. A bucket in no template is not this tool's to judge."""
    return isinstance(fact, Unknown) and fact.why is Why.NOT_HERE


def _about_the_name(bucket: BucketFacts, _: Question) -> Iterator[Finding]:
    if is_plain(bucket.name) and "." in bucket.name:
        yield _finding(rules.DOTS, "the bucket's name", bucket.name)
    if bucket.region is not None and is_plain(bucket.region) and is_in_other_partition(bucket.region):
        yield _finding(rules.OTHER_PARTITION, "the bucket's region", bucket.region)


def _about_public_access(bucket: BucketFacts, question: Question) -> Iterator[Finding]:
    where = "the public access block"
    if is_cut_off(bucket):
        yield _finding(rules.CUT_OFF, where, "RestrictPublicBuckets is on, and a statement is public")
    elif may_be_cut_off(bucket, question.iconik):
        state = "is on" if _blocks(bucket, _RESTRICTS) else "was not read"
        public = "AWS calls the policy public" if _is_public(bucket) else "a statement is for everyone"
        yield _finding(rules.PERHAPS_CUT_OFF, where, f"{_RESTRICTS} {state}, and {public}")


def public_acl_findings(bucket: BucketFacts) -> Iterator[Finding]:
    """Yield the groups for everybody that have access by the ACL of the bucket."""
    for grant in value_within(bucket.settings.acl, "Grants") or ():
        group = str((grant.get("Grantee") or {}).get("URI", ""))
        if group.startswith(_ALL_USERS) and not ignores_public_acls(bucket):
            text = f"{group.removeprefix(_ALL_USERS)} has {grant.get('Permission')}"
            yield _finding(rules.PUBLIC_ACL, "the bucket's ACL", text)


def acl_findings(bucket: BucketFacts) -> Iterator[Finding]:
    """Yield who else has access by the ACL of the bucket, if ACLs are on."""
    yield from public_acl_findings(bucket)
    acl = value_of(bucket.settings.acl) or {}
    owner = (acl.get("Owner") or {}).get("ID")
    for grant in acl.get("Grants") or ():
        grantee = grant.get("Grantee") or {}
        if not grantee.get("URI") and grantee.get("ID") not in {None, owner}:
            text = f"the account with the canonical id {grantee['ID']} has {grant.get('Permission')}"
            yield _finding(rules.PUBLIC_ACL, "the bucket's ACL", text)


def _about_acls(bucket: BucketFacts, _: Question) -> Iterator[Finding]:
    ownership = bucket.object_ownership
    if is_owner_enforced(bucket):
        return
    if ownership is None:
        for finding in public_acl_findings(bucket):
            doubt = joined(finding.text, ", and it is not known whether ACLs are on")
            yield _finding(rules.ACLS_ON, finding.where, doubt)
        if not _is_elsewhere(bucket.settings.ownership) and not ignores_public_acls(bucket):
            doubt = joined("it is not known whether ACLs are on, and public ACLs are not ignored")
            yield _finding(rules.ACLS_ON, "the object ownership", doubt)
        return
    state = f"it is {ownership}" if value_of(bucket.settings.ownership) else f"none is set, which means {ownership}"
    yield from acl_findings(bucket)
    if not ignores_public_acls(bucket):
        yield _finding(rules.ACLS_ON, "the object ownership", f"{state}, and public ACLs are not ignored")
    yield _finding(rules.UPLOADER_OWNS, "the object ownership", state)


def _about_requests(bucket: BucketFacts, _: Question) -> Iterator[Finding]:
    if value_within(bucket.settings.payer, "Payer") == "Requester":
        yield _finding(rules.REQUESTER_PAYS, "who pays for requests", "the requester pays")
    if value_within(bucket.settings.acceleration, "Status") == "Enabled":
        yield _finding(rules.ACCELERATES, "the transfer acceleration", "it is on")


def _about_keys(bucket: BucketFacts, question: Question) -> Iterator[Finding]:
    for key in bucket.keys:
        where = joined("the key ", key.arn)
        if key.is_aws_managed:
            yield _finding(rules.KEY_DENIES, "the default encryption", joined("the AWS managed key ", key.named))
            continue
        if key.is_gone and isinstance(key.description, Unknown):
            yield _finding(rules.KEY_GONE, where, key.description.says)
        elif key.place and _is_in_another_region(bucket, key.place[0]):
            text = joined("it is in ", key.place[0], ", and the bucket is in ", bucket.region or "")
            yield _finding(rules.KEY_GONE, where, text)
        if state := unusable(key):
            yield _finding(rules.KEY_STATE, where, state)
        yield from grant_findings(key, question.iconik, where)


def _is_in_another_region(bucket: BucketFacts, region: AnyText) -> bool:
    """Return whether a region is certainly not that of the bucket."""
    if bucket.region is None or _is_elsewhere(bucket.settings.encryption):
        return False
    return is_plain(region) and is_plain(bucket.region) and joined(region) != joined(bucket.region)


def grant_findings(key: KeyFacts, iconik: Iconik, where: AnyText) -> Iterator[Finding]:
    """Yield a finding for each grant by which iconik can use the key."""
    for grant in value_of(key.grants) or ():
        grantee = str(grant.get("GranteePrincipal", ""))
        if iconik.is_named_by(literal(grantee)):
            operations = ", ".join(grant.get("Operations") or ())
            yield _finding(rules.GRANT, where, f"the grant {grant.get('GrantId')} gives {grantee} {operations}")


def _about_the_organisation(bucket: BucketFacts, _: Question) -> Iterator[Finding]:
    organisation = bucket.organisation
    for seen in value_of(organisation.seen) or ():
        if seen.get("resourceControlPolicyRestriction") in {"APPLIED", "APPLICABLE"}:
            yield _finding(rules.CONTROL_POLICY_SEEN, "Access Analyzer", f"by its finding {seen.get('id')}")
            break
    tags = value_within(bucket.settings.tags, "TagSet") or ()
    exempting = sorted(str(tag.get("Key")) for tag in tags if str(tag.get("Key", "")).startswith(_EXEMPTING))
    if not exempting:
        return
    if not isinstance(bucket.settings.abac, Unknown) and not is_abac_on(bucket):
        yield _finding(rules.HALF_EXEMPT, "the bucket's tags", f"{', '.join(exempting)}, and ABAC is off")
    for key in bucket.keys:
        tags_of_key = value_of(key.tags) or {}
        if isinstance(key.tags, Unknown) or key.is_aws_managed or any(map(has_unknown, tags_of_key)):
            continue
        if lacking := [name for name in exempting if name not in tags_of_key]:
            yield _finding(rules.HALF_EXEMPT, joined("the key ", key.arn), f"it lacks {', '.join(lacking)}")


def _about_lifetimes(bucket: BucketFacts, question: Question) -> Iterator[Finding]:
    permissions = question.permissions or ()
    may_delete = any(each.is_admin or "s3:DeleteObject" in each.object_actions for each in permissions)
    prefixes = [prefix for each in permissions for prefix in each.prefixes or ("",)]
    if retention := value_within(bucket.settings.object_lock, "ObjectLockConfiguration", "Rule", "DefaultRetention"):
        yield _finding(rules.OBJECT_LOCK, "the Object Lock", f"the default retention is {retention}")
    for rule in value_within(bucket.settings.lifecycle, "Rules") or ():
        if rule.get("Status") != "Enabled" or not _reaches(rule, prefixes):
            continue
        where = f"the lifecycle rule {rule.get('ID', 'without an id')}"
        expiration = rule.get("Expiration") or {}
        if "Days" in expiration or "Date" in expiration:
            days = expiration.get("Days")
            age = f"after {counted(days, 'day') if isinstance(days, int) else f'{days} days'}"
            yield _finding(rules.EXPIRES, where, f"on {expiration['Date']}" if days is None else age)
        classes = [transition.get("StorageClass") for transition in rule.get("Transitions") or ()]
        archived = sorted({str(each) for each in classes if each in _RESTORED})
        if archived and not question.is_archive:
            yield _finding(rules.ARCHIVES, where, f"to {', '.join(archived)}")
    for tiering in value_within(bucket.settings.tiering, "IntelligentTieringConfigurationList") or ():
        if tiering.get("Status") == "Enabled" and tiering.get("Tierings") and not question.is_archive:
            yield _finding(rules.TIERING_ARCHIVES, f"the configuration {tiering.get('Id')}", "its archive tiers are on")
    versioning = bucket.settings.versioning
    if not isinstance(versioning, Unknown) and may_delete:
        status = (value_of(versioning) or {}).get("Status", "not turned on")
        if status != "Enabled":
            yield _finding(rules.NO_VERSIONS, "the versioning", f"it is {status}")


def _reaches(rule: Mapping[str, Any], prefixes: Sequence[str]) -> bool:
    """Return whether a rule may apply to objects that iconik uses. A limit by tag or size does not count."""
    limit = rule.get("Filter") or {}
    named = str(limit.get("Prefix") or (limit.get("And") or {}).get("Prefix") or rule.get("Prefix") or "")
    return any(named.startswith(prefix) or prefix.startswith(named) for prefix in prefixes or ("",))


def _about_the_rest(bucket: BucketFacts, _: Question) -> Iterator[Finding]:
    notification = value_of(bucket.settings.notification) or {}
    if kinds := sorted(name.removesuffix("Configurations") for name, value in notification.items() if value):
        yield _finding(rules.NOTIFIES, "the event notifications", ", ".join(kinds))
    if points := bucket.all_access_points:
        yield _finding(rules.HAS_ACCESS_POINTS, "the access points", ", ".join(point.name for point in points))
