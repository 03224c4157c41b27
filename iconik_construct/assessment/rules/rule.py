"""Defines a rule: its id, its effect on the verdict, its explanation and its fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["DOCS", "Effect", "Rule"]

DOCS: Final = "https://iconik-construct.github.io/iconik-construct/latest/rules.html"
"""The page that explains the rules. It is made from this table."""


class Effect(Enum):
    """The meaning of a finding. The verdict and the reaction of each tool follow from it."""

    LOCKED_OUT = "iconik lacks access that it should have"
    MAY_BE_LOCKED_OUT = "iconik may lack access that it should have"
    OTHERS = "others have access"
    OTHERS_MAY = "others may have access"
    UNKNOWN = "a policy or setting that decides who has access is not known"
    WARNING = "a warning, which does not change the verdict"
    NOTE = "a note, which does not change the verdict"

    @property
    def severity(self) -> str:
        """`error` if the finding changes the verdict, else `warning` or `note`."""
        return {Effect.WARNING: "warning", Effect.NOTE: "note"}.get(self, "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: the name of the rule in every tool and in acknowledgements.
        title: the fault, in one sentence.
        explanation: why it matters.
        fix: what to do.
        effect: what a finding means for the verdict.
    """

    id: str
    title: str
    explanation: str
    fix: str
    effect: Effect

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""
        return self.effect.severity

    @property
    def url(self) -> str:
        """The address of the section that explains the rule."""
        return f"{DOCS}#{self.id.lower()}"
