"""The sample of `cdk.json`, as a file and synthesized once for all tests of a test process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dev.local_aws import LocalAws


@pytest.fixture(scope="session")
def sample_assembly(local_aws: LocalAws) -> Path:
    return local_aws.synth()


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample without what the demo makes by hand, which no assembly knows that was synthesized before."""
    file = tmp_path_factory.mktemp("sample") / "sample.json"
    document = json.loads((Path(__file__).parents[3] / "cdk.json").read_text(encoding="utf-8"))
    file.write_text(json.dumps(document["context"]["iconik"]), encoding="utf-8")
    return file
