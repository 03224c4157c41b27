"""One finding: what was found where, and the way out, ready to be pasted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .rules import Level, Rule

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding.

    Attributes:
        rule: what kind it is.
        where: the policy, the setting or the key that it is about.
        text: what was found there.
        statement: the statement that decides, as it is called; empty where none does.
        paste: JSON that is the way out: a statement to add, or to put in place of the one that decides.
        paste_is: what is to be done with it.
        action: the IAM action that is missing, where something could not be read.
    """

    rule: Rule
    where: str
    text: str
    statement: str = ""
    paste: tuple[Mapping[str, Any], ...] = ()
    paste_is: str = ""
    action: str = ""

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def level(self) -> Level:
        return self.rule.level
