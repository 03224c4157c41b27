"""Every slip that somebody thought of is noticed."""

from __future__ import annotations

import pytest

from dev.proof.judge import mismatches
from dev.proof.mutants import MUTANTS, Mutant, mutated
from dev.proof.policy_engine import PolicyEngine
from dev.proof.questions import Written
from dev.proof.tally import Tally
from dev.proof.universal import Coverage, breaches

pytestmark = pytest.mark.proof


def test_the_policies_that_are_mutated_are_right(
    engine: PolicyEngine, bases: dict[str, Written], actions: Coverage
) -> None:
    assert mismatches(engine, bases.values())[1] == []
    assert breaches(engine, bases.values(), actions)[1] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_mutant_is_killed(
    engine: PolicyEngine, bases: dict[str, Written], actions: Coverage, tally: Tally, mutant: Mutant
) -> None:
    broken = mutated(mutant, bases[mutant.base])
    tally.made += 1
    noticed = mismatches(engine, [broken])[1] or breaches(engine, [broken], actions)[1]
    tally.killed += bool(noticed)
    assert noticed, f"the mutant {mutant.name!r} survives"


def test_mutants_have_different_names() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 25


def test_a_mutant_that_changes_nothing_is_no_mutant(bases: dict[str, Written]) -> None:
    harmless = Mutant("harmless", "narrow", lambda statement: statement.update(Effect="Allow"))
    with pytest.raises(ValueError, match="changes nothing"):
        mutated(harmless, bases["narrow"])
