"""Defines a finding: the rule, the place, the text, and the fix as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ..judge.text import AnyText, shown
from .fact import Why
from .rules import Effect, Rule

__all__ = ["Finding", "Place", "Verdict", "verdict_of"]


class Verdict(Enum):
    """The answer for one resource or for all of them."""

    GOOD = "good"
    NOT_GOOD = "not_good"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a template. Without a logical id it is the whole template."""

    template_path: str
    logical_id: str = ""
    location: str = "Resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding.

    Attributes:
        rule: the rule.
        where: the policy, the setting or the key.
        text: what was found there.
        resource: the bucket or other resource, for a reader; empty if `where` names it.
        statement: the name of the statement that decides; empty if none does.
        index: the place of that statement in its policy, from 0; -1 if none decides.
        paste: statements that fix it: to add, or to replace the statement that decides.
        paste_is: what to do with them.
        action: the missing IAM action, if something could not be read.
        why: why it could not be read.
        place: the place in a template; None outside templates.
    """

    rule: Rule
    where: AnyText
    text: AnyText
    resource: AnyText = ""
    statement: str = ""
    index: int = -1
    paste: tuple[Mapping[str, Any], ...] = ()
    paste_is: str = ""
    action: str = ""
    why: Why | None = None
    place: Place | None = None

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def effect(self) -> Effect:
        return self.rule.effect

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""
        return self.rule.severity

    def as_json(self) -> dict[str, str]:
        """Return the finding as JSON, the same for every command."""
        return {
            "id": self.id,
            "severity": self.severity,
            "message": f"{self.rule.title}: {shown(self.text)}",
            "resource": shown(self.resource or self.where),
            "fix": self.rule.fix,
        }


_BAD: Final = frozenset({Effect.LOCKED_OUT, Effect.OTHERS})
_OPEN: Final = frozenset({Effect.MAY_BE_LOCKED_OUT, Effect.OTHERS_MAY, Effect.UNKNOWN})


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict. Exit codes, colours and refusals all follow from it."""
    effects = {finding.effect for finding in findings}
    if effects & _BAD:
        return Verdict.NOT_GOOD
    return Verdict.UNKNOWN if effects & _OPEN else Verdict.GOOD
