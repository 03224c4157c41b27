"""What the tests of several rooms share."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from feature_flags import recommended_feature_flags
from filelock import FileLock
from hypothesis import settings

if TYPE_CHECKING:
    from dev.local_aws import LocalAws
    from dev.standin import IconikStandin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--feature-flags",
        choices=["none", "all"],
        default="none",
        help="the CDK feature flags of every app that a test makes in its own process",
    )


def pytest_configure(config: pytest.Config) -> None:
    # A slow machine is no fault of an example.
    settings.register_profile("without deadline", deadline=None)
    settings.load_profile("without deadline")
    # The CDK CLI runs the `python3` of PATH, which is another one if the environment of these tests is not activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # The CDK's own rules on templates are most of each synthesis; what runs as a user runs it (the demo, the sample,
    # two examples) has them. Plugins, our guardrail among them, run all the same.
    os.environ.setdefault("CDK_VALIDATION", "false")
    if config.getoption("--feature-flags") == "all":
        flags = recommended_feature_flags()
        # The tests of a room synthesize stacks without a resource, and circles, which this rule refuses; whole stacks
        # are held against it in test_flags.py.
        flags.pop("@aws-cdk/core:validateAgainstDefaultRules", None)
        # Where the CDK CLI puts the context of `cdk.json`, and every `cdk.App` looks for it.
        os.environ["CDK_CONTEXT_JSON"] = json.dumps(flags)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case with a token without the token's number, which is another in each process of a parallel run."""
    return re.sub(r"\.\d+\]", "]", val) if isinstance(val, str) and "{Token[" in val else None


@pytest.hookimpl(trylast=True)  # after what is not asked for is left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what deploys, the longest first, spread over the processes: it mostly waits, and the rest fills it.

    `--dist worksteal` gives each process one run of neighbours, and the last ones of a run to who has nothing left. A
    third of the processes begin with what does not wait, or all of them would wait at first.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    minutes = {
        item: float(mark.kwargs.get("minutes", 0.1)) for item in items if (mark := item.get_closest_marker("local_aws"))
    }
    if workers == 1 or not minutes:
        return
    waiting: list[list[pytest.Item]] = [[] for _ in range(workers - max(1, workers // 3))]
    for item in sorted(minutes, key=lambda item: -minutes[item]):
        min(waiting, key=lambda mine: sum(minutes[one] for one in mine)).append(item)
    rest = iter([item for item in items if item not in minutes])
    spread: list[pytest.Item] = []
    for number, mine in enumerate(waiting, start=1):
        room = len(items) * number // workers - len(spread) - len(mine)
        spread += [*mine, *(item for _, item in zip(range(room), rest, strict=False))]
    items[:] = [*spread, *rest]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return a function that makes a directory once for all processes of a parallel run, which only read it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name: str, make: Callable[[Path], None]) -> Path:
        directory, unfinished = shared / name, shared / f"{name}-unfinished"
        with FileLock(shared / f"{name}.lock"):
            if not directory.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(directory)
        return directory

    return once


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests of a test process: give stacks and buckets names of their own."""
    # Imported here: the tests of pure rooms must not wait for boto3.
    from dev.local_aws import LocalAws  # noqa: PLC0415

    with LocalAws() as running:
        yield running


@pytest.fixture
def iconik() -> Iterator[IconikStandin]:
    """A stand-in for iconik with one customer, and another customer whose token is the wrong one."""
    from dev.standin import OURS, THEIRS, IconikStandin  # noqa: PLC0415

    with IconikStandin(OURS, THEIRS) as standin:
        yield standin
    assert standin.complaints == []
