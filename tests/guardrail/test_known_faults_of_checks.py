"""Each known fault of the guardrail and the testing kit, and the tests that see the fault if it comes back."""

from __future__ import annotations

import pytest
from known_faults import missing_tests

KINDS = "guardrail/test_kinds_of_mistakes.py"
ACCESS = "testing/test_assert_iconik_access.py"
ACROSS = "testing/test_access_across_templates.py"
NORMALIZED = "testing/test_normalized_template.py"
NEW_BUCKET = "storage/test_storage_new_bucket.py"
BENCHMARK = "guardrail/test_guardrail_benchmark.py"

FAULTS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "a policy that is an object inside JSON text is not found",
        [
            (KINDS, "a_policy_inside_json_text_is_found_at_any_depth_and_in_any_form"),
            (KINDS, "what_is_inserted_into_a_state_machine_is_read_in_its_place"),
        ],
    ),
    (
        "everybody's star in a grant is taken for a policy that names iconik",
        [
            (KINDS, "everybodys_star_in_a_grant_does_not_name_iconik"),
        ],
    ),
    (
        "an optional principal under a conditional resource cannot be read",
        [
            (KINDS, "an_optional_principal_under_a_conditional_resource_is_read"),
        ],
    ),
    (
        "the assertion passes although iconik can do nothing",
        [
            (ACROSS, "a_statement_that_does_not_certainly_apply_to_iconik_is_a_difference"),
            (ACCESS, "a_missing_tag_is_named"),
        ],
    ),
    (
        "the assertion fails because the key is in another template",
        [
            (ACROSS, "a_key_in_another_stack_is_found_in_the_app_and_in_the_assembly"),
            (ACROSS, "of_a_stack_alone_the_message_names_the_stack_that_holds_the_key"),
            (ACROSS, "a_key_of_the_parent_of_a_nested_stack_is_found"),
            (ACROSS, "a_key_that_is_handed_over_is_a_warning"),
        ],
    ),
    (
        "the assertion does not see access beside the bucket policy",
        [
            (ACROSS, "what_gives_access_beside_the_policies_is_a_difference"),
            (ACROSS, "a_public_acl_is_a_difference"),
            (ACROSS, "a_call_that_replaces_the_bucket_policy_is_a_difference"),
            (ACROSS, "a_disabled_key_is_a_difference"),
        ],
    ),
    (
        "the normalized template shows what the CDK makes, or hides what the user writes",
        [
            (NORMALIZED, "new_code_moves_no_snapshot"),
            (NORMALIZED, "what_cdk_reports_of_itself_is_gone"),
            (NORMALIZED, "a_users_key_of_64_digits_is_shown_beside_an_asset"),
            (NORMALIZED, "a_stack_without_assets_is_the_same_with_every_synthesizer"),
        ],
    ),
    (
        "a long input takes quadratic time",
        [
            (KINDS, "a_long_name_of_an_action_takes_linear_time"),
            (BENCHMARK, "a_template_that_is_made_to_take_long_gets_an_answer"),
            ("judge/test_effort.py", "thousands_of_patterns_and_thousands_of_values_are_compared"),
        ],
    ),
    (
        "a Deny of plain HTTP is not seen because its principal is an intrinsic function",
        [
            (KINDS, "a_deny_of_plain_http_is_seen_however_its_principal_is_written"),
        ],
    ),
    (
        "ranges that together are every address, or a key that is there twice",
        [
            (KINDS, "ranges_that_together_are_every_address_are_everyone"),
            (KINDS, "a_policy_text_with_a_key_twice_is_not_read_by_its_last_one"),
        ],
    ),
    (
        "iconik's account is in a resource, and nothing is reported",
        [
            (KINDS, "a_mention_of_iconiks_account_without_a_known_purpose_is_a_warning"),
            (KINDS, "a_mention_that_gives_nobody_access_is_no_finding"),
            (KINDS, "a_call_that_gives_iconik_access_is_refused"),
        ],
    ),
    (
        "a refusal points to a file that the wheel does not have",
        [
            (KINDS, "every_finding_has_the_full_address_of_its_rule"),
        ],
    ),
    (
        "a construct of the wrong kind is an AttributeError",
        [
            (NEW_BUCKET, "a_subclass_that_makes_no_bucket_is_refused_with_the_fix"),
        ],
    ),
]


@pytest.mark.parametrize("number", range(1, len(FAULTS) + 1))
def test_each_known_fault_has_its_tests(number: int) -> None:
    fault, tests = FAULTS[number - 1]

    assert tests, fault
    assert missing_tests(tests) == [], fault


def test_no_number_is_skipped() -> None:
    assert len(FAULTS) == 13
