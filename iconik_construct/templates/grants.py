"""Who has access elsewhere: by policies of any other resource, by what is no policy, by calls of AWS's API.

Apart from the policies that are known by their place because here only what names iconik counts: for other services it
is not known what `*` or an unknown value means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ..assessment import Finding, Question, rules
from ..assessment.finding import Place
from ..assessment.names import Iconik
from ..assessment.reach import Reach, reach_of
from .documents import Body, of_document, parsed, statements_within
from .intrinsics import Scope, if_parts, intrinsic, texts
from .policies import LOCATIONS, MERGE_PREFIX, Policy, cases_of
from .policy_checks import check_cases
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
"""What gives access without a policy, and the properties that name the grantee."""

_WRITES_POLICIES: Final = re.compile(
    r"put\w*policy|creategrant|createaccessgrant|add\w*permission|create\w*share|put\w*acl", re.IGNORECASE
)
_LIKE_A_POLICY: Final = re.compile(r'"(?:Effect|Statement)"\s*:')
_MOST_LAYERS: Final = 6
"""JSON within JSON text is opened this deep."""
_LONGEST_NAME: Final = 200
"""Characters of the name of an action; no action of AWS has a longer name."""


def check_grants(app: App, question: Question) -> Iterator[Finding]:
    """Yield what gives iconik access beside the policies that are known by their place."""
    for template in app.templates:
        iconik = replace(question, own_account=template.account).iconik if template.account else question.iconik
        scope = Scope(app, template)
        clean: set[str] = set()
        for logical_id, resource in template.resources.items():
            kind = str(resource.get("Type", ""))
            policy = Policy(template, logical_id, kind, scope, properties_of(resource))
            rest = {name: value for name, value in policy.properties.items() if name != LOCATIONS.get(kind)}
            text = f"{kind}{json.dumps(rest, default=str)}"
            if not rest or text in clean:
                continue
            findings = list(_check(policy, rest, iconik))
            if not findings:
                clean.add(text)
            for finding in findings:
                place = finding.place or Place(template.path, logical_id, "Properties")
                yield replace(finding, place=replace(place, template_path=template.path, logical_id=logical_id))


def _finding(rule: rules.Rule, location: str, text: str) -> Finding:
    return Finding(rule=rule, where="the resource", text=text, place=Place("", "", location))


def _check(policy: Policy, rest: Mapping[str, Any], iconik: Iconik) -> Iterator[Finding]:
    kind, properties, scope = policy.kind, policy.properties, policy.scope
    if kind.startswith(MERGE_PREFIX):
        return
    # Everybody's "*" names nobody: the other properties limit it, or the resource is public on purpose.
    found = [
        _finding(rules.GRANT, f"Properties.{name}", f"it names {text}")
        for name in GRANTS.get(kind, ())
        for text in _leaves(properties.get(name), scope)
        if text != "*" and iconik.is_named_by(text)
    ]
    found += _statements(policy, rest, iconik)
    mentions = [
        (name, text)
        for name, value in rest.items()
        if name != "ServiceToken"
        for text in _leaves(value, scope)
        if iconik.is_mentioned_by(text)
    ]
    found += _calls(kind, properties, mentions, iconik)
    yield from found
    if not found and kind not in _KNOWN_KINDS and any(_has_a_purpose(*each) for each in mentions):
        yield _finding(rules.MENTIONED, "Properties", f"{kind} mentions iconik's account")


def _statements(policy: Policy, properties: Mapping[str, Any], iconik: Iconik) -> Iterator[Finding]:
    """Check every mapping that has `Effect` and a principal, in JSON text too."""
    scope = policy.scope
    bodies = [
        body
        for body in statements_within(properties, "Properties")
        if body.statement is not None and {"Principal", "NotPrincipal"} & set(body.statement)
    ]
    for location, text in _json_texts(properties, scope):
        bodies += of_document(text, location, scope)
    if not bodies:
        return
    # Only statements that name iconik count here.
    cases = [case for case in cases_of(_read(bodies), scope).cases if reach_of(case.wide, iconik)[0] is Reach.ICONIK]
    yield from check_cases(policy, cases, iconik)


def _read(bodies: list[Body]) -> Iterator[Body]:
    return (body for body in bodies if body.statement is not None)


def _json_texts(node: Any, scope: Scope) -> Iterator[tuple[str, Any]]:
    """Yield the policies in the JSON texts of a node, with their places."""
    waiting = [(node, "Properties")]
    while waiting:
        part, place = waiting.pop()
        if isinstance(part, dict) and intrinsic(part) is None:
            waiting += [(value, f"{place}.{key}") for key, value in part.items()]
        elif isinstance(part, list):
            waiting += [(item, f"{place}.{number}") for number, item in enumerate(part)]
        elif isinstance(part, str):
            if "Effect" in part:
                for document in _unwrapped([part]):
                    yield place, document
        elif isinstance(part, dict) and (holds_quote(part) or scope.template.has_policy_text):
            for document in _unwrapped(texts(part, scope)):
                yield place, document


def _unwrapped(found: list[str]) -> Iterator[Any]:
    """Yield the policies in JSON texts at any depth: objects, single statements, and text within text."""
    waiting = [(text, 0) for text in found]
    while waiting:
        text, depth = waiting.pop()
        if "Effect" not in text or depth > _MOST_LAYERS:
            continue
        inside: list[Any] = [parsed(text)]
        while inside:
            part = inside.pop()
            if isinstance(part, str):
                waiting.append((part, depth + 1))
            elif isinstance(part, list):
                inside += part
            elif isinstance(part, dict):
                if "Statement" in part:
                    yield part
                elif "Effect" in part and {"Principal", "NotPrincipal"} & set(part):
                    yield {"Statement": [part]}
                inside += [value for name, value in part.items() if name != "Statement" or isinstance(value, str)]


_KNOWN_KINDS: Final = frozenset(
    {
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::Group",
        "AWS::Lambda::Function",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
        "AWS::WAFv2::WebACL",
        "AWS::WAFv2::IPSet",
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::CDK::Metadata",
    }
)
"""Resources that give nobody access by naming an account: their policies are identity policies, or they hold data."""


def _has_a_purpose(name: str, text: str) -> bool:
    """Tell whether the mention of iconik's account in a property can give access, and was not read as a policy."""
    return name not in {"Tags", "Description", "Name"} and not _is_understood(text)


