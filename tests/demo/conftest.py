"""The sample of `cdk.json`, synthesized once for all tests of a test process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local_aws import LocalAws


@pytest.fixture(scope="session")
def sample_assembly(local_aws: LocalAws) -> Path:
    return local_aws.synth()
