"""Every slip in the judge's own code that somebody thought of is noticed by what the proof asks."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from dev.proof.judged.agreement import Judge, verdict
from dev.proof.judged.case import Case
from dev.proof.judged.ignorance import Ignorance
from dev.proof.judged.slip_table import SLIPS
from dev.proof.judged.slips import Slip, slipped
from dev.proof.tally import Tally

pytestmark = pytest.mark.proof

Known = list[tuple[Case, str]]


@pytest.fixture(scope="module")
def known(made: list[Case], judged: list[str]) -> Known:
    """Return what is asked, and the verdict on it that the other tests prove; policies with variables first."""
    shuffled = list(zip(made, judged, strict=True))
    Random(5).shuffle(shuffled)  # noqa: S311 - the same in each run
    return sorted(shuffled, key=lambda one: "${" not in str(one[0].document))


def noticed(judge: Judge, known: Known, ignorance: Ignorance) -> Iterator[str]:
    """Yield each case on which a copy of the judge says something else, or does not know what it knows."""
    yield from (str(taken) for taken, said in ignorance.telling[:400] if taken.verdict(judge) != said)
    yield from (str(case) for case, said in known if verdict(case, judge) != said)
    yield from (str(taken) for taken, said in ignorance.telling[400:] if taken.verdict(judge) != said)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_the_slip_is_noticed(known: Known, ignorance: Ignorance, tally: Tally, slip: Slip) -> None:
    tally.made += 1
    with slipped(slip) as judge:
        found = next(noticed(judge, known, ignorance), None)
    tally.killed += found is not None
    assert found is not None, f"the slip {slip.name!r} goes unnoticed"


def test_the_slips_have_different_names(tally: Tally) -> None:
    tally.notes.append(f"judge: {len(SLIPS)} slips in its own code")
    assert len({slip.name for slip in SLIPS}) == len(SLIPS) >= 40


def test_a_copy_without_a_slip_says_what_the_judge_says(known: Known) -> None:
    harmless = Slip(
        "harmless", "truth", "from __future__ import annotations\n", "from __future__ import annotations\n\n"
    )
    with slipped(harmless) as judge:
        assert [verdict(case, judge) for case, _ in known[:2_000]] == [said for _, said in known[:2_000]]


def test_a_slip_that_applies_nowhere_is_no_slip() -> None:
    nowhere = Slip("nowhere", "truth", "no such text", "")
    with pytest.raises(ValueError, match="applies 0 times"), slipped(nowhere):
        pass
