"""The judge's verdicts on policies as public repositories have them."""

from __future__ import annotations

import json

import pytest

from dev.proof.judged.agreement import agreement, allows_by, verdict
from dev.proof.judged.deviations_open import LEFT_OPEN
from dev.proof.judged.shapes import asked_about, shapes
from dev.proof.policy_engine import PolicyEngine
from dev.proof.tally import Tally

pytestmark = pytest.mark.proof


def test_the_policy_engine_agrees_on_policies_as_people_write_them(engine: PolicyEngine, tally: Tally) -> None:
    every = [case for shape in shapes() for case in asked_about(shape)]
    found = agreement(every, map(verdict, every), allows_by(engine)(every), allows_by(engine), LEFT_OPEN)
    tally.notes.append(f"judge on {len(shapes())} public shapes of policies: {found}")
    assert found.disagreements == []
    assert 0.1 < found.allowed / found.verdicts < 0.9


def test_the_shapes_are_two_hundred_and_more_and_all_different() -> None:
    documents = {json.dumps(shape.document, sort_keys=True) for shape in shapes()}
    assert len(documents) == len(shapes()) >= 200
    assert len({shape.name for shape in shapes()}) == len(documents)
