"""Each known fault of an adoption, a watch or a registration, and the tests that see the fault if it comes back."""

import pytest
from known_faults import missing_tests

IDENTITY = "placement/test_identity.py"
PLACES = "placement/test_identity_of_places.py"
TRIALS = "placement/test_lock_trials.py"
WATCHING = "placement/test_watching.py"
REFUSALS = "placement/test_adoption_refusals.py"
ROLE = "placement/test_adoption_role.py"
WATCH = "watch/test_watch.py"
ELSEWHERE = "placement/test_placement_elsewhere.py"
ONE_WRITER = "placement/test_one_writer.py"
CHANGES = "registration/test_registration_changes.py"

FAULTS = [
    (
        "a new spelling of the same bucket, a rename, a move or a rollback removes iconik's statements",
        (IDENTITY, "a_change_and_its_rollback_keep_access_and_leave_nothing"),
        (IDENTITY, "a_stack_of_earlier_code_upgrades_without_losing_access"),
        (PLACES, "a_change_of_two_policies_and_its_rollback_leave_each_as_it_is_wanted"),
        (PLACES, "a_move_into_a_nested_stack_or_a_stage_and_back_leaves_what_is_wanted"),
        ("placement/test_identity_on_local_aws.py", "another_spelling_a_rename_a_move_and_a_rollback"),
    ),
    (
        "another construct id of a registration sets the storage inactive or removes it",
        (CHANGES, "another_construct_id_keeps_the_storage"),
        (CHANGES, "another_construct_id_in_the_deployment_that_upgrades"),
        (CHANGES, "a_registration_that_moves_to_another_stack_keeps_the_storage"),
        (CHANGES, "a_create_that_cannot_note_its_registration_leaves_no_storage"),
    ),
    (
        "a late copy of an event, or a hand-over, changes statements that are not its own",
        (IDENTITY, "a_copy_of_an_old_create_after_a_narrowing_update_restores_nothing"),
        (IDENTITY, "what_the_owner_copied_from_the_hand_over_stays"),
        (ELSEWHERE, "what_one_app_hands_over_from_two_accounts_has_sids_of_its_own"),
    ),
    (
        "deployments at once lose statements or leave them",
        (TRIALS, "eight_creates_at_once_lose_nothing"),
        (TRIALS, "a_create_beside_a_delete_loses_nothing_and_leaves_nothing"),
        (IDENTITY, "a_move_between_stacks_keeps_access_in_both_orders"),
    ),
    (
        "a watch beside a Delete restores what the Delete removes",
        (TRIALS, "a_watch_beside_a_delete_leaves_nothing"),
        (WATCHING, "a_check_that_comes_after_the_delete_restores_nothing"),
    ),
    (
        "watches share a memory or a metric",
        (WATCHING, "each_policy_has_its_own_record_that_goes_with_its_custom_resource"),
        (TRIALS, "eight_policies_are_repaired_at_once_and_at_most_three_times_a_day"),
        (WATCH, "stacks_of_one_template_do_not_share_their_metric"),
    ),
    (
        "a check that fails or does not run raises no alarm",
        (WATCHING, "every_check_writes_a_data_point_and_a_failed_one_counts_as_wrong"),
        (WATCH, "a_day_without_a_check_is_an_alarm"),
        (WATCH, "an_error_of_the_function_is_an_alarm"),
    ),
    (
        "a watch does not see an untagged statement, the state of a key, or RestrictPublicBuckets",
        (WATCHING, "another_untagged_statement_is_reported"),
        (WATCHING, "a_key_that_cannot_be_used_is_reported"),
        (WATCHING, "restrict_public_buckets_is_reported_where_it_blocks_iconik"),
    ),
    (
        "the rule of a watch repeats the statements, and outgrows EventBridge",
        (WATCH, "a_changed_permission_is_shown_once_by_cdk_diff"),
        (WATCH, "sixty_prefixes_are_watched"),
    ),
    (
        "a refusal is longer than CloudFormation takes",
        (REFUSALS, "three_denies_with_ten_exempt_roles_each_are_refused"),
        (REFUSALS, "a_refusal_with_characters_of_several_bytes"),
        (REFUSALS, "an_answer_with_characters_of_several_bytes"),
    ),
    (
        "a stack starts more functions than a new account runs",
        ("placement/test_merge_limits.py", "25_storages_deploy_where_only_ten_functions_run_at_once"),
        ("placement/test_merge_limits.py", "nested_stacks_deploy_where_only_ten_functions_run_at_once"),
        ("placement/test_merge_limits.py", "25_adoptions_with_a_watch_and_a_registration_deploy"),
        ("registration/test_registration.py", "25_registrations_deploy_where_only_ten_functions_run_at_once"),
    ),
    (
        "an upgrade passes the limit of inline policies",
        ("placement/test_merge_limits.py", "an_upgrade_never_passes_the_limit_of_inline_policies"),
    ),
    (
        "a question after the write fails the Create and leaves the statements",
        (REFUSALS, "what_is_asked_after_the_write_cannot_fail_the_create"),
    ),
    (
        "a later stage writes a policy that is merged into",
        (ONE_WRITER, "a_later_stage_that_writes_the_policy_is_an_error_at_synthesis"),
    ),
    (
        "a stack that only hands over is not deployed",
        (ELSEWHERE, "what_is_handed_over_is_an_output_and_a_warning_and_a_resource_that_does_nothing"),
    ),
    (
        "an edited statement that an update drops is not reported",
        (REFUSALS, "an_edited_statement_that_an_update_drops_stays_and_is_reported"),
    ),
    (
        "a replica key of this app is merged into",
        (ONE_WRITER, "a_replica_key_of_this_app_is_a_key_of_this_app"),
    ),
    (
        "a role that gets no permissions is accepted",
        (ROLE, "a_role_that_cannot_get_the_permissions_is_refused"),
        (ROLE, "a_role_of_another_stack_is_refused_and_can_be_imported"),
        (ROLE, "an_imported_role_in_a_stack_without_an_account_causes_a_warning"),
    ),
    (
        "a bucket that is kept loses its policy",
        ("storage/test_media.py", "a_bucket_that_is_kept_keeps_its_policy"),
        ("storage/test_media.py", "a_bucket_that_is_kept_after_its_props_keeps_its_policy"),
    ),
    (
        "access logs without the flag end in an error about an ownership that nobody has set",
        ("storage/test_media.py", "access_logs_in_the_bucket_itself_need_the_flag_of_the_cdk"),
        ("storage/test_media.py", "access_logs_by_an_injector_need_the_flag_of_the_cdk"),
    ),
    (
        "what opens the bucket after its props draws no warning",
        ("storage/test_finished_policies.py", "protection_that_is_weakened_after_the_props_is_a_warning"),
        ("storage/test_finished_policies.py", "a_certain_lock_out_in_this_app_is_an_error"),
        ("storage/test_finished_policies.py", "a_bucket_that_outlives_its_policy_is_a_warning"),
    ),
    (
        "a bucket of another partition or an alias is adopted",
        (ELSEWHERE, "what_is_in_another_partition_is_refused_everywhere"),
        (ELSEWHERE, "an_alias_is_refused_because_it_names_no_key_policy"),
    ),
    (
        "a function in a VPC has no network interface",
        (ROLE, "functions_in_a_vpc_may_have_network_interfaces"),
    ),
    (
        "from adopted to owned, iconik loses its access",
        ("placement/test_from_adopted_to_owned.py", "iconik_keeps_its_new_statements_whichever_way"),
        ("placement/test_from_adopted_to_owned.py", "an_adopted_bucket_is_imported_under_the_same_construct_id"),
    ),
    (
        "an upgrade expires data",
        ("storage/test_media.py", "rules_of_ones_own_never_gain_an_expiry"),
    ),
    (
        "what is certain is called possible, and a key that S3 cannot use is adopted",
        ("placement/test_success_means_access.py", "a_deny_that_certainly_blocks_iconik_fails"),
        ("placement/test_success_means_access.py", "a_key_that_s3_cannot_use_is_not_adopted"),
        (ONE_WRITER, "a_key_of_this_app_that_s3_cannot_use_is_refused"),
    ),
    (
        "the deployed function has files that never load",
        ("placement/test_placement.py", "the_asset_holds_the_handlers_sources_and_nothing_that_a_run_leaves_behind"),
        ("docs/test_deployed_page.py", "the_page_is_what_is_deployed_today"),
    ),
]


@pytest.mark.parametrize("number", range(1, len(FAULTS) + 1))
def test_each_known_fault_has_its_tests(number):
    fault, *tests = FAULTS[number - 1]

    assert tests, fault
    assert missing_tests(tests) == [], fault


def test_no_number_is_skipped():
    assert len(FAULTS) == 27
