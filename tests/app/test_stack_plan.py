"""Which stack holds which storage, without jsii."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iconik_construct.app.plan import (
    STORAGES_PER_STACK,
    StackPlan,
    extend_record,
    plan_stacks,
    read_record,
    write_record,
)
from iconik_construct.config.document import Config, IconikConfigError, parse_config

DOMAIN = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"


def config(keys, **top) -> Config:
    return parse_config({"system_domain_id": DOMAIN, **top, "storages": {key: {} for key in keys}})


def keys(count, letter="s"):
    return [f"{letter}{number}" for number in range(count)]


def places(plans: tuple[StackPlan, ...]) -> dict[str, str]:
    return {storage.key: plan.name for plan in plans for storage in plan.storages}


def recorded(plans: tuple[StackPlan, ...]) -> dict[str, list[str]]:
    return {plan.name: [storage.key for storage in plan.storages] for plan in plans}


def mistakes(config: Config, record) -> list[str]:
    with pytest.raises(IconikConfigError) as caught:
        plan_stacks(config, record)
    return [str(mistake) for mistake in caught.value.errors]


def test_storages_without_account_and_region_share_one_stack():
    (plan,) = plan_stacks(config(["b", "a"]), {})
    assert (plan.name, plan.account, plan.region) == ("Iconik", None, None)
    assert [storage.key for storage in plan.storages] == ["b", "a"]


def test_each_account_and_region_has_a_stack_named_after_it():
    storages = {
        "a": {"region": "eu-west-1"},
        "b": {"account": "111122223333", "region": "eu-west-1"},
        "c": {"region": "eu-west-1"},
        "d": {},
    }
    plans = plan_stacks(parse_config({"system_domain_id": DOMAIN, "stack_name": "Media", "storages": storages}), {})
    assert recorded(plans) == {"Media-eu-west-1": ["a", "c"], "Media-111122223333-eu-west-1": ["b"], "Media": ["d"]}
    assert [(plan.account, plan.region) for plan in plans] == [
        (None, "eu-west-1"),
        ("111122223333", "eu-west-1"),
        (None, None),
    ]


def test_what_fits_into_one_stack_is_placed_by_the_file_alone():
    plans = plan_stacks(config(keys(STORAGES_PER_STACK)), {})
    assert recorded(plans) == {"Iconik": keys(STORAGES_PER_STACK)}


def test_more_than_fits_into_a_stack_is_placed_nowhere_without_a_record():
    (found,) = mistakes(config(keys(STORAGES_PER_STACK + 1)), {})
    assert found.startswith("'record' must be true, because one stack cannot have all storages: 'Iconik' would have 26")
    assert "--record" in found


def test_more_than_fits_into_a_stack_is_recorded_in_further_stacks():
    record = extend_record(config(keys(2 * STORAGES_PER_STACK + 1)), {})
    assert {name: len(members) for name, members in record.items()} == {"Iconik": 25, "Iconik-2": 25, "Iconik-3": 1}
    assert places(plan_stacks(config(keys(2 * STORAGES_PER_STACK + 1)), record)) == {
        key: name for name, members in record.items() for key in members
    }


def test_each_account_and_region_has_further_stacks_of_its_own():
    storages = {key: {"region": region} for region in ("eu-west-1", "us-east-1") for key in keys(26, region[:2])}
    record = extend_record(parse_config({"system_domain_id": DOMAIN, "storages": storages}), {})
    assert list(record) == ["Iconik-eu-west-1", "Iconik-eu-west-1-2", "Iconik-us-east-1", "Iconik-us-east-1-2"]


def test_a_storage_put_in_front_of_a_full_stack_moves_no_other():
    before = extend_record(config(keys(STORAGES_PER_STACK)), {})
    after = extend_record(config(["new", *keys(STORAGES_PER_STACK)]), before)
    assert after == {**before, "Iconik-2": ["new"]}


def test_the_place_of_a_removed_storage_is_taken_by_a_new_one():
    before = extend_record(config(keys(STORAGES_PER_STACK + 1)), {})
    gone = before["Iconik"][0]
    after = extend_record(config([*(set(keys(STORAGES_PER_STACK + 1)) - {gone}), "new"]), before)
    assert after == {"Iconik": sorted([*before["Iconik"][1:], "new"]), "Iconik-2": before["Iconik-2"]}


@pytest.mark.parametrize(
    "top", [{"region": "eu-west-3"}, {"region": "eu-west-1", "account": "111122223333"}, {"stack_name": "Media"}, {}]
)
def test_a_recorded_storage_never_leaves_its_stack(top):
    record = {"Iconik-eu-west-1": ["a", "b"]}
    for refused in (plan_stacks, extend_record):
        with pytest.raises(IconikConfigError) as caught:
            refused(config(["a", "b"], **top), record)
        assert [mistake.prop for mistake in caught.value.errors] == ["storages.a", "storages.b"]
        assert "must stay in the stack 'Iconik-eu-west-1', which has its bucket" in str(caught.value)
        assert "Restore the former values" in str(caught.value)


def test_one_storage_that_changes_its_region_is_refused_alone():
    storages = {"a": {"region": "eu-west-1"}, "b": {"region": "eu-west-3"}}
    (found,) = mistakes(
        parse_config({"system_domain_id": DOMAIN, "storages": storages}), {"Iconik-eu-west-1": ["a", "b"]}
    )
    assert found.startswith("'storages.b' must stay")


def test_moving_an_existing_bucket_is_refused_because_its_statements_would_stay():
    adopting = parse_config({"system_domain_id": DOMAIN, "storages": {"a": {"bucket": {"adopt": "acme"}}}})
    (found,) = mistakes(adopting, {"Iconik-eu-west-1": ["a"]})
    assert "must stay in the stack 'Iconik-eu-west-1', which has its statements" in found
    assert "empty bucket" not in found


def test_a_storage_that_is_not_recorded_beside_others_that_are_is_placed_nowhere():
    (found,) = mistakes(config(["a", "new"]), {"Iconik": ["a"]})
    assert found.startswith("'storages.new' must be recorded before it is deployed")


def test_an_empty_record_that_the_file_asks_for_places_nothing():
    assert len(mistakes(config(["a", "b"], record=True), {})) == 2


@settings(max_examples=100)
@given(st.lists(st.lists(st.integers(0, 120), unique=True, min_size=1), min_size=2, max_size=4))
def test_whatever_is_added_and_removed_a_storage_that_stays_never_moves(versions):
    record: dict[str, list[str]] = {}
    before: dict[str, str] = {}
    for version in versions:
        wanted = config([f"s{number}" for number in version])
        record = extend_record(wanted, record)
        plans = plan_stacks(wanted, record)
        now = places(plans)
        assert now.keys() == {f"s{number}" for number in version}
        assert {key: now[key] for key in before.keys() & now.keys()} == {
            key: before[key] for key in before.keys() & now.keys()
        }
        assert all(len(plan.storages) <= STORAGES_PER_STACK for plan in plans)
        before = now


def test_a_record_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "cdk.stacks.json"
    record = extend_record(config(["b", "a", *keys(STORAGES_PER_STACK)]), {})
    assert write_record(path, record)
    assert read_record(path) == record
    assert list(json.loads(path.read_text())) == ["Iconik", "Iconik-2"]


def test_an_unchanged_record_is_not_written_again(tmp_path):
    path = tmp_path / "cdk.stacks.json"
    record = extend_record(config(keys(STORAGES_PER_STACK)), {})
    write_record(path, record)
    assert not write_record(path, extend_record(config(keys(STORAGES_PER_STACK)), read_record(path)))


def test_a_record_is_missed_where_the_file_says_that_there_is_one(tmp_path):
    path = tmp_path / "cdk.stacks.json"
    assert read_record(path) == {}
    with pytest.raises(IconikConfigError, match=r"'cdk\.stacks\.json' must be there, because 'record' is true"):
        read_record(path, required=True)


@pytest.mark.parametrize(
    ("text", "prop"),
    [
        ("{", "cdk.stacks.json"),
        ("[]", "cdk.stacks.json"),
        ('{"Iconik": "a"}', "cdk.stacks.json.Iconik"),
        ('{"Iconik": [1]}', "cdk.stacks.json.Iconik[0]"),
        ('{"Iconik": ["a"], "Iconik": ["b"]}', "cdk.stacks.json.Iconik"),
        ('{"Iconik": ["a"], "Iconik-2": ["a"]}', "cdk.stacks.json"),
    ],
)
def test_a_record_that_is_none_is_refused(tmp_path, text, prop):
    path = tmp_path / "cdk.stacks.json"
    path.write_text(text)
    with pytest.raises(IconikConfigError) as caught:
        read_record(path)
    assert [mistake.prop for mistake in caught.value.errors] == [prop]


def test_a_plan_that_cannot_be_recorded_is_an_error(tmp_path):
    with pytest.raises(IconikConfigError, match="must be a file that can be written"):
        write_record(tmp_path / "absent" / "cdk.stacks.json", {"Iconik": ["a"]})
