"""Applies the guardrail's rules to files: the same check as the plugin's, with acknowledgements."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..assessment import Finding, Question, Verdict, verdict_of
from ..assessment.finding import Place
from ..assessment.rules import Rule
from ..judge.text import shown
from ..templates.assembly import read_app
from ..templates.check import check, is_refused
from ..templates.template import Template
from .reading import Source

__all__ = ["Found", "Guarded", "guard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding for the output.

    Attributes:
        finding: the finding. Its resource is the path of a construct, or the file and the resource in it.
        file: the file.
        line: the line at which the resource begins, if it is known.
    """

    finding: Finding
    file: str
    line: int | None

    @property
    def rule(self) -> Rule:
        return self.finding.rule

    @property
    def resource(self) -> str:
        return shown(self.finding.resource)

    @property
    def severity(self) -> str:
        """`error` if the finding is refused, else `warning`."""
        return "error" if is_refused(self.finding) else "warning"

    @property
    def message(self) -> str:
        return f"{self.rule.title}: {shown(self.finding.text)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """The findings in all files together."""

    findings: tuple[Found, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict."""
        return verdict_of(each.finding for each in self.findings)

    @property
    def is_refused(self) -> bool:
        """Whether a finding is an error."""
        return any(each.severity == "error" for each in self.findings)


def guard(sources: Sequence[Source], system_domain_ids: Sequence[str], iconik_role_arn: str) -> Guarded:
    """Return the findings in the files, without those that an assembly acknowledges."""
    question = Question(tuple(system_domain_ids), role_arn=iconik_role_arn)
    by_stack = {id(template): source for source in sources for template in source.templates}
    # A file counts once, with the acknowledgements of its assembly.
    listed: dict[str, Template] = {}
    for source in sorted(sources, key=lambda each: each.assembly is None):
        for template in source.templates:
            listed.setdefault(os.path.realpath(template.path), template)
    app, unreadable = read_app(list(listed.values()), question.iconik)
    # A nested template belongs to the stack before it.
    source_of: dict[str, Source] = {}
    source = sources[0]
    for template in app.templates:
        source = by_stack.get(id(template), source)
        source_of[template.path] = source
    templates = {template.path: template for template in app.templates}
    of_manifests = [
        finding for source in sources if source.assembly is not None for finding in source.assembly.findings
    ]
    reported = []
    for finding in (*of_manifests, *unreadable, *check(app, question)):
        at = finding.place or Place("")
        source = source_of.get(at.template_path, sources[0])
        path = ""
        whole = at.template_path
        if source.assembly is not None and at.template_path in templates:
            path = source.assembly.path_of(at.logical_id, templates[at.template_path])
            whole = templates[at.template_path].stack_path
            if source.assembly.is_acknowledged(f"iconik-guardrail::{finding.id}", path):
                continue
        # A template without the CDK's metadata does not have the path of the resource.
        resource = path if path not in ("", whole) else "#".join(filter(None, (whole, at.logical_id)))
        reported.append(
            Found(
                finding=replace(finding, resource=resource),
                file=at.template_path.partition("#")[0],
                # A template in the text of another one can have the same logical ids.
                line=None if "#" in at.template_path else source.lines.get(at.logical_id),
            )
        )
    return Guarded(findings=tuple(reported))
