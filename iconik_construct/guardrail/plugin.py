"""`IconikGuardrail`: the rules as a validation plugin of the CDK."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import aws_cdk as cdk
import jsii

from .. import __version__
from ..access.trust import ICONIK_ROLE_ARN, is_token, parse_iconik_role_arn, parse_system_domain_ids
from ..errors import IconikValueError
from .assembly import read_app
from .check import check
from .iconik import Iconik
from .manifest import read_assembly
from .rules import RULES
from .statement_checks import Finding, construct_path
from .template import Template

__all__ = ["IconikGuardrail"]

_INTERNAL_ERROR: Final = "ICONIK000"
_FATAL: Final = "fatal"
"""The CDK refuses to acknowledge a violation of this severity."""


@jsii.implements(cdk.IPolicyValidationPlugin)
class IconikGuardrail:
    """Refuses to synthesize an app that lets iconik in without the tag that tells iconik's customers apart.

    Reads every template of the app or stage it is added to, nested stacks included, whoever wrote the constructs:
    `cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[...]))`. A finding is acknowledged as any
    other: `cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id="iconik-guardrail::ICONIK006",
    reason="..."))`. The rules are in `docs/guardrail.md`.

    Args:
        system_domain_ids: the iconik System Domain IDs that may be let in, one or several; UUIDs in any case.
        iconik_role_arn: the role that iconik assumes. Default: iconik's. iconik's own account is watched anyway.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: no id, an id that is no UUID, or an ARN that is not a role's (a `ValueError`).
    """

    def __init__(self, *, system_domain_ids: str | Sequence[str], iconik_role_arn: str = ICONIK_ROLE_ARN) -> None:
        domains = parse_system_domain_ids(system_domain_ids, "system_domain_ids")
        for domain in domains:
            if is_token(domain):
                raise IconikValueError(
                    "system_domain_ids",
                    "must hold UUIDs that are known when the app is synthesized",
                    got=domain,
                    fix="Write the ids out: they are no secret.",
                )
        self._iconik = Iconik(frozenset(domains), parse_iconik_role_arn(iconik_role_arn))

    @property
    def name(self) -> str:
        """The first half of an acknowledgement's id."""
        return "iconik-guardrail"

    @property
    def version(self) -> str | None:
        """The version of this library."""
        return __version__

    @property
    def rule_ids(self) -> list[str]:
        """The ids of all rules."""
        return [one.id for one in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Read the templates and report what the rules find. An internal error is a violation of every template."""
        try:
            return self._validate(context)
        except Exception as error:  # noqa: BLE001 - the CDK CLI exits 0 when a plugin raises
            return cdk.PolicyValidationPluginReport(
                success=False, violations=[_internal_error(path, error) for path in context.template_paths]
            )

    def _validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        app, unreadable = read_app(_stacks(context), self._iconik)
        findings = [*unreadable, *check(app, self._iconik)]
        templates = {template.path: template for template in app.templates}
        return cdk.PolicyValidationPluginReport(
            success=all(one.rule.severity == "warning" for one in findings),
            violations=[_violation(one, templates[one.template_path]) for one in findings],
        )


def _stacks(context: cdk.IPolicyValidationContext) -> list[Template]:
    """Return the templates that the CDK names, bodies still empty.

    Before `aws-cdk-lib` 2.269 the CDK names no accounts: then everything is read from the manifests.
    """
    named = getattr(context, "stack_templates", None)
    if named is None or not all(hasattr(stack, "account_id") for stack in named):
        return list(_stacks_of_manifests(context.template_paths))
    return [
        Template(stack.template_path, {}, stack.stack_construct_path, stack.account_id, stack.region) for stack in named
    ]


def _stacks_of_manifests(paths: Sequence[str]) -> Iterator[Template]:
    stacks = {
        stack.path: stack
        for folder in dict.fromkeys(Path(path).parent for path in paths)
        for stack in read_assembly(folder).stacks
    }
    for path in paths:
        yield stacks[path]


def _internal_error(template_path: str, error: Exception) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=_INTERNAL_ERROR,
        description=f"The guardrail failed and checked nothing: {type(error).__name__}: {error}",
        fix="Report this error with the code of the app. No acknowledgement can mute it.",
        severity=_FATAL,
        violating_resources=[
            cdk.PolicyViolatingResource(
                # On a resource: with a stack alone, the CDK CLI crashes before it prints.
                resource_logical_id=_first_resource(template_path),
                template_path=template_path,
                locations=["Resources"],
            )
        ],
    )


def _first_resource(template_path: str) -> str:
    try:
        return next(iter(json.loads(Path(template_path).read_text(encoding="utf-8"))["Resources"]), "Resources")
    except (OSError, ValueError, KeyError, TypeError):
        return "Resources"


def _violation(finding: Finding, template: Template) -> cdk.PolicyViolation:
    broken = finding.rule
    logical_id = finding.logical_id if template.is_of_stack else ""
    place = finding.location if template.is_of_stack else f"{finding.logical_id}.{finding.location}"
    return cdk.PolicyViolation(
        rule_name=broken.id,
        description=f"{broken.text}: {finding.detail}",
        fix=f"{broken.fix} See {broken.docs}.",
        severity=broken.severity,
        rule_metadata={"docs": broken.docs},
        violating_resources=[
            cdk.PolicyViolatingResource(
                # CDK derives the construct's path from the logical id, and takes only one of the two.
                resource_logical_id=logical_id or None,
                construct_path=None if logical_id else construct_path(finding, template),
                template_path=finding.template_path.partition("#")[0],
                locations=[place],
            )
        ],
    )
