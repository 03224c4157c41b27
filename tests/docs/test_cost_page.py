"""The page of costs counts what templates hold today."""

from __future__ import annotations

from collections import Counter

import pytest

from docs.cost_page import PAGE, _row, page


def test_the_page_is_what_is_deployed_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.cost_page"


def test_a_resource_of_which_no_price_is_known_makes_no_page() -> None:
    with pytest.raises(ValueError, match="no price is known for AWS::EC2::NatGateway"):
        _row("a storage", Counter({"AWS::S3::Bucket": 1, "AWS::EC2::NatGateway": 1}))
