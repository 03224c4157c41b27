"""`IconikGuardrail`: the rules as a validation plugin of the CDK."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import jsii

from .. import __version__
from ..access.trust import ICONIK_ROLE_ARN, is_token, parse_iconik_role_arn, parse_system_domain_ids
from ..assessment import Question
from ..errors import IconikValueError
from ..templates.check import REPORTED, check, is_refused
from ..validation import app_of, failure, report_of

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
        self._question = Question(tuple(domains), role_arn=parse_iconik_role_arn(iconik_role_arn))

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
        return [rule.id for rule in REPORTED]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Read the templates and report what the rules find. An internal error is a violation of every template."""
        try:
            app, unreadable = app_of(context, self._question.iconik)
            return report_of(app, [*unreadable, *check(app, self._question)], is_refused)
        except Exception as error:  # noqa: BLE001 - the CDK CLI exits 0 when a plugin raises
            return failure(context, error)
