"""What the parts of the proof share: one engine, the synthesized storages, and the tally."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random

import pytest

from dev.proof.judged.agreement import allows_by, verdict
from dev.proof.judged.case import Case
from dev.proof.judged.ignorance import Ignorance, taken_away
from dev.proof.judged.requests import cases
from dev.proof.lint import TemplateLint
from dev.proof.mutants import BASES
from dev.proof.policy_engine import PolicyEngine
from dev.proof.questions import Written
from dev.proof.storages import Synthesized, grid, synthesize
from dev.proof.tally import Tally
from dev.proof.universal import Coverage, coverage

_TALLY = pytest.StashKey[Tally]()


def pytest_unconfigure(config: pytest.Config) -> None:
    # After pytest's own last line, so that this is the last.
    found = config.stash.get(_TALLY, None)
    if found is not None:
        print("", *found.notes, found, sep="\n")  # noqa: T201


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Tally:
    return request.config.stash.setdefault(_TALLY, Tally())


@pytest.fixture(scope="session")
def engine() -> Iterator[PolicyEngine]:
    with PolicyEngine() as running:
        yield running


@pytest.fixture(scope="session")
def actions(engine: PolicyEngine) -> Coverage:
    return coverage(engine)


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    return synthesize(grid(), tmp_path_factory.mktemp("grid"))


@pytest.fixture(scope="session")
def template_lint(synthesized: Synthesized) -> TemplateLint:
    return TemplateLint(synthesized.templates)


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """Return the storages whose policies the mutants change, by name."""
    found = synthesize(BASES.values(), tmp_path_factory.mktemp("bases"))
    return dict(zip(BASES, found.storages, strict=True))


@pytest.fixture(scope="session")
def made() -> list[Case]:
    """Return made policies, each with several requests."""
    return cases(Random(11), 8_500)  # noqa: S311 - the same in each run


@pytest.fixture(scope="session")
def allowed_by_engine(made: list[Case]) -> Iterator[Future[Sequence[bool]]]:
    """Return which of the made requests the policy engine lets through, once it is done."""
    # An engine of its own, which works on one core while the judge works on the other.
    with PolicyEngine() as running, ThreadPoolExecutor(1) as beside:
        yield beside.submit(allows_by(running), made)


@pytest.fixture(scope="session")
def judged(made: list[Case], allowed_by_engine: Future[Sequence[bool]]) -> list[str]:
    """Return the judge's verdicts on the made requests; asked for beside the engine's, which so are on their way."""
    return [verdict(case) for case in made]


@pytest.fixture(scope="session")
def ignorance(made: list[Case]) -> Ignorance:
    """Return what the judge says while some keys are taken away."""
    telling = [case for case in made if case.names][:22_000]
    return taken_away(Random(7), telling)  # noqa: S311 - the same in each run
