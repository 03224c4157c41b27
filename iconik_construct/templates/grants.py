"""Finds access outside known policies: policies of other resources, grants without a policy, calls of the AWS API.

Here only names of iconik count. For other services, the meaning of `*` or of an unknown value is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ..assessment import Finding, Question, rules
from ..assessment.finding import Place
from ..assessment.names import Iconik
from ..assessment.reach import Reach, reach_of
from ..judge.text import AnyText, MarkedText, has_unknown, in_document, joined, literal
from ..judge.wildcards import STAR
from .calls import LIKE_A_POLICY, calls_in
from .documents import is_made_later, of_document, parsed, statements_within
from .intrinsics import Scope, branches_of, intrinsic, lost, possible_values
from .policies import LOCATIONS, MERGE_PREFIX, Policy, cases_of
from .policy_checks import check_cases
from .policy_texts import DUPLICATE, decoded_texts, is_policy_text, policy_texts, with_substitutions
from .template import App, properties_of

__all__ = ["GRANTS", "check_grants"]

GRANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::EC2::NetworkInterfacePermission": ("AwsAccountId",),
    "AWS::EC2::VPCEndpointServicePermissions": ("AllowedPrincipals",),
    "AWS::Events::EventBusPolicy": ("Principal",),
    "AWS::LakeFormation::Permissions": ("DataLakePrincipal",),
    "AWS::LakeFormation::PrincipalPermissions": ("Principal",),
    "AWS::Lambda::LayerVersionPermission": ("Principal",),
    "AWS::Lambda::Permission": ("Principal", "SourceAccount", "SourceArn"),
    "AWS::RAM::ResourceShare": ("Principals",),
    "AWS::Redshift::EndpointAuthorization": ("Account",),
    "AWS::S3::AccessGrant": ("Grantee",),
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation": ("PrincipalARN",),
    "AWS::ServiceCatalog::PortfolioShare": ("AccountId",),
}
"""Resource types that give access without a policy, and the properties with the grantee."""
_ON_INSTANCE: Final = "AWS::CloudFormation::Init"
"""The part of a resource's metadata that an instance runs."""
_TO_OBJECTS: Final = "AWS::S3::AccessGrant"
"""Grants of access to objects or to a key. An unknown grantee can be iconik."""


def check_grants(app: App, question: Question) -> Iterator[Finding]:
    """Yield a finding for each resource that gives iconik access outside the known policies."""
    paths = {template.path for template in app.templates}
    for template in app.templates:
        iconik = question.of_account(template.account).iconik
        scope = Scope(app, template)
        clean: set[str] = set()
        for logical_id, resource in template.resources.items():
            kind = str(resource.get("Type", ""))
            policy = Policy(template, logical_id, kind, scope, properties_of(resource))
            # The template of a stack set, with its parameters, is read as a template of its own.
            is_read = f"{template.path}#{logical_id}" in paths
            elsewhere = {LOCATIONS.get(kind), *(_OF_STACK_SET if is_read else ())}
            rest = {name: value for name, value in policy.properties.items() if name not in elsewhere}
            metadata = resource.get("Metadata")
            if isinstance(metadata, dict) and _ON_INSTANCE in metadata:
                rest[_ON_INSTANCE] = metadata[_ON_INSTANCE]
            text = f"{kind}{json.dumps(rest, default=str)}"
            if not rest or text in clean:
                continue
            findings = list(_check(policy, rest, iconik))
            if not findings:
                clean.add(text)
            for finding in findings:
                place = finding.place or Place(template.path, logical_id, "Properties")
                yield replace(finding, place=replace(place, template_path=template.path, logical_id=logical_id))


def _finding(rule: rules.Rule, location: str, text: AnyText) -> Finding:
    return Finding(rule=rule, where="the resource", text=text, place=Place("", "", location))


def _check(policy: Policy, rest: Mapping[str, Any], iconik: Iconik) -> Iterator[Finding]:
    kind, properties, scope = policy.kind, policy.properties, policy.scope
    if kind.startswith(MERGE_PREFIX):
        return
    grantees = [(name, text) for name in GRANTS.get(kind, ()) for text in _leaves(properties.get(name), scope)]
    # The principal "*" names nobody here: other properties limit it, or the resource is public on purpose.
    findings = [
        _finding(rules.GRANT, f"Properties.{name}", joined("it names ", text))
        for name, text in grantees
        if text != STAR and iconik.is_named_by(text)
    ]
    nodes = [properties, *(properties.get(name) for name in GRANTS.get(kind, ()))]
    if kind in GRANTS and any(isinstance(node, dict) and is_made_later(node) for node in nodes):
        findings.append(_finding(rules.UNRESOLVED, "Properties", "a macro can write whom it grants access"))
    elif kind == _TO_OBJECTS and any(has_unknown(text) for _, text in grantees):
        findings.append(_finding(rules.UNRESOLVED, "Properties", "whom it grants access is not known"))
    rest = with_substitutions(kind, rest, scope)
    findings += _statements(policy, rest, iconik)
    mentions = [
        (name, text)
        for name, value in rest.items()
        if name != "ServiceToken"
        for text in _leaves(value, scope)
        if iconik.is_mentioned_by(text) or any(map(iconik.is_mentioned_by, decoded_texts(text)))
    ]
    findings += [
        _finding(rules.GRANT, f"Properties.{name}", text)
        for name in dict.fromkeys(name for name, _ in mentions)
        for text in calls_in(rest[name], scope, iconik)
    ]
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        findings += [finding for name, text in mentions for finding in _text(name, text, rest[name], iconik)]
    yield from findings
    if not findings and any(_has_a_purpose(policy, *each) for each in mentions):
        yield _finding(rules.MENTIONED, "Properties", f"{kind} mentions iconik's account")


