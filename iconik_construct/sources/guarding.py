"""The guardrail's rules about what was read: the same check as the plugin's, acknowledgements included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..guardrail import rules
from ..guardrail.assembly import read_app
from ..guardrail.check import check
from ..guardrail.iconik import Iconik
from ..guardrail.rules import Rule
from ..guardrail.statement_checks import Finding
from .reading import Source

__all__ = ["Found", "Guarded", "guard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding, as it is reported.

    Attributes:
        rule: the rule that fires.
        message: what is wrong and what is there.
        resource: where: the path of a construct, or the file and the resource in it.
        file: the file.
        line: the line at which the resource begins, where that is known.
    """

    rule: Rule
    message: str
    resource: str
    file: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What the rules say of all files together."""

    findings: tuple[Found, ...]

    @property
    def verdict(self) -> str:
        """`not_good` where a rule refuses, `unknown` where that only cannot be determined, otherwise `good`."""
        refused = {one.rule.id for one in self.findings if one.rule.severity == "error"}
        if not refused:
            return "good"
        return "unknown" if refused == {rules.UNRESOLVED.id} else "not_good"


def guard(sources: Sequence[Source], system_domain_ids: Sequence[str], iconik_role_arn: str) -> Guarded:
    """Return what the rules find in the files, without what an assembly acknowledges."""
    iconik = Iconik(frozenset(system_domain_ids), iconik_role_arn)
    by_stack = {id(template): source for source in sources for template in source.templates}
    app, unreadable = read_app([template for source in sources for template in source.templates], iconik)
    # A nested template belongs to the stack before it.
    source_of: dict[str, Source] = {}
    source = sources[0]
    for template in app.templates:
        source = by_stack.get(id(template), source)
        source_of[template.path] = source
    templates = {template.path: template for template in app.templates}
    found = []
    for finding in dict.fromkeys((*unreadable, *check(app, iconik))):
        source = source_of[finding.template_path]
        place = ""
        if source.assembly is not None:
            place = source.assembly.place_of(finding, templates[finding.template_path])
            if source.assembly.is_acknowledged(f"iconik-guardrail::{finding.rule.id}", place):
                continue
        found.append(_found(finding, place, source))
    return Guarded(findings=tuple(found))


def _found(finding: Finding, place: str, source: Source) -> Found:
    return Found(
        rule=finding.rule,
        message=f"{finding.rule.text}: {finding.detail}",
        resource=place or "#".join(filter(None, (finding.template_path, finding.logical_id))),
        file=finding.template_path.partition("#")[0],
        line=source.lines.get(finding.logical_id),
    )