def _is_understood(text: str) -> bool:
    """Tell whether a text was read as a policy, in which every statement for iconik has the tag, or needs none."""
    return any(True for _ in _unwrapped([text]))


def _calls(
    kind: str, properties: Mapping[str, Any], mentions: list[tuple[str, str]], iconik: Iconik
) -> Iterator[Finding]:
    """Find calls of AWS's API that give iconik access, in custom resources, state machines and schedules."""
    is_custom = kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"
    for name, text in mentions:
        value = properties[name]
        call = parsed(text)
        if isinstance(call, (dict, list)):
            yield from _call(call, f"Properties.{name}", iconik)
        elif is_custom and (not isinstance(value, dict) or intrinsic(value) is not None or "Effect" not in value):
            yield from _text(name, text, value, iconik)


def _call(document: Any, location: str, iconik: Iconik) -> Iterator[Finding]:
    """Find the calls in a JSON document: a mapping with an action, or a task of a state machine."""
    waiting = [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        if not isinstance(part, dict):
            continue
        waiting += part.values()
        action = str(part.get("action", part.get("Resource", "")))[-_LONGEST_NAME:]
        parameters = part.get("parameters", part.get("Parameters", part.get("Arguments")))
        grantee = _grantee(parameters, iconik) if _WRITES_POLICIES.search(action) else None
        if grantee:
            yield _finding(rules.GRANT, location, f"the call of {action} names {grantee}")


def _grantee(parameters: Any, iconik: Iconik) -> str | None:
    """Return the principal of iconik that a call names outside of a policy."""
    waiting = [parameters]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "Statement" not in part and "Effect" not in part:
                waiting += part.values()
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, str) and part != "*" and not _LIKE_A_POLICY.search(part) and iconik.is_named_by(part):
            return part
    return None


def _text(name: str, text: str, value: Any, iconik: Iconik) -> Iterator[Finding]:
    is_grantee = any(word in name.lower() for word in ("principal", "grantee"))
    if _LIKE_A_POLICY.search(text) or (isinstance(value, str) and iconik.is_named_by(text) and is_grantee):
        text = "it names iconik's account in text that cannot be read as a policy"
        yield _finding(rules.UNRESOLVED, f"Properties.{name}", text)


def _leaves(node: Any, scope: Scope) -> Iterator[str]:
    """Yield every text in a node, in each branch of a condition."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif (parts := if_parts(part)) is not None:
            waiting += parts[1:]
        elif isinstance(part, dict) and intrinsic(part) is None:
            waiting += part.values()
        else:
            yield from texts(part, scope)
