"""`IconikGuardrail`: the rules as a validation plugin of the CDK."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import aws_cdk as cdk
import jsii
from constructs import Construct

from .. import __version__
from ..access.trust import ICONIK_ROLE_ARN, is_token, parse_iconik_role_arn, parse_system_domain_ids, suspect_ids
from ..assessment import Question
from ..errors import IconikTypeError, IconikValueError
from ..templates.check import REPORTED, check, is_refused
from ..validation import app_of, failure, report_of
from ..validation.recording import ask_for_record, without_new_stacks

__all__ = ["IconikGuardrail"]


@jsii.implements(cdk.IPolicyValidationPlugin)
class IconikGuardrail:
    """Fails the synthesis of an app if a policy allows iconik's role without the tag of your domain.

    It reads every template of the app or stage that it is added to, nested stacks included, from any construct:
    `cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[...]))`. Acknowledge a finding like any
    other: `cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id="iconik-guardrail::ICONIK006",
    reason="..."))`. The rules are in `docs/guardrail.md`.

    Args:
        system_domain_ids: the iconik System Domain IDs to allow, one or several. Each is a UUID, in any case.
        iconik_role_arn: the role that iconik assumes. Default: iconik's. iconik's account is always checked too.
        record: the app, or a stage or stack of it, whose templates carry a record of what was accepted: for each
            storage the acknowledgements with their reasons, and the SHA-256 of each policy. Default: no record.

    Warns:
        UserWarning: an id is probably a mistake, such as iconik's own example.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: no id, an id that is not a UUID, or an ARN that is not a role's (a `ValueError`).
    """

    def __init__(
        self,
        *,
        system_domain_ids: str | Sequence[str],
        iconik_role_arn: str = ICONIK_ROLE_ARN,
        record: Construct | None = None,
    ) -> None:
        domains = parse_system_domain_ids(system_domain_ids, "system_domain_ids")
        for domain in domains:
            if is_token(domain):
                raise IconikValueError(
                    "system_domain_ids",
                    "must have UUIDs that are known at synthesis",
                    got=domain,
                    fix="Write the ids as text: they are not secret.",
                )
        for _, text in suspect_ids(domains):
            warnings.warn(text, stacklevel=2)
        self._question = Question(tuple(domains), role_arn=parse_iconik_role_arn(iconik_role_arn))
        if record is not None:
            if not isinstance(record, Construct):
                raise IconikTypeError(
                    "record",
                    "must be the app, stage or stack whose templates carry the record",
                    got=record,
                    fix="Write record=app: the CDK does not tell a validation plugin its app.",
                )
            ask_for_record(record)
        self._record = record

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
        """Check the templates, and report the findings. An internal error is a violation of every template."""
        try:
            if self._record is not None:
                without_new_stacks(self._record)
            app, unreadable = app_of(context, self._question.iconik)
            return report_of(app, [*unreadable, *check(app, self._question)], is_refused)
        except Exception as error:  # noqa: BLE001 - the CDK CLI exits 0 when a plugin raises
            return failure(context, error)
