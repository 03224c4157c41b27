"""What the library may cost: calls and bytes, which are the same in every run. Times are for `make bench`."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from dev.bench import adoption, folding, storage
from dev.bench.__main__ import main
from dev.bench.kernel_calls import counted_calls

ONCE_PER_APP = 4
"""The first storage of an app finds the app, and registers the check of its finished policies."""

WAYS = {
    "read and write": (storage.by_library, storage.by_hand),
    "admin": (storage.admin_by_library, storage.admin_by_hand),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_storage_calls_the_kernel_less_often_than_code_written_by_hand(name: str):
    ours, by_hand = (storage.kernel_calls(make) for make in WAYS[name])
    assert ours[0] - ONCE_PER_APP <= by_hand[0]
    assert ours[1] < by_hand[1]
    assert ours[1] <= 15


@pytest.mark.parametrize("name", WAYS)
def test_what_is_compared_makes_the_same_resources(name: str):
    ours, by_hand = (template(make) for make in WAYS[name])
    assert ours == by_hand


@pytest.mark.parametrize("name", WAYS)
def test_a_template_is_no_longer_than_one_written_by_hand(name: str):
    ours, by_hand = (storage.template_bytes(make) for make in WAYS[name])
    assert ours <= 1.1 * by_hand


def test_a_synthesis_calls_the_kernel_no_more_often_for_many_storages():
    counts = []
    for storages in (2, 10):
        app = cdk.App()
        stack = cdk.Stack(app, "Stack")
        for number in range(storages):
            storage.by_library(stack, f"Media{number}")
        with counted_calls() as calls:
            app.synth()
        counts.append(len(calls))
    assert counts[0] == counts[1]


def test_the_adoption_calls_aws_eight_times_six_and_eight():
    assert {event: len(calls) for event, calls in adoption.calls().items()} == {
        # The lock and the record are five calls of a create.
        "create": 8,
        "update without change": 6,
        "delete": 8,
    }


def test_prefixes_take_an_eighth_of_the_room_that_statements_for_each_take():
    assert folding.most_that_fit(folding.folded) >= 8 * folding.most_that_fit(folding.one_by_one)


def template(make: storage.Make) -> object:
    stack = cdk.Stack(cdk.App(), "Stack")
    make(stack, "Media")
    return Template.from_stack(stack).to_json()


@pytest.mark.parametrize("page", ["nowhere.md", "empty.md"])
def test_the_benchmark_asks_for_its_page_before_it_measures(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "empty.md").write_text("# Performance", encoding="utf-8")
    monkeypatch.setattr(storage, "report", lambda: pytest.fail("it measured"))
    with pytest.raises(SystemExit, match=page):
        main(str(tmp_path / page))
