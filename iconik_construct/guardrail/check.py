"""Applies every rule to every template of an app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..access.trust import ICONIK_ROLE_ARN
from . import rules
from .bucket_checks import check_buckets
from .grants import check_grants
from .iconik import Iconik
from .policies import policies
from .statement_checks import Finding, check_policy
from .template import App, Template

__all__ = ["check"]


_OF_AWS: Final = "AWS::"
"""Transforms of AWS's own, which add no statement to a policy that a template writes."""


def check(app: App, iconik: Iconik) -> list[Finding]:
    """Return what the rules find, each finding once, in the order of the templates."""
    try:
        return _check(app, iconik)
    except RecursionError:
        # Nothing that AWS takes is nested that deep.
        detail = "it is nested too deep to be read"
        return [Finding(rules.UNRESOLVED, one.path, "", "Resources", detail) for one in app.templates]


def _check(app: App, iconik: Iconik) -> list[Finding]:
    found = list(policies(app, iconik))
    findings = [finding for policy in found for finding in check_policy(policy)]
    findings += check_buckets(app, found)
    findings += check_grants(app, iconik)
    for template in app.templates:
        findings += (Finding(rules.UNRESOLVED, template.path, "", *found) for found in _macros(template))
    if iconik.role_arn != ICONIK_ROLE_ARN and app.templates:
        findings.append(Finding(rules.STAND_IN, app.templates[0].path, "", "Resources", iconik.role_arn))
    return list(dict.fromkeys(findings))


def _macros(template: Template) -> Iterator[tuple[str, str]]:
    """Yield where a macro writes a part of the template that nobody here can read."""
    section = template.body.get("Resources")
    if section is not None and not isinstance(section, dict):
        yield "Resources", "no resource can be read there"
    if "Fn::Transform" in template.section("Resources"):
        yield "Resources.Fn::Transform", "a macro adds resources when the stack is deployed"
    if "Fn::Transform" in template.body:
        yield "Fn::Transform", "a macro writes a part of the template when the stack is deployed"
    listed = template.body.get("Transform")
    for one in listed if isinstance(listed, list) else [listed]:
        name = one.get("Name") if isinstance(one, dict) else one
        if name is not None and not (isinstance(name, str) and name.startswith(_OF_AWS) and name != "AWS::Include"):
            yield "Transform", f"the macro {name} can change every resource when the stack is deployed"
    for logical_id, resource in template.section("Resources").items():
        if isinstance(resource, dict) and "Fn::Transform" in resource and "Type" not in resource:
            yield f"Resources.{logical_id}", "a macro writes the resource when the stack is deployed"
        elif not isinstance(resource, (dict, list)):
            yield f"Resources.{logical_id}", "no resource can be read there"
