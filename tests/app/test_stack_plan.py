"""Which stack holds which storage, without jsii."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iconik_construct.app.plan import STORAGES_PER_STACK, StackPlan, plan_stacks, read_record, write_record
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


def test_more_than_fits_into_a_stack_goes_to_further_stacks():
    plans = plan_stacks(config(keys(2 * STORAGES_PER_STACK + 1)), {})
    assert [plan.name for plan in plans] == ["Iconik", "Iconik-2", "Iconik-3"]
    assert [len(plan.storages) for plan in plans] == [STORAGES_PER_STACK, STORAGES_PER_STACK, 1]


def test_a_storage_put_in_front_of_a_full_stack_moves_no_other():
    before = plan_stacks(config(keys(STORAGES_PER_STACK)), {})
    after = plan_stacks(config(["new", *keys(STORAGES_PER_STACK)]), recorded(before))
    assert places(after) == {**places(before), "new": "Iconik-2"}


def test_the_place_of_a_removed_storage_is_taken_by_a_new_one():
    before = plan_stacks(config(keys(STORAGES_PER_STACK + 1)), {})
    after = plan_stacks(config([*keys(STORAGES_PER_STACK + 1)[1:], "new"]), recorded(before))
    assert places(after) == {key: stack for key, stack in places(before).items() if key != "s0"} | {"new": "Iconik"}


def test_a_storage_that_changes_its_region_leaves_the_stack_of_the_old_one():
    before = plan_stacks(config(["a"], region="eu-west-1"), {})
    after = plan_stacks(config(["a"], region="eu-west-3"), recorded(before))
    assert places(after) == {"a": "Iconik-eu-west-3"}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(0, 120), unique=True, min_size=1), min_size=2, max_size=4))
def test_whatever_is_added_and_removed_a_storage_that_stays_never_moves(versions):
    record: dict[str, list[str]] = {}
    before: dict[str, str] = {}
    for version in versions:
        plans = plan_stacks(config([f"s{number}" for number in version]), record)
        now = places(plans)
        assert now.keys() == {f"s{number}" for number in version}
        assert {key: now[key] for key in before.keys() & now.keys()} == {
            key: before[key] for key in before.keys() & now.keys()
        }
        assert all(len(plan.storages) <= STORAGES_PER_STACK for plan in plans)
        record, before = recorded(plans), now


def test_nothing_is_recorded_as_long_as_no_stack_is_half_full(tmp_path):
    path = tmp_path / "cdk.stacks.json"
    assert not write_record(path, plan_stacks(config(keys(STORAGES_PER_STACK // 2)), {}))
    assert not path.exists()
    assert read_record(path) == {}


def test_the_plan_is_recorded_once_a_stack_is_half_full_and_read_again(tmp_path):
    path = tmp_path / "cdk.stacks.json"
    plans = plan_stacks(config(["b", "a", *keys(STORAGES_PER_STACK)]), {})
    assert write_record(path, plans)
    assert plan_stacks(config(["b", "a", *keys(STORAGES_PER_STACK)]), read_record(path)) == plans
    assert list(json.loads(path.read_text())) == ["Iconik", "Iconik-2"]


def test_an_unchanged_plan_is_not_written_again(tmp_path):
    path = tmp_path / "cdk.stacks.json"
    plans = plan_stacks(config(keys(STORAGES_PER_STACK)), {})
    write_record(path, plans)
    assert not write_record(path, plans)


def test_a_plan_that_was_recorded_is_kept_up_to_date_when_it_shrinks(tmp_path):
    path = tmp_path / "cdk.stacks.json"
    write_record(path, plan_stacks(config(keys(STORAGES_PER_STACK)), {}))
    assert write_record(path, plan_stacks(config(["s0"]), read_record(path)))
    assert read_record(path) == {"Iconik": ["s0"]}


@pytest.mark.parametrize(
    ("text", "prop"),
    [
        ("{", "cdk.stacks.json"),
        ("[]", "cdk.stacks.json"),
        ('{"Iconik": "a"}', "cdk.stacks.json.Iconik"),
        ('{"Iconik": [1]}', "cdk.stacks.json.Iconik[0]"),
    ],
)
def test_a_record_that_is_none_is_refused(tmp_path, text, prop):
    path = tmp_path / "cdk.stacks.json"
    path.write_text(text)
    with pytest.raises(IconikConfigError) as caught:
        read_record(path)
    assert [mistake.prop for mistake in caught.value.mistakes] == [prop]


def test_a_plan_that_cannot_be_recorded_is_an_error(tmp_path):
    with pytest.raises(IconikConfigError, match="must be a file that can be written"):
        write_record(tmp_path / "absent" / "cdk.stacks.json", plan_stacks(config(keys(STORAGES_PER_STACK)), {}))
