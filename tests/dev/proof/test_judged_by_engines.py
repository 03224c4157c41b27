"""The judge's verdicts on made policies, against two evaluators that nobody here wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.proof.judged import second_opinion
from dev.proof.judged.agreement import agreement, allows_by, verdict
from dev.proof.judged.case import Case
from dev.proof.judged.conditions import OPERATORS, operator_names
from dev.proof.judged.deviation import Deviation
from dev.proof.judged.deviation_examples import EXAMPLES
from dev.proof.judged.deviations_engine import OF_THE_ENGINE
from dev.proof.judged.deviations_local_aws import OF_THE_LOCAL_AWS
from dev.proof.judged.requests import cases
from dev.proof.policy_engine import PolicyEngine
from dev.proof.tally import Tally

pytestmark = pytest.mark.proof


def test_the_local_aws_agrees_but_for_what_is_known_of_it(made: list[Case], judged: list[str], tally: Tally) -> None:
    answered = [(case, said) for case, said in zip(made, judged, strict=True) if second_opinion.can_answer(case)]
    # It answers half of them, and fast: it is asked about others too.
    more = cases(Random(12), 8_500)  # noqa: S311 - the same in each run
    answered += [(case, verdict(case)) for case in more if second_opinion.can_answer(case)]
    asked = [case for case, _ in answered]
    said = [judged_so for _, judged_so in answered]
    found = agreement(asked, said, second_opinion.opinion(asked), second_opinion.opinion, OF_THE_LOCAL_AWS)
    tally.notes.append(f"judge and the local AWS's evaluator: {found}")
    assert found.disagreements == []
    assert found.verdicts >= 50_000


def test_the_policy_engine_agrees_but_for_what_is_known_of_it(
    engine: PolicyEngine,
    made: list[Case],
    judged: list[str],
    allowed_by_engine: Future[Sequence[bool]],
    tally: Tally,
) -> None:
    found = agreement(made, judged, allowed_by_engine.result(), allows_by(engine), OF_THE_ENGINE)
    tally.notes.append(f"judge and policy engine: {found}")
    assert found.disagreements == []
    assert found.verdicts >= 50_000


def test_allows_and_denials_are_both_frequent_and_every_operator_is_asked_about(
    made: list[Case], allowed_by_engine: Future[Sequence[bool]], tally: Tally
) -> None:
    allowed = sum(allowed_by_engine.result()) / len(made)
    documents = {id(case.document): case.document for case in made}
    names: Counter[str] = Counter()
    for document in documents.values():
        names.update(operator_names(document))
    tally.notes.append(
        f"made policies: {len(documents):,}; conditions by operator: "
        + ", ".join(f"{name} {number:,}" for name, number in names.most_common())
    )
    assert 0.3 < allowed < 0.7
    wanted = {
        *(name for group in OPERATORS.values() for name in group),
        "ForAllValues",
        "ForAnyValue",
        "…IfExists",
        "Null",
    }
    assert min(names[name] for name in wanted) >= 100


@pytest.mark.parametrize("known", OF_THE_ENGINE, ids=lambda known: known.name)
def test_what_is_known_of_the_policy_engine_is_still_to_be_seen(engine: PolicyEngine, known: Deviation) -> None:
    example = EXAMPLES[known.name]
    assert [verdict(example) == "allowed"] != allows_by(engine)([example]) or verdict(example) == "depends"
    assert known.recognises(example)
    assert known.left_open == (verdict(example) == "depends")


@pytest.mark.parametrize("known", OF_THE_LOCAL_AWS, ids=lambda known: known.name)
def test_what_is_known_of_the_local_aws_is_still_to_be_seen(known: Deviation) -> None:
    example = EXAMPLES[known.name]
    assert (verdict(example) == "allowed") != second_opinion.allows(example) or verdict(example) == "depends"
    assert known.recognises(example)


def test_what_is_not_known_to_differ_is_a_disagreement_and_made_small(made: list[Case]) -> None:
    allowed = [case for case in made[:200] if verdict(case) == "allowed"]

    def none_of_them(asked: Sequence[Case]) -> list[bool]:
        return [False] * len(asked)

    found = agreement(allowed, map(verdict, allowed), none_of_them(allowed), none_of_them, OF_THE_ENGINE)
    assert len(found.disagreements) > len(allowed) / 2
    assert min(map(len, found.disagreements)) < 500


@settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
def test_the_policy_engine_agrees_on_what_hypothesis_draws(engine: PolicyEngine, rng: Random) -> None:
    drawn = cases(rng, 1)
    found = agreement(drawn, map(verdict, drawn), allows_by(engine)(drawn), allows_by(engine), OF_THE_ENGINE)
    assert found.disagreements == []
