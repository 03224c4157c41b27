"""What the tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local_aws import LocalAws


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests of a test process: give stacks and buckets names of their own."""
    # Imported here: the tests of pure rooms must not wait for boto3.
    from local_aws import LocalAws  # noqa: PLC0415

    with LocalAws() as running:
        yield running
