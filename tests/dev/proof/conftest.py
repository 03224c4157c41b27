"""What the parts of the proof share: one engine, the synthesized storages, and the tally."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
