"""The demo's words: a table that fits the screen, and a verdict that names what is wrong."""

from __future__ import annotations

from demo.questions import Answer, Row
from demo.table import storage_text
from demo.verdict import mistakes, summary

ROWS = [
    Row("list the objects", (Answer(1, 1), Answer(0, 1), Answer(0, 1))),
    Row("administer the key: all else in KMS", (Answer(12, 130), Answer(130, 130), Answer(3, 130))),
]


def test_a_verdict_reads_yes_no_or_how_many_of_how_many() -> None:
    lines = storage_text("Masters", {}, ROWS, colour=False).splitlines()
    assert lines[-2].split()[3:] == ["yes", "no", "no"]
    assert lines[-1].split("KMS")[1].split() == ["12", "of", "130", "yes", "3", "of", "130"]


def test_the_table_is_at_most_110_columns_wide_without_trailing_blanks() -> None:
    for line in storage_text("Masters", {"bucket": "b" * 63}, ROWS, colour=False).splitlines():
        assert len(line) <= 110
        assert line == line.rstrip()


def test_colour_changes_nothing_but_the_colour() -> None:
    plain = storage_text("Masters", {"bucket": "media"}, ROWS, colour=False)
    painted = storage_text("Masters", {"bucket": "media"}, ROWS, colour=True)
    assert "\033" not in plain
    for escape in ("\033[32m", "\033[31m", "\033[2m", "\033[1m", "\033[0m"):
        assert escape in painted
        painted = painted.replace(escape, "")
    assert [line.rstrip() for line in painted.splitlines()] == plain.splitlines()


def test_nothing_is_wrong_when_only_iconik_with_the_right_tag_gets_in() -> None:
    rows = [Row("list the objects", (Answer(1, 1), Answer(0, 1), Answer(0, 1)))]
    assert mistakes({"Masters": rows}) == []
    assert summary({"Masters": rows, "Proxies": rows}).endswith("0 of 4 requests allowed.")


def test_whoever_gets_in_that_must_not_is_named_with_what_they_may_do() -> None:
    found = mistakes({"Masters": ROWS})
    assert len(found) == 2
    assert "another domain, may administer the key" in found[0]
    assert "130 of 130" in found[0]
    assert "no tag, may administer the key" in found[1]


def test_a_policy_that_shuts_iconik_out_is_wrong_as_well() -> None:
    rows = [Row("list the objects", (Answer(0, 1), Answer(0, 1), Answer(0, 1)))]
    assert mistakes({"Masters": rows}) == ["Masters: iconik itself may do nothing, although its tag is the right one."]
