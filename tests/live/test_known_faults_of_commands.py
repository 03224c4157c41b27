"""Each known fault of the commands, and the tests that see the fault if it comes back."""

from __future__ import annotations

import pytest
from known_faults import missing_tests

CHECK = "live/test_check.py"
FACTS = "live/test_facts_of_an_account.py"
AUDIT = "live/test_audit.py"
FIX = "live/test_fix.py"
WITHOUT_AWS = "cli/test_commands_without_aws.py"
PAGE = "report/test_report_page.py"
CHANGES = "report/test_template_changes.py"
ASSEMBLY = "report/test_assembly.py"
LIVE_REPORT = "live/test_live_report.py"
STATEMENTS = "cli/test_statements_command.py"

FAULTS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "only some actions of others are asked about",
        [
            (CHECK, "any_action_for_everyone_is_a_finding"),
            (FACTS, "more_than_any_storage_needs_is_a_warning"),
            (FACTS, "more_for_the_key_is_a_warning"),
            (LIVE_REPORT, "what_lies_beside_the_policies_is_the_verdict"),
        ],
    ),
    (
        "another account that may do everything is reported as nobody",
        [
            (CHECK, "other_accounts_that_the_policies_name_are_named_and_no_fault"),
            (FACTS, "a_foreign_account_with_a_grant_or_by_a_condition_is_named"),
            (FACTS, "whoever_a_policy_names_is_said"),
        ],
    ),
    (
        "an audit does not see an action, a grant, an access point or a public bucket",
        [
            (AUDIT, "a_key_is_asked_about_every_action_whether_a_bucket_uses_it_or_not"),
            (AUDIT, "a_grant_on_a_key_that_no_bucket_uses"),
            (AUDIT, "an_access_point_is_asked_about_every_action_and_prefix"),
            (AUDIT, "everyone_by_the_name_of_iconiks_role_is_everyone"),
            (AUDIT, "a_sid_of_this_library_with_other_content_is_a_finding"),
            (AUDIT, "a_public_bucket_is_called_so_unless_its_access_is_blocked"),
        ],
    ),
    (
        "S3 refuses the printed fix",
        [
            (FIX, "the_printed_fix_ends_in_exit_code_0"),
            (FIX, "what_no_command_corrects_is_listed_with_what_to_do"),
        ],
    ),
    (
        "policies of the organisation were not read, and nothing is reported",
        [
            (FACTS, "policies_of_the_organisation_that_were_not_read_are_a_finding"),
            (FACTS, "an_odd_answer_is_no_traceback_and_no_pass"),
        ],
    ),
    (
        "AWS does not answer, and the command is silent or writes a traceback",
        [
            (WITHOUT_AWS, "what_does_not_answer_is_one_line_within_ten_seconds"),
            (WITHOUT_AWS, "without_credentials_one_line_says_what_to_do"),
            (WITHOUT_AWS, "an_expired_token_is_one_line"),
        ],
    ),
    (
        "the page names a storage by a mark of the template",
        [
            (PAGE, "it_says_who_may_what_by_which_policy_and_which_code_runs"),
            ("guardrail/test_kinds_of_mistakes.py", "messages_show_no_marks"),
        ],
    ),
    (
        "a change of a template is no word on the page",
        [
            (CHANGES, "a_change_is_a_word_on_the_page"),
            (ASSEMBLY, "the_signature_ends_with_every_change_of_what_is_signed"),
        ],
    ),
    (
        "the hash of the code is the name of a folder",
        [
            (CHANGES, "a_file_of_a_function_that_changes_after_synthesis_is_another_hash"),
            (CHANGES, "other_code_of_a_function_is_another_hash"),
        ],
    ),
    (
        "a traceback instead of a line",
        [
            (WITHOUT_AWS, "a_profile_that_asks_for_a_code_without_a_terminal_is_one_line"),
            (WITHOUT_AWS, "a_reader_that_stops_after_one_line_causes_no_traceback"),
            (WITHOUT_AWS, "an_interrupted_command_says_so_in_a_line"),
            (WITHOUT_AWS, "a_prefix_that_the_terminal_cannot_show_is_escaped"),
            (WITHOUT_AWS, "an_answer_that_is_no_xml_is_one_line"),
            (CHECK, "a_fault_at_any_call_is_a_row_and_never_a_traceback"),
        ],
    ),
    (
        "a near miss does not say how near it is",
        [
            (FACTS, "a_near_miss_says_how_near_it_is"),
        ],
    ),
    (
        "a known time, region or ACL setting is treated as unknown",
        [
            (FACTS, "the_time_and_the_region_of_a_request_are_known"),
            (FACTS, "a_deny_of_public_acls_blocks_nobody_where_acls_are_off"),
        ],
    ),
    (
        "a wrong option or name has the wrong effect",
        [
            (CHECK, "a_wrong_call_says_what_is_wrong_and_asks_nothing"),
            (PAGE, "options_without_effect_are_refused"),
            (PAGE, "the_page_on_standard_output"),
            (WITHOUT_AWS, "options_are_written_in_full"),
            (CHANGES, "the_options_about_permissions_count_for_an_assembly"),
            ("live/test_results_schema.py", "a_result_and_a_line_fit_the_schema"),
            (STATEMENTS, "a_wrong_call_prints_the_fix"),
        ],
    ),
    (
        "the text of an audit has no groups, no summary and no total, and cannot be resumed",
        [
            (AUDIT, "the_text_is_grouped_by_resource_and_summed_up_by_rule"),
            (AUDIT, "the_progress_has_a_total"),
            (AUDIT, "an_interrupted_audit_resumes"),
            (AUDIT, "a_file_of_another_run_is_not_resumed"),
        ],
    ),
    (
        "the first CORS rule that matches is not the one that decides",
        [
            (FACTS, "the_first_cors_rule_that_matches_decides"),
            (FACTS, "an_archive_may_archive"),
            (FIX, "the_printed_rules_let_iconiks_page_upload"),
        ],
    ),
    (
        "five storages are a long page on a phone",
        [
            (PAGE, "five_storages_are_short_on_a_phone"),
        ],
    ),
    (
        "everyone by the name of iconik's role has a no in the table",
        [
            (FACTS, "everyone_by_the_name_of_iconiks_role_is_everyone_in_the_table"),
            ("live/test_check_proof.py", "yes_and_no_agree_with_a_policy_engine"),
        ],
    ),
]


@pytest.mark.parametrize("number", range(1, len(FAULTS) + 1))
def test_each_known_fault_has_its_tests(number: int) -> None:
    fault, tests = FAULTS[number - 1]

    assert tests, fault
    assert missing_tests(tests) == [], fault


def test_no_number_is_skipped() -> None:
    assert len(FAULTS) == 17
