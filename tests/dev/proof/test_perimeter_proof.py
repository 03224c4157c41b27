"""The perimeter stops iconik's role without the right tag, and nobody else, whatever bucket and key policies say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dev.proof.perimeter import DOMAINS, MUTANTS, Mutant, mutated, tried
from dev.proof.policy_engine import PolicyEngine, PolicyEngineError, Request
from dev.proof.tally import Tally
from dev.proof.universal import Coverage
from iconik_construct.access.perimeter import perimeter_policy

pytestmark = pytest.mark.proof

PERIMETER = perimeter_policy(DOMAINS)


def test_iconik_is_stopped_without_the_tag_and_nobody_else_is_affected(
    engine: PolicyEngine, actions: Coverage, tally: Tally
) -> None:
    asked, stopped, wrong = tried(engine, PERIMETER, actions)
    assert wrong == []
    assert asked > 10_000
    assert stopped > 1_000
    tally.notes.append(f"The perimeter: {asked:,} requests, of which it stops {stopped:,}, and no other")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_slip_in_the_perimeter_is_noticed(engine: PolicyEngine, actions: Coverage, mutant: Mutant) -> None:
    some = replace(actions, bucket=actions.bucket[::8], object=actions.object[::8], key=actions.key[::8])
    _, _, wrong = tried(engine, mutated(mutant, PERIMETER), some)
    assert wrong != [], f"the mutant {mutant.name!r} survives"


def test_there_are_two_mutants_of_each_kind() -> None:
    kinds = Counter(mutant.name.partition(":")[0] for mutant in MUTANTS)
    assert set(kinds) == {"action", "resource", "role", "tag"}
    assert min(kinds.values()) >= 2


def test_the_engine_takes_no_perimeter_that_allows(engine: PolicyEngine) -> None:
    allowing = mutated(Mutant("effect", lambda statement: statement.update(Effect="Allow")), PERIMETER)
    request = Request(
        policy={"Version": "2012-10-17", "Statement": []},
        kind="s3",
        principal=None,
        action="s3:GetObject",
        resource="arn:aws:s3:::media/a",
        resource_control_policy=allowing,
    )
    with pytest.raises(PolicyEngineError, match="not valid"):
        engine.verdicts([request])
