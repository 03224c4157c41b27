"""The demo's words: a table that fits the screen, and a verdict that names what is wrong."""

from __future__ import annotations

from dev.demo.questions import Answer, Row
from dev.demo.table import deployed_text, form_text, verdict_tables
from dev.demo.verdict import mistakes, summary
from iconik_construct.config.document import parse_config

RIGHT = Row("list the objects", (Answer(1, 1), Answer(0, 1), Answer(0, 1)))
WRONG = Row("administer: rest of KMS", (Answer(12, 130), Answer(130, 130), Answer(3, 130)))


def test_a_verdict_reads_yes_no_or_how_many_of_how_many_and_for_others_yes_as_soon_as_one_is_allowed() -> None:
    lines = verdict_tables({"masters": [RIGHT, WRONG]}, colour=False).splitlines()
    assert [line.split() for line in lines[:2]] == [["your", "domain", "another", "domain", "no", "tag"], ["masters"]]
    assert lines[2].split()[3:] == ["yes", "no", "no"]
    assert lines[3].split("KMS")[1].split() == ["12", "of", "130", "YES", "YES"]


def test_a_storage_without_a_key_has_a_dash_where_another_has_a_verdict() -> None:
    lines = verdict_tables({"stock": [RIGHT], "masters": [RIGHT, WRONG]}, colour=False).splitlines()
    assert lines[3].split("KMS")[1].split()[:2] == ["-", "12"]


def test_one_storage_that_allows_a_stranger_is_visible_among_others() -> None:
    open_to_all = Row("list the objects", (Answer(1, 1), Answer(1, 1), Answer(1, 1)))
    lines = verdict_tables({"stock": [RIGHT], "masters": [open_to_all]}, colour=False).splitlines()
    assert lines[2].split()[3:] == ["yes", "yes", "YES", "YES"]


def test_every_storage_has_a_column_and_no_line_is_wider_than_79_columns() -> None:
    names = ["b" * 63, *(f"storage-{number}" for number in range(9))]
    text = verdict_tables({name: [RIGHT, WRONG] for name in names}, colour=False)
    assert all(name in text for name in ["bbbbbb...", *names[1:]])
    for line in text.splitlines():
        assert len(line) <= 79, line
        assert line == line.rstrip()


def test_the_form_has_the_lines_of_each_storage_beside_its_name() -> None:
    found = form_text({"originals": ["Bucket b", "Purpose FILES"], "stock": ["Bucket c"]})
    assert found.splitlines() == ["  originals  Bucket b", "             Purpose FILES", "  stock      Bucket c"]


def test_colour_changes_nothing_but_the_colour() -> None:
    plain = verdict_tables({"masters": [RIGHT, WRONG]}, colour=False)
    painted = verdict_tables({"masters": [RIGHT, WRONG]}, colour=True)
    assert "\033" not in plain
    for escape in ("\033[32m", "\033[31m", "\033[2m", "\033[1m", "\033[0m"):
        assert escape in painted
        painted = painted.replace(escape, "")
    assert [line.rstrip() for line in painted.splitlines()] == plain.splitlines()


def test_there_is_no_error_if_only_iconik_with_the_right_tag_has_access() -> None:
    assert mistakes({"masters": [RIGHT]}) == []
    assert summary({"masters": [RIGHT], "stock": [RIGHT]}).endswith("0 of 4 requests allowed.")


def test_a_caller_with_forbidden_access_is_named_with_its_actions() -> None:
    found = mistakes({"masters": [RIGHT, WRONG]})
    assert len(found) == 2
    assert "another domain, may administer: rest of KMS" in found[0]
    assert "130 of 130" in found[0]
    assert "no tag, may administer: rest of KMS" in found[1]


def test_a_policy_that_shuts_iconik_out_is_wrong_as_well() -> None:
    nobody = Row("list the objects", (Answer(0, 1), Answer(0, 1), Answer(0, 1)))
    found = mistakes({"masters": [nobody], "stock": [RIGHT]})
    assert found == ["masters: iconik itself may do nothing, although its tag is the right one."]


def test_what_is_deployed_and_what_is_adopted_is_one_line_that_fits_the_screen() -> None:
    storages = {"originals": {}, "archive": {}, "stock": {}, "exports": {}, "library": {"bucket": {"adopt": "acme"}}}
    domain = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
    text = deployed_text(parse_config({"system_domain_id": domain, "storages": storages}))
    assert text == "S3 buckets: deploys 4 (originals, archive, stock, exports), adopts 1 (library)"
    assert len(text) <= 79
