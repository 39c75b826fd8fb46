//! The api as a page sees it: scenarios in a real browser, against the real server of `www/server`.
//!
//! A scenario is an exported async function of one of the JavaScript modules beside
//! this file, because that is the language of those who call the api. Here each one
//! becomes a test of the same name. `npm test -- browser` runs them.
//!
//! The page imports the modules from this folder, which the test runner serves, and
//! not through `#[wasm_bindgen(module = …)]`: more than four connections at once can
//! stall the runner's server, and the glue would ask for all modules at once.

#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/tests/browser/world.js")]
extern "C" {
    #[wasm_bindgen(js_name = runScenario, catch)]
    async fn run_scenario(
        subject: &str,
        name: &str,
        create_api: &JsValue,
        server: &str,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = findScenariosBut, catch)]
    async fn find_scenarios_but(subject: &str, names: Vec<String>) -> Result<JsValue, JsValue>;
}

/// Why a scenario failed, printed as it is.
struct Failure(String);

impl From<JsValue> for Failure {
    fn from(message: JsValue) -> Self {
        Self(message.as_string().unwrap_or_else(|| format!("{message:?}")))
    }
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

async fn run(subject: &str, name: &str) -> Result<(), Failure> {
    let server = option_env!("TOKENFLIGHT_TEST_SERVER").ok_or_else(|| {
        Failure("These tests need their server: run them with `npm test -- browser`.".to_owned())
    })?;
    let create_api =
        Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(tokenflight::create_api);
    run_scenario(subject, name, &create_api.into_js_value(), server).await?;
    Ok(())
}

macro_rules! scenarios {
    ($($subject:ident { $($name:ident)* })*) => {$(
        mod $subject {
            use super::*;

            $(
                #[wasm_bindgen_test]
                async fn $name() -> Result<(), Failure> {
                    run(stringify!($subject), stringify!($name)).await
                }
            )*

            #[wasm_bindgen_test]
            async fn each_scenario_of_the_module_is_a_test() -> Result<(), Failure> {
                let names = [$(stringify!($name)),*].map(str::to_owned);
                let forgotten = find_scenarios_but(stringify!($subject), names.to_vec()).await?;
                match forgotten.as_string() {
                    Some(names) if names.is_empty() => Ok(()),
                    names => Err(Failure(format!("not listed in main.rs: {names:?}"))),
                }
            }
        }
    )*};
}

scenarios! {
    attach {
        a_token_that_app_code_wrote_is_read_at_each_request
        without_a_token_no_header_is_sent
        header_and_scheme_can_be_chosen
        default_headers_go_along_unless_the_request_sets_them
        an_authorization_of_the_callers_is_left_alone_and_its_401_too
        auth_false_sends_no_token_and_refreshes_nothing
        the_defaults_are_the_articles
        strings_url_objects_and_requests_get_the_token_alike
        each_attempt_has_headers_of_its_own
    }
    bodies {
        strings_are_replayed_byte_for_byte
        json_is_replayed_with_its_content_type
        url_search_params_are_replayed
        a_form_is_replayed_with_its_files_and_the_same_boundary
        blobs_and_files_are_replayed
        buffers_and_views_are_replayed
        a_large_body_is_replayed_whole
        no_body_and_an_empty_one_stay_as_they_are
        each_method_stays_what_it_is
        a_request_is_replayed_and_is_consumed_at_once_as_fetch_consumes_it
        an_init_overrides_a_request_as_it_does_for_fetch
        a_stream_is_refused_as_the_browser_refuses_it_or_is_sent
        a_stream_is_replayed_where_it_can_be_sent
        replay_false_refreshes_and_gives_the_caller_its_401
        a_body_that_nobody_replays_is_sent_once
    }
    mutation {
        headers_that_change_later_change_nothing
        bodies_that_change_later_change_nothing
        an_init_that_changes_later_changes_nothing
        a_url_that_changes_later_changes_nothing
        inits_and_headers_are_never_changed
        one_init_serves_many_requests_and_several_apis
        what_an_init_inherits_counts_as_it_does_for_fetch
    }
    flight {
        a_thousand_401s_cost_one_refresh_and_a_second_wave_nothing
        apis_over_the_same_storage_share_one_flight
        a_late_401_is_replayed_without_another_refresh
        a_request_that_starts_during_a_flight_waits_and_costs_no_401
        what_needs_no_token_does_not_wait_for_a_flight
        a_permanent_401_is_returned_after_one_replay
        a_refresh_by_hand_joins_the_flight
        the_new_tokens_are_stored_the_refresh_token_first
        whatever_throws_in_a_flight_it_ends_within_bounds_and_lets_the_lock_go
        a_fetch_that_answers_nonsense_ends_its_flight
        a_page_that_is_always_forbidden_costs_a_few_refreshes
    }
    abort {
        an_aborted_signal_gives_a_rejected_promise_and_no_request
        an_aborted_signal_rejects_at_once_during_a_flight_too
        before_the_answer_the_abort_reaches_the_request
        during_the_flight_one_waiter_leaves_and_the_others_go_on
        when_all_waiters_leave_the_tokens_are_still_stored
        during_the_replay_the_abort_reaches_the_request
        after_the_answer_the_abort_reaches_the_body
        reasons_keep_their_identity_at_each_stage
        the_refresh_itself_is_not_reached_by_an_abort_of_the_page
        listeners_on_a_signal_are_taken_off_again
    }
    timeout {
        a_timeout_rejects_with_a_timeout_error
        the_timeout_of_a_request_overrides_the_option
        the_wait_for_a_flight_does_not_count
        each_attempt_has_the_whole_timeout
        the_body_may_take_longer
        whichever_comes_first_gives_the_reason
        a_timeout_of_one_request_does_not_end_the_flight
        a_network_error_stays_what_it_is
        a_wrong_timeout_is_a_rejection_that_names_it
        timers_are_cleared_at_once
    }
    refused {
        all_waiters_get_one_error_and_both_tokens_go
        the_cause_says_what_the_server_answered
        after_that_no_refresh_is_tried_until_a_token_appears
        a_request_that_waits_for_the_flight_gets_the_same_error
        unauthorized_return_gives_each_caller_its_own_unread_401
        unauthorized_return_sends_what_was_still_waiting_as_it_is
        tokens_that_appear_during_a_refused_refresh_are_adopted
        signing_out_never_navigates_when_already_at_the_login_page
        a_first_visit_tries_one_refresh_only
        each_status_type_and_body_has_its_verdict
        an_optional_request_gets_its_own_401_and_leads_nowhere
    }
    unavailable {
        all_waiters_get_one_error_and_the_tokens_stay
        a_retry_that_succeeds_is_all_that_anybody_notices
        the_number_of_retries_can_be_chosen
        a_retry_after_is_waited_for
        a_retry_after_beyond_the_bound_is_told_and_not_waited_for
        a_dropped_connection_is_an_outage_and_its_error_the_cause
        a_server_that_hangs_is_left_after_refresh_timeout
        a_cool_down_rejects_at_once_and_then_it_works_again
        a_cool_down_grows_with_each_outage_and_ends_with_a_success
        a_refresh_by_hand_does_not_wait_for_the_cool_down
        a_hundred_waiters_in_an_outage_cost_one_refresh
        a_spent_refresh_token_is_presented_again_only_by_a_retry
    }
    refreshes {
        a_refresh_is_not_redirected_to_another_origin
        a_token_server_may_have_names_of_its_own
        a_stored_refresh_token_is_posted_as_json
        an_http_only_cookie_is_refreshed_without_a_body
        a_first_visit_with_an_http_only_cookie_is_let_in
        an_envelope_is_opened
        the_refused_envelope_ends_the_session
        an_oauth_token_endpoint_gets_a_form
        a_relative_token_endpoint_is_joined_to_the_base_url
        a_cookie_session_needs_no_token_at_all
        a_cookie_session_ends_when_it_is_refused
        a_thousandfold_cookie_session_refreshes_once
        a_cookie_that_wants_to_be_repeated_is_repeated_on_every_attempt_and_the_refresh
        a_refresh_without_the_cookie_s_repetition_is_refused
        what_is_repeated_goes_nowhere_but_to_allowed_origins
        the_token_may_come_in_a_readable_cookie
        a_refresh_is_never_itself_refreshed_nor_hooked
    }
    callback {
        it_is_given_the_refresh_token_a_signal_and_the_fetch_underneath
        the_fetch_it_is_given_needs_no_this
        it_may_answer_in_any_of_the_spellings_at_once_or_later
        a_sign_in_required_error_ends_the_session
        anything_else_that_it_throws_is_an_outage
        nonsense_is_an_outage_that_says_what_was_expected
        one_that_never_returns_is_ended_by_refresh_timeout
        one_that_calls_the_api_is_ended_with_a_hint
        one_that_comes_back_too_late_changes_nothing
        one_that_comes_back_late_is_not_called_in_vain
    }
    storage {
        session_storage_can_be_chosen
        memory_keeps_nothing_in_the_page
        a_storage_of_ones_own_may_answer_at_once
        who_is_signed_in_is_known_at_once_where_a_storage_of_ones_own_answers_at_once
        a_storage_of_ones_own_may_answer_later
        a_storage_that_is_denied_is_replaced_by_memory_with_one_warning
        a_storage_that_is_missing_is_replaced_by_memory
        a_storage_that_is_full_loses_nothing_and_warns_once
        a_storage_of_ones_own_that_throws_loses_nothing
        a_request_that_waits_for_a_storage_can_be_aborted
        what_a_storage_holds_besides_strings_is_no_token
        each_pair_of_keys_is_a_session_of_its_own
        a_storage_that_never_answers_a_read_holds_up_a_request_for_seconds_only
        a_storage_that_never_answers_a_write_holds_up_a_request_for_seconds_only
    }
    origins {
        to_a_foreign_origin_everything_passes_untouched
        an_allowed_origin_gets_the_token_and_is_refreshed
        another_port_host_or_scheme_is_another_origin
        tricks_with_slashes_do_not_lead_the_token_astray
        data_and_blob_urls_pass_as_they_are
        a_redirect_within_the_origin_is_followed
        a_401_after_a_redirect_within_the_origin_is_ours
        a_401_after_a_redirect_to_another_origin_is_not_ours
        a_base_url_is_joined_as_axios_joins_it
        without_a_base_url_relative_urls_are_the_pages
        url_objects_and_requests_are_not_joined
        a_replay_goes_where_the_request_went_whatever_becomes_of_the_page
        a_request_of_another_realm_is_known
        no_cors_to_the_own_origin_becomes_same_origin
    }
    arguments {
        wrong_arguments_end_as_they_end_with_fetch
        what_getters_throw_keeps_its_identity
        an_init_may_be_a_proxy
        wrong_arguments_of_calls_are_rejections_too
        what_throws_is_that_calls_own_however_often
    }
    options {
        a_wrong_option_throws_a_type_error_that_names_it
        an_unknown_option_is_answered_with_the_nearest_known_one
        what_are_no_options_at_all_throws_too
        undefined_options_are_as_good_as_none
        nothing_is_half_created
        no_message_shows_what_was_given
        the_members_are_bound_and_there_are_no_others
    }
    tokens {
        a_token_that_cannot_be_sent_is_replaced_by_a_refresh
        no_error_shows_a_token_that_cannot_be_sent
        an_empty_token_is_none
        a_token_of_a_megabyte_ends_as_it_ends_with_fetch
        a_refresh_that_brings_a_token_that_cannot_be_sent_is_refused
        a_refresh_that_brings_a_token_too_long_to_be_sent_wedges_nothing
        a_refresh_that_brings_an_ordinary_string_is_believed
        tokens_that_look_like_jwts_but_are_none_are_no_trouble
        no_token_is_ever_shown_in_the_console_or_in_an_error
    }
    hooks {
        is_unauthorized_may_read_a_clone
        is_unauthorized_decides_alone
        is_unauthorized_that_throws_leaves_it_to_the_status
        is_unauthorized_may_ask_for_a_replay
        what_never_answers_holds_up_its_own_request_alone
        on_request_runs_once_for_each_attempt_before_the_token
        on_request_may_send_another_request
        a_hook_never_carries_the_token_to_a_foreign_origin
        on_response_sees_what_the_caller_gets_and_may_replace_it
        a_hook_that_throws_rejects_its_request_only
        a_request_can_be_aborted_while_a_hook_runs
        the_fetch_underneath_can_be_chosen
        it_can_take_the_place_of_the_global_fetch
    }
    axios {
        each_method_resolves_to_data_status_headers_and_response
        plain_objects_and_arrays_go_as_json
        other_bodies_go_as_fetch_sends_them
        answers_are_parsed_by_their_content_type
        a_status_outside_the_200s_rejects_with_an_http_error
        a_successful_answer_that_cannot_be_parsed_rejects_with_its_text
        a_call_that_is_aborted_while_its_body_is_read_rejects_with_its_reason
        a_body_that_breaks_off_rejects_as_reading_it_does
        an_answer_without_a_body_holds_null_whatever_its_type
        a_content_type_that_changes_from_call_to_call_is_read_anew
        a_401_that_stays_rejects_with_an_http_error
        params_are_written_as_axios_writes_them
        a_response_type_reads_the_body_as_that
        an_error_is_parsed_by_its_content_type_whatever_was_asked_for
        an_unknown_response_type_rejects_with_a_type_error
        an_object_becomes_a_form_where_the_content_type_says_so
        a_form_gets_its_boundary_whatever_content_type_was_given
        request_takes_one_object
        a_call_is_refreshed_and_replayed_like_any_other
    }
    events {
        token_refreshed_carries_the_new_token_after_the_flight
        every_api_of_the_session_hears_of_it
        a_listener_may_call_the_api
        a_listener_that_refreshes_again_ends_by_itself
        a_listener_that_throws_disturbs_nobody
        a_removed_listener_hears_no_more
        a_listener_may_remove_itself_and_others
        only_the_four_events_and_functions_are_taken
        errors_are_errors_with_a_name_a_code_and_a_way_out
    }
    session {
        newer_tokens_of_the_same_user_are_no_new_session
        sign_in_stores_the_tokens_and_requests_use_them
        sign_out_removes_the_tokens_and_does_not_navigate
        sign_out_tells_the_server_once_with_the_tokens_there_were
        a_server_that_cannot_be_told_holds_up_no_sign_out
        a_flight_of_an_ended_session_stores_nothing
        a_request_of_one_session_is_never_replayed_under_the_next
        a_401_that_comes_after_the_session_changed_is_not_replayed
        the_token_of_another_user_is_another_session_however_it_came
        tokens_that_app_code_removes_end_the_session
        the_access_token_alone_may_go_and_come_back
        signing_in_again_after_a_refusal_works_at_once
        a_flight_that_was_left_behind_does_not_hold_up_the_next
    }
    drop_in {
        the_response_is_the_browsers_own
        the_promise_is_the_browsers_own
        the_body_streams_while_it_arrives
        redirect_modes_are_those_of_fetch
        modes_and_caches_are_passed_on
        no_cors_is_what_it_is_with_fetch
        the_referrer_policy_arrives
        cookies_go_as_credentials_say
        network_errors_are_the_browsers_own
    }
    expiry {
        a_token_that_is_about_to_end_is_refreshed_before_the_request_goes_out
        it_is_refreshed_while_it_is_still_good
        refresh_ahead_can_be_chosen
        never_more_than_a_quarter_of_the_lifetime_early
        the_expires_in_of_an_answer_counts
        a_token_that_does_not_say_how_long_it_lives_is_never_refreshed_ahead
        a_clock_that_is_an_hour_ahead_costs_one_refresh_at_most
        a_clock_that_is_an_hour_behind_costs_one_401_at_most
        a_clock_that_jumps_while_the_page_runs_changes_nothing
        refresh_ahead_0_leaves_a_token_alone_until_its_end
        an_outage_ahead_of_the_end_keeps_no_request_from_going_out
        a_refusal_ahead_of_the_end_signs_nobody_out_before_a_401
        a_401_that_joins_a_refusal_ahead_of_the_end_gets_its_own_verdict
        get_access_token_refreshes_a_token_that_is_too_short
        get_access_token_refuses_what_is_no_min_validity
    }
    background {
        it_refreshes_although_nobody_asks
        it_begins_with_the_session
        without_the_option_nothing_happens
        a_hidden_page_and_one_without_a_network_wait_and_catch_up
        a_lifetime_beyond_what_timers_can_wait_for_does_not_end_early
        a_server_that_fails_is_not_asked_without_end
        a_server_that_refuses_is_not_asked_again_while_the_token_is_good
        a_token_that_is_as_old_as_it_comes_is_not_refreshed_without_end
    }
    wakes {
        the_network_and_the_user_end_it_when_they_are_back
        a_page_that_is_being_hidden_does_not_end_it
        the_network_ends_it_in_a_hidden_page_too
        what_it_ended_may_begin_anew
    }
    locks {
        a_holder_that_does_not_move_is_left_behind_after_lock_timeout
        many_holders_that_do_not_move_cost_a_bounded_wait
        without_indexed_db_a_holder_that_does_not_move_is_left_behind_too
        with_neither_locks_nor_indexed_db_it_works_in_this_page
        a_holder_that_lets_go_in_time_is_waited_for
        tokens_that_appear_while_the_lock_is_waited_for_end_the_wait
        a_page_that_is_put_away_lets_go
        the_lock_is_free_after_a_flight_however_it_ends
        a_request_without_a_refresh_takes_no_lock
        without_web_locks_it_works_in_this_page
    }
    record {
        without_indexed_db_nothing_is_lost
        a_database_that_never_answers_is_waited_for_once
        a_database_that_breaks_halfway_is_done_without
        a_database_that_is_deleted_is_made_anew
        nonsense_in_the_record_is_survived
        it_holds_numbers_and_nothing_of_a_token
        it_does_not_grow_without_end
        nothing_is_left_a_while_after_the_session_has_ended
        a_request_without_a_refresh_does_not_touch_it
    }
    elsewhere {
        a_refresh_is_heard_of_once
        a_sign_out_is_heard_of_once_and_leads_nowhere_until_a_request_needs_a_session
        a_sign_out_is_heard_before_anything_was_asked
        a_sign_in_is_heard_of_once
        another_user_in_place_of_this_one_is_another_session
        a_storage_that_is_cleared_is_a_sign_out
        what_others_store_under_other_keys_is_no_concern
        the_session_is_known_at_once_and_follows_other_tabs
    }
    conformance {
        urls_of_all_kinds
        methods_of_all_kinds
        bodies_of_all_kinds
        headers_of_all_kinds
        inits_of_all_kinds
        members_of_all_kinds
        requests_of_all_kinds
        aborts_at_all_times
        wrong_arguments_come_before_an_abort
        redirects_and_answers_of_all_kinds
        each_table_is_run
    }
    debug {
        each_decision_is_one_line
        a_token_in_a_url_is_not_logged
        without_the_option_nothing_is_logged
    }
}
