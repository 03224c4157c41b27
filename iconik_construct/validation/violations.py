"""Reports findings to the CDK as violations, and an internal error as a violation that cannot be acknowledged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import aws_cdk as cdk

from ..assessment import Finding
from ..assessment.finding import Place
from ..assessment.rules import PLUGIN_FAILED
from ..judge.text import shown, shown_within
from ..templates.manifest import Assembly, read_assembly
from ..templates.template import App, Template, construct_path

__all__ = ["failure", "report_of"]

_FATAL: Final = "fatal"
"""The CDK refuses to acknowledge a violation of this severity."""


def report_of(
    app: App, findings: Iterable[Finding], is_refused: Callable[[Finding], bool]
) -> cdk.PolicyValidationPluginReport:
    """Return the report about findings.

    Args:
        app: the templates that the findings are about.
        findings: the findings, each with its place.
        is_refused: whether a finding fails the synthesis; else it is a warning.
    """
    templates = {template.path: template for template in app.templates}
    listed = [(finding, is_refused(finding)) for finding in findings]
    files = Counter(template.file for template in app.templates if template.is_of_stack)
    paths = _Paths()
    return cdk.PolicyValidationPluginReport(
        success=not any(refused for _, refused in listed),
        violations=[_violation(finding, templates, files, paths, refused=refused) for finding, refused in listed],
    )


def failure(context: cdk.IPolicyValidationContext, error: Exception) -> cdk.PolicyValidationPluginReport:
    """Return the report of a plugin that failed: a violation of every template."""
    return cdk.PolicyValidationPluginReport(
        success=False, violations=[_internal_error(path, error) for path in context.template_paths]
    )


def _violation(
    finding: Finding, templates: Mapping[str, Template], files: Mapping[str, int], paths: _Paths, *, refused: bool
) -> cdk.PolicyViolation:
    rule, place = finding.rule, finding.place
    if place is None or place.template_path not in templates:
        # A finding about the whole assembly, such as an unreadable manifest.
        place = Place(next(iter(templates)))
    template = templates[place.template_path]
    # Several nested stacks of one file have the same logical ids, and the CDK would take the first one.
    is_known = template.is_of_stack and files[template.file] == 1
    logical_id = place.logical_id if is_known else ""
    path = None if logical_id else paths.of(place.logical_id, template)
    location = place.location if is_known else f"{place.logical_id}.{place.location}"
    fixes = [json.dumps(shown_within(each), ensure_ascii=False, separators=(",", ":")) for each in finding.paste]
    paste = f" {finding.paste_is[:1].upper()}{finding.paste_is[1:]}: {' '.join(fixes)}" if fixes else ""
    return cdk.PolicyViolation(
        rule_name=rule.id,
        description=f"{rule.title}: {shown(finding.text)}",
        fix=f"{rule.fix}{paste} See {rule.url}",
        severity="error" if refused else "warning",
        rule_metadata={"docs": rule.url},
        violating_resources=[
            cdk.PolicyViolatingResource(
                # The CDK derives the construct's path from the logical id, and accepts only one of the two.
                resource_logical_id=logical_id or None,
                construct_path=path,
                template_path=template.file,
                locations=[location],
            )
        ],
    )


class _Paths:
    """The construct paths of one report. Each manifest is read once."""

    def __init__(self) -> None:
        self._assemblies: dict[Path, Assembly | None] = {}

    def of(self, logical_id: str, template: Template) -> str:
        folder = Path(template.file).parent
        if folder not in self._assemblies:
            try:
                self._assemblies[folder] = read_assembly(folder)
            except (OSError, ValueError):
                self._assemblies[folder] = None
        assembly = self._assemblies[folder]
        return construct_path(logical_id, template) if assembly is None else assembly.path_of(logical_id, template)


def _internal_error(template_path: str, error: Exception) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=PLUGIN_FAILED.id,
        description=f"{PLUGIN_FAILED.title}: {type(error).__name__}: {error}",
        fix=f"{PLUGIN_FAILED.fix} No acknowledgement can mute it.",
        severity=_FATAL,
        violating_resources=[
            cdk.PolicyViolatingResource(
                # On a resource, because with a stack alone the CDK CLI crashes before it prints.
                resource_logical_id=_first_resource(template_path),
                template_path=template_path,
                locations=["Resources"],
            )
        ],
    )


def _first_resource(template_path: str) -> str:
    try:
        named = next(iter(json.loads(Path(template_path).read_text(encoding="utf-8"))["Resources"]), "")
    except Exception:  # noqa: BLE001 - the CDK CLI treats an exception in a plugin as a pass
        named = ""
    return named if isinstance(named, str) and named else "Resources"
