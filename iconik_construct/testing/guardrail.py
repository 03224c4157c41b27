"""The guardrail as an assertion about every stack of an app, also if a CDK command selects only some of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from constructs import Construct

from ..access.trust import ICONIK_ROLE_ARN, is_token, parse_iconik_role_arn, parse_system_domain_ids
from ..assessment import Finding, Question
from ..errors import IconikTypeError, IconikValueError
from ..judge.text import shown
from ..templates.assembly import read_app
from ..templates.check import check, is_refused
from ..templates.manifest import Assembly
from ..templates.template import App
from ..validation.acknowledgements import acknowledged_outside
from .given import assembly_in

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import cx_api

__all__ = ["assert_guardrail"]


def assert_guardrail(
    app_or_assembly: cdk.Stage | cx_api.CloudAssembly | str | Path,
    *,
    system_domain_ids: str | Sequence[str],
    iconik_role_arn: str = ICONIK_ROLE_ARN,
) -> None:
    """Fail if a policy in any stack of an app allows iconik's role without the tag of your domain.

    It applies the rules of `IconikGuardrail`, with acknowledgements, to every stack, stage and nested stack. The CDK
    CLI applies a plugin only to the stacks that a command selects. As the last line of `app.py`, instead of
    `app.synth()`, this fails every command, whichever stacks it selects.

    Args:
        app_or_assembly: an app or a stage, which is synthesized; or an assembly, or its directory, such as `cdk.out`.
        system_domain_ids: the iconik System Domain IDs to allow, one or several. Each is a UUID, in any case.
        iconik_role_arn: the role that iconik assumes. Default: iconik's. iconik's account is always checked too.

    Raises:
        AssertionError: with each finding, its place, and the fix.
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: no id, an id that is not a UUID, an ARN that is not a role's, or a directory without an
            assembly or without a stack (a `ValueError`).
    """
    domains = parse_system_domain_ids(system_domain_ids, "system_domain_ids")
    for domain in domains:
        if is_token(domain):
            fix = "Write the ids as text: they are not secret."
            raise IconikValueError("system_domain_ids", "must have UUIDs that are known", got=domain, fix=fix)
    question = Question(tuple(domains), role_arn=parse_iconik_role_arn(iconik_role_arn))
    assembly = assembly_in(_directory(app_or_assembly), "app_or_assembly")
    if isinstance(app_or_assembly, Construct):
        root = app_or_assembly.node.root
        for path in {stack.stack_path for stack in assembly.stacks}:
            assembly.acknowledged |= acknowledged_outside(root, path)
    app, unreadable = read_app(assembly.stacks, question.iconik)
    findings = [each for each in (*assembly.findings, *unreadable, *check(app, question)) if is_refused(each)]
    lines = [_line(finding, path) for finding, path in _not_acknowledged(findings, app, assembly)]
    if lines:
        raise AssertionError("\n".join([f"The guardrail refuses this app ({len(lines)}):", *lines]))


def _directory(source: cdk.Stage | cx_api.CloudAssembly | str | Path) -> Path:
    if isinstance(source, (str, Path)):
        return Path(source)
    synth = getattr(source, "synth", None)
    directory = getattr(synth() if callable(synth) else source, "directory", None)
    if not isinstance(directory, str):
        raise IconikTypeError(
            "app_or_assembly",
            "must be an app, a stage, an assembly or its directory",
            got=source,
            fix="Give the app, or the result of app.synth().",
        )
    return Path(directory)


def _not_acknowledged(findings: Sequence[Finding], app: App, assembly: Assembly) -> list[tuple[Finding, str]]:
    templates = {template.path: template for template in app.templates}
    remaining = []
    for finding in findings:
        place = finding.place
        template = templates.get(place.template_path) if place is not None else None
        if place is None or template is None:
            # A manifest that cannot be read has no construct for an acknowledgement.
            remaining.append((finding, shown(finding.where)))
            continue
        path = assembly.path_of(place.logical_id, template)
        if not assembly.is_acknowledged(f"iconik-guardrail::{finding.id}", path):
            remaining.append((finding, path))
    return remaining


def _line(finding: Finding, path: str) -> str:
    place = finding.place
    inside = ", ".join(filter(None, (place.logical_id, place.location))) if place is not None else ""
    return (
        f"- {finding.id} at {path} ({inside}): {finding.rule.title}: {shown(finding.text)}\n"
        f"  {finding.rule.fix} Or acknowledge it as 'iconik-guardrail::{finding.id}'. See {finding.rule.url}."
    )
