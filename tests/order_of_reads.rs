//! The order of reads, in a storage that another tab writes between any two of them (3.2).
//!
//! - Before a refresh: the refresh token, then the access token (`src/refresh/admission.rs`).
//! - In the claim after an answer: the access token, then the refresh token (`src/transaction.rs`).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Call, Failure, Reply, Stage, Tab, Token};
use tokenflight::credential::{Credential, Grant, Presented};
use tokenflight::record::Record;

/// All reads but the last: one of the call, three before the refresh is sent, one after its
/// answer, and two while the record is held.
const READS: u32 = 6;

fn stage() -> Stage {
    let answer = Reply::tokens("ann.3", Some("ann~3"));
    Stage::expired().locking_tabs().server(|server| server.always(Some(answer)))
}

/// A refresh is asked for, and another tab stores the grant that it got for the same tokens
/// after so many reads of this one.
fn grant_stored_after(read: u32) -> (Tab, Call<Result<(), Failure>>) {
    let tab = stage().open();
    tab.storage.after_read(read, |storage| {
        storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
    });
    let call = tab.refresh();
    tab.run();
    assert!(tab.storage.reads.get() > read, "it is stored before the last read");
    (tab, call)
}

fn as_it_has_to_end(tab: &Tab, call: &Call<Result<(), Failure>>, context: &str) {
    assert_eq!(call.outcome(), Ok(()), "{context}: the session is the same");
    assert!(call.settled_at() <= 200, "{context}: at {}", call.settled_at());
    assert_eq!(tab.storage.holds(), ["ann.2", "ann~2"], "{context}");
    assert_eq!(tab.events(), ["tokenRefreshed ann.2"], "{context}");
}

#[test]
fn refresh_token_of_the_next_epoch_is_not_presented_for_this_one() {
    for read in 1..=READS {
        let (tab, call) = grant_stored_after(read);
        let context = format!("after read {read}");
        as_it_has_to_end(&tab, &call, &context);
        assert!(tab.refreshes().iter().all(|sent| sent == "ann~1"), "{context}");
        // Nor is the record told so: who refreshes with it next would wait for this tab.
        let next = Token::refresh("ann", 2).fingerprint();
        let pending = tab.record.borrow().as_ref().and_then(|record| record.pending);
        assert_ne!(pending, Some(next), "{context}");
    }
}

#[test]
fn grant_is_not_stored_over_the_one_of_another_tab() {
    for read in 1..=READS {
        let (tab, call) = grant_stored_after(read);
        let context = format!("after read {read}");
        as_it_has_to_end(&tab, &call, &context);
        assert!(tab.storage.writes.borrow().is_empty(), "{context}");
    }
}

/// The same where reads take their time, and the other tab stores its grant at any moment.
#[test]
fn slow_storage_is_read_in_the_same_order() {
    for (pace, is_late) in [(1, true), (1, false), (7, true), (7, false), (20, true), (20, false)] {
        let claims_at = 100 + 5 * pace;
        for moment in 1..claims_at {
            let slow = stage().slow_storage(pace).slow_writes(1);
            let tab = if is_late { slow.late_reads() } else { slow }.open();
            let storage = tab.storage.clone();
            tab.after(moment, move || {
                storage.put(Some(Token::access("ann", 2)), Some(Token::refresh("ann", 2)));
            });
            let call = tab.refresh();
            tab.run();
            let context = format!("storage that takes {pace}, late: {is_late}, at {moment}");
            assert_eq!(call.outcome(), Ok(()), "{context}");
            if moment > pace {
                assert!(tab.refreshes().iter().all(|sent| sent == "ann~1"), "{context}");
            }
            let [access, refresh] = tab.storage.holds();
            assert_eq!(access.replace('.', "~"), refresh, "{context}: they belong together");
        }
    }
}

/// Another tab has rotated the tokens, and this one sees the next refresh token for longer than
/// it waits, but not the access token beside it. Refreshing spends that refresh token: wherever
/// the access token then turns up, the grant is the only way on.
#[test]
fn grant_is_kept_though_the_access_token_before_it_is_seen_late() {
    for read in 1.. {
        let tab = Stage::expired().locking_tabs().open();
        let one = Presented::of(Some(&Token::access("ann", 1)), Some(&Token::refresh("ann", 1)));
        let two = Token::refresh("ann", 2);
        tab.server.refresh(Some(&Token::refresh("ann", 1)));
        tab.server.expire();
        let grant = Grant { refresh: Some(two.clone()), ..Grant::of(Token::access("ann", 2)) };
        let mut record = Record::default();
        record.commit(&one, &grant);
        *tab.record.borrow_mut() = Some(record);
        tab.storage.put_refresh(Some(two.clone()));
        tab.storage.after_read(read, move |storage| {
            storage.put(Some(Token::access("ann", 2)), Some(two));
        });
        let call = tab.refresh();
        tab.run();
        let context = format!("after read {read}");
        assert_eq!(call.outcome(), Ok(()), "{context}");
        assert_eq!(tab.server.reuses.get(), 0, "{context}");
        let newest =
            if tab.refreshes().len() == 1 { ["ann.2", "ann~2"] } else { ["ann.3", "ann~3"] };
        assert_eq!(tab.storage.holds(), newest, "{context}");
        if tab.storage.reads.get() < read {
            break;
        }
    }
}
