"""Who is let in elsewhere: by policies of any other resource, by what is no policy, by calls of custom resources.

Apart from the policies that the guardrail knows because here only what names iconik counts: who else is let in, and
whether a value that is not known could be iconik, is nothing that this table can tell for every service of AWS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from . import rules
from .admitted import LetsIn
from .documents import of_document, parsed, statements_within
from .iconik import Iconik
from .intrinsics import Scope, if_parts, intrinsic, texts
from .policies import LOCATIONS, MERGE_PREFIX, Statement, judged, seen_from
from .statement_checks import Finding, check_statement, name_of
from .template import App, holds_quote, properties_of

__all__ = ["GRANTS", "check_grants"]

GRANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::EC2::NetworkInterfacePermission": ("AwsAccountId",),
    "AWS::EC2::VPCEndpointServicePermissions": ("AllowedPrincipals",),
    "AWS::Events::EventBusPolicy": ("Principal",),
    "AWS::LakeFormation::Permissions": ("DataLakePrincipal",),
    "AWS::LakeFormation::PrincipalPermissions": ("Principal",),
    "AWS::Lambda::LayerVersionPermission": ("Principal",),
    "AWS::Lambda::Permission": ("Principal", "SourceAccount"),
    "AWS::RAM::ResourceShare": ("Principals",),
    "AWS::Redshift::EndpointAuthorization": ("Account",),
    "AWS::S3::AccessGrant": ("Grantee",),
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation": ("PrincipalARN",),
    "AWS::ServiceCatalog::PortfolioShare": ("AccountId",),
}
"""What lets somebody in without a policy, and the properties that say whom."""

_PUBLIC_ACLS: Final = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})
_WITH_ACLS: Final = frozenset({"BucketOwnerPreferred", "ObjectWriter"})
_WORD: Final = re.compile(r"\w+")
_WRITES_POLICIES: Final = (
    ("put", "policy"),
    ("creategrant", ""),
    ("add", "permission"),
    ("create", "share"),
    ("put", "acl"),
)
"""How the names of calls that write policies and grants start, and what follows in the same word."""
_LIKE_A_POLICY: Final = re.compile(r'"(?:Effect|Statement)"\s*:')
_MOST_LAYERS: Final = 4
"""JSON within JSON text is opened this deep."""


def check_grants(app: App, iconik: Iconik) -> Iterator[Finding]:
    """Yield what lets iconik in beside the policies that the guardrail knows by their place."""
    for template in app.templates:
        watched = seen_from(template, iconik)
        scope = Scope(app, template)
        for logical_id, resource in template.resources.items():
            kind = str(resource.get("Type", ""))
            for rule, location, detail in _check(kind, resource, watched, scope):
                yield Finding(rule, template.path, logical_id, location, detail)


_Found = tuple[rules.Rule, str, str]


def _check(kind: str, resource: Mapping[str, Any], iconik: Iconik, scope: Scope) -> Iterator[_Found]:
    properties = properties_of(resource)
    if kind.startswith(MERGE_PREFIX):
        return
    if kind == "AWS::S3::Bucket":
        yield from _public_acl(properties, scope)
    for name in GRANTS.get(kind, ()):
        for text in _leaves(properties.get(name), scope):
            if iconik.is_named_by(text):
                yield rules.NO_TAG, f"Properties.{name}", f"it names {text}, and knows no condition on the tag"
    rest = {name: value for name, value in properties.items() if name != LOCATIONS.get(kind)}
    yield from _statements(rest, iconik, scope)
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        yield from _calls(properties, iconik, scope)


def _statements(properties: Mapping[str, Any], iconik: Iconik, scope: Scope) -> Iterator[_Found]:
    """Judge every mapping that has `Effect` and a principal, in JSON text too."""
    bodies = [
        body
        for body in statements_within(properties, "Properties")
        if body.statement is not None and {"Principal", "NotPrincipal"} & set(body.statement)
    ]
    for location, text in _json_texts(properties, scope):
        bodies += of_document(parsed(text), location, scope)
    found, _ = judged(bodies, iconik, scope, "s3:GetObject")
    for cases in found:
        for statement in cases:
            yield from _named(statement)


def _named(statement: Statement) -> Iterator[_Found]:
    if statement.lets_in is LetsIn.NAMED:
        for rule, detail in check_statement(statement):
            if rule is not rules.TOO_WIDE:
                yield rule, statement.location, f"{name_of(statement)} {detail}"


def _json_texts(node: Any, scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield the JSON texts in a node that look like policies, with their places."""
    waiting = [(node, "Properties")]
    while waiting:
        one, place = waiting.pop()
        if isinstance(one, dict) and intrinsic(one) is None:
            waiting += [(value, f"{place}.{key}") for key, value in one.items()]
        elif isinstance(one, list):
            waiting += [(item, f"{place}.{number}") for number, item in enumerate(one)]
        elif isinstance(one, str):
            if "Effect" in one:
                for text in _unwrapped([one]):
                    yield place, text
        elif isinstance(one, dict) and (holds_quote(one) or scope.template.has_policy_text):
            for text in _unwrapped(texts(one, scope)):
                yield place, text


