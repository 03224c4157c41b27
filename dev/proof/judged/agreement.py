"""Holds the judge against another evaluator, and tells known deviations of that evaluator from disagreements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from iconik_construct.judge import Verdict, judge

from ..policy_engine import PolicyEngine
from .case import Case
from .deviation import Deviation
from .smallest import smallest

__all__ = ["Agreement", "Judge", "Opinion", "agreement", "allows_by", "verdict"]

Judge = Callable[[Any, Any], Any]
"""The judge, or a copy of it with a slip."""

Opinion = Callable[[Sequence[Case]], Sequence[bool]]
"""Another evaluator: which of these requests it lets through."""


@dataclass(slots=True)
class Agreement:
    """What came of a comparison."""

    verdicts: int = 0
    allowed: int = 0
    untold: int = 0
    deviations: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        share = self.allowed / max(self.verdicts, 1)
        known = ", ".join(f"{name} {number:,}" for name, number in self.deviations.most_common())
        return (
            f"{self.verdicts:,} verdicts, {share:.0%} allowed, {len(self.disagreements)} disagreements; "
            f"{self.untold:,} depend on the path of a role until it is told; "
            f"known deviations {self.deviations.total():,}: {known}"
        )


def verdict(case: Case, judged_by: Judge = judge) -> str:
    """Return the judge's verdict, as text, so that a copy of the judge can be compared with the judge."""
    return str(judged_by(case.document, case.for_judge()).verdict.value)


def allows_by(engine: PolicyEngine) -> Opinion:
    """Return the opinion of a policy engine."""
    return lambda cases: [found.allowed for found in engine.verdicts(case.for_engine() for case in cases)]


def agreement(
    cases: Sequence[Case],
    judged: Iterable[str],
    allowed: Sequence[bool],
    opinion: Opinion,
    known: Iterable[Deviation] = (),
) -> Agreement:
    """Compare the judge's verdicts with what another evaluator allowed.

    Each disagreement is made as small as it gets, and what is left must be one that is known.
    """
    found = Agreement(verdicts=len(cases), allowed=sum(allowed))
    table = tuple(known)

    def differs(case: Case) -> bool:
        return verdict(case) != _value(opinion([case])[0])

    for case, said, other in zip(cases, judged, allowed, strict=True):
        if said == Verdict.DEPENDS.value and case.asked.caller.role is not None and not case.asked.told:
            found.untold += 1
            case = replace(case, asked=replace(case.asked, told=True))  # noqa: PLW2901
            said = verdict(case)  # noqa: PLW2901
        if said != _value(other):
            least = smallest(case, differs)
            name = _name_of(least, table)
            if name is None:
                says = f"the judge says {verdict(least)}, the other {_value(opinion([least])[0])}: {least}"
                found.disagreements.append(says)
            else:
                found.deviations[name] += 1
    return found


def _name_of(least: Case, table: Iterable[Deviation]) -> str | None:
    depends = verdict(least) == Verdict.DEPENDS.value
    return next((one.name for one in table if one.recognises(least) and (depends or not one.left_open)), None)


def _value(allowed: bool) -> str:
    return str((Verdict.ALLOWED if allowed else Verdict.DENIED).value)
