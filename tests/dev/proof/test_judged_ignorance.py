"""What the judge says when it is not told everything."""

from __future__ import annotations

import pytest

from dev.proof.judged.ignorance import Ignorance
from dev.proof.tally import Tally

pytestmark = pytest.mark.proof


def test_what_the_judge_says_without_knowing_all_holds_whatever_it_does_not_know(
    ignorance: Ignorance, tally: Tally
) -> None:
    tally.notes.append(f"judge, keys taken away: {ignorance}")
    assert ignorance.wrong == []
    assert ignorance.cases >= 20_000


def test_the_judge_seldom_says_that_it_depends_where_it_does_not(ignorance: Ignorance) -> None:
    assert ignorance.depends >= 2_000
    assert ignorance.lazy / ignorance.cases < 0.02