def _statements(policy: Policy, properties: Mapping[str, Any], iconik: Iconik) -> Iterator[Finding]:
    """Check every mapping with `Effect` and a principal, also in JSON text."""
    scope = policy.scope
    bodies = [
        body
        for body in statements_within(properties, "Properties")
        if body.statement is not None and {"Principal", "NotPrincipal"} & set(body.statement)
    ]
    for location, text, document in policy_texts(properties, scope):
        if document is not DUPLICATE:
            bodies += (body for body in of_document(document, location, scope) if body.statement is not None)
        elif iconik.is_mentioned_by(text):
            yield _finding(rules.UNRESOLVED, location, "the text has a key twice, and only one of them counts")
    if not bodies:
        return
    # Only statements that name iconik count here.
    cases = [case for case in cases_of(bodies, scope).cases if reach_of(case.wide, iconik)[0] is Reach.ICONIK]
    yield from check_cases(policy, cases, iconik)


_OF_STACK_SET: Final = ("Parameters", "StackInstancesGroup", "TemplateBody")
_DATA: Final[Mapping[str, frozenset[str] | None]] = {
    "AWS::CDK::Metadata": None,
    "AWS::CloudFormation::StackSet": frozenset({"TemplateBody"}),
    "AWS::CloudTrail::EventDataStore": frozenset({"AdvancedEventSelectors"}),
    "AWS::CloudTrail::Trail": frozenset({"AdvancedEventSelectors"}),
    "AWS::CloudWatch::Dashboard": None,
    "AWS::Events::Rule": frozenset({"EventPattern"}),
    "AWS::IAM::Group": None,
    "AWS::IAM::GroupPolicy": None,
    "AWS::IAM::ManagedPolicy": None,
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": None,
    "AWS::IAM::RolePolicy": None,
    "AWS::IAM::User": None,
    "AWS::IAM::UserPolicy": None,
    "AWS::Lambda::Function": frozenset({"Environment"}),
    "AWS::Logs::MetricFilter": None,
    "AWS::Logs::QueryDefinition": None,
    "AWS::Logs::SubscriptionFilter": frozenset({"FilterPattern"}),
    "AWS::SSM::Parameter": None,
    "AWS::SSO::PermissionSet": None,
    "AWS::SecretsManager::Secret": None,
    "AWS::WAFv2::IPSet": None,
    "AWS::WAFv2::WebACL": None,
    "Terraform::aws_lambda_function": frozenset({"environment"}),
    "Terraform::aws_secretsmanager_secret_version": None,
    "Terraform::aws_ssm_parameter": None,
    "Terraform::aws_wafv2_ip_set": None,
}
"""Properties in which the mention of an account gives nobody access: identity policies, filters of logs, and data."""
_OF_READERS: Final = ("name", "tags", "tags_all")


def _has_a_purpose(policy: Policy, name: str, text: MarkedText) -> bool:
    """Return whether a mention of iconik's account can give access, and was not read as a policy."""
    if policy.kind == "AWS::CloudFormation::Stack" and name == "Parameters":
        # The parameters of a nested stack are read where its template uses them.
        return (policy.template, policy.logical_id) not in policy.scope.app.nested
    data = _DATA.get(policy.kind)
    is_data = policy.kind in _DATA and (data is None or name in data)
    is_text = name.lower() in _OF_READERS or name.lower().endswith("description")
    return not is_data and not is_text and not is_policy_text(text)


def _text(name: str, text: MarkedText, value: Any, iconik: Iconik) -> Iterator[Finding]:
    """Yield a finding for unreadable text in a property of a custom resource."""
    is_statement = isinstance(value, dict) and intrinsic(value) is None and "Effect" in value
    if is_statement or isinstance(parsed(text), (dict, list)):
        return
    is_grantee = any(word in name.lower() for word in ("principal", "grantee"))
    if LIKE_A_POLICY.search(in_document(text)) or (isinstance(value, str) and iconik.is_named_by(text) and is_grantee):
        why = "it names iconik's account in text that cannot be read as a policy"
        yield _finding(rules.UNRESOLVED, f"Properties.{name}", why)


def _leaves(node: Any, scope: Scope) -> Iterator[MarkedText]:
    """Yield every text in a node, names of keys too, in each branch of a condition."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif branches := branches_of(part, scope.decided):
            waiting += branches
        elif isinstance(part, dict) and intrinsic(part) is None:
            yield from map(literal, map(str, part))
            waiting += part.values()
        else:
            texts = possible_values(part, scope)
            yield from texts
            if isinstance(part, dict) and ("Fn::ToJsonString" in part or lost(part, scope.template) in texts):
                # The mark of a function that cannot be evaluated, such as Fn::Base64, has only the start of its text.
                # JSON text has the functions in it as objects.
                waiting += part.values()
