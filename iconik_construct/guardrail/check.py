"""Applies every rule to every template of an app."""

from __future__ import annotations

from . import rules
from .bucket_checks import check_buckets
from .iconik import Iconik
from .policies import policies
from .statement_checks import Finding, check_policy
from .template import App

__all__ = ["check"]


def check(app: App, iconik: Iconik) -> list[Finding]:
    """Return what the rules find, each finding once, in the order of the templates."""
    found = list(policies(app, iconik))
    findings = [finding for policy in found for finding in check_policy(policy)]
    findings += check_buckets(app, found)
    for template in app.templates:
        if "Fn::Transform" in template.section("Resources"):
            detail = "a macro adds resources when the stack is deployed"
            findings.append(Finding(rules.UNRESOLVED, template.path, "", "Resources.Fn::Transform", detail))
    return list(dict.fromkeys(findings))