def _unwrapped(found: list[str]) -> Iterator[str]:
    """Yield the policies among JSON texts, and those that stand as text within them."""
    waiting = [(text, 0) for text in found]
    while waiting:
        text, depth = waiting.pop()
        if "Effect" not in text or depth > _MOST_LAYERS:
            continue
        document = parsed(text)
        if isinstance(document, dict) and "Statement" in document:
            yield text
        inside: list[Any] = [document]
        while inside:
            one = inside.pop()
            if isinstance(one, str):
                waiting.append((one, depth + 1))
            elif isinstance(one, (dict, list)):
                inside += one.values() if isinstance(one, dict) else one


def _calls(properties: Mapping[str, Any], iconik: Iconik, scope: Scope) -> Iterator[_Found]:
    """Find calls to AWS that let iconik in, such as those of `AwsCustomResource`, and text that cannot be read."""
    for name, value in properties.items():
        if name == "ServiceToken":
            continue
        for text in _leaves(value, scope):
            if not iconik.is_mentioned_by(text):
                continue
            call = parsed(text)
            if isinstance(call, dict):
                yield from _call(call, f"Properties.{name}", iconik)
            elif not isinstance(value, dict) or intrinsic(value) is not None or "Effect" not in value:
                yield from _text(name, text, value, iconik)


def _call(call: Mapping[str, Any], location: str, iconik: Iconik) -> Iterator[_Found]:
    action = str(call.get("action", ""))
    grantee = _grantee(call.get("parameters"), iconik)
    if grantee and _writes_policies(action):
        yield rules.NO_TAG, location, f"the call of {action} names {grantee}, and knows no condition on the tag"


def _writes_policies(action: str) -> bool:
    """Tell whether a call writes a policy or a grant, by its name anywhere in the text."""
    return any(
        (at := word.find(start)) >= 0 and end in word[at + len(start) :]
        for word in _WORD.findall(action.lower())
        for start, end in _WRITES_POLICIES
    )


def _grantee(parameters: Any, iconik: Iconik) -> str | None:
    """Return the principal of iconik's that a call names outside of a policy."""
    waiting = [parameters]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and not _LIKE_A_POLICY.search(one) and iconik.is_named_by(one):
            return one
    return None


def _text(name: str, text: str, value: Any, iconik: Iconik) -> Iterator[_Found]:
    if _LIKE_A_POLICY.search(text) or (isinstance(value, str) and iconik.is_named_by(text) and _is_grantee(name)):
        yield (
            rules.UNRESOLVED,
            f"Properties.{name}",
            "it names iconik's account in text that cannot be read as a policy",
        )


def _is_grantee(name: str) -> bool:
    return any(word in name.lower() for word in ("principal", "grantee"))


def _public_acl(properties: Mapping[str, Any], scope: Scope) -> Iterator[_Found]:
    """Report an ACL for everyone, where ACLs count: since 2023 they are off unless the bucket turns them on."""
    public = _PUBLIC_ACLS.intersection(texts(properties.get("AccessControl"), scope))
    owned = set(_leaves(properties.get("OwnershipControls"), scope))
    block = properties.get("PublicAccessBlockConfiguration")
    is_blocked = isinstance(block, dict) and any(
        texts(block.get(name), scope) == ["true"] for name in ("BlockPublicAcls", "IgnorePublicAcls")
    )
    if public and owned & _WITH_ACLS and not is_blocked:
        yield rules.EVERYONE, "Properties.AccessControl", f"the ACL {', '.join(sorted(public))} lets in everyone"


def _leaves(node: Any, scope: Scope) -> Iterator[str]:
    """Yield every text in a node, in each branch of a condition."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif (parts := if_parts(one)) is not None:
            waiting += parts[1:]
        elif isinstance(one, dict) and intrinsic(one) is None:
            waiting += one.values()
        else:
            yield from texts(one, scope)
