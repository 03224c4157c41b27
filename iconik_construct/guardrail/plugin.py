"""`IconikGuardrail`: the rules as a validation plugin of the CDK."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import jsii

from .. import __version__
from ..access.trust import ICONIK_ROLE_ARN, is_token, parse_iconik_role_arn, parse_system_domain_ids
from ..errors import IconikValueError
from .assembly import read_app
from .check import check
from .iconik import Iconik
from .rules import RULES
from .statement_checks import Finding, construct_path
from .template import Template

__all__ = ["IconikGuardrail"]


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
        """Read the templates and report what the rules find."""
        app, unreadable = read_app(
            [
                Template(one.template_path, {}, one.stack_construct_path, one.account_id, one.region)
                for one in context.stack_templates
            ],
            self._iconik,
        )
        findings = [*unreadable, *check(app, self._iconik)]
        templates = {template.path: template for template in app.templates}
        return cdk.PolicyValidationPluginReport(
            success=all(one.rule.severity == "warning" for one in findings),
            violations=[_violation(one, templates[one.template_path]) for one in findings],
        )


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
