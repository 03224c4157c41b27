"""The counts of the agreement test, for the reader at the end of the run."""

from __future__ import annotations

import pytest

COUNTS = pytest.StashKey[list[str]]()


@pytest.fixture(scope="module")
def counts(request: pytest.FixtureRequest) -> list[str]:
    """Return the lines that are printed at the end of the run."""
    return request.config.stash.setdefault(COUNTS, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(COUNTS, []):
        terminalreporter.write_line(line)
